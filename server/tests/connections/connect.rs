//! From an attempt to a session, and its end.

use crate::sandbox::{CLIENT_ID, DAY, SCOPE, World, master_key};
use cc_connect_core::oauth::{CapturedResponse, ClientSecret, Scope};
use cc_connect_sandbox::{KeysFault, Scenario, TokenFault};
use cc_connect_server::{BindingSecret, KeyRing, Look, NotConnected, SessionSecret};
use std::time::Duration;

#[tokio::test]
async fn a_code_becomes_a_session_that_the_page_can_see() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let completed = world.connections.complete(&response, Some(&binding)).await;
    let completed = completed.unwrap();
    assert_eq!(completed.return_to.as_str(), "contacts?list=7");

    let looked = world.look(&completed.secret).await;
    let Look::Connected { grant, renews } = looked else {
        panic!("{looked:?}");
    };
    assert!(renews);
    assert_eq!(grant.granted, Scope::parse(SCOPE).unwrap());
    assert!(grant.report.is_complete());
    let token = world.connections.access_token(&completed.secret, None);
    assert_eq!(token.await.unwrap().grant().account, grant.account);

    let requests = world.token_requests("authorization_code");
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    assert!(request.body.contains("code_verifier="));
    assert!(!request.body.contains("client_id="));
    assert_eq!(request.header("origin"), None);
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test]
async fn without_a_cookie_there_is_nothing() {
    let world = World::new().await;
    let looked = world.connections.look(None, None).await.unwrap();
    let nothing = matches!(
        looked,
        Look::NotConnected {
            reason: None,
            outcome: None
        }
    );
    assert!(nothing, "{looked:?}");
    let unknown = SessionSecret::generate();
    assert_eq!(world.reason(&unknown).await, Some(NotConnected::Missing));
    let failure = world.connections.access_token(&unknown, None).await;
    assert_eq!(failure.unwrap_err().code(), "session_missing");
}

#[tokio::test]
async fn a_response_is_used_once_and_by_the_browser_that_began_it() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let stranger = BindingSecret::generate();
    for other in [None, Some(&stranger)] {
        let error = world.connections.complete(&response, other).await;
        assert_eq!(error.unwrap_err().code(), "attempt_other_browser");
    }
    let completed = world.connections.complete(&response, Some(&binding)).await;
    assert!(completed.is_ok(), "a stranger's try does not use it up");
    let again = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(again.unwrap_err().code(), "attempt_missing");
    assert_eq!(world.token_requests("authorization_code").len(), 1);
}

#[tokio::test]
async fn the_code_of_a_failure_is_told_once_where_there_is_no_connection() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Denied, None).await;
    let error = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(error.unwrap_err().code(), "access_denied");

    let connected = world.connect(Scenario::Normal).await;
    let looked = world
        .connections
        .look(Some(&connected), Some(&binding))
        .await;
    assert!(matches!(looked, Ok(Look::Connected { .. })));
    for expected in [Some("access_denied"), None] {
        let looked = world.connections.look(None, Some(&binding)).await.unwrap();
        let Look::NotConnected { outcome, .. } = looked else {
            panic!("{looked:?}");
        };
        assert_eq!(outcome.as_deref(), expected);
    }
}

#[tokio::test]
async fn a_new_session_takes_the_place_of_the_one_before() {
    let world = World::new().await;
    let before = world.connect(Scenario::Normal).await;
    let binding = BindingSecret::generate();
    let response = world
        .authorize(&binding, Scenario::Normal, Some(&before))
        .await;
    assert!(matches!(world.look(&before).await, Look::Connected { .. }));
    let completed = world.connections.complete(&response, Some(&binding)).await;
    world.grant(&completed.unwrap().secret).await;
    assert_eq!(world.reason(&before).await, Some(NotConnected::Missing));
}

#[tokio::test]
async fn a_disconnected_session_is_gone() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    world.connections.end(&secret).await.unwrap();
    world.connections.end(&secret).await.unwrap();
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
}

#[tokio::test]
async fn a_response_that_is_none_has_the_code_of_the_core() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    for (query, code) in [
        ("", "state_missing"),
        ("code=a", "state_missing"),
        ("code=a&code=b&state=c", "duplicate_parameter"),
        ("access_token=a&state=c", "token_in_query"),
        ("code=a&state=c", "attempt_missing"),
    ] {
        let response = CapturedResponse {
            query: query.to_owned(),
            ..CapturedResponse::default()
        };
        let error = world.connections.complete(&response, Some(&binding)).await;
        assert_eq!(error.unwrap_err().code(), code, "{query}");
    }
}

