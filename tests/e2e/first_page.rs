//! The Connect page before the application has loaded.

use cc_connect_e2e::{Setup, World, eventually, holds_for, in_both_browsers, with_code};
use serde_json::json;
use std::time::Duration;

in_both_browsers!(
    the_button_works_before_the_application_is_there,
    the_application_is_fetched_at_once_and_starts_when_it_is_needed,
    left_alone_the_application_starts_by_itself,
    a_focus_outlives_the_first_paint,
    without_its_module_the_button_works_once_the_application_is_there,
    what_a_host_lacks_for_a_moment_is_asked_for_past_the_cache,
);

with_code!(the_button_works_before_the_application_is_there);

fn is_application(path: &str) -> bool {
    path.contains("/cc-connect-") && path.ends_with(".wasm")
}

fn is_first_module(path: &str) -> bool {
    path.contains("/connect-")
}

/// Rule (The page): The Connect page's own module sends the same request as the application, and
/// only one of the two acts
async fn the_button_works_before_the_application_is_there(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.host.hold(is_application);
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            world.host.release();
            world.allow().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Whether the first paint is shown, without triggering the application.
async fn is_first_paint(world: &World) -> Result<bool, String> {
    let stands = "return document.querySelector('.first-connect') !== null";
    let stands = world.browser.try_script(stands, vec![]).await?;
    Ok(stands == json!(true))
}

async fn wait_for_the_button(world: &World) {
    eventually("a button to press", async || {
        let enabled = "return document.querySelector('#first-connect:enabled') !== null";
        let enabled = world.browser.try_script(enabled, vec![]).await?;
        (enabled == json!(true)).then_some(()).ok_or("none".into())
    })
    .await;
}

async fn wait_for_the_application(world: &World) {
    eventually("the application", async || {
        let stands = is_first_paint(world).await?;
        (!stands).then_some(()).ok_or("the first paint".into())
    })
    .await;
}

/// Hovers over something that needs the application.
async fn hover(world: &World) {
    let over = "document.querySelector('.footer label')
        .dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))";
    world.browser.script(over, vec![]).await;
}

/// Of the page's timers those do nothing that are there for a page that is left alone.
const PATIENT: &str = "const { setTimeout } = window;
    window.setTimeout = (task, delay, ...rest) =>
        delay >= 1000 ? 0 : setTimeout(task, delay, ...rest);";

/// Rule (The page): The Connect page's own module sends the same request as the application, and
/// only one of the two acts
async fn the_application_is_fetched_at_once_and_starts_when_it_is_needed(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.browser.at_document_start(PATIENT).await;
            world.visit("/").await;
            wait_for_the_button(world).await;
            eventually("the application fetched", async || {
                let fetched = "return performance.getEntriesByType('resource')
                    .some(e => e.name.includes('/cc-connect-') && e.name.endsWith('.wasm'))";
                let fetched = world.browser.try_script(fetched, vec![]).await?;
                (fetched == json!(true)).then_some(()).ok_or("no".into())
            })
            .await;
            holds_for(Duration::from_secs(2), "the first paint", async || {
                let stands = is_first_paint(world).await?;
                stands.then_some(()).ok_or("it has started".into())
            })
            .await;
            hover(world).await;
            wait_for_the_application(world).await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
        })
        .await;
}

async fn left_alone_the_application_starts_by_itself(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            wait_for_the_application(world).await;
        })
        .await;
}

async fn a_focus_outlives_the_first_paint(setup: Setup) {
    setup
        .run(async |world: &World| {
            for name in [
                "Skip to content",
                "CC Connect",
                "Connect Constant Contact",
                "Set up",
            ] {
                world.host.hold(is_application);
                world.visit("/").await;
                wait_for_the_button(world).await;
                let focus = "const all = [...document.querySelectorAll('a, button')];
                    const one = all.find(e => e.textContent.trim() === arguments[0]);
                    one.focus();
                    return document.activeElement === one";
                let focused = world.browser.script(focus, vec![json!(name)]).await;
                assert_eq!(focused, json!(true), "{name}");
                world.host.release();
                world.wait_for_session("not-connected").await;
                let focused = "return document.activeElement.textContent.trim()";
                assert_eq!(world.browser.script(focused, vec![]).await, json!(name));
            }
        })
        .await;
}

fn is_of_the_application(path: &str) -> bool {
    path.contains("/cc-connect-")
}

/// B6: the button works, and failures that do not matter are not reported. What is needed later is
/// requested again, bypassing the cached failure.
#[tokio::test]
async fn a_page_that_works_is_not_taken_away() {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("integrity");
            world.host.lose(is_of_the_application);
            world.visit("/").await;
            wait_for_the_button(world).await;
            hover(world).await;
            holds_for(Duration::from_secs(6), "the first paint", async || {
                let usable = "return document.querySelector('#first-connect:enabled')
                    ?.checkVisibility() && !document.querySelector('.first-failed').checkVisibility()";
                let usable = world.browser.try_script(usable, vec![]).await?;
                (usable == json!(true)).then_some(()).ok_or("it is gone".into())
            })
            .await;
            world.host.find();
            hover(world).await;
            wait_for_the_application(world).await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
        })
        .await;
}

/// B14: a host that sends its immutable caching header with a 404, too. *Try again* still reaches
/// the file, and the response is not lost meanwhile.
async fn what_a_host_lacks_for_a_moment_is_asked_for_past_the_cache(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("integrity");
            world.expect_on_console("The application could not be loaded");
            world.expect_on_console("Loading module from");
            world.host.lose(is_of_the_application);
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("not_loaded").await;
            let url = world.browser.url().await;
            assert_eq!(url.as_str(), world.host.redirect_uri());
            world.host.find();
            world.click_link("Try again").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The page): The Connect page's own module sends the same request as the application, and
/// only one of the two acts
async fn without_its_module_the_button_works_once_the_application_is_there(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.expect_on_console("integrity");
            world.host.tamper_with(is_first_module);
            world.connect().await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}
