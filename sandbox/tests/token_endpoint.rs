//! The token endpoint: codes, clients, CORS, its limit and its faults.

use crate::browser::{
    Browser, CHALLENGE, CODE_SCOPE, ORIGIN, REDIRECT_URI, VERIFIER, accepts, code_request, decode,
    form, is_readable, json, location, refusal, text,
};
use cc_connect_sandbox::{Options, Scenario, TokenFault};
use reqwest::{
    StatusCode,
    header::{self, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::json;
use std::time::Duration;

const FORM: &str = "application/x-www-form-urlencoded";

async fn authorize_for_code(browser: &mut Browser) -> String {
    let redirect = browser.authorize(Scenario::Normal).await;
    redirect.get("code").expect("a code").to_owned()
}

/// The error response to a request, readable by the application's page.
async fn error(request: reqwest::RequestBuilder, status: u16) -> String {
    refusal(request.send().await.expect("a response"), status)
        .await
        .0
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    let response = browser.exchange(&code).await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["pragma"], "no-cache");
    assert_eq!(headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(headers["vary"], "Origin");
    assert!(!headers.contains_key("access-control-allow-credentials"));
    let body = json(response).await;
    let mut names: Vec<&String> = body.as_object().expect("an object").keys().collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "access_token",
            "expires_in",
            "refresh_token",
            "scope",
            "token_type"
        ]
    );
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 86_400);
    assert_eq!(body["scope"], CODE_SCOPE);

    let token = text(&body, "access_token");
    let (header, claims) = decode(token);
    assert_eq!(header.as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(claims["cid"], Options::PKCE_CLIENT_ID);
    assert_eq!(claims["sub"], "bluebird");
    assert_eq!(claims.as_object().map(serde_json::Map::len), Some(11));
    let scopes: Vec<&str> = CODE_SCOPE.split(' ').collect();
    assert_eq!(claims["scp"], json!(scopes));
    let lifetime = claims["exp"]
        .as_i64()
        .zip(claims["iat"].as_i64())
        .map(|(exp, iat)| exp - iat);
    assert_eq!(lifetime, Some(86_400));
    let key = browser.key_of(token).await.expect("its key is in the set");
    assert!(accepts(&browser, token, &key));
    let response = browser.api("/account/summary", token).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let mut browser = Browser::new().await;
    let body = browser
        .connect_for(Scenario::Normal, "account_read contact_data")
        .await;
    assert_eq!(body["scope"], "account_read contact_data");
    assert_eq!(body.get("refresh_token"), None);
    // Requested, and unchecked on the permission page.
    let page = browser.permission_page(&code_request(&[])).await;
    let response = browser.decide(&page, "account_read", None, "allow").await;
    let redirect = crate::browser::Redirect::parse(&location(&response));
    let body = json(
        browser
            .exchange(redirect.get("code").expect("a code"))
            .await,
    )
    .await;
    assert_eq!(body["scope"], "account_read");
    assert_eq!(body.get("refresh_token"), None);
}

