//! Expiry of a connection: the notice before, the page after, and the way back.

use crate::ending::{assert_erased, assert_stays, end, skip_the_countdown, wait_for_the_end};
use crate::renewal::held_back;
use cc_connect_e2e::{Role, Setup, World, eventually, holds_for, in_both_browsers, with_code};
use cc_connect_sandbox::{ApiFault, Scenario};
use std::time::{Duration, Instant};

in_both_browsers!(
    five_minutes_before_the_end_a_notice_appears,
    at_the_end_the_token_is_erased_and_the_person_is_sent_back_and_returns,
    the_countdown_is_shown_and_goes_down,
    the_countdown_goes_by_the_clock,
    a_hidden_tab_waits_until_it_is_looked_at,
    a_machine_that_slept_past_the_end_notices_at_once,
    a_tab_restored_after_the_end_is_not_connected,
    a_throttled_hidden_tab_notices_the_end_when_it_is_looked_at;
    chromium:
    the_notice_renews_the_connection_in_place,
    a_prompt_does_not_count_down,
    not_now_stops_the_countdown,
    there_is_no_second_automatic_attempt_within_a_minute,
    a_reload_of_the_ended_page_starts_no_second_attempt,
    nothing_starts_by_itself_after_an_error,
    a_machine_that_counts_its_sleep_notices_the_end_as_well,
    a_request_after_a_sleep_that_nobody_noticed_is_not_sent,
    a_401_after_a_sleep_that_nobody_noticed_is_the_end,
    a_server_that_answers_with_an_error_for_ever_is_asked_once_by_itself,
    a_server_whose_tokens_have_ended_on_arrival_is_asked_once_by_itself,
    a_server_whose_tokens_are_never_accepted_is_not_asked_by_itself,
);

with_code!(at_the_end_the_token_is_erased_and_the_person_is_sent_back_and_returns);

async fn five_minutes_before_the_end_a_notice_appears(setup: Setup) {
    setup
        .without_renewal()
        .run(async |world: &World| {
            world.connect().await;
            world.let_time_pass(world.lifetime() - 360).await;
            // The page acts on the time as soon as it is looked at.
            holds_for(Duration::from_secs(1), "no notice yet", async || {
                let notices = world.notices().await;
                notices
                    .is_empty()
                    .then_some(())
                    .ok_or(format!("{notices:?}"))
            })
            .await;
            world.let_time_pass(70).await;
            world.wait_for_notice("expires_soon").await;
            world
                .browser
                .wait_for(Role::Button, "Re-authorize now")
                .await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn the_notice_renews_the_connection_in_place(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_notice("expires_soon").await;
            let before = world.stored_token().await;
            world.sandbox.set_token_lifetime(28_800);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            assert!(world.notices().await.is_empty());
            assert_ne!(world.stored_token().await, before);
        })
        .await;
}

/// Rule (The connection and its end): `exp` ends the connection; the token is erased at once →
/// `connection_expired`
async fn at_the_end_the_token_is_erased_and_the_person_is_sent_back_and_returns(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(10)
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let token = world.stored_token().await;

            wait_for_the_end(world).await;
            world.wait_for_alert("connection_expired").await;
            assert_erased(world, &token).await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            let buttons = world.browser.names(Role::Button).await;
            for name in ["Re-authorize now", "Not now"] {
                assert!(buttons.iter().any(|button| button == name), "{buttons:?}");
            }

            world.sandbox.set_token_lifetime(28_800);
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
        })
        .await;
}

async fn the_countdown_is_shown_and_goes_down(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            let first = countdown(world).await;
            assert!((1..=20).contains(&first), "{first}");
            eventually("a smaller number of seconds", async || {
                let now = countdown(world).await;
                (now < first)
                    .then_some(())
                    .ok_or(format!("{now} after {first}"))
            })
            .await;
            world.click_button("Not now").await;
        })
        .await;
}

async fn the_countdown_goes_by_the_clock(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            let before = Instant::now();
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            assert!(before.elapsed() < Duration::from_secs(4));
        })
        .await;
}

/// The number of seconds shown by the countdown.
async fn countdown(world: &World) -> u64 {
    let text = world.browser.text().await;
    let mut words = text.split_whitespace();
    let number = words
        .clone()
        .zip(words.by_ref().skip(1))
        .find_map(|(number, unit)| {
            unit.starts_with("second")
                .then(|| number.parse().ok())
                .flatten()
        });
    number.unwrap_or_else(|| panic!("no number of seconds in:\n{text}"))
}

