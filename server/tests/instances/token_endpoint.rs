//! A token endpoint that is slow, silent, or whose answer is lost.

use crate::{
    asking::{Answer, SESSION, ask, ask_directly, ask_until_known},
    browser::Browser,
    world::World,
};
use cc_connect_sandbox::{RefreshTokens, TokenFault};
use futures_util::future::join_all;
use reqwest::StatusCode;
use std::time::{Duration, Instant};

/// A browser whose token has ended.
async fn ended(world: &World) -> Browser {
    world.sandbox.set_token_lifetime(4);
    let browser = world.connected().await;
    world.sandbox.set_token_lifetime(86_400);
    world.tokens_end().await;
    browser
}

/// What all instances say, asked at once.
async fn ask_all(browser: &Browser) -> Vec<Answer> {
    let answers = join_all((0..6).map(|_| ask(browser, SESSION))).await;
    let answers = answers.into_iter();
    answers.map(|answer| answer.expect("nobody died")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_answer_is_waited_for_by_everybody() {
    let Some(world) = World::new(RefreshTokens::Rotating).await else {
        return;
    };
    let browser = ended(&world).await;
    let slow = TokenFault::Slow(Duration::from_secs(3));
    world.sandbox.set_token_fault(Some(slow));
    let answers = ask_all(&browser).await;
    assert!(answers.iter().all(Answer::is_connected), "{answers:?}");
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_endpoint_is_told_in_time_and_costs_no_connection() {
    let Some(world) = World::new(RefreshTokens::Rotating).await else {
        return;
    };
    let browser = ended(&world).await;
    world.sandbox.set_token_fault(Some(TokenFault::Silent));
    let began = Instant::now();
    for answer in ask_all(&browser).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let codes = ["token_endpoint_unreachable", "refresh_locked"];
        assert!(codes.contains(&answer.code()), "{answer:?}");
        assert!(answer.has_retry_after);
    }
    // 15 seconds for the token request.
    assert!(began.elapsed() < Duration::from_secs(25));
    assert_eq!(world.refreshes(), 1, "nobody waits for it in turn");
    world.sandbox.set_token_fault(None);
    let answer = ask_until_known(&browser, SESSION).await;
    assert!(answer.is_connected(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_costs_a_rotating_refresh_token_only() {
    let methods = [RefreshTokens::LongLived, RefreshTokens::Rotating];
    join_all(methods.map(lose_an_answer)).await;
}

async fn lose_an_answer(refresh_tokens: RefreshTokens) {
    let Some(world) = World::new(refresh_tokens).await else {
        return;
    };
    let browser = ended(&world).await;
    world.sandbox.set_token_fault(Some(TokenFault::Dropped));
    let answer = ask(&browser, SESSION).await.expect("nobody died");
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "token_endpoint_unreachable");
    world.sandbox.set_token_fault(None);
    let answer = ask_until_known(&browser, SESSION).await;
    match refresh_tokens {
        RefreshTokens::LongLived => assert!(answer.is_connected(), "{answer:?}"),
        RefreshTokens::Rotating => assert_eq!(answer.body["reason"], "refresh_lost"),
    }
    assert_eq!(world.refreshes(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_told_to_stop_finishes_a_renewal_first() {
    let Some(world) = World::new(RefreshTokens::Rotating).await else {
        return;
    };
    let mut browser = world.connected().await;
    let slow = TokenFault::Slow(Duration::from_secs(3));
    world.sandbox.set_token_fault(Some(slow));
    world.make_renewals_due().await;
    browser.move_to(world.instances[0].address);
    let renewing = tokio::spawn({
        let browser = browser.clone();
        async move { ask_directly(&browser, SESSION).await }
    });
    world.refreshes_reach(1).await;
    let mut process = world.instances[0].terminate();
    let answer = renewing.await.expect("it asks");
    assert!(answer.is_connected(), "{answer:?}");
    assert_eq!(process.ended().await.code(), Some(0));
    assert!(!world.instances[0].is_ready().await);

    assert_eq!(world.due().await, 0);
    world.sandbox.set_token_fault(None);
    browser.move_to(world.instances[1].address);
    assert!(ask_directly(&browser, SESSION).await.is_connected());
    assert_eq!(world.refreshes(), 1);
}
