//! Somebody else's application, `examples/minimal`, connects with the library: its own router, style
//! and callback path, no first script, and a second application of the origin beside it.

use cc_connect_e2e::{Dist, Grant, Role, Setup, World, eventually, serve_folder};
use serde_json::{Value, json};

/// The sandbox that `cargo xtask test` compiles into the example.
const SANDBOX_PORT: u16 = 18_081;

const REDIRECT_PATH: &str = "/signed-in";

/// Connects, is declined, reloads, uses the API and disconnects.
///
/// Rule (The response): If an application has no first script, the library takes the response off
/// the address bar
#[tokio::test]
async fn somebody_elses_application_connects() {
    Setup::new()
        .with_code()
        .sandbox_port(SANDBOX_PORT)
        .run(async |world: &World| {
            let origin = serve_folder(Dist::minimal().folder).await;
            let redirect_uri = format!("{origin}{REDIRECT_PATH}");
            let client_id = Grant::Code.client_id();
            world
                .sandbox
                .register_redirect_uri(client_id, &redirect_uri);

            world.browser.goto(&format!("{origin}/")).await;
            world.browser.wait_for_text("Our newsletter").await;
            world.click_link("Lists").await;

            // Declined: the library says why, and the button stays.
            world.click_button("Connect Constant Contact").await;
            world.sign_in().await;
            world.click_button("Deny").await;
            world.browser.wait_for_text("was not given").await;
            assert_clean(world, &redirect_uri).await;

            // Allowed: back where the button was pressed.
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            connected(world, &origin).await;
            let asked = world.api_requests().len();
            assert!(asked >= 1, "the lists come from the API");

            // The connection outlives a reload, and is of this tab only.
            world.browser.reload().await;
            connected(world, &origin).await;
            assert!(world.api_requests().len() > asked);

            world.click_button("Disconnect").await;
            world.browser.wait_for_text("Our newsletter").await;
            world.click_link("Lists").await;
            let button = "Connect Constant Contact";
            world.browser.wait_for(Role::Button, button).await;
            let kept = world
                .browser
                .script("return Object.keys(sessionStorage)", vec![])
                .await;
            let secrets = kept.as_array().map_or(0, |keys| {
                let secret = |key: &&Value| {
                    let key = key.as_str().unwrap_or_default();
                    key.contains("/session") || key.contains("/pending")
                };
                keys.iter().filter(secret).count()
            });
            assert_eq!(secrets, 0, "{kept}");
        })
        .await;
}

/// Waits for the contact lists, on the page where the button was pressed.
async fn connected(world: &World, origin: &str) {
    eventually("the contact lists", async || {
        let at = world.browser.try_script("return location.href", vec![]);
        let at = at.await?;
        let shown = world.browser.texts("li").await;
        let loaded = at == json!(format!("{origin}/lists")) && !shown.is_empty();
        (loaded && shown != ["Loading"])
            .then_some(())
            .ok_or(format!("{at} {shown:?}"))
    })
    .await;
}

/// The address bar shows this address, and the history holds no response.
async fn assert_clean(world: &World, address: &str) {
    let at = world.browser.script("return location.href", vec![]).await;
    assert_eq!(at, json!(address));
}
