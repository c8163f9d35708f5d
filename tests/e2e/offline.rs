//! Losing the network at each step, and recovering once it is back. Only Chromium can be taken
//! offline; losing it while the keys are fetched is in `keys`.

use crate::ending::{assert_erased, assert_stays, skip_the_countdown, wait_for_the_end};
use cc_connect_e2e::{Setup, World, eventually, holds_for, in_chromium, with_code};
use cc_connect_sandbox::ApiFault;
use serde_json::json;
use std::time::Duration;

in_chromium!(
    offline_before_connecting,
    offline_when_the_answer_arrives,
    offline_as_soon_as_connected,
    offline_while_connected,
    offline_when_the_connection_ends,
);

with_code!(
    offline_when_the_answer_arrives,
    offline_when_the_connection_ends,
);

/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn offline_before_connecting(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            world.browser.set_offline(true).await;
            world.click_button("Connect Constant Contact").await;
            eventually("an end of the attempt", async || {
                let left = "return !location.href.startsWith(arguments[0])
                    || document.documentElement.dataset.session !== 'redirecting'";
                let home = world.host.origin();
                let left = world.browser.try_script(left, vec![json!(home)]).await?;
                (left == json!(true))
                    .then_some(())
                    .ok_or("on the way".into())
            })
            .await;
            assert!(world.authorization_requests().is_empty());
            world.browser.set_offline(false).await;
            // The browser's own offline page, or still ours.
            if !on_our_page(world).await {
                world.browser.back().await;
            }
            world.wait_for_session("not-connected").await;
            assert!(world.alerts().await.is_empty());
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn on_our_page(world: &World) -> bool {
    let url = world.browser.url().await;
    url.as_str().starts_with(world.host.origin())
}

/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn offline_when_the_answer_arrives(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.browser.block(&["*config.json*"]).await;
            world.click_button("Allow").await;
            world.wait_for_alert("config_unreachable").await;
            let url = world.browser.url().await;
            assert_eq!(url.as_str(), world.host.redirect_uri(), "a clean address");
            world.browser.block(&[]).await;
            world.click_button("Try again").await;
            world.wait_for_session("not-connected").await;
            world.wait_for_heading("Nothing to finish here").await;
            world.click_button("Go to the start").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn offline_as_soon_as_connected(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.browser.block(&["*/v3/*"]).await;
            world.click_button("Allow").await;
            world.wait_for_session("connected").await;
            world.wait_for_alert("api_unreachable").await;
            assert!(world.api_requests().is_empty(), "none left this machine");
            world.browser.block(&[]).await;
            while !world.alerts().await.is_empty() {
                world.click_button("Try again").await;
                world.wait_until_loaded().await;
            }
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn offline_while_connected(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_api_fault(Some(ApiFault::Unreachable));
            world.connect().await;
            world.wait_for_alert("api_unreachable").await;
            world.wait_until_loaded().await;
            world.sandbox.set_api_fault(None);
            world.browser.set_offline(true).await;
            let asked = world.api_requests().len();
            world.click_button("Try again").await;
            world.wait_until_loaded().await;
            world.wait_for_alert("api_unreachable").await;
            assert_eq!(world.api_requests().len(), asked, "none left this machine");
            // An hour of sleep, and still no network.
            world.let_time_pass(3_600).await;
            holds_for(Duration::from_secs(3), "the connection", async || {
                let seen = world.glance().await?;
                let connected = seen["session"] == "connected";
                connected.then_some(()).ok_or(seen.to_string())
            })
            .await;
            world.browser.set_offline(false).await;
            while !world.alerts().await.is_empty() {
                world.click_button("Try again").await;
                world.wait_until_loaded().await;
            }
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn offline_when_the_connection_ends(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            let token = world.stored_token().await;
            world.browser.set_offline(true).await;
            world.let_time_pass(world.lifetime() + 60).await;
            wait_for_the_end(world).await;
            assert_erased(world, &token).await;
            // The user is not sent to the browser's offline page.
            assert_stays(world).await;
            assert_eq!(world.browser.url().await.as_str(), world.host.url("/"));
            world.wait_for_heading("Your connection has ended").await;
            world.browser.set_offline(false).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            assert_eq!(world.authorization_requests().len(), 2);
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}
