//! Every way in which the sandbox misbehaves, and how the app responds.

use cc_connect_e2e::{Grant, Setup, World, eventually, with_both_grants};
use cc_connect_sandbox::{Group, Outcome, Scenario};
use std::time::Duration;
use tokio::time::{Instant, sleep};

with_both_grants!(
    every_wrong_answer_is_told_apart,
    every_error_of_the_server_is_told_apart,
    every_wrong_token_is_told_apart,
    every_wrong_claim_is_told_apart,
    every_fault_of_the_keys_is_survived,
    every_odd_key_set_is_judged,
    every_fault_of_the_api_is_survived,
    an_error_with_markup_is_shown_as_text;
    code:
    every_fault_of_the_token_endpoint_is_told_apart,
    every_wrong_id_token_is_told_apart,
    every_fault_of_a_refresh_is_told_apart,
);

/// Rule (The response): At most 16 KiB of the response are parsed → `response_too_large`
///
/// Rule (The response): No parameter occurs twice (RFC 6749 §3.1), not even once in the fragment
/// and once in the query → `duplicate_parameter`
///
/// Rule (The response): Without `state` nothing is trusted, neither a token nor an error →
/// `state_missing`
///
/// Rule (The response): `iss`, if present, names the issuer (RFC 9207) → `response_issuer_mismatch`
///
/// Rule (The response): A response with both a token and an error is rejected → `token_and_error`
///
/// Rule (The response): A response with neither a token nor an error is rejected; an empty token
/// counts as absent → `neither_token_nor_error`
///
/// Rule (The response): `token_type` is `Bearer`, in any case → `unsupported_token_type`
///
/// Rule (The response): What decides nothing rejects nothing: `expires_in` and `scope` are left out
/// if they cannot be read
///
/// Rule (The response): If less is granted than a page needs and requested, it connects and reports
/// that; technical scopes (`openid`, `offline_access`) are not permissions → `scope_narrowed`
///
/// Rule (The response): If more is granted than requested, it connects and reports that →
/// `scope_widened`
async fn every_wrong_answer_is_told_apart(setup: Setup) {
    run_group(setup, Group::Response).await;
}

/// Rule (The response): An error may be in the query
///
/// Rule (The response): Every error of RFC 6749 §4.2.2.1 has its own message → `access_denied`,
/// `invalid_request`, `unauthorized_client`, `unsupported_response_type`, `invalid_scope`,
/// `server_error`, `temporarily_unavailable`
///
/// Rule (The response): Every other error that the server is known to send has its own message →
/// `login_required`, `interaction_required`, `consent_required`, `unsupported_response_mode`,
/// `invalid_client`, `invalid_grant`, `invalid_token`, `insufficient_scope`
///
/// Rule (The response): An undefined error code is still an error → `unknown_error`
async fn every_error_of_the_server_is_told_apart(setup: Setup) {
    run_group(setup, Group::Error).await;
}

async fn every_fault_of_the_token_endpoint_is_told_apart(setup: Setup) {
    run_group(setup, Group::TokenEndpoint).await;
}

/// Rule (The token): Three parts: not two, four or five (RFC 7515 §7.1); no other serialization,
/// nothing encrypted, no token in a token → `malformed_token`
///
/// Rule (The token): The header is one JSON object in UTF-8, its members unique at every level, at
/// most eight levels deep (RFC 8725 §3.7)
///
/// Rule (The token): RS384, RS512, PS256 and ES256 are rejected, however well signed
///
/// Rule (The token): A signature of another algorithm labeled RS256 is rejected
///
/// Rule (The token): A header that requires an extension is rejected: `crit`, `b64` (RFC 7515
/// §4.1.11, RFC 7797) → `critical_header`
///
/// Rule (The token): `kid` is only a name in the issuer's set → `key_not_found`
///
/// Rule (The token): An ID token is not accepted as an access token (RFC 8725 §3.12)
async fn every_wrong_token_is_told_apart(setup: Setup) {
    run_group(setup, Group::Token).await;
}

