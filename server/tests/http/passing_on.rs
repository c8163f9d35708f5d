//! What the proxy passes on, and what it does not.

use crate::{
    browser::{json_of, text_of},
    world::World,
};
use cc_connect_sandbox::ApiFault;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn a_request_is_built_anew() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let request = browser
        .script(Method::GET, "/api/v3/contacts?status=all&limit=2")
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, "Bearer of-the-page")
        .header(header::ACCEPT_LANGUAGE, "de")
        .header(header::REFERER, "http://localhost:8080/contacts?list=7")
        .header("x-forwarded-for", "203.0.113.7")
        .header("x-of-mine", "1");
    let response = browser.send(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut names: Vec<&str> = response
        .headers()
        .keys()
        .map(|name| name.as_str())
        .collect();
    names.sort_unstable();
    let expected = [
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "referrer-policy",
        "x-content-type-options",
        "x-trace-id",
    ];
    assert_eq!(names, expected);
    assert!(json_of(response).await["contacts"].is_array());

    let requests = world.sandbox.requests();
    let sent = requests.last().expect("it was passed on");
    assert_eq!(
        (&*sent.path, &*sent.query),
        ("/v3/contacts", "status=all&limit=2")
    );
    let names: Vec<&str> = sent.headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "authorization", "host"]);
    let authorization = sent.header("authorization").expect("a token");
    assert!(!authorization.contains("of-the-page"));
}

#[tokio::test]
async fn nothing_outside_the_table_is_passed_on() {
    let world = World::with("inbound = { per_second = 0 }").await;
    let browser = world.connected().await;
    let before = world.sandbox.requests().len();
    let list = "contact_lists/06526938-56dd-11e9-932a-fa163ea075fa";
    let paths = [
        "/api",
        "/api/",
        "/api/v3",
        "/api/v3/",
        "/api/v2/contacts",
        "/api/v3/contacts/",
        "/api/v3//contacts",
        "/api//v3/contacts",
        "/api/v3/Contacts",
        "/api/v3/%63ontacts",
        "/api/v3/contacts%2f",
        "/api/v3/contacts;a=b",
        "/api/v3/contacts%00",
        "/api/v3/contacts%3flimit=1",
        "/api/v3/account/..%2fcontacts",
        "/api/v3/account%2f..%2fcontacts",
        "/api/v3/account/%2e%2e/contacts",
        "/api/v3/contact_lists/..",
        "/api/v3/contact_lists/0",
        "/api/v3/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa0",
        "/api/v3/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa/x",
        "/api/v3/http://elsewhere.example/contacts",
        "/api/v3@elsewhere.example/contacts",
        "/api/v3/contacts?access_token=t",
        "/api/v3/contacts?limit=1&limit=2",
        "/api/v3/contacts?limit",
        "/api/v3/contacts?limit=%zz",
        "/api/v3/emails?limit=5&cursor=",
    ];
    for path in paths {
        let response = raw(&world, &browser, "GET", path).await;
        assert!(response.starts_with("HTTP/1.1 403 "), "{path}: {response}");
        assert!(
            response.contains("server.not_allowed"),
            "{path}: {response}"
        );
    }
    for (method, path) in [
        ("HEAD", "/api/v3/contacts"),
        ("OPTIONS", "/api/v3/contacts"),
        ("TRACE", "/api/v3/contacts"),
        ("PATCH", "/api/v3/contacts"),
        ("DELETE", "/api/v3/contacts"),
        ("POST", &format!("/api/v3/{list}")),
    ] {
        let response = raw(&world, &browser, method, path).await;
        assert!(
            response.starts_with("HTTP/1.1 403 "),
            "{method} {path}: {response}"
        );
    }
    // Dot segments are not resolved, so these are paths of the page.
    for path in [
        "/x/../api/v3/contacts",
        "/./api/v3/contacts",
        "//api/v3/contacts",
    ] {
        let response = raw(&world, &browser, "GET", path).await;
        assert!(response.contains("<!doctype html>"), "{path}: {response}");
    }
    assert_eq!(
        world.sandbox.requests().len(),
        before,
        "nothing was passed on"
    );
}

/// Sends a path as it is: an HTTP client would normalize it.
async fn raw(world: &World, browser: &crate::browser::Browser, method: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let stream = tokio::net::TcpStream::connect(world.server.address()).await;
    let mut stream = stream.expect("it listens");
    let (name, (cookie, _)) = browser
        .cookies
        .iter()
        .find(|(name, _)| name.ends_with("cc-session"))
        .expect("it is connected");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost:8080\r\n\
         x-cc-connect: 1\r\ncookie: {name}={cookie}\r\nconnection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("it answers");
    response
}

