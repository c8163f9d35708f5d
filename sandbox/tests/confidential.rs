//! The application on a server: its secret, the code flow with and without PKCE, and its faults.

use crate::browser::{
    Browser, CHALLENGE, CODE_SCOPE, ORIGIN, REDIRECT_URI, Redirect, SCOPE, VERIFIER, decode, form,
    json, location, text,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cc_connect_sandbox::{OAuth2Setting, Options, RefreshTokens, Scenario};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN as ORIGIN_HEADER},
};
use serde_json::Value;

pub(crate) const CLIENT_ID: &str = Options::CONFIDENTIAL_CLIENT_ID;
const FORM: &str = "application/x-www-form-urlencoded";

/// RFC 6749 §2.3.1.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", STANDARD.encode(credentials))
}

/// The application's own `Authorization`.
fn own(browser: &Browser) -> String {
    let secret = browser.sandbox.client_secret(CLIENT_ID).expect("a secret");
    basic(CLIENT_ID, &secret)
}

fn unauthenticated(browser: &Browser, fields: &[(&str, &str)]) -> RequestBuilder {
    browser
        .request("POST", &browser.sandbox.token_endpoint())
        .header(CONTENT_TYPE, FORM)
        .body(form(fields))
}

pub(crate) fn token_request(browser: &Browser, fields: &[(&str, &str)]) -> RequestBuilder {
    unauthenticated(browser, fields).header(AUTHORIZATION, own(browser))
}

pub(crate) fn code_fields(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT_URI),
        ("code", code),
    ]
}

pub(crate) async fn exchange(browser: &Browser, code: &str) -> Response {
    let request = token_request(browser, &code_fields(code));
    request.send().await.expect("a response")
}

pub(crate) async fn refresh(browser: &Browser, refresh_token: &str) -> Response {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let request = token_request(browser, &fields);
    request.send().await.expect("a response")
}

pub(crate) async fn refreshed(browser: &Browser, refresh_token: &str) -> Value {
    let response = refresh(browser, refresh_token).await;
    assert_eq!(response.status(), StatusCode::OK);
    json(response).await
}

/// The response to an authorization request of the application, with everything allowed.
pub(crate) async fn authorize(
    browser: &mut Browser,
    scenario: Scenario,
    more: &[(&str, Option<&str>)],
) -> Redirect {
    let mut request = vec![
        ("response_type", Some("code")),
        ("client_id", Some(CLIENT_ID)),
        ("scope", Some(CODE_SCOPE)),
        ("nonce", None),
    ];
    request.extend(more);
    let page = browser.permission_page(&request).await;
    let response = browser
        .decide(&page, CODE_SCOPE, Some(scenario), "allow")
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{scenario}");
    Redirect::parse(&location(&response))
}

/// A code without PKCE.
pub(crate) async fn code(browser: &mut Browser, scenario: Scenario) -> String {
    let redirect = authorize(browser, scenario, &[]).await;
    redirect.get("code").expect("a code").to_owned()
}

pub(crate) async fn connect(browser: &mut Browser) -> Value {
    let code = code(browser, Scenario::Normal).await;
    let response = exchange(browser, &code).await;
    assert_eq!(response.status(), StatusCode::OK);
    json(response).await
}

/// The code of an OAuth error in JSON, and whether `Basic` was asked for.
pub(crate) async fn error(request: RequestBuilder, status: u16) -> (String, bool) {
    let response = request.send().await.expect("a response");
    assert_eq!(response.status(), status);
    let challenge = response.headers().get("www-authenticate");
    let asks = challenge.is_some_and(|value| value.as_bytes().starts_with(b"Basic realm="));
    (text(&json(response).await, "error").to_owned(), asks)
}

#[tokio::test]
async fn a_code_becomes_tokens_with_the_secret_alone() {
    let mut browser = Browser::new().await;
    let body = connect(&mut browser).await;
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 86_400);
    assert_eq!(body["scope"], CODE_SCOPE);
    let (_, claims) = decode(text(&body, "access_token"));
    assert_eq!(claims["cid"], CLIENT_ID);
    let response = browser.api("/account/summary", text(&body, "access_token"));
    assert_eq!(response.await.status(), StatusCode::OK);
    let next = refreshed(&browser, text(&body, "refresh_token")).await;
    assert_ne!(next["refresh_token"], body["refresh_token"]);
}

