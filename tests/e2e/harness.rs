//! The harness itself, on a page of its own: a test that could not fail would prove nothing.

use cc_connect_e2e::{Dist, Role, Setup, World, eventually};
use serde_json::json;
use std::path::Path;

fn own_page() -> Setup {
    Setup::new().dist(Dist {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("page"),
        base: "/",
    })
}

async fn fails(test: impl AsyncFnOnce(&World) + 'static) -> String {
    // A task of its own turns the expected panic into a value.
    let failed = tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(own_page().failing_on_purpose().run(test)).await
        })
        .await
        .expect_err("the test should have failed");
    let panic = failed.into_panic();
    match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => String::new(),
    }
}

#[tokio::test]
async fn controls_are_found_by_accessible_name() {
    own_page()
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_heading("A page of the harness").await;
            let buttons = world.browser.names(Role::Button).await;
            assert_eq!(buttons, ["Plain", "Named by a label"]);
            world.click_button("Plain").await;
            world.browser.wait_for_text("clicked").await;
            world.click_link("Elsewhere").await;
            eventually("the other address", async || {
                let url = world.browser.url().await;
                (url.path() == "/elsewhere")
                    .then_some(())
                    .ok_or(url.to_string())
            })
            .await;
            world.browser.back().await;
            assert_eq!(world.browser.url().await.path(), "/");
        })
        .await;
}

#[tokio::test]
async fn an_uncaught_error_fails_a_test() {
    let message = fails(async |world: &World| world.visit("/?trouble=error").await).await;
    assert!(message.contains("on purpose"), "{message}");
}

#[tokio::test]
async fn a_violation_of_the_policy_fails_a_test() {
    let message = fails(async |world: &World| world.visit("/?trouble=policy").await).await;
    assert!(message.contains("Content Security Policy"), "{message}");
}

#[tokio::test]
async fn a_token_in_the_address_bar_fails_a_test() {
    let message = fails(async |world: &World| world.visit("/#access_token=abc").await).await;
    assert!(message.contains("a token is in"), "{message}");
}

#[tokio::test]
async fn an_alert_is_read_by_its_code() {
    own_page()
        .run(async |world: &World| {
            world.visit("/?trouble=alert").await;
            assert_eq!(world.alert_code().await, "on_purpose");
            assert_eq!(world.alerts().await, ["on_purpose"]);
            assert!(world.notices().await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn the_clock_can_be_moved() {
    own_page()
        .run(async |world: &World| {
            world.visit("/").await;
            let now = "return [Date.now(), new Date().getTime(), new Date(0).getTime()]";
            let before = world.browser.script(now, vec![]).await;
            world.browser.shift_clock(3_600).await;
            let after = world.browser.script(now, vec![]).await;
            for clock in 0..2 {
                let ahead = after[clock].as_i64().unwrap() - before[clock].as_i64().unwrap();
                assert!((3_600_000..3_660_000).contains(&ahead), "{ahead}");
            }
            assert_eq!(after[2], json!(0));
        })
        .await;
}

#[tokio::test]
async fn a_window_can_be_hidden_and_shown() {
    own_page()
        .run(async |world: &World| {
            world.visit("/").await;
            world.browser.hide().await;
            world.browser.show().await;
        })
        .await;
}

#[tokio::test]
async fn tabs_share_a_profile_but_no_session() {
    own_page()
        .run(async |world: &World| {
            world.visit("/").await;
            let store = "localStorage.a = 1; sessionStorage.a = 1";
            world.browser.script(store, vec![]).await;
            let first = world.browser.open_tab().await;
            world.visit("/").await;
            assert_eq!(world.stored_keys("localStorage").await, ["a"]);
            assert!(world.stored_keys("sessionStorage").await.is_empty());
            world.browser.switch_to(first).await;
            assert_eq!(world.stored_keys("sessionStorage").await, ["a"]);
        })
        .await;
}
