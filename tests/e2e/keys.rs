//! The key set from the user's point of view: how often it is requested, what its failures look
//! like, and how to recover from each without a reload. Individual faults and odd sets are in
//! `verification` and `scenarios`.

use cc_connect_e2e::{Config, Setup, World, eventually, holds_for, in_chromium};
use cc_connect_sandbox::{KeysFault, Scenario};
use std::time::Duration;

in_chromium!(
    every_status_but_200_is_refused_and_the_next_try_connects,
    a_key_set_that_fails_is_asked_for_only_when_somebody_wants_to,
    without_a_network_the_answer_waits_for_one,
    a_stored_connection_without_keys_can_be_given_up,
    an_unknown_kid_repeated_quickly_meets_the_cool_down,
    an_unknown_kid_in_a_set_just_fetched_is_not_asked_for_again,
    a_rotation_while_connected_ends_nothing_and_the_next_token_is_verified_with_the_new_key,
    new_keys_that_cannot_be_had_can_be_tried_again_and_the_old_ones_are_kept,
    addresses_in_a_tokens_header_are_never_asked,
);

/// From the first page to the response.
async fn authorize(world: &World) {
    world.visit("/").await;
    world.click_button(CONNECT).await;
    world.allow().await;
}

const CONNECT: &str = "Connect Constant Contact";

/// How long to check that nothing more happens.
const CALM: Duration = Duration::from_secs(1);

/// Rule (The key set): Only status 200 is accepted: not 304, 404, 429 or 500 → `keys_status`
async fn every_status_but_200_is_refused_and_the_next_try_connects(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            // A lenient client would take 204 and 206 for success; 304 responds to a conditional
            // request that was never made.
            for status in [204, 206, 304, 404, 429, 500, 503] {
                world
                    .sandbox
                    .set_keys_fault(Some(KeysFault::Status(status)));
                authorize(world).await;
                assert_eq!(world.alert_code().await, "keys_status", "{status}");
                world.wait_for_session("verifying").await;
                world.sandbox.set_keys_fault(None);
                world.click_button("Try again").await;
                world.wait_for_session("connected").await;
                world.disconnect().await;
            }
        })
        .await;
}

/// Rule (The key set): A failed fetch is not retried automatically
async fn a_key_set_that_fails_is_asked_for_only_when_somebody_wants_to(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_keys_fault(Some(KeysFault::Status(429)));
            authorize(world).await;
            world.wait_for_alert("keys_status").await;
            for pressed in 1..=3 {
                holds_for(CALM, "one request for each press", async || {
                    let asked = world.key_requests();
                    (asked == pressed)
                        .then_some(())
                        .ok_or(format!("{asked} requests"))
                })
                .await;
                world.click_button("Try again").await;
                eventually("the next request", async || {
                    let asked = world.key_requests();
                    (asked == pressed + 1)
                        .then_some(())
                        .ok_or(format!("{asked} requests"))
                })
                .await;
                world.wait_for_alert("keys_status").await;
            }
            world.wait_for_session("verifying").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The key set): A response that cannot be read or takes over ten seconds is reported: no
/// CORS, no network, silence → `keys_unreachable`
///
/// Rule (Requests with the token): Without a network each step reports it or waits, and continues
/// once there is one
async fn without_a_network_the_answer_waits_for_one(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_keys_fault(Some(KeysFault::Status(503)));
            authorize(world).await;
            world.wait_for_alert("keys_status").await;
            world.sandbox.set_keys_fault(None);

            world.browser.set_offline(true).await;
            for _ in 0..2 {
                world.click_button("Try again").await;
                world.wait_for_alert("keys_unreachable").await;
                world.wait_for_session("verifying").await;
            }
            assert_eq!(world.key_requests(), 1, "none left this machine");

            world.browser.set_offline(false).await;
            world.click_button("Try again").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// C9: a stored token without keys to verify it: *Set up* is readable, and the connection can be
/// given up. C12: if the settings now forbid storing anything, the token is gone.
async fn a_stored_connection_without_keys_can_be_given_up(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            world.wait_until_loaded().await;
            world.sandbox.set_keys_fault(Some(KeysFault::Status(503)));
            let forget = "sessionStorage.removeItem('cc-connect/keys')";
            world.browser.script(forget, vec![]).await;
            world.visit("/connection").await;
            world.wait_for_alert("keys_status").await;
            world.click_link("Set up").await;
            world.wait_for_heading("Set up").await;
            world.browser.back().await;
            world.wait_for_alert("keys_status").await;

            let settings = world.sandbox.config_json(world.grant.client_id());
            let in_memory = settings.replacen('{', r#"{"token_storage": "memory","#, 1);
            world.host.set_config(Config::Text(in_memory));
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.stored("cc-connect/session").await, None);

            world.host.set_config(Config::Text(settings));
            authorize(world).await;
            world.wait_for_alert("keys_status").await;
            world.click_button("Disconnect").await;
            world.wait_for_session("not-connected").await;
            world
                .wait_for_heading("Connect your Constant Contact account")
                .await;
        })
        .await;
}

