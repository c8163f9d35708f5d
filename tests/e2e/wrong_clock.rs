//! A wrong computer clock: the time comes from the page's own host.

use crate::ending::{assert_erased, assert_stays, skip_the_countdown, wait_for_the_end};
use cc_connect_e2e::{Dated, Setup, World, eventually, holds_for, in_both_browsers, with_code};
use cc_connect_sandbox::Scenario;
use serde_json::json;
use std::time::Duration;

in_both_browsers!(
    a_clock_a_day_ahead,
    a_clock_set_while_connected_ends_nothing,
    the_time_of_a_kept_answer_is_reckoned_with_its_age,
    without_a_date_the_computers_clock_counts,
    a_date_that_comes_back_is_believed_again;
    chromium:
    a_clock_an_hour_ahead,
    a_clock_an_hour_behind,
    a_clock_a_day_behind,
    the_end_comes_at_the_true_time_on_a_clock_a_day_ahead,
    the_end_comes_at_the_true_time_on_a_clock_a_day_behind,
    a_wrong_clock_and_short_lives_make_no_loop,
    a_token_that_ended_stays_ended_when_the_clock_is_set_back,
    an_expired_token_is_refused_under_a_clock_that_would_accept_it,
    a_clock_that_is_a_little_wrong_is_not_mentioned,
    without_a_date_a_wrong_clock_is_suspected,
    a_host_with_a_wrong_clock_is_corrected_and_named,
);

with_code!(a_wrong_clock_and_short_lives_make_no_loop);

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Useless `Date` fields: not a date, a date in another format, and that of a clock that was never
/// set.
const USELESS_DATES: [Dated; 4] = [
    Dated::Missing,
    Dated::Text("soon"),
    Dated::Text("2026-11-23T19:15:00Z"),
    Dated::Text("Thu, 01 Jan 1970 00:00:00 GMT"),
];

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
///
/// Rule (The time): A clock that is off by a minute or more is reported, with the difference →
/// `clock_wrong`
async fn a_clock_an_hour_ahead(setup: Setup) {
    lives_through(setup, HOUR, "1 hour ahead").await;
}

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
async fn a_clock_an_hour_behind(setup: Setup) {
    lives_through(setup, -HOUR, "1 hour behind").await;
}

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
async fn a_clock_a_day_ahead(setup: Setup) {
    lives_through(setup, DAY, "1 day ahead").await;
}

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
async fn a_clock_a_day_behind(setup: Setup) {
    lives_through(setup, -DAY, "1 day behind").await;
}

/// A whole connection on a computer whose clock is `ahead`, from the first page to expiry.
async fn lives_through(setup: Setup, ahead: i64, in_words: &str) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.shift_clock_from_start(ahead).await;
            world.visit("/").await;
            world.wait_for_notice("clock_wrong").await;
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            assert!(world.alerts().await.is_empty());
            assert_told(world, in_words).await;

            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_told(world, in_words).await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;

            world.let_time_pass(world.lifetime() - 6 * MINUTE).await;
            holds_for(Duration::from_secs(3), "the connection", async || {
                let seen = world.glance().await?;
                let early = seen["notices"] == json!(["clock_wrong"]);
                (early && seen["session"] == "connected")
                    .then_some(())
                    .ok_or(seen.to_string())
            })
            .await;
            world.let_time_pass(2 * MINUTE).await;
            world.wait_for_notice("expires_soon").await;
            world.wait_for_session("connected").await;
            let token = world.stored_token().await;
            world.let_time_pass(5 * MINUTE).await;
            wait_for_the_end(world).await;
            world.wait_for_alert("connection_expired").await;
            assert_erased(world, &token).await;
            assert_told(world, in_words).await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// The page shows how far off the clock is.
async fn assert_told(world: &World, in_words: &str) {
    world.wait_for_notice("clock_wrong").await;
    eventually(format!("{in_words:?} in the notice"), async || {
        let notices = world.browser.texts("[data-code=clock_wrong]").await;
        let told = notices.len() == 1 && notices[0].contains(in_words);
        told.then_some(()).ok_or(format!("{notices:?}"))
    })
    .await;
}

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
async fn the_end_comes_at_the_true_time_on_a_clock_a_day_ahead(setup: Setup) {
    ends_at_the_true_time(setup, DAY).await;
}

/// Rule (The time): On a computer whose clock is off by an hour or a day, either way, the
/// connection works and ends at the true time
async fn the_end_comes_at_the_true_time_on_a_clock_a_day_behind(setup: Setup) {
    ends_at_the_true_time(setup, -DAY).await;
}

/// In real time, without any help from the test.
async fn ends_at_the_true_time(setup: Setup, ahead: i64) {
    setup
        .without_renewal()
        .token_lifetime(10)
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.shift_clock_from_start(ahead).await;
            world.connect().await;
            let expires_at = expiry_of(&world.stored_token().await);
            wait_for_the_end(world).await;
            let now = true_time();
            // `Date` has whole seconds, so the page may be up to one second ahead.
            assert!(now + 1 >= expires_at, "{} s too early", expires_at - now);
        })
        .await;
}

