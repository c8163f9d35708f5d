//! The authorization endpoint.

use crate::browser::{
    Browser, NONCE, REDIRECT_URI, Redirect, SCOPE, STATE, code_request, decode, field, location,
};
use cc_connect_sandbox::{Group, OAuth2Setting, Options, RefreshTokens, Scenario};
use reqwest::StatusCode;

#[tokio::test]
async fn from_the_request_to_the_response() {
    let mut browser = Browser::new().await;
    let url = browser.authorization(&[]);
    let response = browser.get(&url).await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let page = response.text().await.expect("a page");
    assert!(page.contains("Sign in</button>"), "{page}");

    let page = browser
        .sign_in(
            &field(&page, "transaction"),
            &field(&page, "username"),
            &field(&page, "password"),
        )
        .await;
    assert!(page.contains("CC Connect (sandbox)"), "{page}");
    assert!(page.contains("Bluebird Bakery"), "{page}");
    for scope in SCOPE.split(' ') {
        assert!(
            page.contains(&format!("value=\"{scope}\" checked")),
            "{scope}"
        );
    }

    let response = browser.decide(&page, SCOPE, None, "allow").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let redirect = Redirect::parse(&location(&response));
    let names: Vec<&str> = redirect
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        ["access_token", "token_type", "expires_in", "scope", "state"]
    );
    assert_eq!(redirect.get("token_type"), Some("Bearer"));
    assert_eq!(redirect.get("expires_in"), Some("28800"));
    assert_eq!(redirect.get("scope"), Some(SCOPE));
    assert_eq!(redirect.get("state"), Some(STATE));
    assert!(
        redirect
            .location
            .contains("scope=account_read+contact_data+campaign_data"),
        "{}",
        redirect.location
    );
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_stranded_on_a_page() {
    let mut browser = Browser::new().await;
    const CLIENT: &str = "Invalid value for 'client_id' parameter.";
    const URI: &str = "The 'redirect_uri' parameter must be a Login redirect URI in the \
                       client app settings.";
    for (changes, message) in [
        ([("client_id", Some("somebody-else"))], CLIENT),
        ([("client_id", None)], CLIENT),
        ([("redirect_uri", None)], URI),
        (
            [("redirect_uri", Some("http://localhost:8080/callback/"))],
            URI,
        ),
        (
            [("redirect_uri", Some("http://LOCALHOST:8080/callback"))],
            URI,
        ),
        (
            [("redirect_uri", Some("http://localhost:8080/callback?a=b"))],
            URI,
        ),
        (
            [("redirect_uri", Some("http://127.0.0.1:8080/callback"))],
            URI,
        ),
        ([("redirect_uri", Some("javascript:alert(1)"))], URI),
    ] {
        let url = browser.authorization(&changes);
        let response = browser.get(&url).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(!response.headers().contains_key("location"));
        let page = response.text().await.expect("a page");
        assert!(page.contains(message), "{changes:?}: {page}");
    }
    let url = browser.authorization(&[]) + "&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcallback";
    assert_eq!(browser.get(&url).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_errors_are_in_the_fragment() {
    let mut browser = Browser::new().await;
    let state = "The authentication request has an invalid 'state' parameter.";
    let scope = "One or more scopes are not configured for the authorization server resource.";
    for (changes, error, description, returns_state) in [
        (("state", None), "invalid_request", Some(state), false),
        (("state", Some("")), "invalid_request", Some(state), false),
        (
            ("state", Some("a=b")),
            "invalid_request",
            Some(state),
            false,
        ),
        (("nonce", None), "invalid_request", None, true),
        (("response_type", None), "invalid_request", None, true),
        (
            ("response_type", Some("code")),
            "unsupported_response_type",
            None,
            true,
        ),
        (
            ("response_type", Some("id_token token")),
            "unsupported_response_type",
            None,
            true,
        ),
        (
            ("response_mode", Some("query")),
            "unsupported_response_mode",
            None,
            true,
        ),
        (
            ("scope", Some("account_read,contact_data")),
            "invalid_scope",
            Some(scope),
            true,
        ),
        (
            ("scope", Some("account_read+contact_data")),
            "invalid_scope",
            Some(scope),
            true,
        ),
        (
            ("scope", Some("account_reed")),
            "invalid_scope",
            Some(scope),
            true,
        ),
        (("prompt", Some("sometimes")), "invalid_request", None, true),
        (
            ("prompt", Some("none")),
            "login_required",
            Some("The client specified not to prompt, but the user is not logged in."),
            true,
        ),
    ] {
        let url = browser.authorization(&[changes]);
        let response = browser.get(&url).await;
        assert_eq!(response.status(), StatusCode::FOUND, "{changes:?}");
        let redirect = Redirect::parse(&location(&response));
        assert_eq!(redirect.get("error"), Some(error), "{changes:?}");
        if let Some(description) = description {
            assert_eq!(
                redirect.get("error_description"),
                Some(description),
                "{changes:?}"
            );
        }
        assert_eq!(
            redirect.get("state"),
            returns_state.then_some(STATE),
            "{changes:?}"
        );
        assert_eq!(redirect.get("access_token"), None, "{changes:?}");
    }
    let url = browser.authorization(&[]) + "&nonce=another";
    let redirect = Redirect::parse(&location(&browser.get(&url).await));
    assert_eq!(redirect.get("error"), Some("invalid_request"));
}

#[tokio::test]
async fn deny_is_an_error_response() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    let response = browser.decide(&page, SCOPE, None, "deny").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        location(&response),
        format!(
            "{REDIRECT_URI}#error=access_denied&error_description=The+resource+owner+or+\
             authorization+server+denied+the+request.&state=kZ3v-8Qx_1.f%2CT"
        )
    );
}

