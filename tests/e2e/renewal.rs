//! Renewing a connection with a refresh token: when, how it looks, and what happens if it fails.
//! Individual token endpoint faults are in `scenarios`.

use crate::ending::{assert_erased, skip_the_countdown, wait_for_the_end};
use cc_connect_e2e::{
    Grant, Role, Setup, Tab, World, eventually, holds_for, looks_like_a_token, with_code,
};
use cc_connect_sandbox::{ApiFault, KeysFault, RefreshTokens, Scenario, TokenFault};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

with_code!(
    a_connection_is_renewed_shortly_before_its_end_and_only_then,
    a_renewal_changes_nothing_on_the_overview,
    a_renewal_changes_nothing_on_the_connection_page,
    a_reload_after_a_renewal_uses_the_new_pair,
    a_machine_that_slept_past_the_end_renews,
    a_hidden_tab_renews,
    a_tab_restored_after_the_end_renews,
    offline_when_a_renewal_is_due,
    offline_past_the_end,
    a_renewal_that_fails_for_now_is_tried_again,
    a_renewal_that_fails_past_the_end_is_tried_again,
    a_renewal_without_an_answer_says_that_it_waits,
    a_refused_renewal_is_told_and_the_connection_lasts_as_long_as_its_token,
    a_refused_renewal_after_the_end_leads_to_a_new_authorization,
    a_lost_answer_leads_to_a_new_authorization_that_comes_back_to_the_page,
    a_lost_answer_costs_nothing_where_refresh_tokens_live_long,
    another_account_at_a_renewal_is_asked_about,
    a_renewed_token_that_is_not_genuine_is_refused_and_erased,
    keys_that_cannot_be_had_at_a_renewal_are_asked_for_again,
    a_disconnect_while_another_tab_renews_is_kept,
    a_tab_that_heard_of_no_disconnect_renews_nothing,
    a_kept_page_with_an_outdated_refresh_token_starts_anew,
    a_duplicated_tab_gives_up_the_refresh_token,
    without_locks_nothing_is_renewed,
    a_connection_in_memory_is_renewed_and_leaves_nothing,
    a_rejected_token_is_renewed,
    a_401_to_a_token_from_before_a_renewal_costs_nothing,
    a_code_is_used_once,
    a_code_that_could_not_be_sent_waits_for_the_network,
    a_code_that_waited_too_long_is_not_sent,
    a_network_that_the_browser_takes_for_missing_is_used,
    a_lock_that_is_never_let_go_is_said,
    a_kept_tab_whose_copy_renewed_sends_no_used_refresh_token,
    two_tabs_with_short_lives_lose_nothing,
    two_tabs_through_thirty_forced_expiries_lose_nothing,
);

/// How many seconds before expiry a renewal is due.
const AHEAD: i64 = 300;

/// The refresh requests to the token endpoint.
fn refreshes(world: &World) -> usize {
    world.sent_to_token_endpoint("refresh_token").len()
}

/// No refresh token was sent twice.
fn assert_each_sent_once(world: &World) {
    let sent = world.sent_to_token_endpoint("refresh_token");
    let different: BTreeSet<&String> = sent.iter().collect();
    assert_eq!(
        different.len(),
        sent.len(),
        "a refresh token was sent twice"
    );
}

/// Connected, with no request in flight that the clock could overtake.
async fn connect_and_load(world: &World) -> String {
    world.connect().await;
    world.browser.wait_for_text("Bluebird Bakery").await;
    world.wait_until_loaded().await;
    world.stored_token().await
}

/// Waits until a different token is stored, and the page is connected and idle.
async fn wait_for_another_token(world: &World, before: &str) -> String {
    eventually("a renewed connection", async || {
        let seen = world.glance().await?;
        let stored = world.stored("cc-connect/session").await.unwrap_or_default();
        let renewed = seen["session"] == "connected"
            && seen["alerts"] == json!([])
            && seen["notices"] == json!([])
            && !stored.is_empty()
            && !stored.contains(before);
        renewed.then_some(()).ok_or(seen.to_string())
    })
    .await;
    world.stored_token().await
}

/// Nothing is renewed for a moment, although the page was just looked at.
async fn assert_calm(world: &World, refreshed: usize) {
    holds_for(Duration::from_secs(1), "a connection at rest", async || {
        let seen = world.glance().await?;
        let calm = seen["session"] == "connected"
            && seen["notices"] == json!([])
            && seen["alerts"] == json!([]);
        if !calm {
            return Err(seen.to_string());
        }
        match refreshes(world) {
            number if number == refreshed => Ok(()),
            number => Err(format!("{number} renewals")),
        }
    })
    .await;
}

/// Rule (The renewal): It is requested five minutes before expiry, for a short lifetime in its last
/// fifth, and not earlier
pub(crate) async fn a_connection_is_renewed_shortly_before_its_end_and_only_then(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            assert_eq!(world.token_requests().len(), 1, "the code");
            world.let_time_pass(world.lifetime() - AHEAD - 60).await;
            assert_calm(world, 0).await;
            assert_eq!(world.stored_token().await, first);

            world.let_time_pass(61).await;
            let second = wait_for_another_token(world, &first).await;
            assert_calm(world, 1).await;
            // A renewed token is renewed in the same way.
            world.let_time_pass(world.lifetime() - AHEAD - 60).await;
            assert_calm(world, 1).await;
            world.let_time_pass(70).await;
            wait_for_another_token(world, &second).await;
            assert_calm(world, 2).await;

            assert_each_sent_once(world);
            assert_eq!(world.authorization_requests().len(), 1);
            for request in world.token_requests().into_iter().skip(1) {
                let names: Vec<&str> = request.keys().map(String::as_str).collect();
                assert_eq!(names, ["client_id", "grant_type", "refresh_token"]);
                assert_eq!(request["client_id"], Grant::Code.client_id());
            }
        })
        .await;
}

