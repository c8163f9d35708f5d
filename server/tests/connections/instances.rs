//! Several instances on one PostgreSQL.

use crate::sandbox::{DAY, World};
use cc_connect_sandbox::Scenario;
use cc_connect_server::{BindingSecret, NotConnected};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_over_two_instances_are_one_token_request() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = world.another_instance().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    other.pass(DAY);
    assert!(World::a_hundred_get_one_token(&[&world.connections, &other], &secret).await);
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_renewed_beside_each_other_once_each() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = world.another_instance().await;
    let mut secrets = Vec::new();
    for _ in 0..20 {
        secrets.push(world.connect(Scenario::Normal).await);
    }
    world.pass(DAY);
    other.pass(DAY);
    let requests = (0..80).map(|number| {
        let connections = [&world.connections, &other][number % 2].clone();
        let secret = secrets[number / 4].clone();
        tokio::spawn(async move { connections.access_token(&secret, None).await })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap().unwrap();
    }
    assert_eq!(world.refreshes(), 20);
}

#[tokio::test]
async fn what_one_instance_begins_another_completes_and_a_third_ends() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let (second, third) = (
        world.another_instance().await,
        world.another_instance().await,
    );
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let completed = second.complete(&response, Some(&binding)).await.unwrap();
    world.grant(&completed.secret).await;
    third.end(&completed.secret).await.unwrap();
    let failure = second.access_token(&completed.secret, None).await;
    assert_eq!(failure.unwrap_err().code(), "session_missing");
    let reason = world.reason(&completed.secret).await;
    assert_eq!(reason, Some(NotConnected::Missing));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_disconnects_at_another_instance_stays_disconnected() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = world.another_instance().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    world.gate.close();
    let renewal = tokio::spawn({
        let (connections, secret) = (world.connections.clone(), secret.clone());
        async move { connections.access_token(&secret, None).await }
    });
    world.refreshes_reach(1).await;
    // It does not wait for the renewal.
    let ended = tokio::time::timeout(Duration::from_secs(2), other.end(&secret)).await;
    ended.unwrap().unwrap();
    world.gate.open();
    let failure = renewal.await.unwrap().unwrap_err();
    assert_eq!(failure.code(), "session_missing");
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_is_one_for_all_instances() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = world.another_instance().await;
    let secret = world.connect(Scenario::Normal).await;
    let mut left = Vec::new();
    for connections in [&world.connections, &other, &world.connections, &other] {
        left.push(connections.take_turn(&secret).await.unwrap().left_today());
    }
    assert_eq!(left, [9_999, 9_998, 9_997, 9_996]);
    assert_eq!(other.left_today().await.unwrap(), 9_996);
}