/// Rule (The token): The claims are one JSON object, parsed as strictly as the header →
/// `malformed_claims`
///
/// Rule (The token): Claims have the right types: NumericDates are numbers, not strings, not
/// negative, not beyond the year 9999
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
///
/// Rule (The token): `exp` has not passed → `token_expired`
///
/// Rule (The token): `nbf`, if present, has passed → `token_not_yet_valid`
///
/// Rule (The token): `iat` is not in the future → `issued_in_the_future`
///
/// Rule (The token): `iat` is not before the request: an older token belongs to another request →
/// `issued_before_request`
///
/// Rule (The token): `exp` − `iat` is between 0 and 24 hours, or the configured maximum →
/// `lifetime_too_long`
///
/// Rule (The token): `cid` is this application → `client_mismatch`
///
/// Rule (The token): `platform_user_id` names a user of an account → `platform_user_unassigned`
async fn every_wrong_claim_is_told_apart(setup: Setup) {
    run_group(setup, Group::Claims).await;
}

async fn every_wrong_id_token_is_told_apart(setup: Setup) {
    // What was not requested decides nothing.
    run_group(setup.asking_for_id_tokens(), Group::IdToken).await;
}

/// Rule (The key set): A response that cannot be read or takes over ten seconds is reported: no
/// CORS, no network, silence → `keys_unreachable`
///
/// Rule (The key set): Only status 200 is accepted: not 304, 404, 429 or 500 → `keys_status`
///
/// Rule (The key set): It is a JWK Set: one JSON object, parsed strictly (RFC 7517 §5); not an HTML
/// page with status 200 → `keys_malformed`
///
/// Rule (The key set): At most 256 KiB of the key set are read → `keys_too_large`
///
/// Rule (The key set): The key set is not empty → `keys_empty`
async fn every_fault_of_the_keys_is_survived(setup: Setup) {
    run_group(setup, Group::Keys).await;
}

/// Rule (The key set): The key is RSA, for signatures, for RS256, for verifying → `unsuitable_key`
///
/// Rule (The key set): The key's exponent is odd and above 2^16 (FIPS 186-5); each number has one
/// encoding
///
/// Rule (The key set): The key's modulus has 2048 to 4096 bits → `weak_key`
///
/// Rule (The key set): Two keys with the same `kid` are ambiguous
///
/// Rule (The key set): Other keys (EC, oct, unknown), entries that are not keys, unknown members, a
/// thousand keys and the registered content type are all accepted
async fn every_odd_key_set_is_judged(setup: Setup) {
    run_group(setup, Group::KeySet).await;
}

/// Rule (Requests with the token): Each failure has its own message and a next step →
/// `api_unauthorized`, `api_forbidden`, `api_not_found`, `api_throttled`, `api_quota_exceeded`,
/// `api_unavailable`, `api_unreachable`, `api_unexpected`
async fn every_fault_of_the_api_is_survived(setup: Setup) {
    run_group(setup, Group::Api).await;
}

async fn every_fault_of_a_refresh_is_told_apart(setup: Setup) {
    // No redirect while the test looks at the page after expiry.
    let setup = setup.setting("reauthorize", "prompt");
    // With an initial ID token, there is something to compare the next one with.
    run_group(setup.asking_for_id_tokens(), Group::Refresh).await;
}

/// One browser for the whole group; the app starts each scenario disconnected, with empty storage.
async fn run_group(setup: Setup, group: Group) {
    setup
        .run(async |world: &World| {
            world.expect_failed_requests();
            let scenarios = Scenario::ALL
                .iter()
                .filter(|scenario| scenario.group() == group)
                .filter(|scenario| scenario.applies_to(&world.grant.setting()));
            let mut wrong = Vec::new();
            let mut played = 0;
            let mut codes = 0;
            world.visit("/").await;
            for &scenario in scenarios {
                played += 1;
                if let Err(seen) = run_scenario(world, scenario).await {
                    wrong.push(format!(
                        "{scenario}: expected {}, {seen}",
                        scenario.outcome()
                    ));
                }
                codes = assert_codes_used_once(world, scenario, codes);
            }
            assert!(played > 0, "nothing was played");
            assert!(wrong.is_empty(), "{wrong:#?}");
        })
        .await;
}