/// Rule (The connection and its end): No authorization starts automatically if the user or the
/// deployer does not want it
async fn a_prompt_does_not_count_down(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            end(world).await;
            assert_stays(world).await;
            world.sandbox.set_token_lifetime(28_800);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
        })
        .await;
}

/// Rule (The connection and its end): No authorization starts automatically if the user or the
/// deployer does not want it
async fn not_now_stops_the_countdown(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            world.click_button("Not now").await;
            assert_stays(world).await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Rule (The connection and its end): At most one authorization a minute starts automatically
async fn there_is_no_second_automatic_attempt_within_a_minute(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            end(world).await;
            assert_stays(world).await;
            assert_eq!(world.authorization_requests().len(), 2);
            world.sandbox.set_token_lifetime(28_800);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The connection and its end): At most one authorization a minute starts automatically
async fn a_reload_of_the_ended_page_starts_no_second_attempt(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            assert_stays(world).await;
        })
        .await;
}

/// Rule (The connection and its end): No authorization starts automatically on a hidden page
async fn a_hidden_tab_waits_until_it_is_looked_at(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            world.browser.hide().await;
            end(world).await;
            assert_stays(world).await;
            world.browser.show().await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
        })
        .await;
}

/// Rule (The connection and its end): No authorization starts automatically after an error
async fn nothing_starts_by_itself_after_an_error(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            end(world).await;
            world.sandbox.use_scenario(Scenario::ServerError);
            skip_the_countdown(world).await;
            world.allow().await;
            world.wait_for_alert("server_error").await;
            assert_stays(world).await;
        })
        .await;
}

/// Rule (The connection and its end): After sleep, and in a reopened tab, the end is noticed before
/// anything else
async fn a_machine_that_slept_past_the_end_notices_at_once(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            world.let_time_pass(world.lifetime() + 60).await;
            wait_for_the_end(world).await;
            assert_erased(world, &token).await;
        })
        .await;
}

/// Rule (The connection and its end): After sleep, and in a reopened tab, the end is noticed before
/// anything else
async fn a_tab_restored_after_the_end_is_not_connected(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            world.let_time_pass_unseen(world.lifetime() + 120).await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert_erased(world, &token).await;
        })
        .await;
}

/// Rule (The connection and its end): After sleep, and in a reopened tab, the end is noticed before
/// anything else
async fn a_machine_that_counts_its_sleep_notices_the_end_as_well(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            world.let_time_pass_awake(world.lifetime() - 60).await;
            world.wait_for_notice("expires_soon").await;
            world.wait_for_session("connected").await;
            world.let_time_pass_awake(120).await;
            wait_for_the_end(world).await;
            assert_erased(world, &token).await;
        })
        .await;
}

/// Timers stop once the tab is first hidden.
const THROTTLED: &str = "let asleep = false;
    document.addEventListener('visibilitychange', () => { asleep ||= document.hidden; });
    const every = window.setInterval;
    window.setInterval = (tick, ...rest) => every(() => { if (!asleep) tick(); }, ...rest);";

