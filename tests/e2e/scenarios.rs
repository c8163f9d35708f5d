//! Every way in which the sandbox misbehaves, and what the app makes of it.

use cc_connect_e2e::{Setup, World, eventually};
use cc_connect_sandbox::{Group, Outcome, Scenario};

#[tokio::test]
async fn every_wrong_answer_is_told_apart() {
    run_group(Group::Response).await;
}

#[tokio::test]
async fn every_error_of_the_server_is_told_apart() {
    run_group(Group::Error).await;
}

#[tokio::test]
async fn every_wrong_token_is_told_apart() {
    run_group(Group::Token).await;
}

#[tokio::test]
async fn every_wrong_claim_is_told_apart() {
    run_group(Group::Claims).await;
}

#[tokio::test]
async fn every_fault_of_the_keys_is_survived() {
    run_group(Group::Keys).await;
}

#[tokio::test]
async fn every_odd_key_set_is_judged() {
    run_group(Group::KeySet).await;
}

#[tokio::test]
async fn every_fault_of_the_api_is_survived() {
    run_group(Group::Api).await;
}

/// One browser for the whole group; a disconnected app with an empty storage for each scenario.
async fn run_group(group: Group) {
    Setup::new()
        .run(async |world: &World| {
            world.expect_failed_requests();
            let scenarios = Scenario::ALL
                .iter()
                .filter(|scenario| scenario.group() == group);
            let mut wrong = Vec::new();
            world.visit("/").await;
            for &scenario in scenarios {
                if let Err(seen) = run_scenario(world, scenario).await {
                    wrong.push(format!(
                        "{scenario}: expected {}, {seen}",
                        scenario.outcome()
                    ));
                }
            }
            assert!(wrong.is_empty(), "{wrong:#?}");
        })
        .await;
}

async fn run_scenario(world: &World, scenario: Scenario) -> Result<(), String> {
    world.browser.script("sessionStorage.clear()", vec![]).await;
    world.visit("/").await;
    world.sandbox.use_scenario(scenario);
    world.click_button("Connect Constant Contact").await;
    world.allow().await;
    let settled = settle(world, scenario).await?;
    match scenario.outcome() {
        Outcome::Connected if settled.is_empty() => Ok(()),
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
        Outcome::Connected | Outcome::Notice(_) | Outcome::Api(_) => "connected",
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
            Some(code) => !shown.is_empty() && shown.iter().all(|shown| shown == code),
            None => shown.is_empty(),
        };
        if as_expected && seen["session"] == session {
            Ok(shown)
        } else {
            Err(format!("seen {seen}"))
        }
    };
    // Every scenario of the group should have its say: a wrong one must not panic. The app itself
    // gives a key set that does not come ten seconds.
    let patience = if scenario == Scenario::KeysSilent {
        16
    } else {
        6
    };
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(patience);
    loop {
        match reached().await {
            Ok(shown) => return Ok(shown),
            Err(seen) if tokio::time::Instant::now() > deadline => return Err(seen),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
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

#[tokio::test]
async fn an_error_with_markup_is_shown_as_text() {
    Setup::new()
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
