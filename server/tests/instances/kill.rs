//! `kill -9` in the midst of renewals. `CC_CONNECT_KILL_SECONDS` says for how long.

use crate::{
    asking::{Answer, SESSION, SUMMARY, ask, ask_until_known},
    browser::Browser,
    world::World,
};
use cc_connect_sandbox::{RefreshTokens, TokenFault};
use futures_util::future::join_all;
use reqwest::StatusCode;
use std::{
    env,
    time::{Duration, Instant},
};

const SESSIONS: usize = 6;
/// How long after an answer has taken effect it arrives.
const LATE: Duration = Duration::from_millis(150);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_takes_no_connection_with_a_long_lived_refresh_token() {
    let lost = kill_during_renewals(RefreshTokens::LongLived).await;
    assert_eq!(lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotating_refresh_token_that_is_lost_with_whoever_is_killed_is_told() {
    kill_during_renewals(RefreshTokens::Rotating).await;
}

/// Returns how many connections were lost.
async fn kill_during_renewals(refresh_tokens: RefreshTokens) -> usize {
    let Some(world) = World::new(refresh_tokens).await else {
        return 0;
    };
    let mut browsers = Vec::new();
    for _ in 0..SESSIONS {
        browsers.push(world.connected().await);
    }
    world.use_up_budget().await;
    world.sandbox.set_token_fault(Some(TokenFault::Slow(LATE)));
    let (mut kills, mut lost) = (0, 0);
    let began = Instant::now();
    while kills < 3 || began.elapsed() < duration() {
        kill_one(&world, &browsers, kills).await;
        lost += check_all(&world, &mut browsers, refresh_tokens).await;
        kills += 1;
    }
    eprintln!("{refresh_tokens:?}: {kills} killed, {lost} connections lost");

    let uses = world.sandbox.refresh_token_uses();
    if refresh_tokens == RefreshTokens::Rotating {
        // Once, and once more to find out that the answer was lost.
        assert!(uses.iter().all(|uses| *uses <= 2), "{uses:?}");
        let twice = uses.iter().filter(|uses| **uses == 2).count();
        assert_eq!(twice, lost);
    }
    world.restore_budget().await;
    for browser in &browsers {
        let answer = ask_until_known(browser, SUMMARY).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    lost
}

/// Kills one instance while all sessions are being renewed, at a different moment each time.
async fn kill_one(world: &World, browsers: &[Browser], round: usize) {
    let before = world.refreshes();
    world.make_renewals_due().await;
    let requests = browsers.iter().flat_map(|browser| {
        (0..3).map(move |_| {
            let browser = browser.clone();
            tokio::spawn(async move { ask(&browser, SUMMARY).await })
        })
    });
    let requests: Vec<_> = requests.collect();
    let wanted = 1 + (round % SESSIONS) as u32;
    world.refreshes_reach(before + wanted).await;
    let moment = LATE * (round as u32 * 7 % 10) / 8;
    tokio::time::sleep(moment).await;
    world.instances[round % world.instances.len()].kill();
    for request in requests {
        if let Some(answer) = request.await.expect("it asks") {
            assert!(is_understood(&answer), "{answer:?}");
        }
    }
}

fn is_understood(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => answer.code() == "budget_day",
        StatusCode::UNAUTHORIZED => answer.code() == "refresh_lost",
        StatusCode::SERVICE_UNAVAILABLE => answer.has_retry_after,
        _ => false,
    }
}

/// Renews all sessions with what instances are left. Each works or says why not, and the latter are
/// connected again. Returns how many these were.
async fn check_all(
    world: &World,
    browsers: &mut [Browser],
    refresh_tokens: RefreshTokens,
) -> usize {
    world.let_requests_age().await;
    world.make_renewals_due().await;
    let answers = browsers
        .iter()
        .map(|browser| ask_until_known(browser, SESSION));
    let answers = join_all(answers).await;
    assert_eq!(world.due().await, 0, "each has been renewed or has ended");
    for instance in &world.instances {
        if !instance.is_running() {
            instance.start().await;
        }
    }
    let mut lost = 0;
    for (browser, answer) in browsers.iter_mut().zip(answers) {
        if answer.is_connected() {
            continue;
        }
        assert_eq!(refresh_tokens, RefreshTokens::Rotating, "{answer:?}");
        assert_eq!(answer.body["reason"], "refresh_lost", "{answer:?}");
        *browser = world.connected().await;
        lost += 1;
    }
    lost
}

fn duration() -> Duration {
    let seconds = env::var("CC_CONNECT_KILL_SECONDS").ok();
    let seconds = seconds.map_or(5, |text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds)
}