/// Whatever went wrong, each code that came since the first `before` was sent once, unless its request was
/// throttled and so not processed. Returns how many have been sent.
fn assert_codes_used_once(world: &World, scenario: Scenario, before: usize) -> usize {
    let codes = world.sent_to_token_endpoint("code");
    let mut different = codes[before..].to_vec();
    different.sort();
    different.dedup();
    let throttled = [Scenario::Token429, Scenario::Token429Passing].contains(&scenario);
    assert!(
        throttled || different.len() == codes.len() - before,
        "{scenario}: a code was sent twice"
    );
    if world.grant == Grant::Implicit {
        assert!(world.token_requests().is_empty());
    }
    codes.len()
}

async fn run_scenario(world: &World, scenario: Scenario) -> Result<(), String> {
    world.browser.script("sessionStorage.clear()", vec![]).await;
    world.visit("/").await;
    world.sandbox.use_scenario(scenario);
    world.click_button("Connect Constant Contact").await;
    world.allow().await;
    let settled = settle(world, scenario).await?;
    match scenario.outcome() {
        Outcome::Connected if scenario.group() == Group::Refresh => renew(world, None).await,
        Outcome::Connected if settled.is_empty() => Ok(()),
        Outcome::Renewal(code) => renew(world, Some(code)).await,
        Outcome::Refused(_) => {
            let kept = world.stored("cc-connect/session").await;
            let pending = world.pending().await;
            if kept.is_some() {
                Err("a session was stored".into())
            } else if scenario_answers_our_state(scenario) && !pending.is_empty() {
                Err("the pending record was not used up".into())
            } else {
                Ok(())
            }
        }
        Outcome::Retry(_) => {
            for _ in 0..3 {
                if world.glance().await?["session"] == "connected" {
                    break;
                }
                world.click_button("Try again").await;
                settle_after_retry(world).await;
            }
            world.wait_for_session("connected").await;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Triggers a renewal, which shows this code, and checks the outcome.
async fn renew(world: &World, code: Option<&str>) -> Result<(), String> {
    let account = within(Duration::from_secs(6), async || {
        let shown = world.browser.text().await;
        shown
            .contains("Bluebird Bakery")
            .then_some(())
            .ok_or(format!("no account in {shown}"))
    });
    account.await?;
    let token = world.stored_token().await;
    world.let_time_pass(world.lifetime() - 240).await;
    if let Some(code) = code {
        within(Duration::from_secs(20), async || {
            let seen = world.glance().await?;
            let shown = |kind: &str| {
                seen[kind]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one == code))
            };
            (shown("notices") || shown("alerts"))
                .then_some(())
                .ok_or(format!("seen {seen}"))
        })
        .await?;
    }
    let session = world.glance().await?["session"].clone();
    match code {
        None
        | Some(
            "token_endpoint_unreachable" | "token_endpoint_throttled" | "token_endpoint_status",
        ) => {
            // It is retried until it works, and nothing was lost.
            within(Duration::from_secs(40), async || {
                let seen = world.glance().await?;
                let stored = world.stored("cc-connect/session").await.unwrap_or_default();
                let renewed = seen["session"] == "connected"
                    && seen["notices"] == serde_json::json!([])
                    && seen["alerts"] == serde_json::json!([])
                    && !stored.is_empty()
                    && !stored.contains(&token);
                renewed.then_some(()).ok_or(format!("not renewed: {seen}"))
            })
            .await
        }
        Some(first @ ("invalid_grant" | "token_response_malformed")) => {
            // A response without a meaning is retried, and the refresh token turns out to be used up.
            let code = "invalid_grant";
            if first != code {
                within(Duration::from_secs(20), async || {
                    let seen = world.glance().await?;
                    (seen["notices"] == serde_json::json!([code]))
                        .then_some(())
                        .ok_or(format!("seen {seen}"))
                })
                .await?;
            }
            if session != "connected" {
                return Err(format!("the old token is still good, yet {session}"));
            }
            if world.stored_token().await != token {
                return Err("another token is stored".into());
            }
            let stored = world.stored("cc-connect/session").await.unwrap_or_default();
            if stored.contains("refresh_token") {
                return Err("a refresh token that is of no use is kept".into());
            }
            world.let_time_pass(300).await;
            within(Duration::from_secs(6), async || {
                let seen = world.glance().await?;
                let ended = seen["session"] == "not-connected"
                    && seen["alerts"] == serde_json::json!([code]);
                ended.then_some(()).ok_or(format!("not ended: {seen}"))
            })
            .await
        }
        Some("account_changed") if session == "account-changed" => Ok(()),
        Some(_) => {
            let kept = world.stored("cc-connect/session").await;
            match (session == "not-connected", kept) {
                (true, None) => Ok(()),
                (_, kept) => Err(format!("{session}, stored: {}", kept.is_some())),
            }
        }
    }
}

/// Like [`eventually`], but returns an error instead of panicking, so that every scenario of a
/// group gets to run.
async fn within(
    patience: Duration,
    mut reached: impl AsyncFnMut() -> Result<(), String>,
) -> Result<(), String> {
    let deadline = Instant::now() + patience;
    loop {
        match reached().await {
            Ok(()) => return Ok(()),
            Err(seen) if Instant::now() > deadline => return Err(seen),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Whether the response has the request's state; if not, the request stays pending.
fn scenario_answers_our_state(scenario: Scenario) -> bool {
    !matches!(
        scenario,
        Scenario::WrongState
            | Scenario::MissingState
            | Scenario::ErrorWithoutState
            | Scenario::DuplicateParameter
            | Scenario::Oversized
            | Scenario::ResponseMalformed
    )
}

/// Waits until the page shows the expected outcome; otherwise returns what it shows instead.
async fn settle(world: &World, scenario: Scenario) -> Result<Vec<String>, String> {
    let outcome = scenario.outcome();
    let session = match outcome {
        Outcome::Connected | Outcome::Notice(_) | Outcome::Api(_) | Outcome::Renewal(_) => {
            "connected"
        }
        // The code is sent again until it is too old.
        Outcome::Refused(_) if scenario == Scenario::Token429 => "exchanging",
        Outcome::Refused(_) | Outcome::Ended(_) => "not-connected",
        Outcome::Retry(_) => "verifying",
    };
    let reached = async || -> Result<Vec<String>, String> {
        let seen = world.glance().await?;
        let codes = |kind: &str| -> Vec<String> {
            let codes = seen[kind].as_array().cloned().unwrap_or_default();
            let text = |code: &serde_json::Value| code.as_str().unwrap_or_default().to_owned();
            codes.iter().map(text).collect()
        };
        let shown = match outcome {
            Outcome::Notice(_) => codes("notices"),
            _ => codes("alerts"),
        };
        let as_expected = match outcome.code() {
            Some(_) if matches!(outcome, Outcome::Renewal(_)) => shown.is_empty(),
            Some(code) => !shown.is_empty() && shown.iter().all(|shown| shown == code),
            None => shown.is_empty(),
        };
        if as_expected && seen["session"] == session {
            Ok(shown)
        } else {
            Err(format!("seen {seen}"))
        }
    };
    // The app's own timeouts are ten seconds for the key set and twenty for the token endpoint.
    let patience = match scenario {
        Scenario::TokenSilent => 26,
        Scenario::KeysSilent => 16,
        // Two pauses of five seconds.
        Scenario::Token429Passing => 20,
        _ => 6,
    };
    let mut shown = Vec::new();
    within(Duration::from_secs(patience), async || {
        shown = reached().await?;
        Ok(())
    })
    .await?;
    Ok(shown)
}

async fn settle_after_retry(world: &World) {
    eventually("the next attempt's end", async || {
        let seen = world.glance().await?;
        let connected = seen["session"] == "connected";
        let failed = seen["alerts"].get(0).is_some();
        if connected || failed {
            Ok(())
        } else {
            Err(seen.to_string())
        }
    })
    .await;
}

/// Rule (The response): The server's texts are shown as text, and truncated
async fn an_error_with_markup_is_shown_as_text(setup: Setup) {
    setup
        .scenario(Scenario::MarkupInError)
        .run(async |world: &World| {
            world.visit("/").await;
            world.click_button("Connect Constant Contact").await;
            world.allow().await;
            world.wait_for_alert("server_error").await;
            let foreign = world
                .browser
                .texts("main script, main iframe, main img, main b")
                .await;
            assert!(foreign.is_empty(), "markup became elements: {foreign:?}");
        })
        .await;
}
