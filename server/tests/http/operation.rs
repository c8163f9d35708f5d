//! What an operator sees: health, readiness, metrics, logs, a stop, and new secrets.

use crate::{
    browser::{json_of, text_of},
    world::{CLIENT_ID, World, log},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use std::fs;

async fn ask(url: String) -> Response {
    let http = Client::builder().no_proxy().build().expect("a client");
    http.get(url).send().await.expect("a response")
}

#[tokio::test]
async fn the_second_listener_is_for_operators() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    browser.get("/api/v3/account/summary").await;
    let response = ask(world.admin("/healthz")).await;
    assert_eq!(json_of(response).await, json!({ "healthy": true }));
    let response = ask(world.admin("/readyz")).await;
    assert_eq!(json_of(response).await, json!({ "ready": true }));
    let response = ask(world.admin("/metrics")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let text = text_of(response).await;
    for expected in [
        "# TYPE cc_connect_requests_total counter",
        "route=\"/api/v3/account/summary\"",
        "route=\"/auth/connect\"",
        "cc_connect_request_seconds_bucket{",
        "cc_connect_upstream_seconds_bucket{endpoint=\"/account/summary\",method=\"GET\",status=\"200\"",
        "cc_connect_attempts_total{outcome=\"connected\"}",
        "cc_connect_budget_wait_seconds_count",
        "cc_connect_budget_left",
    ] {
        assert!(text.contains(expected), "no {expected} in {text}");
    }
    // None of it is where browsers are.
    for path in ["/healthz", "/readyz", "/metrics"] {
        let response = ask(format!("http://{}{path}", world.server.address())).await;
        assert!(
            text_of(response).await.contains("<!doctype html>"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_request_can_be_found_in_the_log() {
    let world = World::new().await;
    let mut browser = world.browser();
    let response = browser.get("/auth/session").await;
    let trace_id = response.headers()["x-trace-id"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let log = log().text();
    let line = log
        .lines()
        .find(|line| line.contains(&trace_id) && line.contains("\"answered\""))
        .expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["fields"]["route"], "/auth/session");
    assert_eq!(line["fields"]["status"], 200);
    // Nobody in front is trusted to name it.
    let named = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = browser.script(reqwest::Method::GET, "/auth/session");
    let response = browser.send(request.header("traceparent", named)).await;
    assert_ne!(
        response.headers()["x-trace-id"],
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
}

#[tokio::test]
async fn a_stop_finishes_what_runs() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world
        .sandbox
        .set_api_fault(Some(cc_connect_sandbox::ApiFault::Slow));
    let address = world.server.address();
    let slow = tokio::spawn(async move { browser.get("/api/v3/account/summary").await.status() });
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    world.server.stop().await;
    assert_eq!(slow.await.expect("no panic"), StatusCode::OK);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn secrets_are_read_again() {
    let world = World::new().await;
    let new = world.sandbox.regenerate_client_secret(CLIENT_ID);
    let mut browser = world.browser();
    let uri = browser.begin(&json!({})).await;
    let back = browser.authorize(&uri).await;
    browser.arrive(&back).await;
    assert_eq!(browser.session().await["error"], "client_refused");

    let path = world.folder.path().join("secret");
    fs::write(&path, "").expect("it can be written");
    let mistakes = world.server.reload_secrets().expect_err("it is empty");
    assert!(mistakes.to_string().contains("client_secret_file"));
    fs::write(&path, new.expect("it has a secret")).expect("it can be written");
    world.server.reload_secrets().expect("they are right");
    browser.connect().await;
    assert_eq!(browser.session().await["connected"], true);
}