/// Marks the elements of the page, moves the focus and scrolls.
const SETTLE_IN: &str =
    "for (const element of document.querySelectorAll('body *')) element.mark = 1;
    const controls = [...document.querySelectorAll('main a, main button, main summary')];
    const control = controls.filter(e => e.getClientRects().length > 0)
        .find(e => e.innerText.trim() === arguments[0]);
    control.focus({preventScroll: true});
    document.documentElement.style.scrollBehavior = 'auto';
    scrollTo(0, 150);
    return control.innerText.trim()";

/// What a user would notice losing.
const STILL: &str = "return {
    focused: document.activeElement?.innerText?.trim(),
    same: document.activeElement?.mark === 1 && document.querySelector('h1').mark === 1,
    scrolled: Math.round(scrollY),
    at: location.href,
    entries: history.length,
}";

/// Renewal does not disturb the page.
async fn assert_left_alone(world: &World, control: &str) {
    world.browser.set_viewport(900, 400).await;
    let first = world.stored_token().await;
    let focused = world.browser.script(SETTLE_IN, vec![json!(control)]).await;
    assert_eq!(focused, json!(control));
    let before = world.browser.script(STILL, vec![]).await;
    assert_eq!(
        before["scrolled"],
        json!(150),
        "there is something to scroll"
    );
    let asked = world.api_requests().len();
    let title = world.browser.title().await;
    // Records the session's transitions, since polling would miss the short ones.
    let watch = "window.watched = [];
        new MutationObserver(() => watched.push(document.documentElement.dataset.session))
            .observe(document.documentElement, {attributeFilter: ['data-session']});";
    world.browser.script(watch, vec![]).await;

    world.let_time_pass(world.lifetime() - AHEAD + 10).await;
    wait_for_another_token(world, &first).await;
    holds_for(Duration::from_secs(2), "the page", async || {
        let now = world.browser.try_script(STILL, vec![]).await?;
        (now == before).then_some(()).ok_or(now.to_string())
    })
    .await;
    let watched = world.browser.script("return watched", vec![]).await;
    let elsewhere = |state: &&Value| **state != "connected";
    let watched = watched.as_array().cloned().unwrap_or_default();
    assert_eq!(watched.iter().find(elsewhere), None, "{watched:?}");
    assert_eq!(
        world.api_requests().len(),
        asked,
        "nothing is fetched again"
    );
    assert_eq!(world.browser.title().await, title);
    assert_eq!(refreshes(world), 1);
}

async fn a_renewal_changes_nothing_on_the_overview(setup: Setup) {
    setup
        .run(async |world: &World| {
            connect_and_load(world).await;
            let link = "return [...document.querySelectorAll('main a, main button')]
                .map(e => e.innerText.trim()).find(name => name)";
            let link = world.browser.script(link, vec![]).await;
            assert_left_alone(world, link.as_str().expect("a control")).await;
        })
        .await;
}

async fn a_renewal_changes_nothing_on_the_connection_page(setup: Setup) {
    setup
        .run(async |world: &World| {
            connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_left_alone(world, "Disconnect").await;
        })
        .await;
}

/// Rule (The renewal): A new pair of tokens is stored before it is used
async fn a_reload_after_a_renewal_uses_the_new_pair(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            let second = wait_for_another_token(world, &first).await;
            let known = world.sandbox.requests().len();
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            assert_eq!(world.stored_token().await, second);
            let mut used = 0;
            for request in &world.sandbox.requests()[known..] {
                if let Some(bearer) = request.header("authorization") {
                    assert_eq!(bearer, format!("Bearer {second}"));
                    used += 1;
                }
            }
            assert!(used > 0, "the API was asked");
            // Past the first token's expiry, and on to the second's.
            world.let_time_pass(2 * AHEAD).await;
            assert_calm(world, 1).await;
            world.let_time_pass(world.lifetime() - 2 * AHEAD).await;
            wait_for_another_token(world, &second).await;
            assert_eq!(refreshes(world), 2);
            assert_each_sent_once(world);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): After expiry there is no token until a new one arrives
