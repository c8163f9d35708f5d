//! What can go wrong between a server and the token endpoint, and what is recorded of it.

use crate::{
    browser::{Browser, CHALLENGE, VERIFIER, decode, json, text},
    confidential::{
        CLIENT_ID, authorize, code, code_fields, connect, error, exchange, refresh, refreshed,
        token_request,
    },
};
use cc_connect_sandbox::{Group, OAuth2Setting, Options, RefreshTokens, Scenario, TokenFault};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn faults_that_refuse() {
    let mut browser = Browser::new().await;
    let body = connect(&mut browser).await;
    let refresh_token = text(&body, "refresh_token");
    for (fault, status, expected) in [
        (TokenFault::ClientRefused, 401, Some("invalid_client")),
        (TokenFault::ThrottledFor(7), 429, None),
        (TokenFault::Throttled, 429, None),
        (TokenFault::Status(500), 500, None),
        (TokenFault::Unreachable, 503, None),
        (TokenFault::Html, 200, None),
    ] {
        browser.sandbox.set_token_fault(Some(fault));
        let response = refresh(&browser, refresh_token).await;
        assert_eq!(response.status(), status, "{fault:?}");
        let headers = response.headers();
        assert_eq!(headers.contains_key("www-authenticate"), status == 401);
        let after = headers.get("retry-after").map(|after| after.as_bytes());
        let expected_after: Option<&[u8]> = match fault {
            TokenFault::ThrottledFor(_) => Some(b"7"),
            TokenFault::Throttled => Some(b"1"),
            _ => None,
        };
        assert_eq!(after, expected_after, "{fault:?}");
        if let Some(expected) = expected {
            assert_eq!(json(response).await["error"], expected);
        }
    }
    // None of them took effect.
    browser.sandbox.set_token_fault(None);
    refreshed(&browser, refresh_token).await;
}

#[tokio::test]
async fn pkce_can_be_refused() {
    let mut browser = Browser::new().await;
    let challenge = [
        ("code_challenge", Some(CHALLENGE)),
        ("code_challenge_method", Some("S256")),
    ];
    for (fault, scenario) in [
        (Some(TokenFault::PkceRefused), Scenario::Normal),
        (None, Scenario::PkceRefused),
    ] {
        browser.sandbox.set_token_fault(fault);
        let redirect = authorize(&mut browser, scenario, &challenge).await;
        let mut fields = code_fields(redirect.get("code").expect("a code"));
        fields.push(("code_verifier", VERIFIER));
        let request = token_request(&browser, &fields);
        assert_eq!(error(request, 400).await.0, "invalid_request");
        let without = code(&mut browser, scenario).await;
        let response = exchange(&browser, &without).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_slow_response_takes_effect_at_once() {
    const DELAY: Duration = Duration::from_millis(400);
    let mut browser = Browser::new().await;
    let body = connect(&mut browser).await;
    let fault = TokenFault::Slow(DELAY);
    browser.sandbox.set_token_fault(Some(fault));
    let started = Instant::now();
    let body = refreshed(&browser, text(&body, "refresh_token")).await;
    assert!(started.elapsed() >= DELAY);
    let given_up = tokio::time::timeout(DELAY / 4, refresh(&browser, text(&body, "refresh_token")));
    assert!(given_up.await.is_err());
    browser.sandbox.set_token_fault(None);
    let response = refresh(&browser, text(&body, "refresh_token")).await;
    assert_eq!(
        json(response).await["error"],
        "invalid_grant",
        "it was used"
    );
}

#[tokio::test]
async fn a_silent_endpoint_does_nothing() {
    let mut browser = Browser::new().await;
    let body = connect(&mut browser).await;
    let refresh_token = text(&body, "refresh_token");
    browser.sandbox.set_token_fault(Some(TokenFault::Silent));
    let waiting =
        tokio::time::timeout(Duration::from_millis(200), refresh(&browser, refresh_token));
    assert!(waiting.await.is_err());
    browser.sandbox.set_token_fault(None);
    refreshed(&browser, refresh_token).await;
}

#[tokio::test]
async fn a_dropped_connection_uses_up_the_token() {
    let mut browser = Browser::new().await;
    let body = connect(&mut browser).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&body, "refresh_token")),
    ];
    browser.sandbox.set_token_fault(Some(TokenFault::Dropped));
    let lost = token_request(&browser, &fields).send().await;
    let error = lost.expect_err("there is no response");
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    browser.sandbox.set_token_fault(None);
    let response = refresh(&browser, text(&body, "refresh_token")).await;
    assert_eq!(json(response).await["error"], "invalid_grant");
    assert_eq!(browser.sandbox.refresh_token_uses(), [2, 0]);
}