fn true_time() -> i64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().cast_signed()
}

fn expiry_of(token: &str) -> i64 {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
    let claims = token.split('.').nth(1).expect("three parts");
    let claims = BASE64URL.decode(claims).expect("claims are base64url");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("claims are JSON");
    claims["exp"].as_i64().expect("exp is a number")
}

/// Rule (The time): A wrong clock, here or at the host, causes no loop
async fn a_wrong_clock_and_short_lives_make_no_loop(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(8)
        .run(async |world: &World| {
            world.browser.shift_clock_from_start(HOUR).await;
            world.connect().await;
            wait_for_the_end(world).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            wait_for_the_end(world).await;
            // The first was requested, the second automatic, and there is no third.
            assert_stays(world).await;
            assert_eq!(world.authorization_requests().len(), 2);
        })
        .await;
}

/// Rule (The time): Time passes by a monotonic clock that nobody can set
async fn a_clock_set_while_connected_ends_nothing(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert!(world.notices().await.is_empty());
            for (ahead, in_words) in [
                (DAY, "1 day ahead"),
                (-DAY, "1 day behind"),
                (22 * MINUTE, "22 minutes ahead"),
            ] {
                world.browser.shift_clock(ahead).await;
                assert_told(world, in_words).await;
                world.wait_for_session("connected").await;
                // The token is still used, even by a document that starts under this clock.
                let asked = world.api_requests().len();
                world.visit("/").await;
                world.wait_for_session("connected").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                assert!(world.api_requests().len() > asked);
                assert_told(world, in_words).await;
            }
            world.browser.shift_clock(0).await;
            eventually("no more notice", async || {
                let notices = world.notices().await;
                notices
                    .is_empty()
                    .then_some(())
                    .ok_or(format!("{notices:?}"))
            })
            .await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The time): No clock makes an expired token valid
async fn a_token_that_ended_stays_ended_when_the_clock_is_set_back(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(8)
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            wait_for_the_end(world).await;
            let asked = world.api_requests().len();
            world.browser.shift_clock(-DAY).await;
            assert_told(world, "1 day behind").await;
            world.wait_for_session("not-connected").await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert_erased(world, &token).await;
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// Rule (The time): No clock makes an expired token valid
async fn an_expired_token_is_refused_under_a_clock_that_would_accept_it(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(8)
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            let session = world.stored("cc-connect/session").await.unwrap();
            wait_for_the_end(world).await;
            let asked = world.api_requests().len();
            world.browser.shift_clock_from_start(-HOUR).await;
            // Like a tab that was closed before expiry and is restored now.
            let restore = "sessionStorage.setItem('cc-connect/session', arguments[0])";
            world.browser.script(restore, vec![json!(session)]).await;
            world.browser.reload().await;
            wait_for_the_end(world).await;
            world.wait_for_alert("connection_expired").await;
            assert_eq!(world.stored("cc-connect/session").await, None);
            assert_eq!(world.api_requests().len(), asked, "no request with it");

            // Nor is an expired token accepted that only arrives now.
            world.sandbox.use_scenario(Scenario::Expired);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_alert("token_expired").await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.api_requests().len(), asked, "no request with it");
        })
        .await;
}

/// Rule (The time): A clock that is off by a minute or more is reported, with the difference →
/// `clock_wrong`
async fn a_clock_that_is_a_little_wrong_is_not_mentioned(setup: Setup) {
    setup
        .run(async |world: &World| {
            for ahead in [-50, 50] {
                world.browser.shift_clock_from_start(ahead).await;
                world.visit("/").await;
                world.wait_for_session("not-connected").await;
                holds_for(Duration::from_secs(3), "no notice", async || {
                    let notices = world.notices().await;
                    notices
                        .is_empty()
                        .then_some(())
                        .ok_or(format!("{notices:?}"))
                })
                .await;
            }
            world.browser.shift_clock_from_start(70).await;
            world.visit("/").await;
            assert_told(world, "1 minute ahead").await;
        })
        .await;
}

/// Rule (The time): The time is the host's: `Date` and `Age` of a response from the page's own
/// origin
async fn the_time_of_a_kept_answer_is_reckoned_with_its_age(setup: Setup) {
    setup
        .run(async |world: &World| {
            for dated in [
                Dated::Cached(20),
                Dated::Cached(2 * HOUR),
                Dated::CachedWithCurrentDate(2 * HOUR),
            ] {
                world.host.set_dated(dated.clone());
                world.browser.shift_clock_from_start(0).await;
                world.connect().await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                assert!(world.notices().await.is_empty(), "{dated:?}");
                world.disconnect().await;
            }
            for dated in [Dated::Cached(20), Dated::Cached(2 * HOUR)] {
                world.host.set_dated(dated);
                world.browser.shift_clock_from_start(DAY).await;
                world.connect().await;
                assert_told(world, "1 day ahead").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                world.disconnect().await;
            }
        })
        .await;
}

