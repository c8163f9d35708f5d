//! From the first page to a connection, and the way back for a user who refuses.

use cc_connect_e2e::{Grant, Role, Setup, World, in_every_way};
use serde_json::{Value, json};
use std::collections::BTreeMap;

in_every_way!(
    a_person_connects_and_sees_the_account,
    the_request_holds_exactly_what_the_standard_asks_for,
    every_request_has_a_state_and_a_nonce_of_its_own,
    the_pending_record_is_there_before_leaving_and_used_once,
    at_most_five_requests_are_pending,
    a_person_who_says_no_is_understood_and_can_change_their_mind,
    the_session_is_mirrored_on_the_way,
);

pub(crate) async fn a_person_connects_and_sees_the_account(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.wait_for_session("not-connected").await;
            let heading = "Connect your Constant Contact account";
            world.wait_for_heading(heading).await;
            world
                .browser
                .wait_for_text("Sandbox: nothing here is real.")
                .await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.click_button("Allow").await;
            world.wait_for_session("connected").await;
            world.wait_for_heading("Overview").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert_eq!(world.browser.url().await.as_str(), world.host.url("/"));
        })
        .await;
}

/// Rule (The request): `state` and `nonce` have 256 random bits each, in characters that need no
/// encoding, and are independent of each other (RFC 9700 §2.1)
///
/// Rule (The request): The request has exactly the parameters of RFC 6749 §4.2.1, each once,
/// encoded
async fn the_request_holds_exactly_what_the_standard_asks_for(setup: Setup) {
    setup
        .setting("scope", "account_read contact_data campaign_data")
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;

            let requests = world.authorization_requests();
            let request: BTreeMap<_, _> = requests[0].iter().cloned().collect();
            assert_eq!(request.len(), requests[0].len(), "no parameter twice");
            let names: Vec<_> = request.keys().map(String::as_str).collect();
            let mut expected = vec![
                "client_id",
                "nonce",
                "redirect_uri",
                "response_type",
                "scope",
                "state",
            ];
            match world.grant {
                Grant::Implicit => assert_eq!(request["response_type"], "token"),
                Grant::Code => {
                    expected.extend(["code_challenge", "code_challenge_method"]);
                    expected.sort_unstable();
                    assert_eq!(request["response_type"], "code");
                    assert_eq!(request["code_challenge_method"], "S256");
                    assert_random(&request["code_challenge"]);
                }
            }
            assert_eq!(names, expected);
            assert_eq!(request["client_id"], world.grant.client_id());
            assert_eq!(request["redirect_uri"], world.host.redirect_uri());
            // Separated by single spaces, in any order (RFC 6749 §3.3).
            let mut scope: Vec<_> = request["scope"].split(' ').collect();
            scope.sort_unstable();
            assert_eq!(scope, ["account_read", "campaign_data", "contact_data"]);
            for name in ["state", "nonce"] {
                assert_random(&request[name]);
            }
            assert_ne!(request["state"], request["nonce"]);
        })
        .await;
}

/// Rule (The request): Every request has its own `state` and `nonce`
async fn every_request_has_a_state_and_a_nonce_of_its_own(setup: Setup) {
    setup
        .run(async |world: &World| {
            for _ in 0..3 {
                world.visit("/").await;
                world.click_button("Connect Constant Contact").await;
                world.wait_for_authorization_server().await;
            }
            let requests = world.authorization_requests();
            let mut random: Vec<&String> = requests
                .iter()
                .flatten()
                .filter(|(name, _)| ["state", "nonce", "code_challenge"].contains(&name.as_str()))
                .map(|(_, value)| value)
                .collect();
            let each = match world.grant {
                Grant::Implicit => 2,
                Grant::Code => 3,
            };
            assert_eq!(random.len(), 3 * each);
            random.sort();
            random.dedup();
            assert_eq!(random.len(), 3 * each, "a value came twice");
        })
        .await;
}

/// 256 bits as base64url without padding.
fn assert_random(value: &str) {
    assert_eq!(value.len(), 43, "{value}");
    let base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(value.chars().all(base64url), "{value}");
}

