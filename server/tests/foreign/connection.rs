//! Connect, use, renew, disconnect.

use crate::{
    browser::{Browser, json_of, location},
    oidc_provider::Provider,
};
use cc_connect_server::{Config, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const CLIENT_ID: &str = "b81d4f06-93e7-4a2c-8f5d-60c7e2a91b3f";
/// Both forms of encoding change it: RFC 6749 §2.3.1 has one within the other.
const CLIENT_SECRET: &str = "a:secret+with/100%&more=";
/// With `openid`: without it, oidc-provider accepts no `nonce`.
const SCOPE: &str = "openid account_read campaign_data contact_data offline_access";
const ORIGIN: &str = "http://localhost:8080";
const REDIRECT_URI: &str = "http://localhost:8080/callback";
const SUMMARY: &str = "/api/v3/account/summary";
/// Much longer than a token lasts.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn oidc_provider_with_rotating_refresh_tokens() {
    connect_renew_disconnect(true).await;
}

#[tokio::test]
async fn oidc_provider_with_long_lived_refresh_tokens() {
    connect_renew_disconnect(false).await;
}

async fn connect_renew_disconnect(rotates: bool) {
    let provider = Provider::start(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, rotates);
    let Some(provider) = provider else { return };
    let (server, _folder) = serve(&provider.origin).await;
    let mut browser = Browser::new(server.address(), ORIGIN, String::new());

    let uri = browser.begin(&json!({})).await;
    let back = provider.authorize(&uri, REDIRECT_URI).await;
    let back = back.strip_prefix(ORIGIN).expect("it begins like that");
    let response = browser.arrive(back).await;
    assert_eq!(location(&response), "/");
    let session = browser.session().await;
    assert_eq!(session["connected"], true, "{session}");
    assert_eq!(session["renews"], true);

    let first = token(&mut browser).await;
    let second = another_token(&mut browser, &first).await;
    // A rotated refresh token works in its turn.
    another_token(&mut browser, &second).await;
    let seen = summary(&mut browser).await["seen"].clone();
    assert_eq!(seen["problems"], json!([]));
    assert_eq!(seen["consumed"] != 0, rotates, "{seen}");

    let response = browser.post("/auth/disconnect", &json!({})).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.session().await["connected"], false);
    let response = browser.get(SUMMARY).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

async fn summary(browser: &mut Browser) -> Value {
    let response = browser.get(SUMMARY).await;
    let status = response.status();
    let summary = json_of(response).await;
    assert_eq!(status, StatusCode::OK, "{summary}");
    summary
}

/// Which token the API has received.
async fn token(browser: &mut Browser) -> Value {
    summary(browser).await["token"].clone()
}

/// Until the API receives another one.
async fn another_token(browser: &mut Browser, before: &Value) -> Value {
    let began = Instant::now();
    loop {
        let now = token(browser).await;
        if now != *before {
            return now;
        }
        assert!(began.elapsed() < PATIENCE, "it is not renewed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn serve(issuer: &str) -> (Server, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("it can be written");
    };
    fs::create_dir(folder.path().join("dist")).expect("it can be made");
    write(
        "dist/index.html",
        "<!doctype html><title>CC Connect</title>",
    );
    write("secret", CLIENT_SECRET);
    write("key", &cc_connect_server::config::new_key());
    let text = format!(
        "origin = \"{ORIGIN}\"\nclient_id = \"{CLIENT_ID}\"\nscope = \"{SCOPE}\"\n\
         client_secret_file = \"secret\"\n\
         keys = [{{ id = \"one\", file = \"key\" }}]\ndist = \"dist\"\n\
         database = \"sqlite:cc.db\"\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
         authorization_endpoint = \"{issuer}/auth\"\ntoken_endpoint = \"{issuer}/token\"\n\
         issuer = \"{issuer}\"\njwks_uri = \"{issuer}/jwks\"\n\
         audience = \"{issuer}/v3\"\napi_base_url = \"{issuer}/v3\"\n"
    );
    let config = Config::parse(&text, folder.path(), &|_| None);
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
    let server = Server::start(config, &|_| None).await;
    (server.unwrap_or_else(|error| panic!("{error}")), folder)
}
