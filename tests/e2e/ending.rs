//! The end of a connection, as several tests look at it.

use cc_connect_e2e::{World, holds_for, looks_like_a_token};
use std::time::Duration;

/// Longer than the countdown, in seconds: if nothing has happened by then, nothing will.
const BEYOND_THE_COUNTDOWN: i64 = 22;

/// Lets the connection end while the machine sleeps.
pub(crate) async fn end(world: &World) {
    world.let_time_pass(world.lifetime() + 1).await;
    wait_for_the_end(world).await;
}

pub(crate) async fn wait_for_the_end(world: &World) {
    world.wait_for_heading("Your connection has ended").await;
    world.wait_for_session("not-connected").await;
}

pub(crate) async fn assert_erased(world: &World, token: &str) {
    assert_eq!(world.stored("cc-connect/session").await, None);
    let stored = "return JSON.stringify([{...sessionStorage}, {...localStorage}])";
    let stored = world.browser.script(stored, vec![]).await.to_string();
    assert!(!stored.contains(token) && !looks_like_a_token(&stored));
}

/// Lets the page notice that it is visible, which starts a countdown, and then advances the time
/// past it.
pub(crate) async fn skip_the_countdown(world: &World) {
    world.let_time_pass(0).await;
    world.let_time_pass(BEYOND_THE_COUNTDOWN).await;
}

/// No authorization is requested, although the clock advances beyond the end of a countdown. That
/// countdowns follow the clock is proven by `expiry::the_countdown_goes_by_the_clock`.
pub(crate) async fn assert_stays(world: &World) {
    let before = world.authorization_requests().len();
    skip_the_countdown(world).await;
    // The page acts on the time as soon as it is looked at.
    holds_for(Duration::from_secs(1), "staying on the page", async || {
        let now = world.authorization_requests().len();
        let at_app = world
            .browser
            .url()
            .await
            .as_str()
            .starts_with(world.host.origin());
        if now == before && at_app {
            Ok(())
        } else {
            Err(format!("{} more authorizations requested", now - before))
        }
    })
    .await;
}
