//! No secret leaves the place where it belongs.

use crate::{
    browser::{json_of, text_of},
    world::{CLIENT_ID, World, log},
};
use reqwest::Client;
use serde_json::json;
use std::fs;

/// A whole life of a connection, with everything logged that any crate logs at `debug`.
#[tokio::test]
async fn no_secret_gets_into_logs_metrics_answers_or_the_database() {
    let world = World::new().await;
    let mut browser = world.browser();
    let mut answers = String::new();
    let mut secrets = vec![
        world.sandbox.client_secret(CLIENT_ID).expect("it has one"),
        fs::read_to_string(world.folder.path().join("key")).expect("it is there"),
    ];

    let uri = browser
        .begin(&json!({ "return_to": "/contacts?canary-query" }))
        .await;
    let back = browser.authorize(&uri).await;
    let query = back.split_once('?').expect("a query").1;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        assert!(["code", "state"].contains(&&*name));
        secrets.push(value.into_owned());
    }
    browser.arrive(&back).await;
    answers += &browser.session().await.to_string();
    let path = "/api/v3/contacts?email=canary%40example.com&limit=1";
    answers += &text_of(browser.get(path).await).await;
    // A forced renewal, a refusal, a failure.
    world.sandbox.let_time_pass(3_600);
    world.server.connections().pass(3_600);
    world
        .sandbox
        .set_api_fault(Some(cc_connect_sandbox::ApiFault::Status401));
    answers += &text_of(browser.get("/api/v3/account/summary").await).await;
    world
        .sandbox
        .set_api_fault(Some(cc_connect_sandbox::ApiFault::Redirect));
    answers += &json_of(browser.get("/api/v3/account/summary").await)
        .await
        .to_string();
    world.sandbox.set_api_fault(None);
    let cookies = browser.cookies.values().map(|(value, _)| value.clone());
    secrets.extend(cookies);
    for sent in world.sandbox.requests() {
        if let Some(token) = sent.header("authorization") {
            secrets.push(token.split_once(' ').expect("a scheme").1.to_owned());
        }
        for (name, value) in form_urlencoded::parse(sent.body.as_bytes()) {
            if ["code", "code_verifier", "refresh_token"].contains(&&*name) {
                secrets.push(value.into_owned());
            }
        }
    }
    let refresh = |body: &str| body.contains("grant_type=refresh_token");
    let requests = world.sandbox.requests();
    assert!(requests.iter().any(|sent| refresh(&sent.body)));

    let http = Client::builder().no_proxy().build().expect("a client");
    let metrics = http.get(world.admin("/metrics")).send().await;
    let metrics = text_of(metrics.expect("a response")).await;
    let mut database = Vec::new();
    for entry in fs::read_dir(world.folder.path())
        .expect("a folder")
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with("cc.db") {
            database.extend(fs::read(entry.path()).expect("it can be read"));
        }
    }
    assert!(!database.is_empty());
    let database = String::from_utf8_lossy(&database).into_owned();
    let log = log().text();
    assert!(log.contains("answered"));
    for (place, text) in [
        ("the log", &log),
        ("the metrics", &metrics),
        ("the answers", &answers),
        ("the database", &database),
    ] {
        for (index, secret) in secrets.iter().enumerate() {
            assert!(!secret.is_empty());
            assert!(
                !text.contains(secret.trim()),
                "secret {index} is in {place}"
            );
        }
        let is_answer = place == "the answers";
        assert!(
            is_answer || !text.contains("canary"),
            "a query is in {place}"
        );
    }
}
