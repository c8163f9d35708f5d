//! The access token that the real service would issue.

use crate::browser::{Browser, accepts, decode};
use cc_connect_sandbox::{Options, Scenario};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
        .try_into()
        .expect("in range")
}

#[tokio::test]
async fn header_and_claims_are_those_of_the_reference() {
    let mut browser = Browser::new().await;
    let before = now();
    let redirect = browser.connect(Scenario::Normal).await;
    let after = now();
    let token = redirect.token();
    let (header, claims) = decode(token);
    let names = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(names(&header), ["alg", "kid"]);
    assert_eq!(header["alg"], "RS256");
    let mut expected = [
        "ver",
        "jti",
        "iss",
        "aud",
        "iat",
        "exp",
        "cid",
        "uid",
        "scp",
        "sub",
        "platform_user_id",
    ];
    expected.sort_unstable();
    assert_eq!(names(&claims), expected);
    assert_eq!(claims["ver"], 1);
    assert!(claims["jti"].as_str().expect("a string").starts_with("AT."));
    assert_eq!(claims["iss"], browser.sandbox.issuer());
    assert_eq!(claims["aud"], browser.sandbox.api_base_url());
    let issued_at = claims["iat"].as_i64().expect("a number");
    assert!((before..=after).contains(&issued_at));
    assert_eq!(claims["exp"], issued_at + 28_800);
    assert_eq!(claims["cid"], Options::DEFAULT_CLIENT_ID);
    assert!(claims["uid"].as_str().expect("a string").starts_with("00u"));
    assert_eq!(
        claims["scp"],
        serde_json::json!(["account_read", "contact_data", "campaign_data"])
    );
    assert_eq!(claims["sub"], "bluebird");
    assert_eq!(claims["platform_user_id"].as_str().map(str::len), Some(36));

    let key = browser.key_of(token).await.expect("its key is in the set");
    assert!(accepts(&browser, token, &key));
    let signature = token.rsplit('.').next().expect("a signature");
    assert_eq!(signature.len(), 342, "256 bytes in base64url");
}

#[tokio::test]
async fn every_token_has_its_own_id() {
    let mut browser = Browser::new().await;
    let first = browser.connect(Scenario::Normal).await;
    let second = browser.connect(Scenario::Normal).await;
    assert_ne!(
        decode(first.token()).1["jti"],
        decode(second.token()).1["jti"]
    );
}

#[tokio::test]
async fn a_test_can_advance_the_clock() {
    let mut browser = Browser::new().await;
    let before = browser.connect(Scenario::Normal).await;
    let asked = async |browser: &Browser, token: &str| {
        let request = browser.request("GET", "/v3/account/summary");
        let request = request.bearer_auth(token).send();
        request.await.expect("a response").status()
    };
    browser.sandbox.let_time_pass(28_700);
    assert_eq!(asked(&browser, before.token()).await, 200);
    browser.sandbox.let_time_pass(200);
    assert_eq!(asked(&browser, before.token()).await, 401);
    let after = browser.connect(Scenario::Normal).await;
    assert_eq!(asked(&browser, after.token()).await, 200);
    let issued_at = |token: &str| decode(token).1["iat"].as_i64().expect("a number");
    let apart = issued_at(after.token()) - issued_at(before.token());
    assert!((28_900..28_960).contains(&apart), "{apart}");
}

#[tokio::test]
async fn the_lifetime_is_an_option() {
    let mut browser = Browser::with_options(Options {
        token_lifetime: 90,
        ..Options::default()
    })
    .await;
    for seconds in [90_i64, 7] {
        let redirect = browser.connect(Scenario::Normal).await;
        assert_eq!(
            redirect.get("expires_in"),
            Some(seconds.to_string().as_str())
        );
        let (_, claims) = decode(redirect.token());
        assert_eq!(
            claims["exp"],
            claims["iat"].as_i64().expect("a number") + seconds
        );
        browser.sandbox.set_token_lifetime(7);
    }
}