async fn a_machine_that_slept_past_the_end_renews(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.let_time_pass(world.lifetime() + 3_600).await;
            let second = wait_for_another_token(world, &first).await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            // Also by a machine that counts its sleep.
            world.let_time_pass_awake(world.lifetime() + 3_600).await;
            wait_for_another_token(world, &second).await;
            world.wait_for_heading("Connection").await;
            assert_eq!(refreshes(world), 2);
            assert_each_sent_once(world);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

async fn a_hidden_tab_renews(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            world.browser.hide().await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            let second = wait_for_another_token(world, &first).await;
            world.let_time_pass(world.lifetime() + 60).await;
            wait_for_another_token(world, &second).await;
            let visibility = "return document.visibilityState";
            assert_eq!(world.browser.script(visibility, vec![]).await, "hidden");
            world.browser.show().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(refreshes(world), 2);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): After expiry there is no token until a new one arrives
async fn a_tab_restored_after_the_end_renews(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            world.visit("/connection").await;
            world.wait_for_session("connected").await;
            world.let_time_pass_unseen(world.lifetime() + 120).await;
            world.browser.reload().await;
            wait_for_another_token(world, &first).await;
            world.wait_for_heading("Connection").await;
            assert_eq!(refreshes(world), 1);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
async fn offline_when_a_renewal_is_due(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.browser.set_offline(true).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("token_endpoint_offline").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.stored_token().await, first);
            holds_for(Duration::from_secs(2), "the notice", async || {
                let seen = world.glance().await?;
                let stands = seen["session"] == "connected"
                    && seen["notices"] == json!(["token_endpoint_offline"]);
                stands.then_some(()).ok_or(seen.to_string())
            })
            .await;
            assert_eq!(refreshes(world), 0);
            world.browser.set_offline(false).await;
            wait_for_another_token(world, &first).await;
            assert_eq!(refreshes(world), 1);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
async fn offline_past_the_end(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.browser.set_offline(true).await;
            world.let_time_pass(world.lifetime() + 60).await;
            world.wait_for_session("renewing").await;
            world.wait_for_alert("token_endpoint_offline").await;
            world
                .wait_for_heading("Your connection could not be renewed yet")
                .await;
            // The user is not redirected, and no account data is shown.
            holds_for(Duration::from_secs(1), "staying here", async || {
                let seen = world.glance().await?;
                let stays = seen["session"] == "renewing"
                    && seen["at"] == json!(world.host.url("/connection"));
                stays.then_some(()).ok_or(seen.to_string())
            })
            .await;
            world.click_button("Try again").await;
            world.wait_for_alert("token_endpoint_offline").await;
            assert_eq!(refreshes(world), 0);

            world.browser.set_offline(false).await;
            wait_for_another_token(world, &first).await;
            world.wait_for_heading("Connection").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(refreshes(world), 1);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Transient faults with their codes.
const PASSING: [(TokenFault, &str); 3] = [
    (TokenFault::Throttled, "token_endpoint_throttled"),
    (TokenFault::Status(500), "token_endpoint_status"),
    (TokenFault::Unreachable, "token_endpoint_unreachable"),
];

/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
async fn a_renewal_that_fails_for_now_is_tried_again(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let mut token = connect_and_load(world).await;
            for (fault, code) in PASSING {
                let before = refreshes(world);
                world.sandbox.set_token_fault(Some(fault));
                world.let_time_pass(world.lifetime() - AHEAD + 10).await;
                world.wait_for_notice(code).await;
                // It is retried with pauses, and the old token still works.
                eventually("a second attempt", async || {
                    let seen = world.glance().await?;
                    assert_eq!(seen["session"], "connected", "{seen}");
                    assert_eq!(seen["alerts"], json!([]), "{seen}");
                    match refreshes(world) - before {
                        0 | 1 => Err("none".to_owned()),
                        _ => Ok(()),
                    }
                })
                .await;
                holds_for(Duration::from_secs(1), "the pause", async || {
                    match refreshes(world) - before {
                        2 => Ok(()),
                        tried => Err(format!("{tried} attempts")),
                    }
                })
                .await;
                assert_eq!(world.stored_token().await, token);
                world.sandbox.set_token_fault(None);
                // The longest pause.
                world.let_time_pass(60).await;
                token = wait_for_another_token(world, &token).await;
            }
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
async fn a_renewal_that_fails_past_the_end_is_tried_again(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let mut token = connect_and_load(world).await;
            world.visit("/connection").await;
            world.wait_for_session("connected").await;
            for (fault, code) in PASSING {
                world.sandbox.set_token_fault(Some(fault));
                world.let_time_pass(world.lifetime() + 60).await;
                world.wait_for_session("renewing").await;
                world.wait_for_alert(code).await;
                let asked = world.api_requests().len();
                world.click_button("Try again").await;
                world.wait_for_alert(code).await;
                world.wait_for_session("renewing").await;
                assert_eq!(world.api_requests().len(), asked, "with which token?");
                world.sandbox.set_token_fault(None);
                // Automatically.
                world.let_time_pass(30).await;
                token = wait_for_another_token(world, &token).await;
                world.wait_for_heading("Connection").await;
            }
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

async fn a_renewal_without_an_answer_says_that_it_waits(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.sandbox.set_token_fault(Some(TokenFault::Silent));
            world.let_time_pass(world.lifetime() + 60).await;
            world.wait_for_session("renewing").await;
            world.wait_for_heading("Renewing your connection…").await;
            assert!(world.alerts().await.is_empty());
            // A request without a response times out and is retried.
            let deadline = Instant::now() + Duration::from_secs(15);
            while Instant::now() < deadline {
                assert_eq!(refreshes(world), 1, "one request at a time");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            world.wait_for_alert("token_endpoint_unreachable").await;
            world.sandbox.set_token_fault(None);
            wait_for_another_token(world, &first).await;
        })
        .await;
}

/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
async fn a_refused_renewal_is_told_and_the_connection_lasts_as_long_as_its_token(setup: Setup) {
    setup
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.sandbox.revoke_refresh_tokens();
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("invalid_grant").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.stored_token().await, first);
            let stored = world.stored("cc-connect/session").await.unwrap();
            assert!(!stored.contains("refresh_token"), "it is of no more use");
            // It is not retried, even after a reload.
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_notice("expires_soon").await;
            holds_for(
                Duration::from_secs(1),
                "one attempt",
                async || match refreshes(world) {
                    1 => Ok(()),
                    number => Err(format!("{number} attempts")),
                },
            )
            .await;
            world.let_time_pass(AHEAD).await;
            wait_for_the_end(world).await;
            assert_erased(world, &first).await;
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
        })
        .await;
}

/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
async fn a_refused_renewal_after_the_end_leads_to_a_new_authorization(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.sandbox.revoke_refresh_tokens();
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("invalid_grant").await;
            world.let_time_pass(AHEAD).await;
            wait_for_the_end(world).await;
            world.wait_for_alert("invalid_grant").await;
            assert_erased(world, &first).await;
            for name in ["Re-authorize now", "Not now"] {
                world.browser.wait_for(Role::Button, name).await;
            }
            let text = world.browser.text().await;
            assert!(text.contains("second"), "a countdown in:\n{text}");
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            assert_eq!(refreshes(world), 1);

            // The same while the machine slept: there is no notice, only the end.
            let second = world.stored_token().await;
            world.sandbox.revoke_refresh_tokens();
            world.let_time_pass(world.lifetime() + 3_600).await;
            wait_for_the_end(world).await;
            world.wait_for_alert("invalid_grant").await;
            assert_erased(world, &second).await;
            skip_the_countdown(world).await;
            world.wait_for_authorization_server().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(refreshes(world), 2);
        })
        .await;
}

