//! Every scenario of the sandbox that a server meets ends as the sandbox says that a careful client
//! ends it.

use crate::sandbox::{DAY, World};
use cc_connect_sandbox::{Group, Outcome, Scenario};
use cc_connect_server::{BindingSecret, ConnectError, TokenFailure};

async fn world(group: Group) -> World {
    World::with(|config| {
        if matches!(group, Group::IdToken | Group::Refresh) {
            let scope = config.client.scope().clone().with_token("openid");
            config.client = config.client.clone().with_scope(scope);
        }
    })
    .await
}

/// The code that a careful client shows, as far as a server sees the same as a browser.
fn expected(scenario: Scenario) -> &'static str {
    // A browser cannot read these: there are no CORS headers, or a redirect.
    let unreadable = [
        Scenario::TokenUnreachable,
        Scenario::TokenRedirect,
        Scenario::RefreshUnreachable,
        Scenario::RefreshLostResponse,
    ];
    match scenario.outcome() {
        _ if unreadable.contains(&scenario) => "token_endpoint_status",
        // A `state` that is not ours belongs to no attempt.
        Outcome::Refused("state_mismatch") => "attempt_missing",
        // No mistake of the person's.
        Outcome::Refused("invalid_client" | "unauthorized_client")
            if scenario.group() == Group::TokenEndpoint =>
        {
            "client_refused"
        }
        Outcome::Refused(code) | Outcome::Renewal(code) => code,
        _ => "connected",
    }
}

/// Whether the answer takes longer than a test should.
fn is_slow(scenario: Scenario) -> bool {
    let name = scenario.as_str();
    name.contains("silent") || name.contains("slow")
}

/// How the scenarios of a group that end otherwise do.
async fn connecting(group: Group) -> Vec<String> {
    let mut differing = Vec::new();
    let mut shared = world(group).await;
    for scenario in group.scenarios().filter(|scenario| !is_slow(*scenario)) {
        if group == Group::KeySet {
            // Each leaves another key set behind.
            shared = world(group).await;
        }
        let binding = BindingSecret::generate();
        let response = shared.authorize(&binding, scenario, None).await;
        let completed = shared.connections.complete(&response, Some(&binding));
        let completed = completed.await;
        let found = completed
            .as_ref()
            .map_or_else(ConnectError::code, |_| "connected");
        let expected = match expected(scenario) {
            // It came in the fragment.
            _ if response.query.is_empty() => "state_missing",
            code => code,
        };
        if found != expected {
            differing.push(format!("{scenario}: {found}, expected {expected}"));
        }
    }
    differing
}

#[tokio::test]
async fn responses() {
    assert_eq!(connecting(Group::Response).await, [""; 0]);
}

#[tokio::test]
async fn error_responses() {
    assert_eq!(connecting(Group::Error).await, [""; 0]);
}

#[tokio::test]
async fn the_token_endpoint() {
    assert_eq!(connecting(Group::TokenEndpoint).await, [""; 0]);
}

#[tokio::test]
async fn access_tokens() {
    assert_eq!(connecting(Group::Token).await, [""; 0]);
}

#[tokio::test]
async fn claims() {
    assert_eq!(connecting(Group::Claims).await, [""; 0]);
}

#[tokio::test]
async fn id_tokens() {
    assert_eq!(connecting(Group::IdToken).await, [""; 0]);
}

#[tokio::test]
async fn key_sets() {
    assert_eq!(connecting(Group::KeySet).await, [""; 0]);
}

#[tokio::test]
async fn renewals() {
    let mut differing = Vec::new();
    let scenarios = Group::Refresh.scenarios();
    for scenario in scenarios.filter(|scenario| !is_slow(*scenario)) {
        let world = world(Group::Refresh).await;
        let secret = world.connect(scenario).await;
        world.pass(DAY);
        let found = match world.connections.access_token(&secret, None).await {
            Ok(_) => "connected".to_owned(),
            Err(TokenFailure::NotConnected(reason)) => reason.reason().to_owned(),
            Err(failure) => failure.code().to_owned(),
        };
        if found != expected(scenario) {
            let expected = expected(scenario);
            differing.push(format!("{scenario}: {found}, expected {expected}"));
        }
    }
    assert_eq!(differing, [""; 0]);
}