/// Rule (The request): The record is written before the user leaves; if it cannot be written, the
/// user stays → `storage_unavailable`
async fn the_pending_record_is_there_before_leaving_and_used_once(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.wait_for_authorization_server().await;
            let request: BTreeMap<_, _> =
                world.authorization_requests()[0].iter().cloned().collect();

            // The storage belongs to the app's origin, so read it from there.
            world.browser.back().await;
            world.wait_for_session("not-connected").await;
            let key = format!("cc-connect/pending/{}", request["state"]);
            assert_eq!(world.pending().await.as_slice(), std::slice::from_ref(&key));
            let record = world.stored(&key).await.unwrap();
            let record: Value = serde_json::from_str(&record).unwrap();
            assert_eq!(record["nonce"], json!(request["nonce"]));
            assert_eq!(record["client_id"], json!(world.grant.client_id()));
            match world.grant {
                Grant::Implicit => assert_eq!(record["code_verifier"], Value::Null),
                Grant::Code => {
                    let verifier = record["code_verifier"].as_str().unwrap();
                    assert_random(verifier);
                    assert_ne!(verifier, request["code_challenge"]);
                    assert_ne!(verifier, request["state"]);
                }
            }
            assert_eq!(record["redirect_uri"], json!(world.host.redirect_uri()));
            assert_eq!(record["issuer"], json!(world.sandbox.issuer()));

            world.browser.forward().await;
            world.allow().await;
            world.wait_for_session("connected").await;
            assert!(world.pending().await.is_empty());
        })
        .await;
}

/// Rule (The request): There are at most five records, none older than ten minutes or the
/// configured time
async fn at_most_five_requests_are_pending(setup: Setup) {
    setup
        .run(async |world: &World| {
            for _ in 0..7 {
                world.visit("/").await;
                world.click_button("Connect Constant Contact").await;
                world.wait_for_authorization_server().await;
            }
            world.visit("/").await;
            let mut kept = world.pending().await;
            let requests = world.authorization_requests();
            let mut newest: Vec<String> = requests
                .iter()
                .skip(2)
                .flatten()
                .filter(|(name, _)| name == "state")
                .map(|(_, state)| format!("cc-connect/pending/{state}"))
                .collect();
            kept.sort();
            newest.sort();
            assert_eq!(kept, newest);
        })
        .await;
}

async fn a_person_who_says_no_is_understood_and_can_change_their_mind(setup: Setup) {
    setup
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.click_button("Sign in").await;
            world.click_button("Deny").await;
            world.wait_for_heading("You chose not to give access").await;
            assert_eq!(world.alert_code().await, "access_denied");
            world.wait_for_session("not-connected").await;
            assert!(world.pending().await.is_empty());

            world
                .browser
                .wait_for(Role::Button, "Connect Constant Contact")
                .await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_session("connected").await;
        })
        .await;
}

async fn the_session_is_mirrored_on_the_way(setup: Setup) {
    setup
        .run(async |world: &World| {
            // Polling would miss the short-lived states: record each change.
            let watch = "const seen = () => JSON.parse(sessionStorage.getItem('watched') ?? '[]');
                const look = () => {
                    const now = document.documentElement.dataset.session;
                    if (now && seen().at(-1) !== now) {
                        sessionStorage.setItem('watched', JSON.stringify([...seen(), now]));
                    }
                };
                new MutationObserver(look).observe(document, {
                    attributes: true, attributeFilter: ['data-session'], subtree: true,
                    childList: true,
                });";
            world.browser.at_document_start(watch).await;
            world.connect().await;
            let watched = world.stored("watched").await.unwrap();
            let watched: Vec<String> = serde_json::from_str(&watched).unwrap();
            let ends: &[&str] = match world.grant {
                Grant::Implicit => &["not-connected", "redirecting", "verifying", "connected"],
                Grant::Code => &[
                    "not-connected",
                    "redirecting",
                    "exchanging",
                    "verifying",
                    "connected",
                ],
            };
            // A new document may report *not connected* again before it reads the response.
            let mut states = watched.iter();
            assert!(
                ends.iter().all(|state| states.any(|seen| seen == state)),
                "{watched:?}"
            );
        })
        .await;
}
