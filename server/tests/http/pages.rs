//! The files of the build.

use crate::{
    browser::text_of,
    world::{DOCUMENT, ORIGIN, STYLE, World},
};
use cc_connect_hosting::{Settings, Site};
use reqwest::{Method, StatusCode, header};

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let world = World::new().await;
    let mut browser = world.browser();
    let style = format!("/{STYLE}");
    let immutable = "public, max-age=31536000, immutable";
    let html = "text/html; charset=utf-8";
    let missing = "/main-fedcba9876543210.css";
    for (path, status, media_type, caching, text) in [
        ("/", 200, html, "no-cache", DOCUMENT),
        ("/index.html", 200, html, "no-cache", DOCUMENT),
        ("/connection", 200, html, "no-cache", DOCUMENT),
        ("/contacts?list=7", 200, html, "no-cache", DOCUMENT),
        ("/no/such/page", 200, html, "no-cache", DOCUMENT),
        (&style, 200, "text/css; charset=utf-8", immutable, "body{}"),
        ("/lang/de.json", 200, "application/json", "no-cache", "{}"),
        (
            "/config.json",
            200,
            "application/json",
            "no-cache",
            "{\"server\": true}",
        ),
        (
            missing,
            404,
            "text/plain; charset=utf-8",
            "no-store",
            "There is nothing here.\n",
        ),
    ] {
        let request = browser.plain(Method::GET, path, false);
        let response = browser.send(request).await;
        assert_eq!(response.status(), status, "{path}");
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_TYPE], media_type, "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], caching, "{path}");
        let policy = headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ASCII");
        assert!(policy.contains("connect-src 'self';"), "{path}: {policy}");
        assert_eq!(
            headers.get(header::STRICT_TRANSPORT_SECURITY),
            None,
            "{path}"
        );
        assert_eq!(headers.get(header::LAST_MODIFIED), None, "{path}");
        assert_eq!(text_of(response).await, text, "{path}");
    }
}

#[tokio::test]
async fn the_headers_are_those_that_every_host_sends() {
    let world = World::at("https://connect.example.com", "").await;
    let mut browser = world.browser();
    let site = Site {
        base: "/".parse().expect("a base"),
        settings: Settings::for_server(
            "https://connect.example.com/callback",
            world.config.api_base_url.as_str(),
        )
        .expect("they are URLs"),
        files: cc_connect_hosting::Files::Usual,
    };
    let request = browser.plain(Method::GET, "/connection", false);
    let response = browser.send(request).await;
    for expected in site.rule("/connection").headers {
        assert_eq!(
            response.headers()[expected.name],
            expected.value,
            "{}",
            expected.name
        );
    }
    let hsts = &response.headers()[header::STRICT_TRANSPORT_SECURITY];
    assert_eq!(hsts, "max-age=31536000");
}

#[tokio::test]
async fn a_file_is_compressed_for_whoever_reads_that() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (accepted, encoding, text) in [
        (
            "gzip, deflate, br, zstd",
            Some("br"),
            "compressed with brotli",
        ),
        ("gzip", Some("gzip"), "compressed with gzip"),
        ("br;q=0, gzip;q=0.5", Some("gzip"), "compressed with gzip"),
        ("identity", None, DOCUMENT),
    ] {
        let request = browser
            .plain(Method::GET, "/", false)
            .header(header::ACCEPT_ENCODING, accepted);
        let response = browser.send(request).await;
        let found = response.headers().get(header::CONTENT_ENCODING);
        let found = found.map(|value| value.to_str().expect("ASCII").to_owned());
        assert_eq!(found.as_deref(), encoding, "{accepted}");
        assert_eq!(response.headers()[header::VARY], "Accept-Encoding");
        let tag = response.headers()[header::ETAG].clone();
        assert_eq!(text_of(response).await, text);

        let request = browser
            .plain(Method::GET, "/", false)
            .header(header::ACCEPT_ENCODING, accepted)
            .header(header::IF_NONE_MATCH, &tag);
        let response = browser.send(request).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()[header::ETAG], tag);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        assert!(
            response
                .headers()
                .contains_key(header::CONTENT_SECURITY_POLICY)
        );
        assert_eq!(text_of(response).await, "");
    }
    // Compressed files have no names of their own.
    let request = browser.plain(Method::GET, "/index.html.br", false);
    assert_eq!(browser.send(request).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_is_only_read() {
    let world = World::new().await;
    let mut browser = world.browser();
    let request = browser.plain(Method::HEAD, "/", false);
    let response = browser.send(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let length = DOCUMENT.len().to_string();
    assert_eq!(response.headers()[header::CONTENT_LENGTH], *length);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let request = browser
            .plain(method.clone(), "/", false)
            .header(header::ORIGIN, ORIGIN);
        let response = browser.send(request).await;
        assert_eq!(
            response.status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{method}"
        );
    }
}
