//! Turns at the API.

use crate::sandbox::World;
use cc_connect_server::{BudgetRefusal, SessionSecret};
use std::time::{Duration, Instant};

#[tokio::test]
async fn turns_are_an_interval_apart_and_counted() {
    let world = World::new().await;
    let secret = SessionSecret::generate();
    let began = Instant::now();
    for turn in 1..=4 {
        let ticket = world.connections.take_turn(&secret).await.unwrap();
        assert_eq!(ticket.left_today(), 10_000 - turn);
    }
    // Three intervals between four turns; clocks count in milliseconds.
    assert!(began.elapsed() >= Duration::from_millis(3 * 260 - 5));
    assert_eq!(world.connections.left_today().await.unwrap(), 9_996);
}

#[tokio::test]
async fn what_the_api_says_holds_for_everybody() {
    let world = World::new().await;
    let secret = SessionSecret::generate();
    let ticket = world.connections.take_turn(&secret).await.unwrap();
    let began = Instant::now();
    ticket.throttled().await;
    drop(ticket);
    let other = SessionSecret::generate();
    let ticket = world.connections.take_turn(&other).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(900));
    ticket.quota_exceeded().await;
    drop(ticket);
    assert_eq!(world.connections.left_today().await.unwrap(), 0);
    let refusal = world.connections.take_turn(&secret).await.unwrap_err();
    assert_eq!(refusal.code(), "budget_day");
    assert!(refusal.retry_after() <= Duration::from_secs(86_400));
    // Tomorrow is another day.
    let tomorrow = i64::try_from(refusal.retry_after().as_secs()).unwrap() + 1;
    world.pass(tomorrow);
    let ticket = world.connections.take_turn(&secret).await.unwrap();
    assert_eq!(ticket.left_today(), 9_999);
}

#[tokio::test]
async fn too_many_are_refused_at_once() {
    let world = World::with(|config| config.limits.waiting = 3).await;
    let secret = SessionSecret::generate();
    let turns = (0..8).map(|_| {
        let (connections, secret) = (world.connections.clone(), secret.clone());
        tokio::spawn(async move { connections.take_turn(&secret).await.map(drop) })
    });
    let mut refused = 0;
    for turn in turns.collect::<Vec<_>>() {
        match turn.await.unwrap() {
            Ok(()) => {}
            Err(BudgetRefusal::Wait { retry_after }) => {
                assert!(retry_after >= Duration::from_secs(1));
                refused += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!((3..8).contains(&refused), "{refused}");
}

#[tokio::test]
async fn nobody_waits_longer_than_the_limit() {
    let world = World::with(|config| config.limits.longest_wait = Duration::from_millis(400)).await;
    let secret = SessionSecret::generate();
    let (one, two) = (
        world.connections.take_turn(&secret).await.unwrap(),
        world.connections.take_turn(&secret).await.unwrap(),
    );
    // Two are on their way, and neither comes back.
    let began = Instant::now();
    let refusal = world.connections.take_turn(&secret).await.unwrap_err();
    assert_eq!(refusal.code(), "budget_wait");
    assert!(began.elapsed() >= Duration::from_millis(390));
    drop((one, two));
    assert!(world.connections.take_turn(&secret).await.is_ok());
}
