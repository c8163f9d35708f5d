//! Disconnecting erases everything, in every tab.

use cc_connect_e2e::{Setup, World, eventually, in_both_browsers, looks_like_a_token, with_code};
use serde_json::Value;

in_both_browsers!(
    disconnecting_erases_everything,
    disconnecting_reaches_the_other_tabs_without_telling_the_token,
    back_after_disconnecting_shows_no_connection,
);

with_code!(disconnecting_erases_everything);

/// Rule (Storage and other tabs): *Disconnect* erases everything
async fn disconnecting_erases_everything(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.disconnect().await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
            assert!(world.stored_keys("sessionStorage").await.is_empty());
            // A number for tabs that were asleep: it shows that a user disconnected, but not who.
            let kept = world.stored_keys("localStorage").await;
            assert_eq!(kept, ["cc-connect/epoch"]);
            let epoch = "return localStorage.getItem('cc-connect/epoch')";
            assert_eq!(world.browser.script(epoch, vec![]).await, "1");
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            world.visit("/connection").await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Rule (Storage and other tabs): The other tabs are notified without the token
async fn disconnecting_reaches_the_other_tabs_without_telling_the_token(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let listen = "window.heard = [];
                new BroadcastChannel('cc-connect').onmessage =
                    message => window.heard.push(JSON.stringify(message.data));";
            world.browser.script(listen, vec![]).await;

            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;

            world.browser.switch_to(first).await;
            world.wait_for_session("not-connected").await;
            eventually("an empty storage", async || {
                let keys = world.stored_keys("sessionStorage").await;
                keys.is_empty().then_some(()).ok_or(format!("{keys:?}"))
            })
            .await;
            let heard = world.browser.script("return window.heard", vec![]).await;
            let heard: Vec<Value> = heard.as_array().cloned().unwrap_or_default();
            assert!(!heard.is_empty(), "the tabs talk on the channel");
            for message in heard {
                let message = message.to_string();
                assert!(
                    message.len() < 200 && !looks_like_a_token(&message),
                    "a long message"
                );
            }
        })
        .await;
}

/// Rule (Storage and other tabs): *Disconnect* erases everything
async fn back_after_disconnecting_shows_no_connection(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.disconnect().await;
            world.browser.back().await;
            world.wait_for_session("not-connected").await;
            assert!(!world.browser.text().await.contains("Bluebird Bakery"));
        })
        .await;
}
