//! The JWK Set.

use crate::browser::{Browser, accepts, decode, json};
use cc_connect_sandbox::{KeysFault, Scenario};
use reqwest::{StatusCode, header::ORIGIN};
use std::time::Duration;

#[tokio::test]
async fn the_set_is_readable_across_origins_and_cacheable() {
    let mut browser = Browser::new().await;
    let response = browser
        .request("GET", &browser.sandbox.jwks_uri())
        .header(ORIGIN, "http://localhost:8080")
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "max-age=3600, must-revalidate");
    assert!(!headers.contains_key("set-cookie"));

    let keys = browser.keys().await;
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    for key in &keys {
        let mut names: Vec<&str> = key
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(key["kty"], "RSA");
        assert_eq!(key["alg"], "RS256");
        assert_eq!(key["use"], "sig");
        assert_eq!(key["e"], "AQAB");
        assert_eq!(key["kid"].as_str().map(str::len), Some(43));
        assert_eq!(key["n"].as_str().map(str::len), Some(342), "2048 bits");
    }
}

#[tokio::test]
async fn every_start_makes_new_keys() {
    let (first, second) = (
        Browser::new().await.keys().await,
        Browser::new().await.keys().await,
    );
    assert_ne!(first[0]["n"], second[0]["n"]);
}

#[tokio::test]
async fn a_rotation_keeps_the_previous_key() {
    let mut browser = Browser::new().await;
    let before = browser.keys().await;
    let old = browser.connect(Scenario::Normal).await;
    browser.sandbox.rotate_keys();
    let after = browser.keys().await;
    assert_eq!(after[1]["kid"], before[0]["kid"]);
    assert!(!before.contains(&after[0]));

    let new = browser.connect(Scenario::Normal).await;
    assert_eq!(decode(new.token()).0["kid"], after[0]["kid"]);
    assert!(accepts(&browser, new.token(), &after[0]));
    for token in [old.token(), new.token()] {
        let response = browser.api("/account/summary", token).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn faults_last_until_cleared() {
    let mut browser = Browser::new().await;
    let uri = browser.sandbox.jwks_uri();
    for (fault, status, cors) in [
        (KeysFault::Unreachable, 503, false),
        (KeysFault::Status(304), 304, true),
        (KeysFault::Status(404), 404, true),
        (KeysFault::Status(429), 429, true),
        (KeysFault::Html, 200, true),
        (KeysFault::Empty, 200, true),
        (KeysFault::TooLarge, 200, true),
        (KeysFault::NoCors, 200, false),
        (KeysFault::Redirect, 302, true),
    ] {
        browser.sandbox.set_keys_fault(Some(fault));
        for _ in 0..3 {
            let response = browser.get(&uri).await;
            assert_eq!(response.status(), status, "{fault:?}");
            let headers = response.headers();
            assert_eq!(
                headers.contains_key("access-control-allow-origin"),
                cors,
                "{fault:?}"
            );
            assert_ne!(
                headers.get("cache-control").map(|value| value.as_bytes()),
                Some(&b"max-age=3600, must-revalidate"[..]),
                "{fault:?}"
            );
        }
    }
    browser.sandbox.set_keys_fault(Some(KeysFault::Empty));
    let set = json(browser.get(&uri).await).await;
    assert_eq!(set, serde_json::json!({ "keys": [] }));
    browser.sandbox.set_keys_fault(Some(KeysFault::TooLarge));
    let text = browser.get(&uri).await.text().await.expect("a body");
    assert!(text.len() > 2 * 1024 * 1024);
    browser.sandbox.set_keys_fault(None);
    assert_eq!(browser.keys().await.len(), 2);
}

#[tokio::test]
async fn silence_lasts_until_cleared() {
    let mut browser = Browser::new().await;
    let uri = browser.sandbox.jwks_uri();
    browser.sandbox.set_keys_fault(Some(KeysFault::Silent));
    for _ in 0..2 {
        let waiting = tokio::time::timeout(Duration::from_millis(300), browser.get(&uri));
        assert!(waiting.await.is_err());
    }
    browser.sandbox.set_keys_fault(None);
    assert_eq!(browser.keys().await.len(), 2);
}

#[tokio::test]
async fn two_rotations_remove_a_key_from_the_set() {
    let mut browser = Browser::new().await;
    let before = browser.keys().await;
    let old = browser.connect(Scenario::Normal).await;
    browser.sandbox.rotate_keys();
    browser.sandbox.rotate_keys();
    let after = browser.keys().await;
    assert_eq!(after.len(), 2);
    assert!(!after.contains(&before[0]));
    let response = browser.api("/account/summary", old.token()).await;
    assert_eq!(response.status(), StatusCode::OK, "the API knows its own");
}