/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
async fn a_lost_answer_leads_to_a_new_authorization_that_comes_back_to_the_page(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world
                .sandbox
                .set_token_fault(Some(TokenFault::LostResponse));
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("token_endpoint_unreachable").await;
            world.sandbox.set_token_fault(None);
            // The refresh token is used up, which the next attempt reports.
            world.wait_for_notice("invalid_grant").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.stored_token().await, first);
            assert_eq!(refreshes(world), 2);
            world.click_button("Re-authorize now").await;
            world.allow().await;
            let second = wait_for_another_token(world, &first).await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.browser.url().await.path(), "/connection");
            // And the new connection is renewed automatically.
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            wait_for_another_token(world, &second).await;
            assert_eq!(world.authorization_requests().len(), 2);
        })
        .await;
}

async fn a_lost_answer_costs_nothing_where_refresh_tokens_live_long(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let client_id = Grant::Code.client_id();
            let method = RefreshTokens::LongLived;
            world.sandbox.set_refresh_tokens(client_id, method);
            let first = connect_and_load(world).await;
            world
                .sandbox
                .set_token_fault(Some(TokenFault::LostResponse));
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("token_endpoint_unreachable").await;
            world.sandbox.set_token_fault(None);
            wait_for_another_token(world, &first).await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The renewal): A renewed token of another account has to be confirmed, and is not left in
/// the storage
async fn another_account_at_a_renewal_is_asked_about(setup: Setup) {
    setup
        .scenario(Scenario::RefreshOtherAccount)
        .run(async |world: &World| {
            connect_and_load(world).await;
            let asked = world.api_requests().len();
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_alert("account_changed").await;
            world.wait_for_session("account-changed").await;
            let text = world.browser.text().await;
            assert!(text.contains("harborrowing"), "{text}");
            assert_eq!(world.api_requests().len(), asked, "nothing is asked for it");
            assert_eq!(world.stored("cc-connect/session").await, None);
            world.click_button("Do not connect").await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.stored("cc-connect/session").await, None);
            assert_eq!(world.api_requests().len(), asked);
        })
        .await;
}

/// Rule (The renewal): The new access token is verified like any other, and erased if it is
/// rejected
async fn a_renewed_token_that_is_not_genuine_is_refused_and_erased(setup: Setup) {
    for (scenario, code) in [
        (Scenario::RefreshBadSignature, "bad_signature"),
        (Scenario::RefreshOtherClient, "client_mismatch"),
        (Scenario::RefreshExpired, "token_expired"),
    ] {
        let setup = setup.clone().scenario(scenario);
        setup
            .run(async |world: &World| {
                let first = connect_and_load(world).await;
                let known = world.sandbox.requests().len();
                world.let_time_pass(world.lifetime() - AHEAD + 10).await;
                world.wait_for_alert(code).await;
                world.wait_for_session("not-connected").await;
                assert_erased(world, &first).await;
                for request in &world.sandbox.requests()[known..] {
                    let to_api = request.path.starts_with("/v3/");
                    assert!(!to_api, "{} with a token that was refused", request.path);
                }
                // It was stored before it was verified: a reload does not find it.
                world.browser.reload().await;
                world.wait_for_session("not-connected").await;
                assert_eq!(refreshes(world), 1);
            })
            .await;
    }
}

/// Rule (The renewal): The old token stays in use until the new one is verified, or until it
/// expires
async fn keys_that_cannot_be_had_at_a_renewal_are_asked_for_again(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let first = connect_and_load(world).await;
            // From now on a different key signs, which has to be fetched.
            world.sandbox.rotate_keys();
            let fault = KeysFault::Status(500);
            world.sandbox.set_keys_fault(Some(fault));
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("keys_status").await;
            world.wait_for_session("connected").await;
            world.sandbox.set_keys_fault(None);
            wait_for_another_token(world, &first).await;
            world.let_time_pass(2 * AHEAD).await;
            assert_calm(world, 1).await;
        })
        .await;
}

/// While this is in effect, the page gets no response from addresses that contain `from`.
pub(crate) fn held_back(from: &str) -> String {
    format!(
        "{{
            const request = window.fetch;
            const released = new Promise(done => {{ window.letGo = done; }});
            window.fetch = async (...given) => {{
                const answer = await request(...given);
                if (window.heldBack && answer.url.includes('{from}')) await released;
                return answer;
            }};
        }}"
    )
}

