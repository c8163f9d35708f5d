//! Which kind of page each state of the connection calls for.

use cc_connect_app::screen::{Screen, lacking};
use cc_connect_core::{
    oauth::{RedirectionError, Scope, TokenEndpointError},
    report::Report,
    session::{
        Account, Failure, Grant, KeyUsed, Reason, StartError, State,
        server::{ServerCode, ServerFailure},
    },
    time::Timestamp,
};
use serde_json::Map;
use std::sync::Arc;

fn account(name: &str) -> Account {
    Account {
        subject: name.to_owned(),
        platform_user_id: name.to_owned(),
    }
}

fn grant(requested: &str, granted: &str) -> Grant {
    let at = Timestamp::from_unix_seconds(0);
    Grant {
        account: account("one"),
        granted: Scope::parse(granted).unwrap(),
        requested: Scope::parse(requested).unwrap(),
        requested_at: at,
        redirect_uri: String::new(),
        issued_at: at,
        expires_at: at,
        claims: Map::new(),
        report: Report::default(),
        key: KeyUsed {
            kid: None,
            bits: 2048,
            fetched_at: at,
            set_len: 1,
        },
        id_token: None,
    }
}

#[test]
fn each_state_has_its_page() {
    let failure = Failure::Endpoint(TokenEndpointError::Offline);
    let declined = Reason::Declined(RedirectionError::StateMissing);
    for (state, screen) in [
        (State::Starting, Screen::NotConnected),
        (
            State::NotConnected(Reason::NeverConnected),
            Screen::NotConnected,
        ),
        (
            State::NotConnected(Reason::Disconnected),
            Screen::NotConnected,
        ),
        // The page that the user wanted to leave says so itself.
        (
            State::NotConnected(Reason::NotStarted(StartError::NavigationFailed)),
            Screen::NotConnected,
        ),
        (
            State::NotConnected(declined.clone()),
            Screen::Message(Box::new(declined)),
        ),
        (
            State::NotConnected(Reason::NotMadeByServer(ServerCode::read("access_denied"))),
            Screen::Message(Box::new(Reason::NotMadeByServer(ServerCode::read(
                "access_denied",
            )))),
        ),
        (
            State::Ended(Reason::EndedByServer(ServerCode::read("session_idle"))),
            Screen::Ended(Box::new(Reason::EndedByServer(ServerCode::read(
                "session_idle",
            )))),
        ),
        (
            State::Checking(Some(Failure::Server(ServerFailure::Offline))),
            Screen::Verifying(Some(Failure::Server(ServerFailure::Offline))),
        ),
        (State::Leaving, Screen::Redirecting),
        (State::Checking(None), Screen::Verifying(None)),
        (
            State::Checking(Some(failure.clone())),
            Screen::Verifying(Some(failure.clone())),
        ),
        (
            State::AccountChanged {
                previous: account("one"),
                account: account("two"),
            },
            Screen::AccountChanged(Box::new((account("one"), account("two")))),
        ),
        (
            State::Connected(Arc::new(grant("a", "a"))),
            Screen::Connected,
        ),
        (
            State::Renewing(Some(failure.clone())),
            Screen::Renewing(Some(failure)),
        ),
        (
            State::Ended(Reason::Rejected),
            Screen::Ended(Box::new(Reason::Rejected)),
        ),
    ] {
        assert_eq!(Screen::for_state(&state), screen, "{state:?}");
    }
}

#[test]
fn only_a_permission_that_a_page_needs_is_lacking() {
    for (requested, granted, expected) in [
        ("account_read contact_data", "account_read contact_data", ""),
        ("account_read contact_data", "account_read", "contact_data"),
        // Nobody asked for it.
        ("account_read", "account_read", ""),
        // No page needs it.
        ("account_read account_update", "account_read", ""),
        ("account_read offline_access", "account_read", ""),
        ("account_read openid", "account_read", ""),
        ("account_read", "account_read campaign_data", ""),
    ] {
        let found = lacking(&grant(requested, granted)).to_string();
        assert_eq!(found, expected, "{requested}, {granted}");
    }
}
