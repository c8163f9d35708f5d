//! One browser, or many, whose requests go to any instance.

use crate::{
    asking::{SUMMARY, ask},
    browser::{json_of, location},
    world::{INSTANCE, World},
};
use cc_connect_sandbox::{RefreshTokens, TokenFault};
use futures_util::{StreamExt as _, stream};
use reqwest::{Response, StatusCode};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

fn instance(response: &Response) -> String {
    let name = response.headers()[INSTANCE].to_str();
    name.expect("ASCII").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_of_a_journey_goes_to_another_instance() {
    let Some(world) = World::new(RefreshTokens::Rotating).await else {
        return;
    };
    let mut browser = world.browser();
    let mut instances = Vec::new();

    let response = browser.post("/auth/connect", &json!({})).await;
    instances.push(instance(&response));
    let uri = json_of(response).await["authorization_uri"].clone();
    let back = browser.authorize(uri.as_str().expect("an address")).await;
    let response = browser.arrive(&back).await;
    instances.push(instance(&response));
    assert_eq!(location(&response), "/");
    let cookie = browser.session_cookie().expect("a session").to_owned();
    let mut copy = browser.clone();
    for left in [9_999, 9_998, 9_997] {
        let response = browser.get(SUMMARY).await;
        instances.push(instance(&response));
        assert_eq!(response.status(), StatusCode::OK);
        let response = browser.get("/auth/session").await;
        instances.push(instance(&response));
        let session = json_of(response).await;
        assert_eq!(session["connected"], true);
        assert_eq!(session["budget"]["left"], left);
    }
    let response = browser.post("/auth/disconnect", &json!({})).await;
    instances.push(instance(&response));
    assert_eq!(response.status(), StatusCode::NO_CONTENT);

    assert_eq!(copy.session_cookie(), Some(&*cookie));
    for _ in 0..3 {
        assert_eq!(copy.session().await["reason"], "session_missing");
    }
    let is_moving = instances.windows(2).all(|pair| pair[0] != pair[1]);
    let different: BTreeSet<_> = instances.iter().collect();
    assert!(is_moving && different.len() == 3, "{instances:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_requests_on_one_ended_token_are_one_token_request() {
    let Some(world) = World::new(RefreshTokens::Rotating).await else {
        return;
    };
    world.sandbox.set_token_lifetime(4);
    let browser = world.connected().await;
    world.sandbox.set_token_lifetime(86_400);
    world.use_up_budget().await;
    world.tokens_end().await;
    let slow = TokenFault::Slow(Duration::from_millis(500));
    world.sandbox.set_token_fault(Some(slow));
    let answers = stream::iter(0..500)
        .map(|_| ask(&browser, SUMMARY))
        .buffer_unordered(100)
        .collect::<Vec<_>>()
        .await;
    for answer in answers {
        let answer = answer.expect("nobody died");
        assert_eq!(answer.code(), "budget_day", "{answer:?}");
    }
    assert_eq!(world.refreshes(), 1);
}

/// Four a second are sent 260 ms apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_gets_four_requests_a_second_from_all_instances() {
    let Some(world) = World::new(RefreshTokens::LongLived).await else {
        return;
    };
    let browsers = [world.connected().await, world.connected().await];
    let answers = stream::iter(0..15)
        .map(|number| ask(&browsers[number % 2], SUMMARY))
        .buffer_unordered(15)
        .collect::<Vec<_>>()
        .await;
    for answer in answers {
        let answer = answer.expect("nobody died");
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let times = world.sandbox.api_request_times();
    assert_eq!(times.len(), 15);
    // At 4 a second it takes 3.6 s, and 1.2 s if each instance had a budget of its own. On a busy
    // machine the first may be late.
    let took = times[14] - times[0];
    assert!(took > Duration::from_millis(2_500), "{times:?}");
}
