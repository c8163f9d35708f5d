//! What the API can change: contact lists, and the activities that delete them.

use crate::browser::{Browser, field, json, location, text};
use cc_connect_sandbox::{ApiFault, Scenario};
use reqwest::{
    Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};

const JSON: &str = "application/json";
const SCOPE: &str = "contact_data account_read";

struct Api {
    browser: Browser,
    token: String,
}

impl Api {
    async fn new() -> Self {
        Self::of("bluebird", "sandbox-bakery").await
    }

    async fn of(username: &str, password: &str) -> Self {
        let mut browser = Browser::new().await;
        let url = browser.authorization(&[]);
        let page = browser.get(&url).await.text().await.expect("a page");
        let transaction = field(&page, "transaction");
        let page = browser.sign_in(&transaction, username, password).await;
        let response = browser.decide(&page, SCOPE, None, "allow").await;
        let redirect = crate::browser::Redirect::parse(&location(&response));
        let token = redirect.token().to_owned();
        Self { browser, token }
    }

    async fn send(&self, method: &str, path: &str, content_type: &str, body: &str) -> Response {
        self.browser
            .request(method, &format!("/v3{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, content_type)
            .body(body.to_owned())
            .send()
            .await
            .expect("a response")
    }

    async fn write(&self, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let response = self.send(method, path, JSON, &body.to_string()).await;
        assert_eq!(response.status(), status, "{method} {path} {body}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        json(response).await
    }

    async fn get(&self, path: &str) -> Value {
        self.browser.api_json(path, &self.token).await
    }

    /// The names of the lists.
    async fn names(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("/contact_lists{query}")).await;
        let lists = page["lists"].as_array().expect("an array");
        lists
            .iter()
            .map(|list| text(list, "name").to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_list_is_created_changed_and_deleted() {
    let api = Api::new().await;
    let before = api.names("").await;
    let list = api
        .write(
            "POST",
            "/contact_lists",
            &json!({ "name": "Café regulars" }),
            201,
        )
        .await;
    assert_eq!(list["favorite"], false);
    assert_eq!(list.get("membership_count"), None);
    assert_eq!(list["created_at"], list["updated_at"]);
    let path = format!("/contact_lists/{}", text(&list, "list_id"));
    assert_eq!(api.get(&path).await, list);
    assert_eq!(api.names("?name=Caf%C3%A9%20regulars").await.len(), 1);

    api.browser.sandbox.let_time_pass(5);
    let input = json!({ "name": "Regulars", "favorite": true, "description": "They come daily." });
    let changed = api.write("PUT", &path, &input, 200).await;
    for name in ["name", "favorite", "description"] {
        assert_eq!(changed[name], input[name]);
    }
    assert_eq!(changed["created_at"], list["created_at"]);
    assert_ne!(changed["updated_at"], list["updated_at"]);
    // What is left out is reset.
    let changed = api
        .write("PUT", &path, &json!({ "name": "Regulars" }), 200)
        .await;
    assert_eq!(
        (&changed["favorite"], &changed["description"]),
        (&json!(false), &json!(""))
    );

    let response = api.send("DELETE", &path, JSON, "").await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let status_path = location(&response);
    let activity = json(response).await;
    assert_eq!(activity["state"], "initialized");
    assert_eq!(activity["_links"]["self"]["href"], status_path);
    let status_path = status_path.strip_prefix("/v3").expect("a path of the API");
    assert!(
        api.names("").await.contains(&"Regulars".to_owned()),
        "not yet"
    );
    for (seconds, state, percent, done) in [
        (0, "initialized", 0, 0),
        (1, "processing", 50, 0),
        (1, "completed", 100, 1),
    ] {
        api.browser.sandbox.let_time_pass(seconds);
        let activity = api.get(status_path).await;
        // Real time passes too.
        if activity["state"] != state {
            continue;
        }
        assert_eq!(activity["percent_done"], percent);
        assert_eq!(activity["status"]["items_completed_count"], done);
        assert_eq!(activity["activity_errors"], json!([]));
        assert_eq!(activity.get("completed_at").is_some(), done == 1);
    }
    assert_eq!(api.get(status_path).await["state"], "completed");
    assert_eq!(api.names("").await, before);
    assert_eq!(api.names("?status=deleted").await, ["Regulars"]);
    assert_eq!(api.names("?status=all").await.len(), before.len() + 1);
    assert!(api.get(&path).await["deleted_at"].is_string());
    for (method, body) in [("PUT", json!({ "name": "x" })), ("DELETE", Value::Null)] {
        api.write(method, &path, &body, 404).await;
    }
}

#[tokio::test]
async fn the_members_of_a_deleted_list_stay_without_it() {
    let api = Api::new().await;
    let page = api.get("/contact_lists?include_membership_count=all").await;
    let list = &page["lists"][0];
    assert!(list["membership_count"].as_u64() > Some(0));
    let id = text(list, "list_id");
    let members = format!("/contacts?include=list_memberships&include_count=true&lists={id}");
    let before = api.get("/contacts/counts").await;
    assert_eq!(
        api.get(&members).await["contacts_count"],
        list["membership_count"]
    );
    let contact = api.get(&members).await["contacts"][0].clone();
    assert!(contact["list_memberships"].to_string().contains(id));

    api.send("DELETE", &format!("/contact_lists/{id}"), JSON, "")
        .await;
    api.browser.sandbox.let_time_pass(2);
    assert_eq!(api.get(&members).await["contacts_count"], 0);
    let path = format!(
        "/contacts/{}?include=list_memberships",
        text(&contact, "contact_id")
    );
    let after = api.get(&path).await;
    assert!(!after["list_memberships"].to_string().contains(id));
    assert_eq!(api.get("/contacts/counts").await, before);
    let deleted = format!("/contact_lists/{id}?include_membership_count=all");
    assert_eq!(api.get(&deleted).await["membership_count"], 0);
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let api = Api::new().await;
    let names = api.names("").await;
    let long = "x".repeat(256);
    for (body, status) in [
        (json!({}), 400),
        (json!({ "name": "" }), 400),
        (json!({ "name": null }), 400),
        (json!({ "name": 7 }), 400),
        (json!({ "name": long }), 400),
        (json!({ "name": "x", "favorite": "yes" }), 400),
        (json!({ "name": "x", "description": [] }), 400),
        (json!([]), 400),
        (json!({ "name": names[0] }), 409),
    ] {
        let error = api.write("POST", "/contact_lists", &body, status).await;
        assert!(error[0]["error_key"].is_string(), "{error}");
    }
    let page = api.get("/contact_lists").await;
    let path = format!("/contact_lists/{}", text(&page["lists"][0], "list_id"));
    // Its own name is no conflict; that of another has no 409 in the description.
    api.write("PUT", &path, &json!({ "name": names[0] }), 200)
        .await;
    api.write("PUT", &path, &json!({ "name": names[1] }), 400)
        .await;
    for (content_type, body, status) in [
        ("text/plain", r#"{"name":"x"}"#, 415),
        (JSON, "{", 400),
        (JSON, "", 400),
        ("application/json; charset=utf-8", r#"{"name":"x"}"#, 201),
    ] {
        let response = api.send("POST", "/contact_lists", content_type, body).await;
        assert_eq!(response.status(), status, "{content_type} {body}");
    }
    for path in ["/contact_lists/not-an-id", "/activities/not-an-id"] {
        let response = api.browser.api(path, &api.token).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for (method, path) in [
        ("PUT", "/contact_lists"),
        ("POST", "/contact_lists/not-an-id"),
        ("DELETE", "/contacts/not-an-id"),
    ] {
        let response = api.send(method, path, JSON, "{}").await;
        assert_eq!(response.status(), 405, "{method} {path}");
        assert!(response.headers().contains_key("allow"));
    }
}

#[tokio::test]
async fn writing_takes_the_scope_and_the_privilege() {
    // May see lists only.
    let api = Api::of("bluebird-studio", "sandbox-studio").await;
    let page = api.get("/contact_lists").await;
    let path = format!("/contact_lists/{}", text(&page["lists"][0], "list_id"));
    let body = json!({ "name": "x" });
    api.write("POST", "/contact_lists", &body, 403).await;
    api.write("PUT", &path, &body, 403).await;
    api.write("DELETE", &path, &body, 403).await;
    api.write("GET", "/activities/any", &body, 403).await;
    assert_eq!(api.get("/contact_lists").await, page);
}

#[tokio::test]
async fn accounts_and_faults_are_separate() {
    let api = Api::new().await;
    let mut browser = api.browser;
    browser.forget();
    let url = browser.authorization(&[]);
    let page = browser.get(&url).await.text().await.expect("a page");
    let transaction = field(&page, "transaction");
    let page = browser
        .sign_in(&transaction, "harborrowing", "sandbox-rowing")
        .await;
    let response = browser
        .decide(&page, SCOPE, Some(Scenario::Normal), "allow")
        .await;
    let rowing = crate::browser::Redirect::parse(&location(&response));
    let api = Api {
        browser,
        token: api.token,
    };
    let rowing_lists = || api.browser.api_json("/contact_lists", rowing.token());
    let before = rowing_lists().await;
    let body = json!({ "name": "Crumbs" });
    // A fault comes before the effect.
    api.browser.sandbox.set_api_fault(Some(ApiFault::Status503));
    api.write("POST", "/contact_lists", &body, 503).await;
    api.browser.sandbox.set_api_fault(None);
    api.write("POST", "/contact_lists", &body, 201).await;
    assert_eq!(rowing_lists().await, before);
}