/// Rule (The renewal): Disconnecting ends a renewal at every stage, and a late response changes
/// nothing
async fn a_disconnect_while_another_tab_renews_is_kept(setup: Setup) {
    setup
        .run(async |world: &World| {
            let held_back = held_back("/v1/token");
            world.browser.at_document_start(&held_back).await;
            connect_and_load(world).await;
            world.browser.script("window.heldBack = true", vec![]).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            eventually("a renewal under way", async || match refreshes(world) {
                1 => Ok(()),
                number => Err(format!("{number} renewals")),
            })
            .await;
            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;
            world.browser.close_tab().await;
            world.browser.switch_to(first).await;
            world.wait_for_session("not-connected").await;
            let asked = world.api_requests().len();
            world.browser.script("letGo()", vec![]).await;
            holds_for(Duration::from_secs(3), "no connection", async || {
                let seen = world.glance().await?;
                let keys = world.stored_keys("sessionStorage").await;
                let none = seen["session"] == "not-connected" && keys.is_empty();
                none.then_some(()).ok_or(format!("{seen} {keys:?}"))
            })
            .await;
            assert_eq!(world.api_requests().len(), asked);
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Every message is lost, as in a tab that is frozen.
const DEAF: &str = "Object.defineProperty(BroadcastChannel.prototype, 'onmessage', {
        get() { return null; }, set() {},
    });
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (type, ...rest) {
        if (!(this instanceof BroadcastChannel)) listen.call(this, type, ...rest);
    };
    window.setInterval = () => 0;";

/// Rule (The renewal): Disconnecting ends a renewal at every stage, and a late response changes
/// nothing
async fn a_tab_that_heard_of_no_disconnect_renews_nothing(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.browser.at_document_start(DEAF).await;
            connect_and_load(world).await;
            let first = world.browser.open_tab().await;
            world.connect().await;
            world.disconnect().await;
            world.browser.close_tab().await;
            world.browser.switch_to(first).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_session("not-connected").await;
            eventually("an empty storage", async || {
                let keys = world.stored_keys("sessionStorage").await;
                keys.is_empty().then_some(()).ok_or(format!("{keys:?}"))
            })
            .await;
            assert_eq!(refreshes(world), 0);
        })
        .await;
}

/// Rule (The renewal): A page restored from the back/forward cache does not use a refresh token
/// older than the stored one
async fn a_kept_page_with_an_outdated_refresh_token_starts_anew(setup: Setup) {
    crate::back_forward_cache::until_a_page_was_kept(setup, async |world: &World| {
        world.connect().await;
        // A document that the browser may cache: the callback's has `no-store`.
        world.visit("/").await;
        world.wait_for_session("connected").await;
        world.browser.wait_for_text("Bluebird Bakery").await;
        world.wait_until_loaded().await;
        let first = world.stored_token().await;
        let refreshed = refreshes(world);
        // A cached page cannot be reached, so its clock is advanced beforehand.
        world.let_time_pass(0).await;
        let asleep = world.lifetime() - AHEAD + 10;
        let move_on = "const millis = arguments[0] * 1000;
            window.firstPage = true;
            const moveOn = () => { window.__clock.ahead += millis; };
            addEventListener('pageshow', moveOn, {capture: true, once: true});";
        world.browser.script(move_on, vec![json!(asleep)]).await;

        // A later document of the same tab renews.
        world.visit("/connection").await;
        world.wait_for_session("connected").await;
        world.wait_until_loaded().await;
        world.let_time_pass(asleep).await;
        let second = wait_for_another_token(world, &first).await;

        world.browser.back().await;
        eventually("a page that has begun anew", async || {
            let fresh = "return !window.firstPage && location.pathname === '/'";
            let fresh = world.browser.try_script(fresh, vec![]).await?;
            (fresh == json!(true)).then_some(()).ok_or("not yet".into())
        })
        .await;
        world.wait_for_session("connected").await;
        world.browser.wait_for_text("Bluebird Bakery").await;
        world.wait_until_loaded().await;
        assert_eq!(world.stored_token().await, second);
        world.let_time_pass(asleep).await;
        wait_for_another_token(world, &second).await;
        assert_eq!(refreshes(world) - refreshed, 2);
        assert_each_sent_once(world);
    })
    .await;
}

/// Rule (The renewal): A duplicated tab gives up the refresh token, and only that
async fn a_duplicated_tab_gives_up_the_refresh_token(setup: Setup) {
    setup
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            let stored = world.stored("cc-connect/session").await.unwrap();
            assert!(stored.contains("refresh_token"));
            let original = world.browser.duplicate_tab(&world.host.url("/")).await;
            let copy = world.browser.tab().await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            assert_eq!(world.stored_token().await, first);
            let stored = world.stored("cc-connect/session").await.unwrap();
            assert!(!stored.contains("refresh_token"), "the copy has none");
            world.browser.switch_to(original.clone()).await;
            let stored = world.stored("cc-connect/session").await.unwrap();
            assert!(
                stored.contains("refresh_token"),
                "the original keeps its own"
            );

            world.browser.switch_to(copy.clone()).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("expires_soon").await;
            world.browser.switch_to(original.clone()).await;
            let second = wait_for_another_token(world, &first).await;

            world.browser.switch_to(copy).await;
            world.let_time_pass(AHEAD).await;
            wait_for_the_end(world).await;
            world.wait_for_alert("connection_expired").await;
            assert_erased(world, &first).await;
            world.browser.switch_to(original).await;
            world.wait_for_session("connected").await;
            assert_eq!(world.stored_token().await, second);
            assert_eq!(refreshes(world), 1);
        })
        .await;
}

/// A browser that cannot keep two tabs apart.
const NO_LOCKS: &str = "Object.defineProperty(Navigator.prototype, 'locks', { get() {} });";