#[tokio::test]
async fn only_the_example_of_rfc_7636_is_accepted() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    let long = "a".repeat(129);
    let lower = VERIFIER.to_lowercase();
    let with_line_end = format!("{VERIFIER}\n");
    for verifier in [
        CHALLENGE,
        &VERIFIER[..42],
        &lower,
        &long,
        &with_line_end,
        "a",
    ] {
        let request = browser.exchange_request(&code, &[("code_verifier", Some(verifier))]);
        let (error, description) = refusal(request.send().await.expect("a response"), 400).await;
        assert_eq!(error, "invalid_grant", "{verifier}");
        assert_eq!(description, "PKCE verification failed.");
    }
    // Guessing does not use up a code.
    assert_eq!(browser.exchange(&code).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_bound_to_its_request() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    let other = "http://localhost:8080/other";
    browser
        .sandbox
        .register_redirect_uri(Options::PKCE_CLIENT_ID, other);
    for (change, expected) in [
        (("redirect_uri", Some(other)), "invalid_grant"),
        (("redirect_uri", None), "invalid_request"),
        (("code", Some("made-up")), "invalid_grant"),
        (("code", None), "invalid_request"),
        (("code", Some("")), "invalid_request"),
        (("code_verifier", None), "invalid_request"),
        (("grant_type", None), "invalid_request"),
        (("grant_type", Some("password")), "unsupported_grant_type"),
        (
            ("grant_type", Some("client_credentials")),
            "unsupported_grant_type",
        ),
        (("grant_type", Some("refresh_token")), "invalid_request"),
    ] {
        let request = browser.exchange_request(&code, &[change]);
        assert_eq!(error(request, 400).await, expected, "{change:?}");
    }
    assert_eq!(browser.exchange(&code).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_application_cannot_use_the_code() {
    let mut options = Options {
        requests_per_second: 0,
        ..Options::default()
    };
    let mut other = options.clients[1].clone();
    other.client_id = "another".to_owned();
    options.clients.push(other);
    let mut browser = Browser::with_options(options).await;
    let code = authorize_for_code(&mut browser).await;
    let request = browser.exchange_request(&code, &[("client_id", Some("another"))]);
    assert_eq!(error(request, 400).await, "invalid_grant");
    let body = json(browser.exchange(&code).await).await;
    let request = browser.token_request(&[
        ("grant_type", "refresh_token"),
        ("client_id", "another"),
        ("refresh_token", text(&body, "refresh_token")),
    ]);
    assert_eq!(error(request, 400).await, "invalid_grant");
    let response = browser.refresh(text(&body, "refresh_token")).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_valid_once_and_its_second_use_ends_the_connection() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    let body = json(browser.exchange(&code).await).await;
    let body = json(browser.refresh(text(&body, "refresh_token")).await).await;
    let (error, _) = refusal(browser.exchange(&code).await, 400).await;
    assert_eq!(error, "invalid_grant");
    let (error, description) =
        refusal(browser.refresh(text(&body, "refresh_token")).await, 400).await;
    assert_eq!(error, "invalid_grant");
    assert_eq!(description, "The refresh token is invalid or expired.");
}

#[tokio::test]
async fn a_code_is_valid_for_five_minutes() {
    let mut browser = Browser::new().await;
    let in_time = authorize_for_code(&mut browser).await;
    browser.sandbox.let_time_pass(290);
    assert_eq!(browser.exchange(&in_time).await.status(), StatusCode::OK);
    let late = authorize_for_code(&mut browser).await;
    browser.sandbox.let_time_pass(300);
    let (error, _) = refusal(browser.exchange(&late).await, 400).await;
    assert_eq!(error, "invalid_grant");
}

#[tokio::test]
async fn only_a_form_is_read_and_each_parameter_once() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", Options::PKCE_CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ]);
    let endpoint = browser.sandbox.token_endpoint();
    for content_type in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data"),
    ] {
        let mut request = browser.request("POST", &endpoint).body(body.clone());
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(json(response).await["error"], "invalid_request");
    }
    for more in ["&code=x", "&grant_type=authorization_code", "&x=1&x=1"] {
        let request = browser
            .request("POST", &endpoint)
            .header(CONTENT_TYPE, FORM)
            .header(header::ORIGIN, ORIGIN)
            .body(body.clone() + more);
        assert_eq!(error(request, 400).await, "invalid_request", "{more}");
    }
    let request = browser
        .request("POST", &format!("{endpoint}?code=x"))
        .header(CONTENT_TYPE, FORM)
        .header(header::ORIGIN, ORIGIN)
        .body(body.clone());
    assert_eq!(error(request, 400).await, "invalid_request");
    // Like the documentation's curl: all parameters in the query.
    let response = browser
        .request("POST", &format!("{endpoint}?{body}"))
        .header(
            CONTENT_TYPE,
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .header(header::ORIGIN, ORIGIN)
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(is_readable(&response));
}

#[tokio::test]
async fn only_public_clients_with_pkce_are_accepted() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    for client_id in [None, Some("nobody")] {
        let request = browser.exchange_request(&code, &[("client_id", client_id)]);
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        assert_eq!(json(response).await["error"], "invalid_client");
    }
    let request = browser.exchange_request(&code, &[("client_secret", Some("x"))]);
    assert_eq!(error(request, 401).await, "invalid_client");
    let request = browser.exchange_request(&code, &[]);
    let request = request.header(AUTHORIZATION, "Basic bWU6eA==");
    assert_eq!(error(request, 401).await, "invalid_client");

    let implicit = [("client_id", Some(Options::DEFAULT_CLIENT_ID))];
    let request = browser.exchange_request(&code, &implicit);
    let (error, description) = refusal(request.send().await.expect("a response"), 401).await;
    assert_eq!(error, "invalid_client");
    assert_eq!(
        description,
        "Browser requests to the token endpoint must use Proof Key for Code Exchange."
    );
    // A server would need its secret.
    let response = browser
        .request("POST", &browser.sandbox.token_endpoint())
        .header(CONTENT_TYPE, FORM)
        .body(form(&[
            ("grant_type", "authorization_code"),
            ("client_id", Options::DEFAULT_CLIENT_ID),
        ]))
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body = json(response).await;
    assert!(text(&body, "error_description").starts_with("Client authentication failed"));
    assert_eq!(browser.exchange(&code).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_pages_of_a_registered_origin_may_read() {
    let mut browser = Browser::new().await;
    browser.sandbox.register_redirect_uri(
        Options::PKCE_CLIENT_ID,
        "https://App.Example:443/cc/callback",
    );
    for (origin, readable) in [
        (ORIGIN, true),
        ("https://app.example", true),
        ("http://localhost:8081", false),
        ("https://localhost:8080", false),
        ("http://localhost:80801", false),
        ("http://localhost", false),
        ("null", false),
    ] {
        let code = authorize_for_code(&mut browser).await;
        let response = browser
            .request("POST", &browser.sandbox.token_endpoint())
            .header(CONTENT_TYPE, FORM)
            .header(header::ORIGIN, origin)
            .body(form(&[
                ("grant_type", "authorization_code"),
                ("client_id", Options::PKCE_CLIENT_ID),
                ("redirect_uri", REDIRECT_URI),
                ("code", &code),
                ("code_verifier", VERIFIER),
            ]))
            .send()
            .await
            .expect("a response");
        assert_eq!(response.status(), StatusCode::OK, "{origin}");
        let headers = response.headers();
        let allowed = headers.get("access-control-allow-origin");
        assert_eq!(
            allowed.map(|value| value.as_bytes()),
            readable.then_some(origin.as_bytes()),
            "{origin}"
        );
        assert_eq!(headers.contains_key("vary"), readable);

        let endpoint = browser.sandbox.token_endpoint();
        let preflight = browser
            .request("OPTIONS", &endpoint)
            .header(header::ORIGIN, origin)
            .send()
            .await
            .expect("a response");
        assert_eq!(preflight.status(), StatusCode::OK);
        for name in [
            "access-control-allow-origin",
            "access-control-allow-methods",
            "access-control-allow-headers",
        ] {
            assert_eq!(preflight.headers().contains_key(name), readable, "{origin}");
        }
    }
}

#[tokio::test]
async fn five_requests_at_once_and_then_one_a_second() {
    let browser = Browser::with_options(Options::default()).await;
    // On a slow machine a second passes meanwhile, and one more is admitted.
    let mut admitted = 0;
    let throttled = loop {
        let response = browser.refresh("made-up").await;
        assert!(is_readable(&response));
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            break response;
        }
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        admitted += 1;
    };
    assert!((5..10).contains(&admitted), "{admitted}");
    let headers = throttled.headers();
    assert!(headers.contains_key("retry-after"));
    assert!(!headers.contains_key("access-control-expose-headers"));
    assert_eq!(json(throttled).await["error_key"], "throttled");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(browser.refresh("made-up").await.status(), 400);
    let browser = Browser::new().await;
    for _ in 0..20 {
        assert_eq!(browser.refresh("made-up").await.status(), 400);
    }
}

#[tokio::test]
async fn faults_last_until_cleared() {
    let mut browser = Browser::new().await;
    let code = authorize_for_code(&mut browser).await;
    for (fault, status, readable) in [
        (TokenFault::Unreachable, 503, false),
        (TokenFault::Status(500), 500, true),
        (TokenFault::Status(404), 404, true),
        (TokenFault::Throttled, 429, true),
        (TokenFault::Html, 200, true),
    ] {
        browser.sandbox.set_token_fault(Some(fault));
        for _ in 0..2 {
            let response = browser.exchange(&code).await;
            assert_eq!(response.status(), status, "{fault:?}");
            assert_eq!(is_readable(&response), readable, "{fault:?}");
            let body = response.text().await.expect("a body");
            let is_page = matches!(fault, TokenFault::Status(_) | TokenFault::Html);
            assert_eq!(body.starts_with("<!doctype html>"), is_page, "{fault:?}");
        }
    }
    browser.sandbox.set_token_fault(Some(TokenFault::Silent));
    for _ in 0..2 {
        let waiting = tokio::time::timeout(Duration::from_millis(300), browser.exchange(&code));
        assert!(waiting.await.is_err());
    }
    browser.sandbox.set_token_fault(None);
    let body = json(browser.exchange(&code).await).await;

    let refresh_token = text(&body, "refresh_token");
    browser
        .sandbox
        .set_token_fault(Some(TokenFault::LostResponse));
    let response = browser.refresh(refresh_token).await;
    assert_eq!(response.status(), 503);
    assert!(!is_readable(&response));
    // An error response is lost as well.
    let response = browser.refresh("made-up").await;
    assert_eq!(response.status(), 503);
    assert!(!is_readable(&response));
    browser.sandbox.set_token_fault(None);
    let (error, _) = refusal(browser.refresh(refresh_token).await, 400).await;
    assert_eq!(error, "invalid_grant", "it was used up");
}

#[tokio::test]
async fn the_lifetime_is_an_option_and_can_be_changed() {
    let mut browser = Browser::with_options(Options {
        pkce_token_lifetime: 90,
        requests_per_second: 0,
        ..Options::default()
    })
    .await;
    for seconds in [90, 7] {
        let body = browser.connect_with_code(Scenario::Normal).await;
        assert_eq!(body["expires_in"], seconds);
        let (_, claims) = decode(text(&body, "access_token"));
        assert_eq!(
            claims["exp"],
            claims["iat"].as_i64().expect("a number") + seconds
        );
        browser.sandbox.set_token_lifetime(7);
    }
}

#[tokio::test]
async fn requests_are_recorded_with_their_bodies() {
    let mut browser = Browser::new().await;
    let body = browser.connect_with_code(Scenario::Normal).await;
    let refresh_token = text(&body, "refresh_token");
    browser.refresh(refresh_token).await;
    let requests = browser.sandbox.requests();
    let sent: Vec<&str> = requests
        .iter()
        .filter(|request| request.path == "/oauth2/default/v1/token")
        .map(|request| request.body.as_str())
        .collect();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].contains(VERIFIER), "{sent:?}");
    assert!(sent[1].contains(refresh_token), "{sent:?}");
}