/// Rule (The connection and its end): A throttled hidden tab notices the end once it is visible
async fn a_throttled_hidden_tab_notices_the_end_when_it_is_looked_at(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.at_document_start(THROTTLED).await;
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            let token = world.stored_token().await;
            world.let_time_pass(0).await;
            world.browser.hide().await;
            let_time_pass_unnoticed(world, world.lifetime() + 60, "").await;
            let asked = world.api_requests().len();
            holds_for(Duration::from_secs(1), "a page asleep", async || {
                let seen = world.glance().await?;
                let asleep = seen["session"] == "connected";
                asleep.then_some(()).ok_or(seen.to_string())
            })
            .await;
            world.browser.show().await;
            wait_for_the_end(world).await;
            assert_erased(world, &token).await;
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// Lets time pass without an event that tells the page, then runs a script in it.
async fn let_time_pass_unnoticed(world: &World, seconds: i64, then: &str) {
    world.let_time_pass_unseen(seconds).await;
    let move_on = format!("window.__clock.ahead += {seconds} * 1000; {then}");
    world.browser.script(&move_on, vec![]).await;
}

/// Rule (The connection and its end): No request is sent with an expired token
async fn a_request_after_a_sleep_that_nobody_noticed_is_not_sent(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.let_time_pass(0).await;
            let asked = 2 * world.api_requests().len();
            world.visit("/connection").await;
            world.wait_for_session("connected").await;
            // This page makes as many requests as the first, and does not show that it is loading.
            eventually("all that it asks for", async || {
                let number = world.api_requests().len();
                (number == asked)
                    .then_some(())
                    .ok_or(format!("{number} requests"))
            })
            .await;
            // The page that wants the account is opened before any tick.
            let click = "const links = [...document.querySelectorAll('nav a')];
                links.find(link => link.textContent.trim() === 'Overview').click();";
            let_time_pass_unnoticed(world, world.lifetime() + 60, click).await;
            wait_for_the_end(world).await;
            assert_eq!(world.browser.url().await.path(), "/");
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// A request sent in time arrived too late: that is an expiry, not an error.
///
/// Rule (The connection and its end): A 401 after the connection ended during sleep counts as its
/// end → `connection_expired`
async fn a_401_after_a_sleep_that_nobody_noticed_is_the_end(setup: Setup) {
    setup
        .without_renewal()
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.expect_failed_requests();
            let held_back = format!("{} window.heldBack = true;", held_back("/v3/"));
            world.browser.at_document_start(&held_back).await;
            let fault = ApiFault::Status401;
            world.sandbox.set_api_fault(Some(fault));
            world.connect().await;
            world.click_link("Connection").await;
            eventually("every request on its way", async || {
                match world.api_requests().len() {
                    4 => Ok(()),
                    number => Err(format!("{number} requests")),
                }
            })
            .await;
            world.let_time_pass(0).await;
            let_time_pass_unnoticed(world, world.lifetime() + 60, "letGo()").await;
            wait_for_the_end(world).await;
            world.wait_for_alert("connection_expired").await;
        })
        .await;
}

/// Rule (The connection and its end): A server that always responds with an error at once is asked
/// only once; so is one whose tokens are unusable
async fn a_server_that_answers_with_an_error_for_ever_is_asked_once_by_itself(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            let errors = ["temporarily_unavailable", "login_required"];
            world.sandbox.set_authorization_error(Some(errors[0]));
            end(world).await;
            skip_the_countdown(world).await;
            // The expiry, one automatic authorization, the error, and no more: two in total.
            world.wait_for_alert(errors[0]).await;
            world.wait_for_session("not-connected").await;
            assert_stays(world).await;
            world.let_time_pass(120).await;
            assert_stays(world).await;
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
            assert_stays(world).await;
            world.visit("/").await;
            assert_stays(world).await;
            assert_eq!(world.authorization_requests().len(), 2);

            // A user may retry as often as they like, with one response each time.
            for (number, error) in errors.into_iter().enumerate() {
                world.sandbox.set_authorization_error(Some(error));
                world.visit("/").await;
                world.click_button("Connect Constant Contact").await;
                world.wait_for_alert(error).await;
                assert_stays(world).await;
                assert_eq!(world.authorization_requests().len(), 3 + number);
            }
            world.sandbox.set_authorization_error(None);
            world.sandbox.set_token_lifetime(28_800);
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The connection and its end): A server that always responds with an error at once is asked
/// only once; so is one whose tokens are unusable
async fn a_server_whose_tokens_have_ended_on_arrival_is_asked_once_by_itself(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(20)
        .run(async |world: &World| {
            world.connect().await;
            world.sandbox.use_scenario(Scenario::Expired);
            end(world).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_alert("token_expired").await;
            assert_stays(world).await;
            world.let_time_pass(120).await;
            assert_stays(world).await;
            assert_eq!(world.authorization_requests().len(), 2);
        })
        .await;
}

/// Rule (The connection and its end): A server that always responds with an error at once is asked
/// only once; so is one whose tokens are unusable
async fn a_server_whose_tokens_are_never_accepted_is_not_asked_by_itself(setup: Setup) {
    setup
        .without_renewal()
        .scenario(Scenario::Api401)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("connection_rejected").await;
            world.wait_for_session("not-connected").await;
            assert_stays(world).await;
            world.let_time_pass(120).await;
            assert_stays(world).await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}