#[tokio::test]
async fn only_the_secret_authenticates_the_application() {
    let mut browser = Browser::with_options(Options {
        requests_per_second: 0,
        ..options_with_secret("s3cr&t +%=:ü")
    })
    .await;
    let secret = browser.sandbox.client_secret(CLIENT_ID).expect("a secret");
    let code = code(&mut browser, Scenario::Normal).await;
    let fields = code_fields(&code);
    let raw = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for authorization in [
        basic(CLIENT_ID, "wrong"),
        basic(CLIENT_ID, ""),
        basic("nobody", &secret),
        basic(Options::PKCE_CLIENT_ID, &secret),
        basic(Options::DEFAULT_CLIENT_ID, &secret),
        // Not form-encoded.
        raw(&format!("{CLIENT_ID}:{secret}")),
        raw(CLIENT_ID),
        basic(CLIENT_ID, &secret).replace("Basic ", "Bearer "),
        "Basic".to_owned(),
        "Basic !".to_owned(),
    ] {
        let request = unauthenticated(&browser, &fields).header(AUTHORIZATION, &authorization);
        let expected = ("invalid_client".to_owned(), true);
        assert_eq!(error(request, 401).await, expected, "{authorization}");
    }
    for (more, expected) in [
        (vec![("client_id", CLIENT_ID)], "invalid_client"),
        (
            vec![("client_id", CLIENT_ID), ("client_secret", &secret)],
            "invalid_client",
        ),
        (vec![], "invalid_client"),
    ] {
        let request = unauthenticated(&browser, &[fields.clone(), more.clone()].concat());
        assert_eq!(error(request, 401).await, (expected.to_owned(), true));
    }
    for (more, status, expected) in [
        (
            ("client_id", Options::PKCE_CLIENT_ID),
            401,
            "invalid_client",
        ),
        (("client_secret", secret.as_str()), 400, "invalid_request"),
    ] {
        let request = token_request(&browser, &[fields.clone(), vec![more]].concat());
        assert_eq!(error(request, status).await.0, expected);
    }
    // RFC 6749 §3.2.1 allows the client_id beside it.
    let with_id = [fields, vec![("client_id", CLIENT_ID)]].concat();
    let response = token_request(&browser, &with_id).send().await;
    assert_eq!(response.expect("a response").status(), StatusCode::OK);
}

#[tokio::test]
async fn a_secret_is_made_up_at_the_start_and_can_be_replaced() {
    let mut browser = Browser::new().await;
    let other = Browser::new().await;
    let before = browser.sandbox.client_secret(CLIENT_ID);
    assert!(before.as_ref().is_some_and(|secret| secret.len() > 15));
    assert_ne!(before, other.sandbox.client_secret(CLIENT_ID));
    for client_id in [
        Options::DEFAULT_CLIENT_ID,
        Options::PKCE_CLIENT_ID,
        "nobody",
    ] {
        assert_eq!(browser.sandbox.client_secret(client_id), None);
        assert_eq!(browser.sandbox.regenerate_client_secret(client_id), None);
    }
    let code = code(&mut browser, Scenario::Normal).await;
    let request = token_request(&browser, &code_fields(&code));
    let after = browser.sandbox.regenerate_client_secret(CLIENT_ID);
    assert_ne!(after, before);
    assert_eq!(after, browser.sandbox.client_secret(CLIENT_ID));
    assert_eq!(error(request, 401).await.0, "invalid_client");
    assert_eq!(exchange(&browser, &code).await.status(), StatusCode::OK);
}

fn options_with_secret(secret: &str) -> Options {
    let mut options = Options::default();
    for client in &mut options.clients {
        client.client_secret = Some(secret.to_owned());
    }
    options
}

