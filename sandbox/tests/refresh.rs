//! Refresh tokens.

use crate::browser::{Browser, CODE_SCOPE, decode, json, refusal, text};
use cc_connect_sandbox::{OAuth2Setting, Options, RefreshTokens, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

async fn refreshed(browser: &Browser, refresh_token: &str) -> Value {
    let response = browser.refresh(refresh_token).await;
    assert_eq!(response.status(), StatusCode::OK);
    json(response).await
}

async fn assert_dead(browser: &Browser, refresh_token: &str) {
    let (error, description) = refusal(browser.refresh(refresh_token).await, 400).await;
    assert_eq!(error, "invalid_grant");
    assert_eq!(description, "The refresh token is invalid or expired.");
}

#[tokio::test]
async fn every_refresh_gives_a_new_access_token_and_a_new_refresh_token() {
    let mut browser = Browser::new().await;
    let first = browser.connect_with_code(Scenario::Normal).await;
    browser.sandbox.let_time_pass(DAY);
    let old = browser.api("/account/summary", text(&first, "access_token"));
    assert_eq!(old.await.status(), StatusCode::UNAUTHORIZED);
    let second = refreshed(&browser, text(&first, "refresh_token")).await;
    assert_eq!(second["token_type"], "Bearer");
    assert_eq!(second["expires_in"], 86_400);
    assert_eq!(second["scope"], CODE_SCOPE);
    let (_, before) = decode(text(&first, "access_token"));
    let (_, after) = decode(text(&second, "access_token"));
    for name in ["iss", "aud", "cid", "uid", "sub", "scp", "platform_user_id"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_ne!(before["jti"], after["jti"]);
    assert!(after["iat"].as_i64() >= before["iat"].as_i64().map(|iat| iat + DAY));
    let new = browser.api("/account/summary", text(&second, "access_token"));
    assert_eq!(new.await.status(), StatusCode::OK);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    refreshed(&browser, text(&second, "refresh_token")).await;
}

#[tokio::test]
async fn the_reuse_of_a_rotating_refresh_token_ends_the_connection() {
    let mut browser = Browser::new().await;
    let first = browser.connect_with_code(Scenario::Normal).await;
    let bystander = browser.connect_with_code(Scenario::Normal).await;
    let second = refreshed(&browser, text(&first, "refresh_token")).await;
    let third = refreshed(&browser, text(&second, "refresh_token")).await;
    assert_dead(&browser, text(&first, "refresh_token")).await;
    assert_dead(&browser, text(&third, "refresh_token")).await;
    refreshed(&browser, text(&bystander, "refresh_token")).await;
}

#[tokio::test]
async fn a_long_lived_refresh_token_stays_the_same() {
    let mut browser = Browser::new().await;
    browser
        .sandbox
        .set_refresh_tokens(Options::PKCE_CLIENT_ID, RefreshTokens::LongLived);
    let first = browser.connect_with_code(Scenario::Normal).await;
    for _ in 0..3 {
        let next = refreshed(&browser, text(&first, "refresh_token")).await;
        assert_eq!(next["refresh_token"], first["refresh_token"]);
    }
    browser
        .sandbox
        .set_refresh_tokens(Options::PKCE_CLIENT_ID, RefreshTokens::Rotating);
    let next = refreshed(&browser, text(&first, "refresh_token")).await;
    assert_ne!(next["refresh_token"], first["refresh_token"]);
}

#[tokio::test]
async fn the_method_is_part_of_the_registration() {
    let mut options = Options {
        requests_per_second: 0,
        ..Options::default()
    };
    options.clients[1].oauth2_setting = OAuth2Setting::Pkce {
        refresh_tokens: RefreshTokens::LongLived,
    };
    let mut browser = Browser::with_options(options).await;
    // No effect on an application without PKCE.
    browser
        .sandbox
        .set_refresh_tokens(Options::DEFAULT_CLIENT_ID, RefreshTokens::Rotating);
    let first = browser.connect_with_code(Scenario::Normal).await;
    let next = refreshed(&browser, text(&first, "refresh_token")).await;
    assert_eq!(next["refresh_token"], first["refresh_token"]);
    assert!(
        browser
            .connect(Scenario::Normal)
            .await
            .get("access_token")
            .is_some()
    );
}

#[tokio::test]
async fn a_refresh_token_is_dead_180_days_after_its_last_use() {
    let mut browser = Browser::new().await;
    for method in [RefreshTokens::Rotating, RefreshTokens::LongLived] {
        browser
            .sandbox
            .set_refresh_tokens(Options::PKCE_CLIENT_ID, method);
        let first = browser.connect_with_code(Scenario::Normal).await;
        browser.sandbox.let_time_pass(179 * DAY);
        let second = refreshed(&browser, text(&first, "refresh_token")).await;
        browser.sandbox.let_time_pass(179 * DAY);
        let third = refreshed(&browser, text(&second, "refresh_token")).await;
        browser.sandbox.let_time_pass(180 * DAY);
        assert_dead(&browser, text(&third, "refresh_token")).await;
    }
}

#[tokio::test]
async fn a_refresh_may_request_less_and_never_more() {
    let mut browser = Browser::new().await;
    let first = browser.connect_with_code(Scenario::Normal).await;
    let with_scope = |token: &str, scope: &str| {
        browser.token_request(&[
            ("grant_type", "refresh_token"),
            ("client_id", Options::PKCE_CLIENT_ID),
            ("refresh_token", token),
            ("scope", scope),
        ])
    };
    let token = text(&first, "refresh_token");
    for scope in ["account_update", "account_read openid", " "] {
        let response = with_scope(token, scope).send().await.expect("a response");
        assert_eq!(refusal(response, 400).await.0, "invalid_scope", "{scope}");
    }
    let response = with_scope(token, "account_read").send().await;
    let less = json(response.expect("a response")).await;
    assert_eq!(less["scope"], "account_read");
    let (_, claims) = decode(text(&less, "access_token"));
    assert_eq!(claims["scp"], json!(["account_read"]));
    // The grant itself is unchanged.
    let all = refreshed(&browser, text(&less, "refresh_token")).await;
    assert_eq!(all["scope"], CODE_SCOPE);
}

#[tokio::test]
async fn all_refresh_tokens_can_be_revoked() {
    let mut browser = Browser::new().await;
    let first = browser.connect_with_code(Scenario::Normal).await;
    browser.sandbox.revoke_refresh_tokens();
    assert_dead(&browser, text(&first, "refresh_token")).await;
    let response = browser.api("/account/summary", text(&first, "access_token"));
    assert_eq!(response.await.status(), StatusCode::OK);
    let second = browser.connect_with_code(Scenario::Normal).await;
    refreshed(&browser, text(&second, "refresh_token")).await;
    assert_dead(&browser, "made-up").await;
}

#[tokio::test]
async fn after_a_refresh_the_connection_is_normal_again() {
    let mut browser = Browser::new().await;
    for scenario in [
        Scenario::Expired,
        Scenario::AlgNone,
        Scenario::ExpiresInGarbage,
        Scenario::WeakKey,
        Scenario::Api401,
    ] {
        let first = browser.connect_with_code(scenario).await;
        let second = refreshed(&browser, text(&first, "refresh_token")).await;
        assert_eq!(second["expires_in"], 86_400);
        assert_eq!(browser.keys().await.len(), 2, "{scenario}");
        let response = browser.api("/account/summary", text(&second, "access_token"));
        assert_eq!(response.await.status(), StatusCode::OK, "{scenario}");
    }
    let first = browser.connect_with_code(Scenario::OtherAccount).await;
    let second = refreshed(&browser, text(&first, "refresh_token")).await;
    let (_, claims) = decode(text(&second, "access_token"));
    assert_eq!(claims["sub"], "harborrowing", "the account stays the same");
}