/// Rule (The time): Without a usable `Date` this computer's clock is used; an error that it may
/// have caused says so → `clock_suspected`
async fn without_a_date_the_computers_clock_counts(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            for dated in USELESS_DATES {
                world.host.set_dated(dated.clone());
                world.connect().await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                assert!(world.notices().await.is_empty(), "{dated:?}");
                world.disconnect().await;
            }
            world.connect().await;
            world.let_time_pass(world.lifetime() - 4 * MINUTE).await;
            world.wait_for_notice("expires_soon").await;
            world.wait_for_session("connected").await;
            world.let_time_pass(5 * MINUTE).await;
            wait_for_the_end(world).await;
        })
        .await;
}

/// Rule (The time): Without a usable `Date` this computer's clock is used; an error that it may
/// have caused says so → `clock_suspected`
async fn without_a_date_a_wrong_clock_is_suspected(setup: Setup) {
    setup
        .token_lifetime(8 * HOUR.cast_unsigned())
        .run(async |world: &World| {
            for (ahead, code, in_words) in [
                (HOUR, "issued_before_request", "1 hour ahead"),
                (-HOUR, "issued_in_the_future", "1 hour behind"),
                (DAY, "token_expired", "16 hours ahead"),
                (-DAY, "issued_in_the_future", "1 day behind"),
            ] {
                for dated in USELESS_DATES.into_iter().take(2) {
                    world.host.set_dated(dated.clone());
                    world.browser.shift_clock_from_start(ahead).await;
                    let asked = world.authorization_requests().len();
                    world.visit("/").await;
                    world.click_button("Connect Constant Contact").await;
                    world.allow().await;
                    world.wait_for_alert(code).await;
                    world.wait_for_session("not-connected").await;
                    let suspected = ".alert [data-code=clock_suspected]";
                    let suspected = world.browser.texts(suspected).await;
                    assert_eq!(suspected.len(), 1, "{ahead} s, {dated:?}");
                    assert!(suspected[0].contains(in_words), "{suspected:?}");
                    // Nothing is known, so nothing is reported.
                    assert!(world.notices().await.is_empty());
                    assert_eq!(world.stored("cc-connect/session").await, None);
                    assert_eq!(world.authorization_requests().len(), asked + 1);
                }
                assert_stays(world).await;
            }
            assert!(world.api_requests().is_empty(), "no token was ever used");
        })
        .await;
}

/// Rule (The time): A `Date` that cannot be right is not used
async fn a_date_that_comes_back_is_believed_again(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.host.set_dated(Dated::Missing);
            world.browser.shift_clock_from_start(HOUR).await;
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            // The request was made at a wrong time, and the response arrives at the correct one.
            world.host.set_dated(Dated::Now);
            world.allow().await;
            world.wait_for_alert("pending_authorization_expired").await;
            assert_told(world, "1 hour ahead").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
        })
        .await;
}

/// L4: a fresh token agrees with this computer about the time, so the host is the one that is wrong. It is
/// corrected, named, and prevents no connection.
///
/// Rule (The time): A wrong clock, here or at the host, causes no loop
///
/// Rule (The time): If a new token and this computer contradict the host's clock, the time is
/// corrected and the host reported
async fn a_host_with_a_wrong_clock_is_corrected_and_named(setup: Setup) {
    setup
        .run(async |world: &World| {
            for (ahead, in_words) in [(HOUR, "1 hour behind"), (-HOUR, "1 hour ahead")] {
                world.host.set_dated(Dated::Ahead(ahead));
                let asked = world.authorization_requests().len();
                world.visit("/").await;
                // Nothing better is known yet.
                assert_told(world, in_words).await;
                world.click_button("Connect Constant Contact").await;
                world.allow().await;
                world.wait_for_session("connected").await;
                world.wait_for_notice("host_clock_wrong").await;
                world.browser.wait_for_text("Bluebird Bakery").await;
                assert_eq!(world.authorization_requests().len(), asked + 1);
                world.disconnect().await;
            }
        })
        .await;
}

/// Takes the tab offline, which only Chromium supports.
mod off_the_network {
    use super::a_clock_set_while_offline_ends_a_connection_at_most_early;

    cc_connect_e2e::with_both_grants!(a_clock_set_while_offline_ends_a_connection_at_most_early);
}

/// Rule (The time): If the host cannot be asked, the later of both clocks counts: the connection
/// ends too early rather than too late
async fn a_clock_set_while_offline_ends_a_connection_at_most_early(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            let token = world.stored_token().await;
            world.browser.set_offline(true).await;
            // Set back: the page has its own count, so nothing is gained.
            world.browser.shift_clock(-DAY).await;
            holds_for(Duration::from_secs(3), "the connection", async || {
                let seen = world.glance().await?;
                let connected = seen["session"] == "connected";
                connected.then_some(()).ok_or(seen.to_string())
            })
            .await;
            // Set forward: the page may have slept past expiry, as far as it can tell.
            world.browser.shift_clock(DAY).await;
            wait_for_the_end(world).await;
            assert_erased(world, &token).await;
            world.browser.set_offline(false).await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            skip_the_countdown(world).await;
            world.wait_for_session("connected").await;
        })
        .await;
}
