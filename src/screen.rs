//! The kind of page that the state of the connection calls for.

use cc_connect_core::{
    constant_contact,
    oauth::{ResponseType, Scope},
    session::{Account, Failure, Grant, Reason, State},
};

/// The kind of page.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// The route's page without a connection; it may offer to make one.
    NotConnected,
    /// The route's page with a connection.
    Connected,
    /// The browser is leaving for the authorization server.
    Redirecting,
    /// The account has changed from the first to the second; the user is asked about it.
    AccountChanged(Box<(Account, Account)>),
    /// The code is being exchanged or the token verified; with what went wrong, if anything.
    Verifying(Option<Failure>),
    /// An expired connection is being renewed; with what went wrong, if anything.
    Renewing(Option<Failure>),
    /// A message instead of the route's page.
    Message(Box<Reason>),
    /// The page shown after a connection has ended.
    Ended(Box<Reason>),
}

impl Screen {
    /// The page for this state.
    pub fn for_state(state: &State) -> Self {
        match state {
            State::Leaving => Self::Redirecting,
            State::Connected(_) => Self::Connected,
            State::AccountChanged { previous, account } => {
                Self::AccountChanged(Box::new((previous.clone(), account.clone())))
            }
            State::Checking(failure) => Self::Verifying(failure.clone()),
            State::Renewing(failure) => Self::Renewing(failure.clone()),
            State::Ended(reason) => Self::Ended(Box::new(reason.clone())),
            State::NotConnected(reason) if !reason.is_quiet() => {
                Self::Message(Box::new(reason.clone()))
            }
            _ => Self::NotConnected,
        }
    }
}

/// The permissions that were requested, not granted, and that a page of this application needs.
pub fn lacking(grant: &Grant) -> Scope {
    let needed = constant_contact::default_scope(ResponseType::Token);
    grant
        .withheld()
        .retaining(|scope| needed.split(' ').any(|needed| needed == scope))
}
