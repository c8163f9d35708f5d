//! From *Connect* to *Disconnect*, and what can go wrong on the way.

use crate::{
    browser::{json_of, location},
    world::{CLIENT_ID, ORIGIN, World},
};
use cc_connect_core::session::stored;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

#[tokio::test]
async fn a_browser_connects_works_and_disconnects() {
    let world = World::new().await;
    let mut browser = world.browser();
    let before = browser.session().await;
    assert_eq!(before["connected"], false);
    assert_eq!(
        (&before["reason"], &before["error"]),
        (&Value::Null, &Value::Null)
    );
    assert!(before["server_time"].as_i64().is_some_and(|time| time > 0));

    browser.connect().await;
    let session = browser.session().await;
    assert_eq!(
        (&session["connected"], &session["renews"]),
        (&json!(true), &json!(true))
    );
    let grant = session["grant"].to_string();
    let grant = stored::read_grant(&grant).expect("the record of a grant");
    assert!(grant.granted.contains("contact_data"));
    assert_eq!(session["budget"], json!({ "left": 10_000, "of": 10_000 }));

    let response = browser.get("/api/v3/contact_lists?limit=2").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(json_of(response).await["lists"].is_array());
    assert_eq!(browser.session().await["budget"]["left"], 9_999);

    let mut copy = browser.clone();
    let response = browser.post("/auth/disconnect", &json!({})).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.session_cookie(), None);
    assert_eq!(browser.session().await["reason"], Value::Null);
    // Whoever kept the cookie has nothing.
    assert_eq!(copy.session().await["reason"], "session_missing");
    let response = copy.get("/api/v3/contact_lists").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        json_of(response).await["error_key"],
        "server.session_missing"
    );
    let again = copy.post("/auth/disconnect", &json!({})).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_authorization_request_is_that_of_a_confidential_client() {
    let world = World::new().await;
    let mut browser = world.browser();
    let uri = browser.begin(&json!({ "scope": "contact_data" })).await;
    let (endpoint, query) = uri.split_once('?').expect("a query");
    assert_eq!(endpoint, world.sandbox.authorization_endpoint());
    let parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let get = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(get("response_type"), Some("code"));
    assert_eq!(get("client_id"), Some(CLIENT_ID));
    assert_eq!(get("redirect_uri"), Some(&*format!("{ORIGIN}/callback")));
    assert_eq!(get("scope"), Some("contact_data"));
    assert_eq!(get("code_challenge_method"), Some("S256"));
    assert!(get("state").is_some() && get("nonce").is_some());
}

#[tokio::test]
async fn the_cookies_are_these() {
    for (origin, prefix, secure) in [
        (ORIGIN, "", ""),
        ("https://connect.example.com", "__Host-Http-", " Secure;"),
    ] {
        let world = World::at(origin, "").await;
        let mut browser = world.browser();
        let request = browser.script(Method::POST, "/auth/connect");
        let response = browser.send(request).await;
        let set = |response: &reqwest::Response| {
            let all = response.headers().get_all(header::SET_COOKIE);
            let all: Vec<_> = all
                .iter()
                .map(|value| value.to_str().expect("ASCII"))
                .collect();
            assert_eq!(all.len(), 1, "{all:?}");
            let (name, rest) = all[0].split_once('=').expect("a value");
            let (value, attributes) = rest.split_once(';').expect("attributes");
            assert!(value.is_empty() || value.len() == 43, "{value}");
            format!("{name}=…;{attributes}")
        };
        let attempt = set(&response);
        let expected =
            format!("{prefix}cc-attempt=…; Path=/;{secure} HttpOnly; SameSite=Lax; Max-Age=600");
        assert_eq!(attempt, expected);

        let response = browser.connect().await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let expected = format!(
            "{prefix}cc-session=…; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age=2592000"
        );
        assert_eq!(set(&response), expected);

        // Neither reading nor working sets one.
        for path in ["/auth/session", "/api/v3/account/summary"] {
            let response = browser.get(path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers().get(header::SET_COOKIE), None, "{path}");
        }
        let response = browser.post("/auth/disconnect", &json!({})).await;
        let expected =
            format!("{prefix}cc-session=…; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age=0");
        assert_eq!(set(&response), expected);
    }
}

#[tokio::test]
async fn the_callback_is_never_a_page() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in [
        "/callback",
        "/callback/",
        "/callback?",
        "/callback?code=c&state=s",
        "/callback?error=access_denied",
        "/callback?code=a&code=b",
        "/callback?%zz",
    ] {
        let response = browser.arrive(path).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let headers = response.headers();
        assert_eq!(headers[header::LOCATION], "/", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(headers.get(header::SET_COOKIE), None, "{path}");
    }
}

#[tokio::test]
async fn an_outcome_is_told_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let uri = browser.begin(&json!({})).await;
    let back = browser.decide(&uri, "deny").await;
    let response = browser.arrive(&back).await;
    assert_eq!(location(&response), "/");
    assert_eq!(browser.session().await["error"], "access_denied");
    assert_eq!(browser.session().await["error"], Value::Null);
}