#[tokio::test]
async fn a_browser_is_refused_whatever_it_sends() {
    let mut browser = Browser::new().await;
    let code = code(&mut browser, Scenario::Normal).await;
    let fields = code_fields(&code);
    let with_id = [fields.clone(), vec![("client_id", CLIENT_ID)]].concat();
    for request in [
        token_request(&browser, &fields),
        token_request(&browser, &with_id),
        unauthenticated(&browser, &with_id),
    ] {
        let response = request.header(ORIGIN_HEADER, ORIGIN).send().await;
        let response = response.expect("a response");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(!response.headers().contains_key("www-authenticate"));
        let body = json(response).await;
        assert_eq!(body["error"], "invalid_client");
        assert_eq!(
            body["error_description"],
            "Browser requests to the token endpoint must use Proof Key for Code Exchange."
        );
    }
    assert_eq!(exchange(&browser, &code).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_parameters_may_be_in_the_query_as_in_the_documentation() {
    let mut browser = Browser::new().await;
    let code = code(&mut browser, Scenario::Normal).await;
    let query = form(&code_fields(&code));
    let endpoint = browser.sandbox.token_endpoint();
    let request = |query: &str, body: String| {
        browser
            .request("POST", &format!("{endpoint}?{query}"))
            .header(AUTHORIZATION, own(&browser))
            .header("accept", "application/json")
            .header(CONTENT_TYPE, FORM)
            .body(body)
    };
    let twice = request(&query, query.clone());
    assert_eq!(error(twice, 400).await.0, "invalid_request");
    let response = request(&query, String::new()).send().await;
    let body = json(response.expect("a response")).await;
    let query = form(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&body, "refresh_token")),
    ]);
    let response = request(&query, String::new()).send().await;
    assert_eq!(response.expect("a response").status(), StatusCode::OK);
}

#[tokio::test]
async fn pkce_is_optional_and_cannot_be_removed_or_added() {
    let mut browser = Browser::new().await;
    let challenge = [
        ("code_challenge", Some(CHALLENGE)),
        ("code_challenge_method", Some("S256")),
    ];
    let other = "a".repeat(43);
    for (more, verifier, expected) in [
        (&challenge[..0], None, None),
        (&challenge[..0], Some(VERIFIER), Some("invalid_grant")),
        (&challenge, Some(VERIFIER), None),
        (&challenge, Some(other.as_str()), Some("invalid_grant")),
        (&challenge, None, Some("invalid_request")),
    ] {
        let redirect = authorize(&mut browser, Scenario::Normal, more).await;
        let mut fields = code_fields(redirect.get("code").expect("a code"));
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let request = token_request(&browser, &fields);
        match expected {
            None => assert_eq!(request.send().await.expect("a response").status(), 200),
            Some(expected) => assert_eq!(error(request, 400).await.0, expected),
        }
    }
    for change in [
        vec![("code_challenge", Some("short"))],
        vec![("code_challenge", Some(CHALLENGE))],
        vec![("code_challenge_method", Some("S256"))],
        vec![
            ("code_challenge", Some(CHALLENGE)),
            ("code_challenge_method", Some("plain")),
        ],
    ] {
        let mut request = vec![
            ("response_type", Some("code")),
            ("client_id", Some(CLIENT_ID)),
        ];
        request.extend(&change);
        let url = browser.authorization(&request);
        let response = browser.get(&url).await;
        let redirect = Redirect::parse(&location(&response));
        assert_eq!(redirect.get("error"), Some("invalid_request"), "{change:?}");
    }
}