#[tokio::test]
async fn a_body_is_json_and_not_too_large() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let before = world.sandbox.requests().len();
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(70_000));
    for (media_type, body, status, code) in [
        ("text/plain", "{}", 403, "server.not_allowed"),
        (
            "application/x-www-form-urlencoded",
            "a=b",
            403,
            "server.not_allowed",
        ),
        ("application/json", &*large, 413, "server.request_too_large"),
    ] {
        let request = browser
            .script(Method::POST, "/api/v3/contact_lists")
            .header(header::CONTENT_TYPE, media_type)
            .body(body.to_owned());
        let response = browser.send(request).await;
        assert_eq!(response.status(), status, "{media_type}");
        assert_eq!(json_of(response).await["error_key"], code);
    }
    let request = browser
        .script(Method::GET, "/api/v3/contact_lists")
        .header(header::CONTENT_TYPE, "application/json")
        .body("{}");
    assert_eq!(browser.send(request).await.status(), 413);
    assert_eq!(
        world.sandbox.requests().len(),
        before,
        "nothing was passed on"
    );
}

#[tokio::test]
async fn the_apis_errors_are_passed_on() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    for (fault, status, code) in [
        (ApiFault::Status403, 403, None),
        (ApiFault::Status500, 500, None),
        (ApiFault::Status503, 503, None),
        (ApiFault::Redirect, 502, Some("server.upstream_redirected")),
    ] {
        world.sandbox.set_api_fault(Some(fault));
        let response = browser.get("/api/v3/account/summary").await;
        assert_eq!(response.status(), status, "{fault:?}");
        let headers = response.headers();
        assert_eq!(headers.get(header::LOCATION), None, "{fault:?}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{fault:?}");
        let text = text_of(response).await;
        assert_eq!(
            code.is_some(),
            text.contains("\"server."),
            "{fault:?}: {text}"
        );
        assert!(text.contains(code.unwrap_or_default()), "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn an_answer_that_is_a_page_is_no_page_here() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world.sandbox.set_api_fault(Some(ApiFault::Garbage));
    let response = browser.get("/api/v3/account/summary").await;
    let policy = &response.headers()[header::CONTENT_SECURITY_POLICY];
    assert_eq!(policy, "default-src 'none'; sandbox");
    assert_eq!(
        response.headers()[header::X_CONTENT_TYPE_OPTIONS],
        "nosniff"
    );
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world.sandbox.set_api_fault(Some(ApiFault::Status401));
    let refreshes = || {
        let requests = world.sandbox.requests();
        let is_refresh = |body: &str| body.contains("grant_type=refresh_token");
        requests
            .iter()
            .filter(|sent| is_refresh(&sent.body))
            .count()
    };
    let asked = || {
        let requests = world.sandbox.requests();
        requests
            .iter()
            .filter(|sent| sent.path.starts_with("/v3/"))
            .count()
    };
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(
        !text_of(response).await.contains("\"server."),
        "it is the API's"
    );
    // The next token of one that is new would not be accepted either.
    assert_eq!((refreshes(), asked()), (0, 1));

    world.sandbox.let_time_pass(3_600);
    world.server.connections().pass(3_600);
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(
        !text_of(response).await.contains("\"server."),
        "it is the API's"
    );
    assert_eq!((refreshes(), asked()), (1, 3));
    world.sandbox.set_api_fault(None);
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// It may have been carried out, as far as this server can tell: the page decides.
#[tokio::test]
async fn a_write_is_not_sent_twice() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world.sandbox.set_api_fault(Some(ApiFault::Status401));
    world.sandbox.let_time_pass(3_600);
    world.server.connections().pass(3_600);
    let list = json!({ "name": "Customers" });
    let response = browser.post("/api/v3/contact_lists", &list).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let requests = world.sandbox.requests();
    let writes = requests
        .iter()
        .filter(|sent| sent.method == "POST" && sent.path == "/v3/contact_lists");
    assert_eq!(writes.count(), 1);
    let refreshed = |body: &str| body.contains("grant_type=refresh_token");
    assert!(requests.iter().any(|sent| refreshed(&sent.body)));
}

#[tokio::test]
async fn a_used_up_day_is_said_at_once() {
    let world = World::with("requests_per_day = 2").await;
    let mut browser = world.connected().await;
    for left in [1, 0] {
        let response = browser.get("/api/v3/account/summary").await;
        assert_eq!(response.status(), StatusCode::OK);
        let budget = &browser.session().await["budget"];
        assert_eq!(*budget, json!({ "left": left, "of": 2 }));
    }
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(json_of(response).await["error_key"], "server.budget_day");
}

#[tokio::test]
async fn the_apis_quota_ends_the_day_for_everybody() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world.sandbox.set_api_fault(Some(ApiFault::QuotaExceeded));
    let response = browser.get("/api/v3/account/summary").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(text_of(response).await.contains("quota_exceeded"));
    world.sandbox.set_api_fault(None);
    let mut other = world.connected().await;
    let response = other.get("/api/v3/account/summary").await;
    assert_eq!(json_of(response).await["error_key"], "server.budget_day");
    assert_eq!(other.session().await["budget"]["left"], 0);
}

#[tokio::test]
async fn a_link_to_the_next_page_is_passed_on_as_it_is() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let first = json_of(browser.get("/api/v3/contacts?limit=1").await).await;
    let next = first["_links"]["next"]["href"].as_str().expect("a link");
    let next = next.strip_prefix("/v3").expect("a path of the API");
    let second = browser.get(&format!("/api/v3{next}")).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_ne!(json_of(second).await["contacts"], first["contacts"]);
}