/// Rule (The key set): An unknown `kid` has the set fetched once more, and then not again for a
/// minute
async fn an_unknown_kid_repeated_quickly_meets_the_cool_down(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            assert_eq!(world.key_requests(), 1);
            world.sandbox.use_scenario(Scenario::UnknownKey);
            // The first one makes the app fetch new keys. Further ones cause no more requests.
            for again in ["Re-authorize now", CONNECT, CONNECT, CONNECT] {
                world.click_button(again).await;
                world.allow().await;
                world.wait_for_alert("key_not_found").await;
                assert_eq!(world.key_requests(), 2);
            }
            // Nor does a genuine new key, for a minute.
            world.sandbox.use_scenario(Scenario::RotatedKey);
            world.click_button(CONNECT).await;
            world.allow().await;
            world.wait_for_alert("key_not_found").await;
            assert_eq!(world.key_requests(), 2);
            // The old connection is unaffected.
            world.click_button("Not now").await;
            world.wait_for_session("connected").await;
        })
        .await;
}

/// Rule (The key set): An unknown `kid` has the set fetched once more, and then not again for a
/// minute
async fn an_unknown_kid_in_a_set_just_fetched_is_not_asked_for_again(setup: Setup) {
    setup
        .scenario(Scenario::UnknownKey)
        .run(async |world: &World| {
            authorize(world).await;
            world.wait_for_alert("key_not_found").await;
            assert_eq!(world.key_requests(), 1);
            // Next time the set comes from the cache and may be outdated: one fetch.
            for _ in 0..3 {
                world.click_button(CONNECT).await;
                world.allow().await;
                world.wait_for_alert("key_not_found").await;
                assert_eq!(world.key_requests(), 2);
            }
        })
        .await;
}

/// Rule (The key set): Rotating the keys does not end a connection; the next token is verified with
/// the new key
async fn a_rotation_while_connected_ends_nothing_and_the_next_token_is_verified_with_the_new_key(
    setup: Setup,
) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            let first = world.stored_token().await;
            // The connection's key leaves the set.
            world.sandbox.rotate_keys();
            world.sandbox.rotate_keys();
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.key_requests(), 1, "the kept set serves");

            world.click_button("Re-authorize now").await;
            world.allow().await;
            eventually("a connection with another token", async || {
                let seen = world.glance().await?;
                let stored = world.stored("cc-connect/session").await.unwrap_or_default();
                let other = seen["session"] == "connected" && !stored.contains(&first);
                other.then_some(()).ok_or(seen.to_string())
            })
            .await;
            assert_eq!(world.key_requests(), 2);
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.key_requests(), 2, "the new set was kept");
        })
        .await;
}

/// Rule (The key set): A document that cannot be read does not replace the cached one
async fn new_keys_that_cannot_be_had_can_be_tried_again_and_the_old_ones_are_kept(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.connect().await;
            let kept = world.stored("cc-connect/keys").await;
            assert!(kept.is_some());
            world.sandbox.rotate_keys();
            for (fault, code) in [
                (KeysFault::Unreachable, "keys_unreachable"),
                (KeysFault::Html, "keys_malformed"),
                (KeysFault::Empty, "keys_empty"),
                (KeysFault::TooLarge, "keys_too_large"),
            ] {
                world.sandbox.set_keys_fault(Some(fault));
                world.visit("/").await;
                world.wait_for_session("connected").await;
                world.click_button("Re-authorize now").await;
                world.allow().await;
                assert_eq!(world.alert_code().await, code, "{fault:?}");
                world.wait_for_session("verifying").await;
                assert_eq!(world.stored("cc-connect/keys").await, kept, "{fault:?}");
            }
            world.sandbox.set_keys_fault(None);
            world.click_button("Try again").await;
            world.wait_for_session("connected").await;
            assert_ne!(world.stored("cc-connect/keys").await, kept);
        })
        .await;
}

/// Rule (The token): `jku`, `x5u`, `jwk` and `x5c` are ignored and never fetched (RFC 8725 §3.10)
async fn addresses_in_a_tokens_header_are_never_asked(setup: Setup) {
    setup
        .run(async |world: &World| {
            // The policy would permit the request: the attacker is on the sandbox's origin.
            world.sandbox.use_scenario(Scenario::AttackerKey);
            authorize(world).await;
            world.wait_for_alert("bad_signature").await;
            world.wait_for_session("not-connected").await;
            world.sandbox.use_scenario(Scenario::KeyUrls);
            world.click_button(CONNECT).await;
            world.allow().await;
            world.wait_for_session("connected").await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.sandbox.requests_to_the_attacker(), []);
        })
        .await;
}