#[tokio::test]
async fn a_user_may_grant_less_than_requested() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    let response = browser.decide(&page, "account_read", None, "allow").await;
    let redirect = Redirect::parse(&location(&response));
    assert_eq!(redirect.get("scope"), Some("account_read"));
    let (_, claims) = decode(redirect.token());
    assert_eq!(claims["scp"], serde_json::json!(["account_read"]));

    let response = browser.decide(&page, "", None, "allow").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let page = response.text().await.expect("a page");
    assert!(page.contains("role=\"alert\""), "{page}");
    // A form cannot grant a scope that was not requested.
    let response = browser
        .decide(&page, "account_read account_update", None, "allow")
        .await;
    let redirect = Redirect::parse(&location(&response));
    assert_eq!(redirect.get("scope"), Some("account_read"));
}

#[tokio::test]
async fn the_sign_in_is_remembered_until_another_one_or_prompt_login() {
    let mut browser = Browser::new().await;
    browser.permission_page(&[]).await;
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    assert!(page.contains(">Allow</button>"), "{page}");
    assert!(page.contains("Use another account"), "{page}");

    let url = browser.authorization(&[("prompt", Some("none"))]);
    let redirect = Redirect::parse(&location(&browser.get(&url).await));
    assert_eq!(redirect.get("error"), Some("consent_required"));

    let url = browser.authorization(&[("prompt", Some("login"))]);
    let page = browser.get(&url).await.text().await.expect("a page");
    assert!(page.contains(">Sign in</button>"), "{page}");
    let transaction = field(&page, "transaction");
    let other = browser
        .get(&format!(
            "/oauth2/default/v1/authorize/sign-in?transaction={transaction}&login=harborrowing"
        ))
        .await
        .text()
        .await
        .expect("a page");
    assert_eq!(field(&other, "username"), "harborrowing");
    let page = browser
        .sign_in(&transaction, "harborrowing", &field(&other, "password"))
        .await;
    assert!(page.contains("Harbor Rowing Club"), "{page}");
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    let (_, claims) = decode(Redirect::parse(&location(&response)).token());
    assert_eq!(claims["sub"], "harborrowing");
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again() {
    let mut browser = Browser::new().await;
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    let response = browser
        .post(
            "/oauth2/default/v1/authorize/sign-in",
            &[
                ("transaction", &field(&page, "transaction")),
                ("username", "bluebird"),
                ("password", "guess"),
            ],
        )
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(!response.headers().contains_key("set-cookie"));
    let page = response.text().await.expect("a page");
    assert!(page.contains("Unable to sign in"), "{page}");
}

#[tokio::test]
async fn only_the_browser_that_signed_in_may_decide() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    browser.forget();
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    assert_eq!(response.status(), StatusCode::OK);
    let asked = response.text().await.expect("a page");
    assert!(asked.contains(">Sign in</button>"), "{asked}");
    // Signed in for another request.
    browser.permission_page(&[("state", Some("other"))]).await;
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_outdated_page_says_so() {
    let mut browser = Browser::new().await;
    for url in [
        "sign-in?transaction=x",
        "sign-in",
        "permission?transaction=x",
    ] {
        let response = browser
            .get(&format!("/oauth2/default/v1/authorize/{url}"))
            .await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{url}");
        let page = response.text().await.expect("a page");
        assert!(page.contains("out of date"), "{page}");
    }
}

#[tokio::test]
async fn what_a_request_says_is_shown_as_text() {
    let mut browser = Browser::new().await;
    let page = browser
        .get("/oauth2/default/v1/authorize/sign-in?transaction=%22%3E%3Cscript%3E&login=%3Cb%3E")
        .await
        .text()
        .await
        .expect("a page");
    assert!(
        !page.contains("<script>") && !page.contains("<b>"),
        "{page}"
    );
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    let transaction = field(&page, "transaction");
    let page = browser
        .get(&format!(
            "/oauth2/default/v1/authorize/sign-in?transaction={transaction}&login=%22%3E%3Cb%3E"
        ))
        .await
        .text()
        .await
        .expect("a page");
    assert!(page.contains("&quot;&gt;&lt;b&gt;"), "{page}");
}

#[tokio::test]
async fn the_scope_is_optional_and_offline_access_is_not_granted_with_a_token() {
    let mut browser = Browser::new().await;
    let all = "account_read account_update contact_data campaign_data";
    let page = browser.permission_page(&[("scope", None)]).await;
    let response = browser.decide(&page, all, None, "allow").await;
    assert_eq!(
        Redirect::parse(&location(&response)).get("scope"),
        Some(all)
    );

    let page = browser
        .permission_page(&[("scope", Some("account_read offline_access"))])
        .await;
    let response = browser
        .decide(&page, "account_read offline_access", None, "allow")
        .await;
    assert_eq!(
        Redirect::parse(&location(&response)).get("scope"),
        Some("account_read")
    );
}

#[tokio::test]
async fn a_registered_redirect_uri_is_accepted_and_may_be_redirected_to() {
    let mut browser = Browser::new().await;
    let uri = "http://localhost:4173/app/callback";
    browser
        .sandbox
        .register_redirect_uri(Options::DEFAULT_CLIENT_ID, uri);
    browser.permission_page(&[]).await;
    let url = browser.authorization(&[("redirect_uri", Some(uri))]);
    let response = browser.get(&url).await;
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .expect("ASCII");
    assert!(
        policy.contains("form-action 'self' http://localhost:4173;"),
        "{policy}"
    );
    browser.sandbox.register_redirect_uri("another", uri);
    let url = browser.authorization(&[("client_id", Some("another")), ("redirect_uri", Some(uri))]);
    assert_eq!(browser.get(&url).await.status(), StatusCode::OK);
}

/// RFC 6749 §3.1: the query of the endpoint's URL is kept.
#[tokio::test]
async fn an_authorization_endpoint_may_need_its_query() {
    let mut browser = Browser::with_options(Options {
        authorization_query: "resource=x%20y&tenant=1".to_owned(),
        ..Options::default()
    })
    .await;
    let endpoint = browser.sandbox.authorization_endpoint();
    assert!(
        endpoint.ends_with("/authorize?resource=x%20y&tenant=1"),
        "{endpoint}"
    );
    let config = browser.sandbox.config_json(Options::DEFAULT_CLIENT_ID);
    assert!(config.contains(&endpoint), "{config}");
    let two_marks = browser.authorization(&[]);
    let (address, request) = two_marks.rsplit_once('?').expect("a query");
    for (url, status) in [
        (format!("{address}&{request}"), 200),
        (
            format!(
                "{}&resource=x+y&tenant=1",
                two_marks.replacen(&endpoint, "/oauth2/default/v1/authorize", 1)
            ),
            200,
        ),
        (two_marks.clone(), 400),
        (
            two_marks.replacen(&endpoint, "/oauth2/default/v1/authorize", 1),
            400,
        ),
        (format!("{address}&{request}&tenant=1"), 302),
    ] {
        assert_eq!(browser.get(&url).await.status(), status, "{url}");
    }
}

#[tokio::test]
async fn a_general_error_is_immediate_and_lasts_until_cleared() {
    let mut browser = Browser::new().await;
    browser.permission_page(&[]).await;
    browser
        .sandbox
        .set_authorization_error(Some("temporarily_unavailable"));
    let url = browser.authorization(&[]);
    for _ in 0..3 {
        let response = browser.get(&url).await;
        assert_eq!(response.status(), StatusCode::FOUND);
        let redirect = Redirect::parse(&location(&response));
        assert_eq!(redirect.get("error"), Some("temporarily_unavailable"));
        assert_eq!(redirect.get("state"), Some(STATE));
    }
    // An unregistered redirect URI gets no response.
    let url = browser.authorization(&[("redirect_uri", Some("https://elsewhere.example/"))]);
    assert_eq!(browser.get(&url).await.status(), StatusCode::BAD_REQUEST);
    browser.sandbox.set_authorization_error(None);
    let page = browser.permission_page(&[]).await;
    assert!(page.contains(">Allow</button>"), "{page}");
}

#[tokio::test]
async fn the_list_of_scenarios_is_grouped() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    let code = code_request(&[]);
    let code_page = browser.permission_page(&code).await;
    let pkce = OAuth2Setting::Pkce {
        refresh_tokens: RefreshTokens::Rotating,
    };
    for (page, setting) in [(page, OAuth2Setting::Implicit), (code_page, pkce)] {
        for group in Group::ALL {
            assert_eq!(
                page.contains(&format!("<optgroup label=\"{}\">", group.title())),
                group.applies_to(&setting),
                "{page}"
            );
        }
        for scenario in Scenario::ALL {
            assert_eq!(
                page.contains(&format!("<option value=\"{scenario}\"")),
                scenario.applies_to(&setting),
                "{scenario}"
            );
        }
    }
}

