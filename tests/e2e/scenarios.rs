//! Every way in which the sandbox misbehaves, and what the app makes of it.

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

async fn every_wrong_answer_is_told_apart(setup: Setup) {
    run_group(setup, Group::Response).await;
}

async fn every_error_of_the_server_is_told_apart(setup: Setup) {
    run_group(setup, Group::Error).await;
}

async fn every_fault_of_the_token_endpoint_is_told_apart(setup: Setup) {
    run_group(setup, Group::TokenEndpoint).await;
}

async fn every_wrong_token_is_told_apart(setup: Setup) {
    run_group(setup, Group::Token).await;
}

async fn every_wrong_claim_is_told_apart(setup: Setup) {
    run_group(setup, Group::Claims).await;
}

async fn every_wrong_id_token_is_told_apart(setup: Setup) {
    // What was not requested decides nothing.
    run_group(setup.asking_for_id_tokens(), Group::IdToken).await;
}

async fn every_fault_of_the_keys_is_survived(setup: Setup) {
    run_group(setup, Group::Keys).await;
}

async fn every_odd_key_set_is_judged(setup: Setup) {
    run_group(setup, Group::KeySet).await;
}

async fn every_fault_of_the_api_is_survived(setup: Setup) {
    run_group(setup, Group::Api).await;
}

async fn every_fault_of_a_refresh_is_told_apart(setup: Setup) {
    // Nobody is led away while the page after the end is looked at.
    let setup = setup.setting("reauthorize", "prompt");
    // With an ID token at the start, there is something to compare the next one with.
    run_group(setup.asking_for_id_tokens(), Group::Refresh).await;
}

/// One browser for the whole group; a disconnected app with an empty storage for each scenario.
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
            world.visit("/").await;
            for &scenario in scenarios {
                played += 1;
                if let Err(seen) = run_scenario(world, scenario).await {
                    wrong.push(format!(
                        "{scenario}: expected {}, {seen}",
                        scenario.outcome()
                    ));
                }
            }
            assert!(played > 0, "nothing was played");
            assert!(wrong.is_empty(), "{wrong:#?}");
            assert_codes_used_once(world);
        })
        .await;
}

/// Whatever went wrong, each code was sent once, and each refresh token to one request, unless that
/// request came to nothing.
fn assert_codes_used_once(world: &World) {
    let codes = world.sent_to_token_endpoint("code");
    let mut different = codes.clone();
    different.sort();
    different.dedup();
    assert_eq!(codes.len(), different.len(), "a code was sent twice");
    if world.grant == Grant::Implicit {
        assert!(world.token_requests().is_empty());
    }
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

/// Lets the connection be renewed, which shows this code, and looks what becomes of it.
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
            // It is tried again until it works, and nothing was lost.
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
        Some("invalid_grant" | "token_response_malformed") => {
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

/// As [`eventually`], but what does not come is told rather than a panic: every scenario of a group
/// should have its say.
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

/// Whether the answer names the state of the request; if not, the request stays open.
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

/// Waits until the page shows what the scenario should lead to; otherwise what it shows instead.
async fn settle(world: &World, scenario: Scenario) -> Result<Vec<String>, String> {
    let outcome = scenario.outcome();
    let session = match outcome {
        Outcome::Connected | Outcome::Notice(_) | Outcome::Api(_) | Outcome::Renewal(_) => {
            "connected"
        }
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
    // The app itself gives a key set that does not come ten seconds, and the token endpoint twenty.
    let patience = match scenario {
        Scenario::TokenSilent => 26,
        Scenario::KeysSilent => 16,
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
