//! The authorization endpoint with `response_type=code`.

use crate::browser::{
    Browser, CHALLENGE, CODE_SCOPE, REDIRECT_URI, Redirect, STATE, code_request, location,
};
use cc_connect_sandbox::{Options, Scenario};
use reqwest::StatusCode;

#[tokio::test]
async fn a_code_comes_back_in_the_query() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&code_request(&[])).await;
    assert!(page.contains("CC Connect (sandbox, PKCE)"), "{page}");
    assert!(page.contains("value=\"offline_access\" checked"), "{page}");
    assert!(page.contains("without asking you again"), "{page}");
    let response = browser.decide(&page, CODE_SCOPE, None, "allow").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = location(&response);
    assert!(to.starts_with(&format!("{REDIRECT_URI}?code=")), "{to}");
    assert!(!to.contains('#'), "{to}");
    let redirect = Redirect::parse(&to);
    let names: Vec<&str> = redirect
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["code", "state"]);
    assert_eq!(redirect.get("state"), Some(STATE));

    let other = browser.authorize(Scenario::Normal).await;
    assert_ne!(redirect.get("code"), other.get("code"));
}

#[tokio::test]
async fn the_nonce_is_optional() {
    let mut browser = Browser::new().await;
    let page = browser
        .permission_page(&code_request(&[("nonce", None)]))
        .await;
    let response = browser.decide(&page, CODE_SCOPE, None, "allow").await;
    assert!(Redirect::parse(&location(&response)).get("code").is_some());
}

#[tokio::test]
async fn errors_are_in_the_query() {
    let mut browser = Browser::new().await;
    let required = "PKCE code challenge is required when the token endpoint authentication \
                    method is 'NONE'.";
    let short = &CHALLENGE[1..];
    let long = format!("{CHALLENGE}A");
    let standard = CHALLENGE.replace('-', "+");
    for (change, error, description) in [
        (("code_challenge", None), "invalid_request", Some(required)),
        (
            ("code_challenge", Some("")),
            "invalid_request",
            Some(required),
        ),
        (("code_challenge", Some(short)), "invalid_request", None),
        (
            ("code_challenge", Some(long.as_str())),
            "invalid_request",
            None,
        ),
        (
            ("code_challenge", Some(standard.as_str())),
            "invalid_request",
            None,
        ),
        (("code_challenge_method", None), "invalid_request", None),
        (
            ("code_challenge_method", Some("plain")),
            "invalid_request",
            None,
        ),
        (
            ("code_challenge_method", Some("s256")),
            "invalid_request",
            None,
        ),
        (("response_type", None), "invalid_request", None),
        (("state", None), "invalid_request", None),
        (
            ("response_mode", Some("fragment")),
            "unsupported_response_mode",
            None,
        ),
        (("scope", Some("account_reed")), "invalid_scope", None),
        (("prompt", Some("none")), "login_required", None),
    ] {
        let url = browser.authorization(&code_request(&[change]));
        let response = browser.get(&url).await;
        assert_eq!(response.status(), StatusCode::FOUND, "{change:?}");
        let to = location(&response);
        let in_query = to.starts_with(&format!("{REDIRECT_URI}?")) && !to.contains('#');
        assert!(in_query, "{to}");
        let redirect = Redirect::parse(&to);
        assert_eq!(redirect.get("error"), Some(error), "{change:?}");
        if description.is_some() {
            assert_eq!(redirect.get("error_description"), description, "{change:?}");
        }
        let expected = (change.0 != "state").then_some(STATE);
        assert_eq!(redirect.get("state"), expected, "{change:?}");
    }
    let url = browser.authorization(&code_request(&[("response_mode", Some("query"))]));
    assert_eq!(browser.get(&url).await.status(), StatusCode::OK);
    let url = browser.authorization(&code_request(&[])) + "&code_challenge=" + CHALLENGE;
    let redirect = Redirect::parse(&location(&browser.get(&url).await));
    assert_eq!(redirect.get("error"), Some("invalid_request"));
}

#[tokio::test]
async fn each_application_has_one_response_type() {
    let mut browser = Browser::new().await;
    for (client_id, response_type, configured, mark) in [
        (Options::PKCE_CLIENT_ID, "token", "[code]", '#'),
        (Options::PKCE_CLIENT_ID, "code token", "[code]", '#'),
        (Options::DEFAULT_CLIENT_ID, "code", "[token]", '?'),
    ] {
        let url = browser.authorization(&code_request(&[
            ("client_id", Some(client_id)),
            ("response_type", Some(response_type)),
        ]));
        let to = location(&browser.get(&url).await);
        assert!(to.starts_with(&format!("{REDIRECT_URI}{mark}")), "{to}");
        let redirect = Redirect::parse(&to);
        assert_eq!(redirect.get("error"), Some("unsupported_response_type"));
        let description = redirect.get("error_description").expect("a description");
        let end = format!("Configured response types: {configured}.");
        assert!(description.ends_with(&end), "{description}");
    }
}

#[tokio::test]
async fn deny_is_in_the_query() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&code_request(&[])).await;
    let response = browser.decide(&page, CODE_SCOPE, None, "deny").await;
    assert_eq!(
        location(&response),
        format!(
            "{REDIRECT_URI}?error=access_denied&error_description=The+resource+owner+or+\
             authorization+server+denied+the+request.&state=kZ3v-8Qx_1.f%2CT"
        )
    );
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_own_query() {
    let mut browser = Browser::new().await;
    let uri = "http://localhost:8080/callback?from=cc";
    browser
        .sandbox
        .register_redirect_uri(Options::PKCE_CLIENT_ID, uri);
    let request = code_request(&[("redirect_uri", Some(uri))]);
    let page = browser.permission_page(&request).await;
    let response = browser.decide(&page, CODE_SCOPE, None, "allow").await;
    let to = location(&response);
    assert!(to.starts_with(&format!("{uri}&code=")), "{to}");
}

#[tokio::test]
async fn a_general_error_is_in_the_query_as_well() {
    let mut browser = Browser::new().await;
    browser
        .sandbox
        .set_authorization_error(Some("server_error"));
    let url = browser.authorization(&code_request(&[]));
    let to = location(&browser.get(&url).await);
    assert!(
        to.starts_with(&format!("{REDIRECT_URI}?error=server_error")),
        "{to}"
    );
}