/// Rule (The renewal): A browser without locks renews nothing → `refresh_not_exclusive`
async fn without_locks_nothing_is_renewed(setup: Setup) {
    setup
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            world.browser.at_document_start(NO_LOCKS).await;
            let first = connect_and_load(world).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            world.wait_for_notice("refresh_not_exclusive").await;
            world.wait_for_session("connected").await;
            world.browser.reload().await;
            world.wait_for_notice("expires_soon").await;
            world.let_time_pass(AHEAD).await;
            wait_for_the_end(world).await;
            assert_erased(world, &first).await;
            assert_eq!(refreshes(world), 0);
        })
        .await;
}

/// Rule (The renewal): With `"token_storage": "memory"` neither token is stored
async fn a_connection_in_memory_is_renewed_and_leaves_nothing(setup: Setup) {
    setup
        .setting("token_storage", "memory")
        .run(async |world: &World| {
            world.connect().await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            for renewals in 1..=2 {
                world.let_time_pass(world.lifetime() - AHEAD + 10).await;
                eventually("a renewal", async || match refreshes(world) {
                    number if number == renewals => Ok(()),
                    number => Err(format!("{number} renewals")),
                })
                .await;
                // Past the previous token's expiry.
                world.let_time_pass(AHEAD + 60).await;
                assert_calm(world, renewals).await;
                let stored = "return JSON.stringify([{...sessionStorage}, {...localStorage}])";
                let stored = world.browser.script(stored, vec![]).await.to_string();
                assert!(!looks_like_a_token(&stored));
                for sent in world.sent_to_token_endpoint("refresh_token") {
                    assert!(!stored.contains(&sent), "a refresh token is stored");
                }
                assert_eq!(
                    world.stored_keys("sessionStorage").await,
                    ["cc-connect/account", "cc-connect/keys", "cc-connect/tab"]
                );
            }
            assert_each_sent_once(world);
            world.browser.reload().await;
            world.wait_for_session("not-connected").await;
        })
        .await;
}

/// Rule (The renewal): A 401 to a token that worked renews it, once in ten minutes whatever
/// happened before; to one that never worked it is an error
async fn a_rejected_token_is_renewed(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let fault = ApiFault::Status500;
            world.sandbox.set_api_fault(Some(fault));
            world.connect().await;
            world.wait_for_alert("api_unavailable").await;
            world.wait_until_loaded().await;
            // Accepted once and then rejected: the token is no longer good, and a new one is
            // obtained.
            world.sandbox.set_api_fault(None);
            world.click_button("Try again").await;
            world.wait_until_loaded().await;
            let first = world.stored_token().await;
            let fault = ApiFault::Status401;
            world.sandbox.set_api_fault(Some(fault));
            world.sandbox.set_token_fault(Some(TokenFault::Status(503)));
            world.click_button("Try again").await;
            world.wait_for_session("renewing").await;
            world.click_button("Try again").await;
            world.wait_for_alert("token_endpoint_status").await;
            world.sandbox.set_api_fault(None);
            world.sandbox.set_token_fault(None);
            // Automatically.
            world.let_time_pass(60).await;
            wait_for_another_token(world, &first).await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// The response was in transit during the renewal.
///
/// Rule (The renewal): A 401 to the token before a renewal says nothing about the one in use
async fn a_401_to_a_token_from_before_a_renewal_costs_nothing(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let held_back = format!("{} window.heldBack = true;", held_back("/v3/"));
            world.browser.at_document_start(&held_back).await;
            let fault = ApiFault::Status401;
            world.sandbox.set_api_fault(Some(fault));
            world.connect().await;
            let first = world.stored_token().await;
            world.click_link("Connection").await;
            eventually("every request on its way", async || {
                match world.api_requests().len() {
                    4 => Ok(()),
                    number => Err(format!("{number} requests")),
                }
            })
            .await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            let second = wait_for_another_token(world, &first).await;
            world.sandbox.set_api_fault(None);
            world.browser.script("letGo()", vec![]).await;
            // The request is repeated with the current token.
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_calm(world, 1).await;
            assert_eq!(world.api_requests().len(), 8);
            assert_eq!(world.stored_token().await, second);
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// How many code exchanges the sandbox received.
fn codes(world: &World) -> usize {
    world.sent_to_token_endpoint("code").len()
}

/// Rule (The code): A code is sent once, with the verifier of its request, to the configured token
/// endpoint
pub(crate) async fn a_code_is_used_once(setup: Setup) {
    setup
        .run(async |world: &World| {
            // A page that is closed while it waits for the response.
            let held_back = held_back("/v1/token");
            world.browser.at_document_start(&held_back).await;
            world
                .browser
                .at_document_start(
                    "window.heldBack = location.pathname === '/callback'
                        && !localStorage.getItem('in time');",
                )
                .await;
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("exchanging").await;
            eventually("the code on its way", async || match codes(world) {
                1 => Ok(()),
                number => Err(format!("{number} codes")),
            })
            .await;
            let at = world.browser.url().await;
            assert_eq!(
                at.as_str(),
                world.host.redirect_uri(),
                "the address is clean"
            );
            assert!(world.pending().await.is_empty(), "its record is used up");
            world.browser.reload().await;
            world.wait_for_heading("Nothing to finish here").await;
            assert!(world.alerts().await.is_empty());
            assert_eq!(codes(world), 1);

            // A new code, and then every way back to where it arrived.
            let in_time = "localStorage.setItem('in time', 'yes')";
            world.browser.script(in_time, vec![]).await;
            world.click_button("Go to the start").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            assert_eq!(codes(world), 2);
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            let (_, last) = world.browser.history().await;
            for _ in 0..last {
                world.browser.back().await;
            }
            for _ in 0..last {
                world.browser.forward().await;
            }
            world.visit("/callback").await;
            world.wait_for_session("connected").await;
            let codes = world.sent_to_token_endpoint("code");
            assert_eq!(codes.len(), 2);
            assert_ne!(codes[0], codes[1]);
            // The host saw each one once, with the document that it was meant for.
            for code in codes {
                let requests = world.host.requests().into_iter();
                let with_code: Vec<String> = requests
                    .filter(|request| format!("{request:?}").contains(&code))
                    .map(|request| request.target)
                    .collect();
                assert_eq!(with_code.len(), 1, "{} requests", with_code.len());
                assert!(with_code[0].starts_with("/callback?"));
            }
        })
        .await;
}

/// A browser that reports being offline cannot reach the token endpoint.
const SOMETIMES_OFFLINE: &str = "{
    const isOffline = () => localStorage.getItem('offline') !== null;
    Object.defineProperty(Navigator.prototype, 'onLine', { get: () => !isOffline() });
    const request = window.fetch;
    window.fetch = (...given) => isOffline() && new Request(...given).url.endsWith('/v1/token')
        ? Promise.reject(new TypeError('no network'))
        : request(...given);
}";

/// B3: a browser that reports a working network as offline, as with some VPNs.
async fn a_network_that_the_browser_takes_for_missing_is_used(setup: Setup) {
    setup
        .run(async |world: &World| {
            let hint = "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })";
            world.browser.at_document_start(hint).await;
            let first = connect_and_load(world).await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            wait_for_another_token(world, &first).await;
            assert_eq!((codes(world), refreshes(world)), (1, 1));
        })
        .await;
}

/// C5: another page of the origin holds the lock forever. The wait times out, with a way on that
/// does not need the lock.
///
/// Rule (The renewal): A page that never releases the refresh lock is waited for, and reported
/// after half a minute → `refresh_locked`
async fn a_lock_that_is_never_let_go_is_said(setup: Setup) {
    setup
        .setting("reauthorize", "prompt")
        .run(async |world: &World| {
            // Half a minute is half a second.
            let hurry = "{
                const later = window.setTimeout;
                window.setTimeout = (call, millis, ...given) =>
                    later(call, millis === 30000 ? 500 : millis, ...given);
            }";
            world.browser.at_document_start(hurry).await;
            let first = connect_and_load(world).await;
            let hold = "navigator.locks.request('cc-connect/refresh',
                () => new Promise(letGo => { window.letGo = letGo; }))";
            world.browser.script(&format!("{{ {hold} }}"), vec![]).await;
            world.let_time_pass(world.lifetime() + 10).await;
            world.wait_for_alert("refresh_locked").await;
            world.wait_for_session("renewing").await;
            world.click_link("Set up").await;
            world.wait_for_heading("Set up").await;
            world.browser.back().await;
            world.wait_for_alert("refresh_locked").await;
            assert_eq!(refreshes(world), 0);
            world.browser.script("letGo()", vec![]).await;
            world.click_button("Try again").await;
            wait_for_another_token(world, &first).await;
            assert_eq!(refreshes(world), 1);
        })
        .await;
}