#[tokio::test]
async fn the_lifetime_may_be_text_and_the_account_another() {
    let mut browser = Browser::new().await;
    for (scenario, fault) in [
        (Scenario::ExpiresInText, None),
        (Scenario::Normal, Some(TokenFault::ExpiresInText)),
    ] {
        browser.sandbox.set_token_fault(fault);
        let code = code(&mut browser, scenario).await;
        let body = json(exchange(&browser, &code).await).await;
        assert_eq!(body["expires_in"], "86400");
        let body = refreshed(&browser, text(&body, "refresh_token")).await;
        let expected = match fault {
            None => json!(86_400),
            Some(_) => json!("86400"),
        };
        assert_eq!(body["expires_in"], expected);
    }
    for (scenario, fault) in [
        (Scenario::RefreshOtherAccount, None),
        (Scenario::Normal, Some(TokenFault::OtherAccount)),
    ] {
        browser.sandbox.set_token_fault(fault);
        let code = code(&mut browser, scenario).await;
        let first = json(exchange(&browser, &code).await).await;
        let second = refreshed(&browser, text(&first, "refresh_token")).await;
        let user = |body| decode(text(body, "access_token")).1["platform_user_id"].clone();
        assert_ne!(user(&first), user(&second));
    }
}

#[tokio::test]
async fn scenarios_of_a_server() {
    const SERVER: OAuth2Setting = OAuth2Setting::CodeAndImplicit {
        refresh_tokens: RefreshTokens::Rotating,
    };
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL {
        assert!(scenario.applies_to(&SERVER), "{scenario}");
        if scenario.group() != Group::Server {
            continue;
        }
        let code = code(&mut browser, scenario).await;
        let request = token_request(&browser, &code_fields(&code));
        match scenario {
            Scenario::ClientRefused => {
                assert_eq!(
                    error(request, 401).await,
                    ("invalid_client".to_owned(), true)
                );
            }
            // Without a verifier there is nothing to refuse.
            Scenario::PkceRefused => {
                assert_eq!(request.send().await.expect("a response").status(), 200);
            }
            Scenario::TokenSlow => {
                let waiting = tokio::time::timeout(Duration::from_millis(200), request.send());
                assert!(waiting.await.is_err());
            }
            Scenario::TokenDropped => {
                assert!(request.send().await.is_err());
                let again = token_request(&browser, &code_fields(&code));
                assert_eq!(error(again, 400).await.0, "invalid_grant");
            }
            other => panic!("{other} is in no test"),
        }
    }
}

#[tokio::test]
async fn every_use_of_a_refresh_token_is_counted() {
    let mut browser = Browser::new().await;
    assert_eq!(browser.sandbox.refresh_token_uses(), [0; 0]);
    let first = connect(&mut browser).await;
    let other = connect(&mut browser).await;
    assert_eq!(browser.sandbox.refresh_token_uses(), [0, 0]);
    let second = refreshed(&browser, text(&first, "refresh_token")).await;
    refresh(&browser, "made-up").await;
    browser.sandbox.set_token_fault(Some(TokenFault::Throttled));
    for _ in 0..3 {
        refresh(&browser, text(&second, "refresh_token")).await;
    }
    browser.sandbox.set_token_fault(None);
    browser.sandbox.revoke_refresh_tokens();
    refresh(&browser, text(&other, "refresh_token")).await;
    assert_eq!(browser.sandbox.refresh_token_uses(), [1, 1, 3]);
}

#[tokio::test]
async fn the_arrivals_at_the_api_are_recorded() {
    let mut browser = Browser::with_options(Options {
        requests_per_second: 4,
        ..Options::default()
    })
    .await;
    let body = connect(&mut browser).await;
    let token = text(&body, "access_token");
    let preflight = browser.request("OPTIONS", "/v3/contacts").send().await;
    assert_eq!(preflight.expect("a response").status(), 200);
    for _ in 0..6 {
        browser.api("/account/user/privileges", token).await;
    }
    let times = browser.sandbox.api_request_times();
    assert_eq!(times.len(), 6);
    assert!(times.is_sorted());
    let by_second = browser.sandbox.api_requests_by_second();
    assert_eq!(by_second.values().sum::<usize>(), 6);
    let most = browser.sandbox.most_api_requests_in_a_second();
    assert!((1..=6).contains(&most), "{most}");
    assert!(Some(&most) >= by_second.values().max());
    let throttled = browser.api("/contacts?limit=1", token).await;
    assert!([200, 429].contains(&throttled.status().as_u16()));
    assert_eq!(CLIENT_ID, decode(token).1["cid"]);
}
