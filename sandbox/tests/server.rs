//! The server itself: start, stop, recorded requests, its first page and its program.

use crate::browser::{Browser, SCOPE};
use cc_connect_sandbox::{Options, Scenario, start};
use reqwest::StatusCode;
use std::{io::ErrorKind, process::Command};

#[tokio::test]
async fn the_config_for_development_is_that_of_the_default_options() {
    for (file, client_id) in [
        ("config.json", Options::DEFAULT_CLIENT_ID),
        ("config.code.json", Options::PKCE_CLIENT_ID),
    ] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect(file);
        assert_eq!(text, Options::default().config_json(client_id), "{file}");
    }
}

#[tokio::test]
async fn the_config_names_the_addresses_in_use() {
    let browser = Browser::new().await;
    let sandbox = &browser.sandbox;
    let config: serde_json::Value =
        serde_json::from_str(&sandbox.config_json("mine")).expect("JSON");
    assert_eq!(
        config,
        serde_json::json!({
            "client_id": "mine",
            "authorization_endpoint": sandbox.authorization_endpoint(),
            "issuer": sandbox.issuer(),
            "jwks_uri": sandbox.jwks_uri(),
            "audience": sandbox.api_base_url(),
            "api_base_url": sandbox.api_base_url(),
        })
    );
    assert!(sandbox.jwks_uri().starts_with(&sandbox.issuer()));
    let config: serde_json::Value =
        serde_json::from_str(&sandbox.config_json(Options::PKCE_CLIENT_ID)).expect("JSON");
    assert_eq!(
        config,
        serde_json::json!({
            "client_id": Options::PKCE_CLIENT_ID,
            "response_type": "code",
            "authorization_endpoint": sandbox.authorization_endpoint(),
            "token_endpoint": sandbox.token_endpoint(),
            "issuer": sandbox.issuer(),
            "jwks_uri": sandbox.jwks_uri(),
            "audience": sandbox.api_base_url(),
            "api_base_url": sandbox.api_base_url(),
            "scope": "account_read campaign_data contact_data offline_access",
        })
    );
}

#[tokio::test]
async fn a_taken_port_has_its_own_kind_of_error() {
    let first = Browser::new().await;
    let port = first
        .sandbox
        .origin()
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let error = start(Options {
        port,
        ..Options::default()
    })
    .await
    .err()
    .expect("the port is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);

    let output = Command::new(env!("CARGO_BIN_EXE_cc-connect-sandbox"))
        .args(["--port", &port.to_string()])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let output = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.contains(&format!("port {port} is taken")),
        "{output}"
    );
}

#[tokio::test]
async fn a_stopped_server_does_not_listen() {
    let mut browser = Browser::new().await;
    let origin = browser.sandbox.origin();
    browser.get("/").await;
    browser.sandbox.stop().await;
    let address = origin.trim_start_matches("http://").to_owned();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[test]
fn the_program_has_help() {
    let run = |argument: &str| {
        Command::new(env!("CARGO_BIN_EXE_cc-connect-sandbox"))
            .arg(argument)
            .output()
            .expect("the program runs")
    };
    let help = run("--help");
    assert!(help.status.success());
    let output = String::from_utf8_lossy(&help.stdout);
    for option in [
        "--port",
        "--token-lifetime",
        "--client-id",
        "--client-secret",
        "--refresh-tokens",
        "--redirect-uri",
        "--authorization-query",
        "--seed",
    ] {
        assert!(output.contains(option), "{output}");
    }
    let options = Options::default();
    for default in [
        options.port.to_string(),
        options.token_lifetime.to_string(),
        options.pkce_token_lifetime.to_string(),
        options.seed.to_string(),
        options.clients[0].client_id.clone(),
        options.clients[0].redirect_uris[0].clone(),
    ] {
        assert!(output.contains(&format!("[{default}]")), "{default}");
    }
    for client_id in [Options::PKCE_CLIENT_ID, Options::CONFIDENTIAL_CLIENT_ID] {
        assert!(output.contains(client_id), "{output}");
    }
    assert_eq!(run("--nonsense").status.code(), Some(2));
}

#[tokio::test]
async fn every_request_is_recorded() {
    let mut browser = Browser::new().await;
    let page = browser.permission_page(&[]).await;
    browser
        .decide(&page, SCOPE, Some(Scenario::Denied), "allow")
        .await;
    browser.api("/contacts?limit=1", "some-token").await;
    let requests = browser.sandbox.requests();
    let lines: Vec<String> = requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    assert_eq!(
        lines,
        [
            "GET /oauth2/default/v1/authorize",
            "POST /oauth2/default/v1/authorize/sign-in",
            "GET /oauth2/default/v1/authorize/permission",
            "POST /oauth2/default/v1/authorize/permission",
            "GET /v3/contacts",
        ]
    );
    assert!(requests[0].query.contains("response_type=token"));
    assert!(requests[3].body.contains("scenario=denied"));
    assert_eq!(requests[4].query, "limit=1");
    assert_eq!(
        requests[4].header("authorization"),
        Some("Bearer some-token")
    );
    assert_eq!(requests[4].body, "");
}

#[tokio::test]
async fn the_first_page_lists_everything() {
    let mut browser = Browser::new().await;
    let response = browser.get("/").await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.expect("a page");
    for part in [
        browser.sandbox.authorization_endpoint(),
        browser.sandbox.token_endpoint(),
        Options::PKCE_CLIENT_ID.to_owned(),
        Options::CONFIDENTIAL_CLIENT_ID.to_owned(),
        browser.sandbox.issuer(),
        browser.sandbox.jwks_uri(),
        browser.sandbox.api_base_url(),
        "Bluebird Bakery".to_owned(),
        "GET /v3/contacts/counts".to_owned(),
        "DELETE /v3/contact_lists/{id}".to_owned(),
    ] {
        assert!(page.contains(&part), "{part}");
    }
    for scenario in Scenario::ALL {
        assert!(
            page.contains(&format!("<code>{scenario}</code>")),
            "{scenario}"
        );
    }
    let style = browser.get("/assets/sandbox.css").await;
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
}