/// C3: a tab in the back/forward cache was duplicated, and the copy renewed. The tab's refresh
/// token is used up: it sends nothing before it knows, and both stay connected.
///
/// Rule (The renewal): A restored tab renews nothing before it knows that its records are its own
async fn a_kept_tab_whose_copy_renewed_sends_no_used_refresh_token(setup: Setup) {
    setup
        .run(async |world: &World| {
            let first = connect_and_load(world).await;
            let event = |name: &str| {
                format!("dispatchEvent(new PageTransitionEvent('{name}', {{persisted: true}}))")
            };
            world.browser.script(&event("pagehide"), vec![]).await;
            let kept = world.browser.duplicate_tab(&world.host.url("/")).await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            world.wait_until_loaded().await;
            world.let_time_pass(world.lifetime() - AHEAD + 10).await;
            wait_for_another_token(world, &first).await;

            world.browser.switch_to(kept).await;
            world.browser.script("window.kept = true", vec![]).await;
            world.browser.script(&event("pageshow"), vec![]).await;
            eventually("a page that has begun anew", async || {
                let anew = "return !window.kept && document.documentElement.dataset.session";
                let seen = world.browser.try_script(anew, vec![]).await?;
                (seen == json!("connected"))
                    .then_some(())
                    .ok_or(seen.to_string())
            })
            .await;
            let stored = world.stored("cc-connect/session").await.unwrap();
            assert!(!stored.contains("refresh_token"));
            assert_eq!(refreshes(world), 1);
            assert_each_sent_once(world);
        })
        .await;
}

async fn arrive_offline(world: &World) {
    world.browser.at_document_start(SOMETIMES_OFFLINE).await;
    world.visit("/").await;
    world.wait_for_session("not-connected").await;
    world.click_button("Connect Constant Contact").await;
    world.wait_for_authorization_server().await;
    world.sign_in().await;
    let on_arrival = "if (location.pathname === '/callback') localStorage.setItem('offline', '')";
    world.browser.at_document_start(on_arrival).await;
    world.click_button("Allow").await;
    world.wait_for_alert("token_endpoint_offline").await;
    world.wait_for_session("exchanging").await;
    assert_eq!(world.token_requests().len(), 0);
}

/// Rule (The code): Without a network the code is not sent, and waits → `token_endpoint_offline`
async fn a_code_that_could_not_be_sent_waits_for_the_network(setup: Setup) {
    setup
        .run(async |world: &World| {
            arrive_offline(world).await;
            world.let_time_pass(240).await;
            world.click_button("Try again").await;
            world.wait_for_alert("token_endpoint_offline").await;
            assert_eq!(world.token_requests().len(), 0);
            let online = "localStorage.removeItem('offline')";
            world.browser.script(online, vec![]).await;
            world.wait_for_session("connected").await;
            assert_eq!(world.token_requests().len(), 1);
        })
        .await;
}

