//! What screen reader users hear: changes are announced in a live region that was in the document
//! before.

use cc_connect_e2e::{Setup, World, eventually, in_chromium, serve_nothing};
use cc_connect_sandbox::{ApiFault, KeysFault, Scenario};
use serde_json::json;

in_chromium!(
    checking_and_connected_are_said,
    a_refusal_is_said_at_once,
    a_part_that_does_not_come_is_said_at_once,
);

/// Records what a screen reader would announce: text that is added to, or changes in, a live region
/// that was already in the document.
const LISTEN: &str = "window.heard = [];
    const LIVE = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]';
    const known = new Set();
    new MutationObserver(changes => {
        for (const {target, addedNodes} of changes) {
            const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            const region = element?.closest(LIVE);
            if (!region || !known.has(region)) continue;
            const urgent = region.matches('[role=alert], [aria-live=assertive]');
            for (const node of addedNodes.length ? addedNodes : [target]) {
                const text = node.textContent.trim();
                if (text) window.heard.push([urgent ? 'at once' : 'in turn', text]);
            }
        }
        document.querySelectorAll(LIVE).forEach(region => known.add(region));
    }).observe(document, {subtree: true, childList: true, characterData: true});";

async fn wait_to_hear(world: &World, how: &str, text: &str) {
    eventually(format!("{text:?}, said {how}"), async || {
        let heard = world
            .browser
            .try_script("return window.heard", vec![])
            .await?;
        let said = heard.as_array().is_some_and(|heard| {
            heard.iter().any(|one| {
                one[0] == json!(how) && one[1].as_str().is_some_and(|said| said.contains(text))
            })
        });
        said.then_some(()).ok_or(heard.to_string())
    })
    .await;
}

async fn checking_and_connected_are_said(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.browser.at_document_start(LISTEN).await;
            world.sandbox.set_keys_fault(Some(KeysFault::Slow));
            world.connect().await;
            wait_to_hear(world, "in turn", "Checking that the answer is genuine…").await;
            wait_to_hear(world, "in turn", "Overview").await;
            wait_to_hear(world, "in turn", "Connected until").await;
            wait_to_hear(world, "in turn", "Bluebird Bakery").await;
            world.click_link("Connection").await;
            wait_to_hear(world, "in turn", "Connection").await;
            world.click_button("Disconnect").await;
            wait_to_hear(world, "in turn", "Not connected").await;
            assert_nothing_urgent(world).await;
        })
        .await;
}

/// Only errors interrupt.
async fn assert_nothing_urgent(world: &World) {
    let urgent = "return window.heard.filter(([how]) => how === 'at once')";
    assert_eq!(world.browser.script(urgent, vec![]).await, json!([]));
}

#[tokio::test]
async fn leaving_is_said() {
    let nowhere = serve_nothing().await;
    Setup::new()
        .setting("authorization_endpoint", format!("{nowhere}/authorize"))
        .run(async |world: &World| {
            world.browser.at_document_start(LISTEN).await;
            // Both by the first page's own module and by the application.
            for started in [false, true] {
                world.visit("/").await;
                if started {
                    world.wait_for_session("not-connected").await;
                }
                world.click_button("Connect Constant Contact").await;
                wait_to_hear(world, "in turn", "Taking you to Constant Contact…").await;
                assert_nothing_urgent(world).await;
            }
        })
        .await;
}

async fn a_refusal_is_said_at_once(setup: Setup) {
    setup
        .scenario(Scenario::BadSignature)
        .run(async |world: &World| {
            world.browser.at_document_start(LISTEN).await;
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("bad_signature").await;
            wait_to_hear(world, "in turn", "The connection was not made").await;
            // All of its visible text, except for the code and the buttons.
            for shown in world
                .browser
                .texts(".alert > h2, .alert > p:not(.code-line)")
                .await
            {
                wait_to_hear(world, "at once", shown.trim()).await;
            }
            world.click_button("Not now").await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
            // An outdated message is not left there to be read.
            assert_eq!(world.browser.texts("#alarm > *").await, [""; 0]);
        })
        .await;
}

#[tokio::test]
async fn the_coming_end_and_the_end_are_said() {
    Setup::new()
        .run(async |world: &World| {
            world.browser.at_document_start(LISTEN).await;
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.let_time_pass(world.lifetime() - 290).await;
            wait_to_hear(world, "in turn", "Your connection ends at").await;
            assert_nothing_urgent(world).await;
            world.let_time_pass(291).await;
            wait_to_hear(world, "in turn", "Not connected").await;
            wait_to_hear(world, "in turn", "You will be redirected to Constant Contact in").await;
            wait_to_hear(world, "at once", "Your connection ended at").await;
            world.click_button("Not now").await;
        })
        .await;
}

async fn a_part_that_does_not_come_is_said_at_once(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.browser.at_document_start(LISTEN).await;
            world.sandbox.set_api_fault(Some(ApiFault::Status403));
            world.connect().await;
            world.wait_for_alert("api_forbidden").await;
            world.wait_until_loaded().await;
            let titles = world.browser.texts(".alert > h2").await;
            for shown in &titles {
                wait_to_hear(world, "at once", shown.trim()).await;
            }
            // Once each, however often the page updates the time.
            world.let_time_pass(10).await;
            world.let_time_pass(10).await;
            let said = "return window.heard.filter(([how]) => how === 'at once').length";
            assert_eq!(
                world.browser.script(said, vec![]).await,
                json!(titles.len())
            );
        })
        .await;
}