#[tokio::test]
async fn a_scenario_that_does_not_apply_cannot_be_chosen() {
    let mut browser = Browser::new().await;
    browser.sandbox.use_scenario(Scenario::TokenHtml);
    let page = browser.permission_page(&[]).await;
    assert!(
        page.contains("<option value=\"normal\" selected>"),
        "{page}"
    );
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    assert_eq!(
        Redirect::parse(&location(&response)).get("state"),
        Some(STATE)
    );
    let response = browser
        .decide(&page, SCOPE, Some(Scenario::TokenHtml), "allow")
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_scenario_can_be_preselected() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    assert!(
        page.contains("<option value=\"normal\" selected>"),
        "{page}"
    );
    assert!(page.contains("<details>"), "{page}");
    browser.sandbox.use_scenario(Scenario::ServerError);
    let page = browser.permission_page(&[]).await;
    assert!(
        page.contains("<option value=\"server-error\" selected>"),
        "{page}"
    );
    assert!(page.contains("<details open>"), "{page}");
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    assert_eq!(
        Redirect::parse(&location(&response)).get("error"),
        Some("server_error")
    );
    let response = browser
        .decide(&page, SCOPE, Some(Scenario::MatchingNonce), "allow")
        .await;
    let (_, claims) = decode(Redirect::parse(&location(&response)).token());
    assert_eq!(claims["nonce"], NONCE);
}

#[tokio::test]
async fn other_methods_and_paths_are_rejected() {
    let mut browser = Browser::new().await;
    let response = browser.post("/oauth2/default/v1/authorize", &[]).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let response = browser.get("/oauth2/default/v1/token").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let path = "/oauth2/default/.well-known/openid-configuration";
    assert_eq!(browser.get(path).await.status(), StatusCode::NOT_FOUND);
}