/// Rule (The code): A code waits for at most five minutes → `authorization_code_expired`
async fn a_code_that_waited_too_long_is_not_sent(setup: Setup) {
    setup
        .run(async |world: &World| {
            arrive_offline(world).await;
            world.let_time_pass(301).await;
            world.wait_for_alert("authorization_code_expired").await;
            world.wait_for_session("not-connected").await;
            let online = "localStorage.removeItem('offline')";
            world.browser.script(online, vec![]).await;
            holds_for(Duration::from_secs(3), "nothing sent", async || match world
                .token_requests()
                .len()
            {
                0 => Ok(()),
                number => Err(format!("{number} requests")),
            })
            .await;
        })
        .await;
}

/// Records the start and end of each request to the token endpoint, in true time.
const TIMED: &str = "{
    const request = window.fetch;
    const now = () => performance.timeOrigin + performance.now();
    window.exchanges = [];
    window.fetch = async (...given) => {
        const asked = new Request(...given);
        const begun = now();
        const ended = () => {
            if (asked.url.endsWith('/v1/token')) window.exchanges.push([begun, now()]);
        };
        return request(asked).finally(ended);
    };
}";

/// Two visible windows, each with its own connection.
async fn two_tabs(world: &World) -> [Tab; 2] {
    world.browser.at_document_start(TIMED).await;
    connect_and_load(world).await;
    let first = world.browser.open_window().await;
    connect_and_load(world).await;
    [first, world.browser.tab().await]
}

/// No refresh token was sent twice, requests never overlapped, and nobody had to re-authorize.
async fn assert_nothing_lost(world: &World, tabs: &[Tab; 2]) {
    assert_each_sent_once(world);
    assert_eq!(world.authorization_requests().len(), 2);
    let mut exchanges: Vec<(f64, f64)> = Vec::new();
    for tab in tabs {
        world.browser.switch_to(tab.clone()).await;
        world.wait_for_session("connected").await;
        let own = world.browser.script("return exchanges", vec![]).await;
        let own: Vec<(f64, f64)> = serde_json::from_value(own).expect("pairs of numbers");
        exchanges.extend(own);
    }
    // Only code exchanges and renewals: the document was never reloaded.
    assert_eq!(exchanges.len(), world.token_requests().len());
    exchanges.sort_by(|one, other| one.0.total_cmp(&other.0));
    for pair in exchanges.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "two at once: {pair:?}");
    }
}

/// Rule (The renewal): There is only one refresh request at a time
async fn two_tabs_with_short_lives_lose_nothing(setup: Setup) {
    setup
        .token_lifetime(6)
        .run(async |world: &World| {
            let tabs = two_tabs(world).await;
            let deadline = Instant::now() + Duration::from_secs(25);
            while Instant::now() < deadline {
                for tab in &tabs {
                    world.browser.switch_to(tab.clone()).await;
                    let seen = world.glance().await.unwrap();
                    let session = seen["session"].as_str().unwrap_or_default();
                    assert!(["connected", "renewing"].contains(&session), "{seen}");
                    assert_eq!(seen["alerts"], json!([]));
                }
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            let renewals = refreshes(world);
            assert!(renewals >= 6, "{renewals} renewals");
            assert_nothing_lost(world, &tabs).await;
        })
        .await;
}

/// Rule (The renewal): There is only one refresh request at a time
async fn two_tabs_through_thirty_forced_expiries_lose_nothing(setup: Setup) {
    setup
        // Nothing is due between two checks, and little is fetched again after each expiry.
        .token_lifetime(40)
        .setting("scope", "account_read offline_access")
        .run(async |world: &World| {
            let tabs = two_tabs(world).await;
            let shortly_before = world.lifetime() - world.lifetime() / 5 + 1;
            for expiry in 0..30 {
                // Occasionally the token is renewed in time and expires afterwards.
                if expiry % 5 == 0 {
                    renew_both(world, &tabs, shortly_before).await;
                }
                renew_both(world, &tabs, world.lifetime() + 1).await;
            }
            assert_eq!(refreshes(world), 2 * (30 + 6));
            assert_nothing_lost(world, &tabs).await;
        })
        .await;
}

/// Lets time pass for both tabs at once, so that each renews once.
async fn renew_both(world: &World, tabs: &[Tab; 2], seconds: i64) {
    let before = refreshes(world);
    world.let_time_pass(seconds).await;
    eventually("both tabs renewed", async || {
        match refreshes(world) - before {
            2 => Ok(()),
            number => Err(format!("{number} renewals")),
        }
    })
    .await;
    for tab in tabs {
        world.browser.switch_to(tab.clone()).await;
        // Not just requested: a response in transit would belong to another time.
        eventually("a connection at rest", async || {
            let seen = world.glance().await?;
            let stored = "return JSON.parse(sessionStorage['cc-connect/session']).refresh_token";
            let stored = world.browser.try_script(stored, vec![]).await?;
            let sent = world.sent_to_token_endpoint("refresh_token");
            let kept = stored
                .as_str()
                .is_some_and(|kept| !sent.iter().any(|one| one == kept));
            let calm = seen["session"] == "connected"
                && seen["alerts"] == json!([])
                && seen["notices"] == json!([])
                && kept;
            calm.then_some(()).ok_or(seen.to_string())
        })
        .await;
        world.wait_until_loaded().await;
    }
}
