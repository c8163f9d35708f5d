//! A client of another author, the crate oauth2, through the whole code flow of a server.

use crate::browser::{Browser, REDIRECT_URI, Redirect, location};
use cc_connect_sandbox::{Options, RefreshTokens};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, TokenUrl,
    basic::BasicClient,
};
use reqwest::StatusCode;
use std::collections::HashSet;

const SCOPES: [&str; 2] = ["account_read", "offline_access"];

/// Sends a request of the crate, which knows another generation of reqwest.
async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let response = http.execute(request.try_into()?).await?;
    let mut builder = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        builder = builder.header(name, value);
    }
    let body = response.bytes().await?.to_vec();
    Ok(builder.body(body).expect("its parts were valid"))
}

#[tokio::test]
async fn the_crate_oauth2_connects_and_refreshes_as_a_confidential_client() {
    // It has characters that form-encoding changes.
    let secret = "s3cr&t +%=:ü";
    let mut options = Options {
        requests_per_second: 0,
        ..Options::default()
    };
    for client in &mut options.clients {
        client.client_secret = Some(secret.to_owned());
    }
    let mut browser = Browser::with_options(options).await;
    let client_id = Options::CONFIDENTIAL_CLIENT_ID;
    let sandbox = &browser.sandbox;
    let client = BasicClient::new(ClientId::new(client_id.to_owned()))
        .set_client_secret(ClientSecret::new(secret.to_owned()))
        .set_auth_uri(AuthUrl::new(sandbox.authorization_endpoint()).expect("a URL"))
        .set_token_uri(TokenUrl::new(sandbox.token_endpoint()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).expect("a URL"));

    let pkce = || {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        Some((challenge, verifier))
    };
    for (pkce, method) in [
        (
            None::<(PkceCodeChallenge, PkceCodeVerifier)>,
            RefreshTokens::LongLived,
        ),
        (pkce(), RefreshTokens::Rotating),
    ] {
        browser.sandbox.set_refresh_tokens(client_id, method);
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())));
        let mut verifier = None;
        if let Some((challenge, its_verifier)) = pkce {
            request = request.set_pkce_challenge(challenge);
            verifier = Some(its_verifier);
        }
        let (uri, state) = request.url();
        let page = browser.permission_page_at(uri.as_str()).await;
        let response = browser
            .decide(&page, &SCOPES.join(" "), None, "allow")
            .await;
        let redirect = Redirect::parse(&location(&response));
        assert_eq!(redirect.get("state"), Some(state.secret().as_str()));

        let code = redirect.get("code").expect("a code").to_owned();
        let mut exchange = client.exchange_code(AuthorizationCode::new(code));
        if let Some(verifier) = verifier {
            exchange = exchange.set_pkce_verifier(verifier);
        }
        let first = exchange.request_async(&send).await.expect("tokens");
        assert_eq!(first.expires_in().map(|time| time.as_secs()), Some(86_400));
        let granted: HashSet<&str> = first
            .scopes()
            .expect("a scope")
            .iter()
            .map(|scope| scope.as_str())
            .collect();
        assert_eq!(granted, HashSet::from(SCOPES));

        let refresh_token = first.refresh_token().expect("a refresh token");
        let second = client
            .exchange_refresh_token(refresh_token)
            .request_async(&send)
            .await
            .expect("tokens");
        let is_same =
            second.refresh_token().map(|token| token.secret()) == Some(refresh_token.secret());
        assert_eq!(is_same, method == RefreshTokens::LongLived);
        let response = browser.api("/account/summary", second.access_token().secret());
        assert_eq!(response.await.status(), StatusCode::OK);
    }
    let refused = client
        .set_client_secret(ClientSecret::new("wrong".to_owned()))
        .exchange_code(AuthorizationCode::new("any".to_owned()))
        .request_async(&send)
        .await;
    let error = refused.expect_err("the secret is wrong").to_string();
    assert!(error.contains("Server returned error response"), "{error}");
}
