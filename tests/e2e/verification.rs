//! The proof: the checks shown, when keys are fetched, and that nothing works without it.

use cc_connect_e2e::{Setup, World, eventually, in_chromium, with_code};
use cc_connect_sandbox::KeysFault;
use serde_json::{Value, json};

in_chromium!(
    the_connection_page_shows_every_check_passed,
    a_reload_keeps_the_connection_and_verifies_again,
    a_stored_session_that_was_changed_is_not_believed,
    a_stored_session_that_cannot_be_read_is_no_session,
    the_keys_are_fetched_once_for_many_loads,
    a_new_key_is_fetched_when_a_token_names_it,
    keys_that_cannot_be_fetched_need_no_second_permission,
    every_fault_of_the_keys_is_told_apart,
    slow_keys_are_waited_for,
);

with_code!(
    the_connection_page_shows_every_check_passed,
    a_stored_session_that_was_changed_is_not_believed,
);

/// The standards' sections behind the verification of an access token.
const SECTIONS: [&str; 14] = [
    "RFC 7515 §7.1",
    "RFC 8725 §3.11",
    "RFC 8725 §3.1",
    "RFC 7515 §4.1.11",
    "RFC 7515 §4.1.4",
    "RFC 7518 §3.3",
    "RFC 7515 §5.2",
    "RFC 7519 §7.2",
    "RFC 7519 §4.1.1",
    "RFC 7519 §4.1.3",
    "RFC 7519 §4.1.4",
    "RFC 7519 §4.1.5",
    "RFC 7519 §4.1.6",
    "RFC 7519 §4.1.2",
];

/// Rule (The token): Only a report with every check passed is a proof
async fn the_connection_page_shows_every_check_passed(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let text = world.browser.text().await;
            for section in SECTIONS {
                assert!(text.contains(section), "{section} is not shown in:\n{text}");
            }
            let outcomes = world
                .browser
                .attributes("[data-outcome]", "data-outcome")
                .await;
            assert!(outcomes.len() >= SECTIONS.len(), "{outcomes:?}");
            for outcome in &outcomes {
                assert!(
                    ["passed", "not-applicable"].contains(&outcome.as_str()),
                    "{outcomes:?}"
                );
            }
            let passed = outcomes.iter().filter(|outcome| *outcome == "passed");
            assert!(passed.count() >= 12, "{outcomes:?}");
            assert!(text.contains("Bluebird Bakery"), "whose account it is");
            for scope in ["account_read", "contact_data", "campaign_data"] {
                assert!(text.contains(scope), "the granted scope {scope}");
            }
        })
        .await;
}

async fn a_reload_keeps_the_connection_and_verifies_again(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            world.browser.reload().await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Connection").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The token): Verified state cannot be loaded, only recomputed
///
/// Rule (Storage and other tabs): A stored token that fails verification is erased
async fn a_stored_session_that_was_changed_is_not_believed(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            let token = world.stored_token().await;
            let stored = world.stored("cc-connect/session").await.unwrap();
            for forged in [other_signature(&token), other_user(&token)] {
                let replace = "sessionStorage.setItem('cc-connect/session', arguments[0])";
                let changed = stored.replace(&token, &forged);
                assert_ne!(changed, stored);
                world.browser.script(replace, vec![json!(changed)]).await;
                world.browser.reload().await;
                eventually("an erased session", async || {
                    let kept = world.stored("cc-connect/session").await;
                    kept.is_none()
                        .then_some(())
                        .ok_or("it is still stored".into())
                })
                .await;
                world.wait_for_session("not-connected").await;
            }
        })
        .await;
}

/// The token with the first character of its signature changed.
fn other_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{first}{}", &signature[1..])
}

/// The token with a different subject, under the old signature.
fn other_user(token: &str) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
    let parts: Vec<&str> = token.split('.').collect();
    let claims = BASE64URL.decode(parts[1]).expect("claims are base64url");
    let mut claims: Value = serde_json::from_slice(&claims).expect("claims are JSON");
    claims["sub"] = json!("somebody-else");
    let claims = BASE64URL.encode(claims.to_string());
    format!("{}.{claims}.{}", parts[0], parts[2])
}

