//! Renewals of one instance.

use crate::sandbox::{CLIENT_ID, DAY, World};
use cc_connect_core::oauth::ClientSecret;
use cc_connect_sandbox::{RefreshTokens, Scenario, TokenFault};
use cc_connect_server::{Look, NotConnected};
use std::time::Duration;

#[tokio::test]
async fn a_token_is_renewed_in_its_last_five_minutes_and_not_before() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY - 310);
    let before = world.grant(&secret).await;
    assert_eq!(world.refreshes(), 0);
    world.pass(20);
    let after = world.grant(&secret).await;
    assert_eq!(world.refreshes(), 1);
    assert!(after.expires_at > before.expires_at);
    // The next one uses the rotated refresh token.
    world.pass(DAY);
    world.grant(&secret).await;
    assert_eq!(world.refreshes(), 2);
}

#[tokio::test]
async fn a_long_lived_refresh_token_is_used_again_and_again() {
    let world = World::new().await;
    world
        .sandbox
        .set_refresh_tokens(CLIENT_ID, RefreshTokens::LongLived);
    let secret = world.connect(Scenario::Normal).await;
    for round in 1..=3 {
        world.pass(DAY);
        world.grant(&secret).await;
        assert_eq!(world.refreshes(), round);
    }
    let bodies: Vec<_> = world.token_requests("refresh_token");
    assert!(bodies.iter().all(|request| request.body == bodies[0].body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_on_one_ended_token_are_one_token_request() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    assert!(World::a_hundred_get_one_token(&[&world.connections], &secret).await);
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn a_rejected_token_is_renewed_unless_it_is_new() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    let first = world.connections.access_token(&secret, None).await.unwrap();
    let same = world
        .connections
        .access_token(&secret, Some(first.access_token()))
        .await
        .unwrap();
    assert!(same.is_same_token(first.access_token()));
    assert_eq!(world.refreshes(), 0);
    world.pass(601);
    let rejected = Some(first.access_token());
    let second = world.connections.access_token(&secret, rejected).await;
    let second = second.unwrap();
    assert!(!second.is_same_token(first.access_token()));
    // A late 401 for the token of before gets the one of now.
    world.pass(601);
    let again = world.connections.access_token(&secret, rejected).await;
    assert!(again.unwrap().is_same_token(second.access_token()));
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_the_connection_and_says_so_once() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.sandbox.revoke_refresh_tokens();
    world.pass(DAY);
    let failure = world.connections.access_token(&secret, None).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.code(), "connection_ended");
    assert_eq!(failure.retry_after(), None);
    let reason = world.reason(&secret).await.unwrap();
    assert_eq!(reason.reason(), "invalid_grant");
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_named_when_the_refresh_token_turns_out_to_be_used_up() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY - 200);
    world
        .sandbox
        .set_token_fault(Some(TokenFault::LostResponse));
    // The token is good for a while yet.
    world.grant(&secret).await;
    assert_eq!(world.refreshes(), 1);
    world.sandbox.set_token_fault(None);
    world.pass(150);
    let failure = world.connections.access_token(&secret, None).await;
    assert_eq!(failure.unwrap_err().code(), "refresh_lost");
    let reason = world.reason(&secret).await.unwrap();
    assert_eq!(reason.reason(), "refresh_lost");
}

#[tokio::test]
async fn a_lost_answer_does_no_harm_with_a_long_lived_refresh_token() {
    let world = World::new().await;
    world
        .sandbox
        .set_refresh_tokens(CLIENT_ID, RefreshTokens::LongLived);
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    world
        .sandbox
        .set_token_fault(Some(TokenFault::LostResponse));
    let failure = world.connections.access_token(&secret, None).await;
    assert_eq!(failure.unwrap_err().code(), "token_endpoint_status");
    world.sandbox.set_token_fault(None);
    world.pass(60);
    world.grant(&secret).await;
}

#[tokio::test]
async fn a_fault_that_passes_keeps_the_connection_and_pauses() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    for (fault, code) in [
        (TokenFault::Status(500), "token_endpoint_status"),
        (TokenFault::Throttled, "token_endpoint_throttled"),
        (TokenFault::Html, "token_response_malformed"),
    ] {
        world.sandbox.set_token_fault(Some(fault));
        let before = world.refreshes();
        let failure = world.connections.access_token(&secret, None).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.code(), code);
        assert!(failure.retry_after().unwrap() > Duration::from_secs(1));
        assert_eq!(world.refreshes(), before + 1);
        // During the pause nobody asks.
        let again = world.connections.access_token(&secret, None).await;
        assert_eq!(again.unwrap_err().code(), code);
        let looked = world.connections.look(Some(&secret), None).await;
        assert_eq!(looked.unwrap_err().code(), code);
        assert_eq!(world.refreshes(), before + 1);
        world.pass(120);
    }
    world.sandbox.set_token_fault(None);
    world.grant(&secret).await;
}

#[tokio::test]
async fn a_wrong_secret_ends_nobodys_connection() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    let other = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    let ring = world.config.keys.clone();
    let wrong = ClientSecret::new("wrong".to_owned());
    world.connections.replace_secrets(wrong, ring.clone());
    for session in [&secret, &other] {
        let failure = world.connections.access_token(session, None).await;
        assert_eq!(failure.unwrap_err().code(), "client_refused");
    }
    assert_eq!(world.refreshes(), 1, "one refusal is enough for everybody");
    let right = world.config.secret.clone();
    world.connections.replace_secrets(right, ring);
    world.pass(60);
    world.grant(&secret).await;
    world.grant(&other).await;
}

#[tokio::test]
async fn another_accounts_token_ends_the_connection() {
    let world = World::new().await;
    let secret = world.connect(Scenario::RefreshOtherAccount).await;
    world.pass(DAY);
    let failure = world.connections.access_token(&secret, None).await;
    assert_eq!(failure.unwrap_err().code(), "connection_ended");
    let reason = world.reason(&secret).await.unwrap();
    assert_eq!(reason.reason(), NotConnected::ACCOUNT_CHANGED);
}

#[tokio::test]
async fn without_a_refresh_token_the_connection_ends_with_its_token() {
    let world = World::new().await;
    let secret = world.connect(Scenario::NoRefreshToken).await;
    let looked = world.look(&secret).await;
    assert!(matches!(looked, Look::Connected { renews: false, .. }));
    world.pass(DAY - 10);
    world.grant(&secret).await;
    world.pass(11);
    let reason = world.reason(&secret).await.unwrap();
    assert_eq!(reason.reason(), NotConnected::EXPIRED);
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_disconnects_during_a_renewal_stays_disconnected() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    world.gate.close();
    let renewal = tokio::spawn({
        let (connections, secret) = (world.connections.clone(), secret.clone());
        async move { connections.access_token(&secret, None).await }
    });
    world.refreshes_reach(1).await;
    world.connections.end(&secret).await.unwrap();
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
    world.gate.open();
    let failure = renewal.await.unwrap().unwrap_err();
    assert_eq!(failure.code(), "session_missing");
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
}

#[tokio::test]
async fn a_renewal_goes_on_when_whoever_asked_leaves() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    world.gate.close();
    let asked = world.connections.access_token(&secret, None);
    let left = tokio::time::timeout(Duration::from_millis(300), asked).await;
    assert!(left.is_err());
    world.refreshes_reach(1).await;
    world.gate.open();
    world.connections.finish().await;
    // What came has been stored before the stop.
    let world = world.restarted(|_| {}).await;
    world.grant(&secret).await;
    assert_eq!(world.refreshes(), 1);
}
