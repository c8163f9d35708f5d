//! Requests that no script of the page sends: none of them reaches anything.

use crate::{
    browser::{Browser, json_of},
    world::{ORIGIN, World},
};
use reqwest::{Method, RequestBuilder, StatusCode, header};

const ROUTES: [(Method, &str); 9] = [
    (Method::POST, "/auth/connect"),
    (Method::GET, "/auth/session"),
    (Method::POST, "/auth/disconnect"),
    (Method::GET, "/auth/nothing"),
    (Method::GET, "/api/v3/contact_lists"),
    (Method::POST, "/api/v3/contact_lists"),
    (
        Method::DELETE,
        "/api/v3/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa",
    ),
    (Method::GET, "/api/v2/anything"),
    (Method::OPTIONS, "/api/v3/contact_lists"),
];

fn from_origin(browser: &Browser, method: Method, path: &str, origin: &str) -> RequestBuilder {
    browser
        .plain(method, path, false)
        .header("x-cc-connect", "1")
        .header(header::ORIGIN, origin)
}

type Change = fn(&Browser, Method, &str) -> RequestBuilder;

const STRANGERS: [(&str, Change); 8] = [
    ("no header", |browser, method, path| {
        browser
            .plain(method, path, false)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, ORIGIN)
    }),
    ("another value of the header", |browser, method, path| {
        browser
            .plain(method, path, false)
            .header("x-cc-connect", "0")
            .header(header::ORIGIN, ORIGIN)
    }),
    ("another origin", |browser, method, path| {
        from_origin(browser, method, path, "http://elsewhere.example")
    }),
    ("a sibling's origin", |browser, method, path| {
        from_origin(browser, method, path, "http://localhost:8081")
    }),
    ("an opaque origin", |browser, method, path| {
        from_origin(browser, method, path, "null")
    }),
    ("from another site", |browser, method, path| {
        browser
            .script(method, path)
            .header("sec-fetch-site", "cross-site")
    }),
    ("cross-site by fetch metadata", |browser, method, path| {
        browser
            .plain(method, path, false)
            .header("x-cc-connect", "1")
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, ORIGIN)
    }),
    ("a sibling by fetch metadata", |browser, method, path| {
        browser
            .plain(method, path, false)
            .header("x-cc-connect", "1")
            .header("sec-fetch-site", "same-site")
            .header(header::ORIGIN, ORIGIN)
    }),
];

#[tokio::test]
async fn every_route_refuses_every_stranger() {
    let world = World::with("inbound = { per_second = 0 }").await;
    let mut browser = world.connected().await;
    let before = world.sandbox.requests().len();
    for (name, change) in STRANGERS {
        for (method, path) in ROUTES {
            let request = change(&browser, method.clone(), path);
            let response = request.send().await.expect("a response");
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}: {path}");
            let headers = response.headers();
            for header in headers.keys() {
                let name = header.as_str();
                assert!(!name.starts_with("access-control-"), "{path}: {name}");
            }
            assert_eq!(headers.get(header::SET_COOKIE), None, "{name}: {path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{name}: {path}");
            let answer = json_of(response).await;
            match path.starts_with("/api") {
                true => assert_eq!(answer["error_key"], "server.csrf_refused", "{path}"),
                false => assert_eq!(answer["error"], "csrf_refused", "{path}"),
            }
        }
    }
    assert_eq!(
        world.sandbox.requests().len(),
        before,
        "nothing was passed on"
    );
    assert_eq!(browser.session().await["connected"], true);
}

/// A write without `Origin` is not the page's: browsers send it with every one.
#[tokio::test]
async fn a_write_has_an_origin() {
    let world = World::new().await;
    let browser = world.connected().await;
    let request = browser
        .plain(Method::POST, "/auth/disconnect", false)
        .header("x-cc-connect", "1");
    let response = request.send().await.expect("a response");
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn there_is_nothing_else_below_auth() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in ["/auth", "/auth/", "/auth/session/", "/auth/connect"] {
        let response = browser.get(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json_of(response).await["error"], "not_found");
    }
}

#[tokio::test]
async fn an_address_that_asks_too_often_has_to_wait() {
    let world = World::with("inbound = { per_second = 1, burst = 3 }\ntrusted_proxies = 1").await;
    let mut browser = world.browser();
    let mut ask = async |address: &'static str, path: &'static str| {
        let request = browser.script(Method::GET, path);
        // What is further left was written by the sender.
        let forwarded = format!("1.2.3.4, {address}");
        browser
            .send(request.header("x-forwarded-for", forwarded))
            .await
    };
    for _ in 0..3 {
        assert_eq!(
            ask("203.0.113.7", "/auth/session").await.status(),
            StatusCode::OK
        );
    }
    let response = ask("203.0.113.7", "/auth/session").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(json_of(response).await["error"], "too_many_requests");
    let response = ask("203.0.113.7", "/api/v3/emails").await;
    assert_eq!(
        json_of(response).await["error_key"],
        "server.too_many_requests"
    );
    assert_eq!(
        ask("203.0.113.8", "/auth/session").await.status(),
        StatusCode::OK
    );
    // The page itself is not counted.
    assert_eq!(ask("203.0.113.7", "/").await.status(), StatusCode::OK);
}
