//! From the first page to a connection and back, without a mouse.

use cc_connect_e2e::{Role, Setup, World, eventually, in_chromium};
use cc_connect_sandbox::{ApiFault, Scenario};
use serde_json::json;

in_chromium!(
    a_person_connects_and_disconnects_with_the_keyboard_alone,
    a_refusal_is_read_and_copied_with_the_keyboard_alone,
);

const TAB: &str = "\u{e004}";
const SHIFT_AND_TAB: &str = "\u{e008}\u{e004}";
const ENTER: &str = "\u{e007}";
const SPACE: &str = " ";

async fn a_person_connects_and_disconnects_with_the_keyboard_alone(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            press(world, ENTER, "Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            press(world, ENTER, "Sign in").await;
            press(world, ENTER, "Allow").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            wait_for_the_account(world).await;
            press(world, ENTER, "Connection").await;
            world.wait_for_heading("Connection").await;
            wait_for_focus_on_the_page(world).await;
            press(world, SPACE, "Disconnect").await;
            world.wait_for_session("not-connected").await;
            wait_for_focus_on_the_page(world).await;
        })
        .await;
}

#[tokio::test]
async fn after_the_end_a_person_re_authorizes_with_the_keyboard_alone() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            wait_for_the_account(world).await;
            press(world, ENTER, "Connection").await;
            world.wait_for_heading("Connection").await;
            world.let_time_pass(world.lifetime() + 60).await;
            world.wait_for_alert("connection_expired").await;
            wait_for_focus_on_the_page(world).await;
            press(world, SPACE, "Re-authorize now").await;
            world.wait_for_authorization_server().await;
            press(world, ENTER, "Allow").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
        })
        .await;
}

async fn a_refusal_is_read_and_copied_with_the_keyboard_alone(setup: Setup) {
    setup
        .scenario(Scenario::BadSignature)
        .run(async |world: &World| {
            world.browser.allow_clipboard(world.host.origin()).await;
            world.visit("/").await;
            press(world, ENTER, "Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            press(world, ENTER, "Sign in").await;
            press(world, ENTER, "Allow").await;
            world.wait_for_alert("bad_signature").await;
            press(world, SPACE, "Copy details").await;
            world.browser.wait_for_text("Copied.").await;
            press(world, SPACE, "For developers: how far the checks got").await;
            let sections = world.browser.texts("details[open] a").await;
            let last = sections.last().expect("a section for each check");
            reach(world, last).await;
        })
        .await;
}

#[tokio::test]
async fn tab_goes_through_the_page_as_it_is_read_and_back() {
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let order = [
                "Skip to content",
                "CC Connect",
                "Connect Constant Contact",
                "Set up",
                "Language",
                "System",
            ];
            for name in order {
                world.browser.press(TAB).await;
                assert_eq!(world.browser.focused().await.unwrap(), name);
                assert_focus_is_visible(world, name).await;
            }
            for name in order.iter().rev().skip(1) {
                world.browser.press_together(SHIFT_AND_TAB).await;
                assert_eq!(world.browser.focused().await.unwrap(), *name);
            }
        })
        .await;
}

#[tokio::test]
async fn the_first_link_skips_the_head_of_the_page() {
    Setup::new()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            world.browser.press(TAB).await;
            assert_eq!(world.browser.focused().await.unwrap(), "Skip to content");
            world.browser.press(ENTER).await;
            eventually("the focus on the content", async || {
                let place = "return document.activeElement.id";
                let place = world.browser.try_script(place, vec![]).await?;
                (place == json!("main"))
                    .then_some(())
                    .ok_or(place.to_string())
            })
            .await;
            // The address bar's fragment is reserved for responses.
            assert_eq!(world.browser.url().await.as_str(), world.host.url("/"));
            world.browser.press(TAB).await;
            let next = world.browser.focused().await.unwrap();
            assert_eq!(next, "Connect Constant Contact");
        })
        .await;
}

#[tokio::test]
async fn in_forced_colors_the_focus_is_seen_as_well() {
    Setup::new()
        .run(async |world: &World| {
            let forced = [("forced-colors", "active")];
            world.browser.prefer(&forced).await;
            world.connect().await;
            wait_for_the_account(world).await;
            press(world, ENTER, "Connection").await;
            world.wait_for_heading("Connection").await;
            reach(world, "System").await;
        })
        .await;
}

#[tokio::test]
async fn a_question_that_was_answered_gives_the_focus_back() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            wait_for_the_account(world).await;
            press(world, ENTER, "Connection").await;
            world.wait_for_heading("Connection").await;
            press(world, ENTER, "Copy access token").await;
            world.browser.wait_for(Role::Button, "Copy it").await;
            world.browser.press(TAB).await;
            assert_eq!(world.browser.focused().await.unwrap(), "Copy it");
            press(world, SPACE, "Cancel").await;
            eventually("the button that asked", async || {
                let focused = world.browser.focused().await.map_err(|e| e.to_string())?;
                (focused == "Copy access token")
                    .then_some(())
                    .ok_or(focused)
            })
            .await;
        })
        .await;
}

#[tokio::test]
async fn trying_again_does_not_lose_the_place() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_api_fault(Some(ApiFault::Status503));
            world.connect().await;
            world.wait_for_alert("api_unavailable").await;
            world.wait_until_loaded().await;
            let failed = world.alerts().await.len();
            world.sandbox.set_api_fault(None);
            press(world, ENTER, "Try again").await;
            eventually("one error less", async || {
                let left = world.alerts().await.len();
                (left < failed).then_some(()).ok_or(left.to_string())
            })
            .await;
            let place = "return document.activeElement.tagName";
            assert_eq!(world.browser.script(place, vec![]).await, json!("SECTION"));
        })
        .await;
}

/// Content still to come would move the focused element.
async fn wait_for_the_account(world: &World) {
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
}

/// After a page change, reading starts at the new page, scrolled to the top.
async fn wait_for_focus_on_the_page(world: &World) {
    eventually("the focus on the page's content", async || {
        let place = "return [document.activeElement.id, scrollY]";
        let place = world.browser.try_script(place, vec![]).await?;
        (place == json!(["main", 0]))
            .then_some(())
            .ok_or(place.to_string())
    })
    .await;
}

/// Tabs to the control with this accessible name and presses `key`.
async fn press(world: &World, key: &str, name: &str) {
    reach(world, name).await;
    world.browser.press(key).await;
}

/// Tabs to the control with this accessible name. Every control of the app on the way must show its
/// focus.
async fn reach(world: &World, name: &str) {
    eventually(format!("{name:?} under the Tab key"), async || {
        let mut passed = Vec::new();
        for _ in 0..80 {
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
                return Ok(());
            }
            passed.push(focused);
        }
        Err(format!("{passed:?}"))
    })
    .await;
}

async fn assert_focus_is_visible(world: &World, name: &str) {
    // A shadow would not be seen in forced colors.
    let ring = "const e = document.activeElement;
        if (!e || e === document.body) return true;
        const ringed = e => {
            const style = getComputedStyle(e);
            const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            const box = e.getBoundingClientRect();
            const seen = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight;
            return outline && seen && box.width > 8 && box.height > 8;
        };
        // A radio button leaves its ring to the words beside it.
        return [e, e.nextElementSibling, e.closest('label')].some(e => e && ringed(e));";
    let visible = world.browser.script(ring, vec![]).await;
    assert_eq!(visible, json!(true), "no focus ring on {name:?}");
}