#[tokio::test]
async fn an_attempt_lasts_ten_minutes() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    world.pass(601);
    let error = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(error.unwrap_err().code(), "pending_authorization_expired");
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_mistake() {
    let world = World::new().await;
    let ring = world.config.keys.clone();
    let wrong = ClientSecret::new("wrong".to_owned());
    world.connections.replace_secrets(wrong, ring.clone());
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let error = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(error.unwrap_err().code(), "client_refused");
    // Corrected without a restart.
    let secret = world.sandbox.client_secret(CLIENT_ID).unwrap();
    world
        .connections
        .replace_secrets(ClientSecret::new(secret), ring);
    world.connect(Scenario::Normal).await;
}

#[tokio::test]
async fn a_code_is_not_spent_while_the_keys_cannot_be_had() {
    let world = World::new().await;
    world.sandbox.set_keys_fault(Some(KeysFault::Status(500)));
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let error = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(error.unwrap_err().code(), "keys_status");
    assert!(world.token_requests("authorization_code").is_empty());
}

#[tokio::test]
async fn an_endpoint_that_fails_has_the_code_of_the_core() {
    let world = World::new().await;
    world.sandbox.set_token_fault(Some(TokenFault::Status(500)));
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let error = world.connections.complete(&response, Some(&binding)).await;
    assert_eq!(error.unwrap_err().code(), "token_endpoint_status");
}

#[tokio::test]
async fn a_session_ends_when_it_is_left_alone() {
    let world = World::with(|config| config.idle = Duration::from_secs(3_600)).await;
    let secret = world.connect(Scenario::Normal).await;
    for _ in 0..3 {
        world.pass(3_000);
        world.grant(&secret).await;
    }
    world.pass(3_601);
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Idle));
    assert_eq!(world.reason(&secret).await, Some(NotConnected::Missing));
}

#[tokio::test]
async fn a_session_ends_at_the_latest_however_much_it_is_used() {
    let world = World::with(|config| {
        config.idle = Duration::from_secs(3_600);
        config.absolute = Duration::from_secs(7_000);
    })
    .await;
    let secret = world.connect(Scenario::Normal).await;
    world.pass(3_500);
    world.grant(&secret).await;
    world.pass(3_499);
    world.grant(&secret).await;
    world.pass(2);
    assert_eq!(world.reason(&secret).await, Some(NotConnected::TooOld));
}

#[tokio::test]
async fn keys_rotate_and_sessions_stay() {
    let world = World::new().await;
    let secret = world.connect(Scenario::Normal).await;
    let ring = KeyRing::new(vec![master_key("b"), master_key("a")]).unwrap();
    let world = world.restarted(|config| config.keys = ring).await;
    // It is read with the old key, and sealed again with the new one.
    world.grant(&secret).await;
    let forgotten = world.connect(Scenario::Normal).await;
    let ring = KeyRing::new(vec![master_key("b")]).unwrap();
    let world = world.restarted(|config| config.keys = ring).await;
    world.grant(&secret).await;
    world.grant(&forgotten).await;
    let ring = KeyRing::new(vec![master_key("c")]).unwrap();
    let world = world.restarted(|config| config.keys = ring).await;
    assert_eq!(world.reason(&secret).await, Some(NotConnected::KeyUnknown));
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test]
async fn nothing_secret_is_in_the_database() {
    let world = World::new().await;
    let binding = BindingSecret::generate();
    let response = world.authorize(&binding, Scenario::Normal, None).await;
    let mut canaries = vec![binding.expose().to_owned()];
    let secret = world.connect(Scenario::Normal).await;
    world.pass(DAY);
    let token = world.connections.access_token(&secret, None).await.unwrap();
    canaries.push(secret.expose().to_owned());
    canaries.push(token.access_token().expose().to_owned());
    canaries.push(token.grant().account.subject.clone());
    canaries.push(token.grant().account.platform_user_id.clone());
    let (_, state) = response.query.split_once("state=").unwrap();
    canaries.push(state.split('&').next().unwrap().to_owned());
    canaries.push(world.sandbox.client_secret(CLIENT_ID).unwrap());
    for request in world.token_requests("refresh_token") {
        let (_, refresh_token) = request.body.split_once("refresh_token=").unwrap();
        canaries.push(refresh_token.split('&').next().unwrap().to_owned());
    }
    let mut octets = Vec::new();
    for file in std::fs::read_dir(world.folder()).unwrap() {
        octets.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(octets.len() > 4_096);
    for (index, canary) in canaries.iter().enumerate() {
        assert!(canary.len() > 3);
        let found = octets
            .windows(canary.len())
            .any(|it| it == canary.as_bytes());
        assert!(!found, "canary {index}");
    }
}