/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
async fn a_stored_session_that_cannot_be_read_is_no_session(setup: Setup) {
    setup
        .run(async |world: &World| {
            for rubbish in ["", "{", "null", "[]", "{\"version\":99}", "\"text\""] {
                world.visit("/").await;
                let store = "sessionStorage.setItem('cc-connect/session', arguments[0])";
                world.browser.script(store, vec![json!(rubbish)]).await;
                world.browser.reload().await;
                world.wait_for_session("not-connected").await;
                world
                    .wait_for_heading("Connect your Constant Contact account")
                    .await;
            }
        })
        .await;
}

/// Rule (The key set): It is cached for `max-age`, between 5 minutes and 24 hours, and for its own
/// address only
async fn the_keys_are_fetched_once_for_many_loads(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.connect().await;
            for route in ["/connection", "/", "/connection"] {
                world.visit(route).await;
                world.wait_for_session("connected").await;
            }
            assert_eq!(world.key_requests(), 1);
        })
        .await;
}

/// Rule (The key set): Rotating the keys does not end a connection; the next token is verified with
/// the new key
async fn a_new_key_is_fetched_when_a_token_names_it(setup: Setup) {
    setup
        .without_renewal()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            assert_eq!(world.key_requests(), 1);
            world.sandbox.rotate_keys();
            // The connection is about to expire, so the page offers to renew it.
            world.click_button("Re-authorize now").await;
            world.allow().await;
            world.wait_for_session("connected").await;
            assert_eq!(world.key_requests(), 2);
        })
        .await;
}

/// Rule (The key set): Without keys there is no connection, and the response waits in memory: *Try
/// again* needs no reload and no second permission
async fn keys_that_cannot_be_fetched_need_no_second_permission(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            world.sandbox.set_keys_fault(Some(KeysFault::Unreachable));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("keys_unreachable").await;
            world.wait_for_session("verifying").await;
            assert_eq!(world.stored("cc-connect/session").await, None);

            let asked = world.key_requests();
            world.click_button("Try again").await;
            eventually("another request for the keys", async || {
                let now = world.key_requests();
                (now > asked).then_some(()).ok_or(format!("{now} requests"))
            })
            .await;
            world.wait_for_alert("keys_unreachable").await;

            world.sandbox.set_keys_fault(None);
            world.click_button("Try again").await;
            world.wait_for_session("connected").await;
            assert_eq!(world.authorization_requests().len(), 1);
        })
        .await;
}

/// Rule (The key set): It is fetched from the one configured address, with no cookie, referrer or
/// header of ours, and no redirect
///
/// Rule (The key set): A response that cannot be read or takes over ten seconds is reported: no
/// CORS, no network, silence → `keys_unreachable`
async fn every_fault_of_the_keys_is_told_apart(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let faults = [
                (KeysFault::Unreachable, "keys_unreachable"),
                (KeysFault::NoCors, "keys_unreachable"),
                (KeysFault::Redirect, "keys_unreachable"),
                (KeysFault::Status(500), "keys_status"),
                (KeysFault::Status(404), "keys_status"),
                (KeysFault::Html, "keys_malformed"),
                (KeysFault::Empty, "keys_empty"),
                (KeysFault::TooLarge, "keys_too_large"),
            ];
            for (fault, code) in faults {
                world.sandbox.set_keys_fault(Some(fault));
                world.visit("/").await;
                world.click_button("Connect Constant Contact").await;
                world.allow().await;
                assert_eq!(world.alert_code().await, code, "{fault:?}");
                world.wait_for_session("verifying").await;
                world.sandbox.set_keys_fault(None);
                world.click_button("Try again").await;
                world.wait_for_session("connected").await;
                world.disconnect().await;
            }
        })
        .await;
}

async fn slow_keys_are_waited_for(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.sandbox.set_keys_fault(Some(KeysFault::Slow));
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("verifying").await;
            world
                .browser
                .wait_for_text("Checking that the answer is genuine")
                .await;
            assert!(world.alerts().await.is_empty());
            world.wait_for_session("connected").await;
        })
        .await;
}
