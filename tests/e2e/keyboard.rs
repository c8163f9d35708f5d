//! The journey without a mouse.

use cc_connect_e2e::{Setup, World, with_both_grants};
use serde_json::json;

with_both_grants!(a_person_connects_and_disconnects_with_the_keyboard_alone,);

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

async fn a_person_connects_and_disconnects_with_the_keyboard_alone(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            activate(world, "Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            activate(world, "Sign in").await;
            activate(world, "Allow").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            activate(world, "Connection").await;
            world.wait_for_heading("Connection").await;
            activate(world, "Disconnect").await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Tabs to the control with this accessible name and presses Enter. On the way, every control of
/// the app shows that it has the focus.
async fn activate(world: &World, name: &str) {
    cc_connect_e2e::eventually(format!("{name:?} under the Tab key"), async || {
        let mut passed = Vec::new();
        for _ in 0..60 {
            world.browser.press(TAB).await;
            let focused = world.browser.focused().await.map_err(|e| e.to_string())?;
            if world
                .browser
                .url()
                .await
                .as_str()
                .starts_with(world.host.origin())
            {
                assert_focus_is_visible(world, &focused).await;
            }
            if focused == name {
                world.browser.press(ENTER).await;
                return Ok(());
            }
            passed.push(focused);
        }
        Err(format!("{passed:?}"))
    })
    .await;
}

async fn assert_focus_is_visible(world: &World, name: &str) {
    let ring = "const e = document.activeElement;
        if (!e || e === document.body) return true;
        const ringed = e => {
            const style = getComputedStyle(e);
            const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            const box = e.getBoundingClientRect();
            return (outline || style.boxShadow !== 'none') && box.width > 8 && box.height > 8;
        };
        // A radio button may leave its ring to the words beside it.
        return [e, e.nextElementSibling, e.closest('label')].some(e => e && ringed(e));";
    let visible = world.browser.script(ring, vec![]).await;
    assert_eq!(visible, json!(true), "no focus ring on {name:?}");
}