#[tokio::test]
async fn a_code_is_valid_once_for_five_minutes() {
    let mut browser = Browser::new().await;
    let in_time = code(&mut browser, Scenario::Normal).await;
    browser.sandbox.let_time_pass(290);
    let body = json(exchange(&browser, &in_time).await).await;
    let again = token_request(&browser, &code_fields(&in_time));
    assert_eq!(error(again, 400).await.0, "invalid_grant");
    // The second use ends the connection.
    let response = refresh(&browser, text(&body, "refresh_token")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let late = code(&mut browser, Scenario::Normal).await;
    browser.sandbox.let_time_pass(300);
    let late = token_request(&browser, &code_fields(&late));
    assert_eq!(error(late, 400).await.0, "invalid_grant");
}

#[tokio::test]
async fn the_implicit_flow_is_allowed_as_well() {
    let mut browser = Browser::new().await;
    let page = browser
        .permission_page(&[("client_id", Some(CLIENT_ID))])
        .await;
    assert!(!page.contains("token-silent"), "a code's scenario");
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    let redirect = Redirect::parse(&location(&response));
    assert!(redirect.location.contains('#'));
    assert_eq!(redirect.get("expires_in"), Some("28800"));
    let response = browser.api("/account/summary", redirect.token()).await;
    assert_eq!(response.status(), StatusCode::OK);

    let url = browser.authorization(&[
        ("client_id", Some(CLIENT_ID)),
        ("response_type", Some("id_token")),
    ]);
    let response = browser.get(&url).await;
    let redirect = Redirect::parse(&location(&response));
    assert_eq!(redirect.get("error"), Some("unsupported_response_type"));
    assert!(
        redirect
            .get("error_description")
            .is_some_and(|text| text.ends_with("Configured response types: [code, token]."))
    );
}

#[tokio::test]
async fn refresh_tokens_rotate_or_stay() {
    let mut options = Options {
        requests_per_second: 0,
        ..Options::default()
    };
    for client in &mut options.clients {
        if client.client_id == CLIENT_ID {
            client.oauth2_setting = OAuth2Setting::CodeAndImplicit {
                refresh_tokens: RefreshTokens::LongLived,
            };
        }
    }
    let mut browser = Browser::with_options(options).await;
    let first = connect(&mut browser).await;
    let second = refreshed(&browser, text(&first, "refresh_token")).await;
    assert_eq!(second["refresh_token"], first["refresh_token"]);
    browser
        .sandbox
        .set_refresh_tokens(CLIENT_ID, RefreshTokens::Rotating);
    let third = refreshed(&browser, text(&second, "refresh_token")).await;
    assert_ne!(third["refresh_token"], second["refresh_token"]);
    let used = refresh(&browser, text(&second, "refresh_token")).await;
    assert_eq!(json(used).await["error"], "invalid_grant");
    let family = refresh(&browser, text(&third, "refresh_token")).await;
    assert_eq!(json(family).await["error"], "invalid_grant");
}

#[tokio::test]
async fn the_refresh_token_of_another_application_is_refused() {
    let mut browser = Browser::new().await;
    let public = browser.connect_with_code(Scenario::Normal).await;
    let response = refresh(&browser, text(&public, "refresh_token")).await;
    assert_eq!(json(response).await["error"], "invalid_grant");
    let own = connect(&mut browser).await;
    let response = browser.refresh(text(&own, "refresh_token")).await;
    assert_eq!(json(response).await["error"], "invalid_grant");
    refreshed(&browser, text(&own, "refresh_token")).await;
}

#[tokio::test]
async fn the_servers_configuration_is_toml_without_the_secret() {
    let browser = Browser::new().await;
    let sandbox = &browser.sandbox;
    let toml = sandbox.config_toml(CLIENT_ID);
    let quoted = |name: &str, value: String| format!("{name} = \"{value}\"\n");
    assert_eq!(
        toml,
        [
            quoted("client_id", CLIENT_ID.to_owned()),
            quoted("authorization_endpoint", sandbox.authorization_endpoint()),
            quoted("token_endpoint", sandbox.token_endpoint()),
            quoted("issuer", sandbox.issuer()),
            quoted("jwks_uri", sandbox.jwks_uri()),
            quoted("audience", sandbox.api_base_url()),
            quoted("api_base_url", sandbox.api_base_url()),
            quoted(
                "scope",
                "account_read campaign_data contact_data offline_access".to_owned()
            ),
        ]
        .concat()
    );
    let secret = sandbox.client_secret(CLIENT_ID).expect("a secret");
    assert!(!toml.contains(&secret));
}
