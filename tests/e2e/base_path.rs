//! The app below a base path.

use cc_connect_e2e::{Setup, World, in_both_browsers, with_code};
use serde_json::{Value, json};

in_both_browsers!(
    the_whole_journey_below_a_base_path,
    re_authorizing_below_a_base_path_comes_back_to_the_same_page,
);

with_code!(the_whole_journey_below_a_base_path);

async fn the_whole_journey_below_a_base_path(setup: Setup) {
    setup
        .below_app()
        .run(async |world: &World| {
            world.connect().await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/app/");
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/app/connection");

            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            world.click_link("Overview").await;
            world.wait_for_heading("Overview").await;
            assert_eq!(world.browser.url().await.path(), "/app/");

            world.disconnect().await;
            assert_eq!(world.browser.url().await.path(), "/app/");

            for request in world.host.requests() {
                let below = request.target.starts_with("/app/");
                assert!(below, "{} is outside the base path", request.target);
            }
        })
        .await;
}

#[tokio::test]
async fn a_deep_link_below_a_base_path() {
    Setup::new()
        .below_app()
        .run(async |world: &World| {
            world.visit("/set-up").await;
            world.wait_for_heading("Set up").await;
            world
                .browser
                .wait_for_text(&world.host.redirect_uri())
                .await;
            world.visit("/nowhere").await;
            world.wait_for_heading("This page does not exist").await;
            // B16
            world.visit("/index.html").await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
            assert_eq!(world.browser.url().await.path(), "/app/");
        })
        .await;
}

/// L6: another deployment on the same origin, with its records in this tab and browser.
///
/// Rule (Storage and other tabs): Another deployment at the same origin has its own entries, locks
/// and channel
#[tokio::test]
async fn another_deployment_of_the_origin_is_left_alone() {
    Setup::new()
        .below_app()
        .run(async |world: &World| {
            world.visit("/").await;
            let keep = "window.heard = [];
                const names = ['cc-connect/', 'cc-connect#/app/two/#/'];
                for (const start of names) {
                    for (const name of ['session', 'epoch', 'tab', 'pending/x']) {
                        sessionStorage.setItem(start + name, 'of another');
                    }
                    localStorage.setItem(start + 'epoch', '7');
                }
                return Object.keys(sessionStorage).sort()";
            let others = world.browser.script(keep, vec![]).await;
            let others: Vec<&str> = others
                .as_array()
                .unwrap()
                .iter()
                .flat_map(Value::as_str)
                .collect();
            world.connect().await;
            let mut expected = vec!["account", "keys", "session", "tab"]
                .into_iter()
                .map(|name| format!("cc-connect#/app/#/{name}"))
                .chain(others.iter().map(|name| (*name).to_owned()))
                .collect::<Vec<_>>();
            expected.sort();
            assert_eq!(world.stored_keys("sessionStorage").await, expected);

            // The first paint shows that there is a connection, without any WebAssembly.
            let look = "document.addEventListener('DOMContentLoaded', () => {
                window.painted = document.documentElement.dataset.firstPaint;
            });";
            world.browser.at_document_start(look).await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            let painted = world.browser.script("return window.painted", vec![]).await;
            assert_eq!(painted, json!("quiet"));

            let listen = "window.heard = [];
                window.other = new BroadcastChannel('cc-connect');
                window.other.onmessage = event => window.heard.push(event.data);";
            world.browser.script(listen, vec![]).await;
            world.disconnect().await;
            let kept = "return [
                Object.keys(sessionStorage).sort(),
                [...new Set(Object.values(sessionStorage))],
                Object.entries(localStorage).sort(),
                window.heard,
            ]";
            let kept = world.browser.script(kept, vec![]).await;
            let epochs = json!([
                ["cc-connect#/app/#/epoch", "1"],
                ["cc-connect#/app/two/#/epoch", "7"],
                ["cc-connect/epoch", "7"],
            ]);
            assert_eq!(kept, json!([others, ["of another"], epochs, []]));
        })
        .await;
}

async fn re_authorizing_below_a_base_path_comes_back_to_the_same_page(setup: Setup) {
    setup
        .without_renewal()
        .below_app()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_notice("expires_soon").await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/app/connection");
        })
        .await;
}
