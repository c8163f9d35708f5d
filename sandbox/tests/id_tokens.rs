//! The ID token beside an access token.

use crate::browser::{Browser, NONCE, code_request, decode, json, location, text, verifies};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_sandbox::{Options, Scenario};

const SCOPE: &str = "openid account_read offline_access";

/// `at_hash` as OpenID Connect Core §3.1.3.6 has it.
pub(crate) fn hash(access_token: &str) -> String {
    let digest = digest(&SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

#[tokio::test]
async fn openid_requests_an_id_token() {
    let mut browser = Browser::new().await;
    let body = browser.connect_for(Scenario::Normal, SCOPE).await;
    assert_eq!(body["scope"], SCOPE);
    let access_token = text(&body, "access_token");
    let id_token = text(&body, "id_token");
    let key = browser.key_of(id_token).await.expect("a key of the set");
    assert!(verifies(id_token, &key));
    let (header, claims) = decode(id_token);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header, decode(access_token).0);
    let access = decode(access_token).1;
    assert_eq!(claims["iss"], browser.sandbox.issuer());
    assert_eq!(claims["aud"], Options::PKCE_CLIENT_ID);
    assert_eq!(claims["sub"], access["uid"]);
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["at_hash"], hash(access_token));
    assert_eq!(claims["iat"], access["iat"]);
    let number = |name: &str| claims[name].as_i64().expect("a number");
    assert_eq!(number("exp"), number("iat") + 3600);
    assert!((0..60).contains(&(number("iat") - number("auth_time"))));

    let body = browser.connect_for(Scenario::Normal, "account_read").await;
    assert_eq!(body.get("id_token"), None);
}

#[tokio::test]
async fn after_a_refresh_it_has_no_nonce_and_the_original_auth_time() {
    let mut browser = Browser::new().await;
    let first = browser.connect_for(Scenario::Normal, SCOPE).await;
    browser.sandbox.let_time_pass(7200);
    let second = json(browser.refresh(text(&first, "refresh_token")).await).await;
    let (_, before) = decode(text(&first, "id_token"));
    let (_, after) = decode(text(&second, "id_token"));
    assert_eq!(after.get("nonce"), None);
    for name in ["iss", "aud", "sub", "auth_time"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64().map(|iat| iat + 7000));
    assert_eq!(after["at_hash"], hash(text(&second, "access_token")));
    // Not without openid.
    let response = browser
        .token_request(&[
            ("grant_type", "refresh_token"),
            ("client_id", Options::PKCE_CLIENT_ID),
            ("refresh_token", text(&second, "refresh_token")),
            ("scope", "account_read"),
        ])
        .send()
        .await
        .expect("a response");
    assert_eq!(json(response).await.get("id_token"), None);
}

#[tokio::test]
async fn without_a_nonce_in_the_request_it_has_no_nonce() {
    let mut browser = Browser::new().await;
    let request = code_request(&[("nonce", None), ("scope", Some(SCOPE))]);
    let page = browser.permission_page(&request).await;
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    let redirect = crate::browser::Redirect::parse(&location(&response));
    let body = json(
        browser
            .exchange(redirect.get("code").expect("a code"))
            .await,
    )
    .await;
    let (_, claims) = decode(text(&body, "id_token"));
    assert_eq!(claims.get("nonce"), None);
}
