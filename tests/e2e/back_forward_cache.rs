//! Pages restored from the back/forward cache (`pageshow.persisted`).

use crate::ending::{assert_erased, wait_for_the_end};
use cc_connect_e2e::{Kind, Setup, World, eventually, in_both_browsers};
use serde_json::json;

in_both_browsers!(
    back_from_the_permission_page_finds_a_page_that_can_be_used,
    back_from_another_page_finds_the_connection_at_work,
    back_after_the_end_finds_the_end,
    back_after_a_disconnect_elsewhere_finds_no_connection,
    back_finds_the_connection_also_where_no_page_is_kept,
);

/// Records that a page was restored, where a reload does not erase it.
const NOTE: &str = "addEventListener('pageshow', event => {
    if (event.persisted) localStorage.setItem('shown again', location.pathname);
});";

/// Firefox caches no page that ever held a lock, even a released one. There, tests about a cached
/// page run without locks, so the app cannot detect a duplicated tab.
const NO_LOCKS: &str = "Object.defineProperty(Navigator.prototype, 'locks', { get() {} });";

/// Browsers guarantee nothing: occasionally a page is not cached. Repeats the scenario until one
/// was.
pub(crate) async fn until_a_page_was_kept(setup: Setup, scenario: impl AsyncFn(&World)) {
    setup
        .run(async |world: &World| {
            world.browser.at_document_start(NOTE).await;
            if world.browser.kind() == Kind::Firefox {
                world.browser.at_document_start(NO_LOCKS).await;
            }
            for _ in 0..4 {
                scenario(world).await;
                let kept = "return localStorage.getItem('shown again')";
                let kept = world.browser.script(kept, vec![]).await;
                if kept.is_string() {
                    return;
                }
                let start_over = "sessionStorage.clear(); localStorage.clear()";
                world.browser.script(start_over, vec![]).await;
            }
            panic!("no page was shown again as it was");
        })
        .await;
}

/// Connected, on a document that the browser may cache: the callback's has `no-store`.
async fn connect(world: &World) {
    world.connect().await;
    world.visit("/").await;
    world.wait_for_session("connected").await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
}

/// A page elsewhere, in the same tab.
async fn leave(world: &World) {
    world.browser.goto(&world.sandbox.origin()).await;
}

/// Rule (The connection and its end): A page restored from the back/forward cache
/// (`pageshow.persisted`) checks the time, the epoch and its connection before it is used
async fn back_from_the_permission_page_finds_a_page_that_can_be_used(setup: Setup) {
    until_a_page_was_kept(setup, async |world: &World| {
        world.visit("/").await;
        // Clicked by script: a driver that waits for the navigation keeps the page from being
        // cached.
        let button = "const button = document.querySelector('main button');
            button.click();
            return button.innerText.trim()";
        world.wait_for_session("not-connected").await;
        let clicked = world.browser.script(button, vec![]).await;
        assert_eq!(clicked, "Connect Constant Contact");
        world.sign_in().await;
        while world.browser.url().await.as_str() != world.host.url("/") {
            world.browser.back().await;
        }
        // Not stuck on the way out.
        world.wait_for_session("not-connected").await;
        world.click_button("Connect Constant Contact").await;
        world.allow().await;
        world.wait_for_session("connected").await;
    })
    .await;
}

/// Rule (The connection and its end): A page restored from the back/forward cache
/// (`pageshow.persisted`) checks the time, the epoch and its connection before it is used
async fn back_from_another_page_finds_the_connection_at_work(setup: Setup) {
    until_a_page_was_kept(setup, async |world: &World| {
        connect(world).await;
        let name = world.stored("cc-connect/tab").await;
        leave(world).await;
        world.browser.back().await;
        world.wait_for_session("connected").await;
        let asked = world.api_requests().len();
        world.click_link("Connection").await;
        world.wait_for_heading("Connection").await;
        world.browser.reload().await;
        world.wait_for_session("connected").await;
        world.click_link("Overview").await;
        world.browser.wait_for_text("Bluebird Bakery").await;
        assert!(world.api_requests().len() > asked);
        assert_eq!(world.stored("cc-connect/tab").await, name, "the same tab");
    })
    .await;
}

/// Rule (The connection and its end): A page restored from the back/forward cache
/// (`pageshow.persisted`) checks the time, the epoch and its connection before it is used
async fn back_after_the_end_finds_the_end(setup: Setup) {
    let setup = setup.without_renewal().setting("reauthorize", "prompt");
    until_a_page_was_kept(setup, async |world: &World| {
        connect(world).await;
        let token = world.stored_token().await;
        // A cached page cannot be reached, so its clock is advanced beforehand.
        world.let_time_pass(0).await;
        let move_on = "const millis = arguments[0] * 1000;
            const moveOn = () => { window.__clock.ahead += millis; };
            addEventListener('pageshow', moveOn, {capture: true, once: true});";
        let asleep = world.lifetime() + 60;
        world.browser.script(move_on, vec![json!(asleep)]).await;
        leave(world).await;
        let asked = world.api_requests().len();
        world.let_time_pass_unseen(asleep).await;
        world.browser.back().await;
        wait_for_the_end(world).await;
        assert_erased(world, &token).await;
        assert_eq!(world.api_requests().len(), asked);
    })
    .await;
}

/// Rule (The connection and its end): A page restored from the back/forward cache
/// (`pageshow.persisted`) checks the time, the epoch and its connection before it is used
async fn back_after_a_disconnect_elsewhere_finds_no_connection(setup: Setup) {
    setup
        .run(async |world: &World| {
            connect(world).await;
            leave(world).await;
            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;
            world.browser.close_tab().await;
            world.browser.switch_to(first).await;
            let asked = world.api_requests().len();
            // Cached or not: a browser may evict a cached page that was sent a message.
            world.browser.back().await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.browser.url().await.as_str(), world.host.url("/"));
            let text = world.browser.text().await;
            assert!(!text.contains("Bluebird Bakery"), "{text}");
            let account = "return [...Object.keys(sessionStorage)]
                .filter(key => key.startsWith('cc-connect/'))";
            eventually("an empty storage", async || {
                let keys = world.browser.try_script(account, vec![]).await?;
                (keys == json!([])).then_some(()).ok_or(keys.to_string())
            })
            .await;
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// A page with an `unload` listener is not cached.
const NOT_KEPT: &str = "addEventListener('unload', () => {});";

/// Rule (The connection and its end): A page restored from the back/forward cache
/// (`pageshow.persisted`) checks the time, the epoch and its connection before it is used
async fn back_finds_the_connection_also_where_no_page_is_kept(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            world.browser.at_document_start(NOT_KEPT).await;
            world.connect().await;
            world.visit("/connection").await;
            world.wait_for_session("connected").await;
            let name = world.stored("cc-connect/tab").await;
            leave(world).await;
            world.browser.back().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.stored("cc-connect/tab").await, name, "the same tab");

            world.visit("/").await;
            world.wait_for_session("connected").await;
            leave(world).await;
            world.let_time_pass_unseen(world.lifetime() + 60).await;
            world.browser.back().await;
            wait_for_the_end(world).await;
        })
        .await;
}