/// The response to an attacker's own authorization, sent to somebody else, connects nobody.
#[tokio::test]
async fn another_browser_cannot_use_a_response() {
    let world = World::new().await;
    let (mut attacker, mut victim) = (world.browser(), world.browser());
    let uri = attacker.begin(&json!({})).await;
    let back = attacker.authorize(&uri).await;
    victim.begin(&json!({})).await;
    let response = victim.arrive(&back).await;
    assert_eq!(location(&response), "/");
    assert_eq!(victim.session_cookie(), None);
    assert_eq!(victim.session().await["error"], "attempt_other_browser");
    // A browser that has not begun anything.
    let mut stranger = world.browser();
    stranger.arrive(&back).await;
    assert_eq!(stranger.session().await["connected"], false);
    // It was not spent by that.
    attacker.arrive(&back).await;
    assert_eq!(attacker.session().await["connected"], true);
}

/// The cookie of an attempt ends with it, or was lost.
#[tokio::test]
async fn a_response_without_the_cookie_is_told_of() {
    let world = World::new().await;
    let mut browser = world.browser();
    let uri = browser.begin(&json!({})).await;
    let back = browser.authorize(&uri).await;
    browser.cookies.clear();
    let response = browser.arrive(&back).await;
    assert_eq!(location(&response), "/");
    assert_eq!(browser.session_cookie(), None);
    assert_eq!(browser.session().await["error"], "attempt_other_browser");
}

#[tokio::test]
async fn a_response_counts_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let uri = browser.begin(&json!({})).await;
    let back = browser.authorize(&uri).await;
    browser.arrive(&back).await;
    let first = browser.session_cookie().map(str::to_owned);
    assert!(first.is_some());
    let response = browser.arrive(&back).await;
    assert_eq!(response.headers().get(header::SET_COOKIE), None);
    assert_eq!(browser.session_cookie().map(str::to_owned), first);
    // The connection is there, so the page does not hear of the second one.
    assert_eq!(browser.session().await["connected"], true);
}

/// A cookie that somebody planted before is never the one of a connection.
#[tokio::test]
async fn each_connection_has_a_new_session() {
    let world = World::new().await;
    let mut browser = world.browser();
    let planted = "A".repeat(43);
    let cookie = ("cc-session".to_owned(), (planted.clone(), false));
    browser.cookies.extend([cookie]);
    assert_eq!(browser.session().await["reason"], "session_missing");
    browser.connect().await;
    let first = browser.session_cookie().expect("a session").to_owned();
    assert_ne!(first, planted);

    // Connecting again replaces the session, also for whoever has the old cookie.
    let mut old = browser.clone();
    browser.connect().await;
    assert_ne!(browser.session_cookie(), Some(&*first));
    assert_eq!(old.session().await["reason"], "session_missing");
}

#[tokio::test]
async fn a_wish_that_leads_elsewhere_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    for wish in [
        json!({ "return_to": "//elsewhere.example" }),
        json!({ "return_to": "https://elsewhere.example/" }),
        json!({ "return_to": "/a/../b" }),
        json!({ "return_to": "/%2e%2e/b" }),
        json!({ "return_to": "/\\elsewhere.example" }),
        json!({ "return_to": "contacts" }),
        json!({ "return_to": 5 }),
        json!({ "scope": "contact_data everything" }),
        json!({ "scope": "" }),
        json!({ "scope": ["contact_data"] }),
        json!([]),
        json!("/"),
    ] {
        let response = browser.post("/auth/connect", &wish).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{wish}");
        assert_eq!(json_of(response).await, json!({ "error": "bad_request" }));
    }
    let long = json!({ "return_to": format!("/{}", "a".repeat(10_000)) });
    let response = browser.post("/auth/connect", &long).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_page_with_an_umlaut_is_a_page() {
    let world = World::new().await;
    let mut browser = world.browser();
    let uri = browser.begin(&json!({ "return_to": "/käse?a=%20b" })).await;
    let back = browser.authorize(&uri).await;
    let response = browser.arrive(&back).await;
    assert_eq!(location(&response), "/k%C3%A4se?a=%20b");
}

#[tokio::test]
async fn too_many_attempts_have_to_wait() {
    let world = World::new().await;
    let mut browser = world.browser();
    let mut statuses = Vec::new();
    for _ in 0..25 {
        let response = browser.post("/auth/connect", &json!({})).await;
        statuses.push(response.status());
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(response.headers().contains_key(header::RETRY_AFTER));
            let answer = json_of(response).await;
            assert_eq!(answer, json!({ "error": "too_many_attempts" }));
        }
    }
    assert_eq!(statuses[0], StatusCode::OK);
    assert_eq!(statuses[24], StatusCode::TOO_MANY_REQUESTS);
}
