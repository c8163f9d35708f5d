//! The V3 API: authorization, errors and CORS.

use crate::browser::{Browser, Redirect, SCOPE, field, json, location};
use cc_connect_sandbox::{ApiFault, Options, Scenario};
use reqwest::{Response, StatusCode, header::AUTHORIZATION};
use serde_json::json;

fn assert_cors(response: &Response) {
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(
        headers["access-control-allow-methods"],
        "GET,POST,PUT,DELETE,PATCH,OPTIONS"
    );
    assert_eq!(
        headers["access-control-allow-headers"],
        "Content-Type,X-Amz-Date,Authorization,X-Api-Key"
    );
    assert!(!headers.contains_key("access-control-expose-headers"));
    assert!(!headers.contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn the_summary_of_the_account() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    let response = browser.api("/account/summary", redirect.token()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_cors(&response);
    let summary = json(response).await;
    assert_eq!(summary["organization_name"], "Bluebird Bakery");
    assert_eq!(summary["contact_email"], "hello@bluebirdbakery.example");
    assert_eq!(summary["time_zone_id"], "America/New_York");
    assert_eq!(summary["country_code"], "US");
    assert!(summary["website"].as_str().is_some());
    assert_eq!(summary.get("physical_address"), None);
    assert_eq!(summary.get("company_logo"), None);

    let summary = browser
        .api_json(
            "/account/summary?extra_fields=physical_address,company_logo",
            redirect.token(),
        )
        .await;
    assert_eq!(summary["physical_address"]["postal_code"], "01060");
    let url = summary["company_logo"]["url"].as_str().expect("a URL");
    let logo = browser.get(url).await;
    assert_eq!(logo.status(), StatusCode::OK);
    assert_eq!(logo.headers()["content-type"], "image/svg+xml");
    let response = browser
        .api("/account/summary?extra_fields=shoe_size", redirect.token())
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        json(response).await[0]["error_key"],
        "contacts.api.validation.error"
    );
}

#[tokio::test]
async fn without_a_valid_token_every_request_is_rejected() {
    let mut browser = Browser::new().await;
    let other = Browser::new().await.connect(Scenario::Normal).await;
    let good = browser.connect(Scenario::Normal).await;
    let mut authorizations = vec![
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer garbage".to_owned()),
        Some(format!("Basic {}", good.token())),
        Some(good.token().to_owned()),
        Some(format!("Bearer {}x", good.token())),
        Some(format!("Bearer {}", other.token())),
    ];
    for scenario in [
        Scenario::Expired,
        Scenario::OtherIssuer,
        Scenario::OtherAudience,
        Scenario::NoExpiry,
        Scenario::AlgNone,
        Scenario::AlgHs256,
        Scenario::AlgRs384,
        Scenario::BadSignature,
        Scenario::UnknownKey,
        Scenario::NoKid,
        Scenario::IdToken,
        Scenario::FiveParts,
        Scenario::GarbageToken,
        Scenario::WeakKey,
        Scenario::EncKey,
    ] {
        let redirect = browser.connect(scenario).await;
        authorizations.push(Some(format!("Bearer {}", redirect.token())));
    }
    for authorization in authorizations {
        let mut request = browser.request("GET", "/v3/account/summary");
        if let Some(authorization) = &authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.send().await.expect("a response");
        assert_eq!(
            response.status(),
            StatusCode::UNAUTHORIZED,
            "{authorization:?}"
        );
        assert_eq!(
            response.headers()["www-authenticate"],
            "Bearer realm=api.cc.email"
        );
        assert_cors(&response);
        assert_eq!(
            json(response).await,
            json!({ "error_key": "unauthorized", "error_message": "Unauthorized" })
        );
    }
    // The scheme is case-insensitive.
    let response = browser
        .request("GET", "/v3/account/summary")
        .header(AUTHORIZATION, format!("bearer {}", good.token()))
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn each_resource_requires_its_scope() {
    const RESOURCES: &[(&str, &str)] = &[
        ("/account/summary", "account_read"),
        ("/account/emails", "account_read"),
        ("/contact_lists", "contact_data"),
        ("/contacts", "contact_data"),
        ("/contacts/counts", "contact_data"),
        ("/contact_tags", "contact_data"),
        ("/emails", "campaign_data"),
        (
            "/reports/summary_reports/email_campaign_summaries",
            "campaign_data",
        ),
    ];
    let mut browser = Browser::new().await;
    for scope in SCOPE.split(' ') {
        let page = browser.permission_page(&[]).await;
        let response = browser.decide(&page, scope, None, "allow").await;
        let redirect = Redirect::parse(&location(&response));
        for (path, needed) in RESOURCES {
            let response = browser.api(path, redirect.token()).await;
            if *needed == scope {
                assert_eq!(response.status(), StatusCode::OK, "{path} with {scope}");
            } else {
                assert_eq!(
                    response.status(),
                    StatusCode::FORBIDDEN,
                    "{path} with {scope}"
                );
                assert_cors(&response);
                assert_eq!(
                    json(response).await,
                    json!({
                        "error_key": "access_denied",
                        "error_message": "Request forbidden due to insufficient user privileges.",
                    })
                );
            }
        }
        let response = browser
            .api("/account/user/privileges", redirect.token())
            .await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_role_may_forbid_what_the_scope_allows() {
    let mut browser = Browser::new().await;
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    let page = browser
        .sign_in(
            &field(&page, "transaction"),
            "bluebird-studio",
            "sandbox-studio",
        )
        .await;
    let response = browser.decide(&page, SCOPE, None, "allow").await;
    let redirect = Redirect::parse(&location(&response));
    for (path, status) in [
        ("/emails", StatusCode::OK),
        ("/contact_lists", StatusCode::OK),
        ("/contacts", StatusCode::FORBIDDEN),
        (
            "/reports/summary_reports/email_campaign_summaries",
            StatusCode::FORBIDDEN,
        ),
    ] {
        assert_eq!(
            browser.api(path, redirect.token()).await.status(),
            status,
            "{path}"
        );
    }
    let privileges = browser
        .api_json("/account/user/privileges", redirect.token())
        .await;
    let names: Vec<_> = privileges
        .as_array()
        .expect("an array")
        .iter()
        .map(|one| one["privilege_name"].clone())
        .collect();
    assert!(names.contains(&json!("campaign:read")));
    assert!(!names.contains(&json!("contacts:read")));
}

#[tokio::test]
async fn a_preflight_needs_no_token() {
    let browser = Browser::new().await;
    let response = browser
        .request("OPTIONS", "/v3/account/summary")
        .header("origin", "http://localhost:8080")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization")
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
    assert_cors(&response);
}

#[tokio::test]
async fn only_known_methods_and_paths_are_supported() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let response = browser
            .request(method, "/v3/contacts")
            .header(AUTHORIZATION, format!("Bearer {}", redirect.token()))
            .send()
            .await
            .expect("a response");
        assert_eq!(
            response.status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{method}"
        );
        assert_cors(&response);
        assert!(json(response).await[0]["error_key"].is_string());
    }
    for path in [
        "/nothing",
        "/contacts/not-an-id",
        "/contact_lists/not-an-id",
        "/emails/not-an-id",
        "/account/summary/",
    ] {
        let response = browser.api(path, redirect.token()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_cors(&response);
        assert!(json(response).await[0]["error_message"].is_string());
    }
    for path in ["/v4/contacts", "/account/summary", "/v3", "/favicon.ico"] {
        let response = browser.get(path).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        assert_eq!(json(response).await, json!({ "message": "Forbidden" }));
    }
}

#[tokio::test]
async fn one_request_too_many_is_throttled() {
    let mut browser = Browser::with_options(Options {
        requests_per_second: 2,
        ..Options::default()
    })
    .await;
    let first = browser.connect(Scenario::Normal).await;
    let second = browser.connect(Scenario::Normal).await;
    // Both tokens have the same client_id. This is more requests than the limit allows meanwhile.
    let mut throttled = 0;
    for round in 0..40 {
        let token = if round % 2 == 0 { &first } else { &second };
        let response = browser.api("/account/user/privileges", token.token()).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            throttled += 1;
            assert_cors(&response);
            assert_eq!(
                json(response).await,
                json!({ "error_key": "throttled", "error_message": "Too Many Requests" })
            );
        } else {
            assert_eq!(response.status(), StatusCode::OK);
        }
        if throttled > 0 && round >= 4 {
            break;
        }
    }
    assert!(throttled > 0);
}

#[tokio::test]
async fn faults_last_until_cleared() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Normal).await;
    for (fault, status, key) in [
        (ApiFault::Status401, 401, Some("unauthorized")),
        (ApiFault::Status403, 403, Some("access_denied")),
        (ApiFault::Status429, 429, Some("throttled")),
        (ApiFault::QuotaExceeded, 429, Some("quota_exceeded")),
        (ApiFault::Status500, 500, None),
        (ApiFault::Status503, 503, None),
        (ApiFault::Unreachable, 503, None),
        (ApiFault::Garbage, 200, None),
        (ApiFault::Redirect, 302, None),
    ] {
        browser.sandbox.set_api_fault(Some(fault));
        for _ in 0..3 {
            let response = browser.api("/account/summary", redirect.token()).await;
            assert_eq!(response.status(), status, "{fault:?}");
            assert_eq!(
                response
                    .headers()
                    .contains_key("access-control-allow-origin"),
                fault != ApiFault::Unreachable,
                "{fault:?}"
            );
            if let Some(key) = key {
                assert_eq!(json(response).await["error_key"], key);
            }
        }
    }
    browser.sandbox.set_api_fault(None);
    let response = browser.api("/account/summary", redirect.token()).await;
    assert_eq!(response.status(), StatusCode::OK);
}
