//! Where the access token goes, and everywhere that it does not.

use cc_connect_e2e::{Role, Setup, World, eventually};
use serde_json::json;

#[tokio::test]
async fn the_bearer_token_goes_to_the_api_and_nowhere_else() {
    Setup::new()
        .run(async |world: &World| {
            whole_visit(world).await;
            let token = world.stored_token().await;
            let mut authorized = 0;
            for request in world.sandbox.requests() {
                let to_api = request.path.starts_with("/v3/");
                let bearer = request.header("authorization");
                assert!(!request.query.contains(&token) && !request.body.contains(&token));
                match bearer {
                    Some(value) => {
                        assert!(to_api, "a token was sent to {}", request.path);
                        assert_eq!(value, format!("Bearer {token}"));
                        authorized += 1;
                    }
                    None => assert!(
                        !to_api || request.method == "OPTIONS",
                        "{} {} without a token",
                        request.method,
                        request.path
                    ),
                }
            }
            assert!(authorized > 0);
            for request in world.host.requests() {
                let told = request.target.contains(&token)
                    || request
                        .headers
                        .iter()
                        .any(|(_, value)| value.contains(&token));
                assert!(!told, "the token was sent to the host: {}", request.target);
            }
        })
        .await;
}

#[tokio::test]
async fn requests_carry_no_more_headers_than_needed() {
    Setup::new()
        .run(async |world: &World| {
            whole_visit(world).await;
            for request in world.sandbox.requests() {
                let from_page = request.path.starts_with("/v3/") || request.path.ends_with("/keys");
                if !from_page {
                    continue;
                }
                for name in ["cookie", "referer", "x-requested-with"] {
                    let value = request.header(name);
                    assert_eq!(value, None, "{name} was sent to {}", request.path);
                }
                if let Some(names) = request.header("access-control-request-headers") {
                    let allowed = names
                        .split(',')
                        .all(|name| ["authorization", "content-type"].contains(&name.trim()));
                    assert!(allowed, "{names} to {}", request.path);
                }
                if request.path.ends_with("/keys") {
                    assert_eq!(request.method, "GET", "the keys need no preflight");
                }
            }
        })
        .await;
}

#[tokio::test]
async fn the_document_never_holds_the_token() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_not_in_document(world, &token).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_not_in_document(world, &token).await;
            world.click_button("Copy access token").await;
            world.browser.wait_for(Role::Button, "Copy it").await;
            assert_not_in_document(world, &token).await;
            world.click_button("Cancel").await;
            assert_not_in_document(world, &token).await;
        })
        .await;
}

/// In no part of the document, no field, and nothing that a script could read of its address.
async fn assert_not_in_document(world: &World, token: &str) {
    let everything = "const fields = [...document.querySelectorAll('input, textarea')];
        return [
            document.documentElement.outerHTML, document.title, document.cookie,
            location.href, document.referrer, window.name, JSON.stringify(history.state),
            JSON.stringify({...localStorage}), ...fields.map(field => field.value),
        ].join(' ')";
    let everything = world.browser.script(everything, vec![]).await.to_string();
    let signature = token.rsplit('.').next().expect("three parts");
    for part in [token, signature] {
        assert!(
            !everything.contains(part),
            "a part of the token is readable"
        );
    }
}

#[tokio::test]
async fn the_token_is_copied_only_on_an_explicit_wish() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.allow_clipboard(world.host.origin()).await;
            world.connect().await;
            let token = world.stored_token().await;
            world.click_link("Connection").await;
            world.click_button("Copy access token").await;
            world.click_button("Copy it").await;
            eventually("the token in the clipboard", async || {
                let read = "return navigator.clipboard.readText()";
                let copied = world.browser.script(read, vec![]).await;
                (copied == json!(token))
                    .then_some(())
                    .ok_or("something else".into())
            })
            .await;
            assert_not_in_document(world, &token).await;
        })
        .await;
}

/// Both pages, a reload, and what the app does on the way.
async fn whole_visit(world: &World) {
    world.connect().await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.click_link("Connection").await;
    world.wait_for_heading("Connection").await;
    world.browser.reload().await;
    world.wait_for_session("connected").await;
    world.click_link("Overview").await;
    world.browser.wait_for_text("Bluebird Bakery").await;
}
