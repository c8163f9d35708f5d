//! The state machine's state.

use super::{
    answer::Held,
    budget::Budget,
    polling::{Polling, Retry},
};
use crate::{
    ReturnTo,
    session::{account::Account, event::StartError, grant::Grant, phase::Reason},
};
use std::sync::Arc;

/// The state machine; see the [module documentation](super).
#[derive(Clone, Debug)]
pub struct ServerSession {
    pub(super) phase: Phase,
    /// The page to come back to, while the browser is leaving. `phase` is kept meanwhile, since the
    /// navigation may fail.
    pub(super) leaving: Option<ReturnTo>,
    /// Why the last attempt to leave failed.
    pub(super) not_started: Option<StartError>,
    pub(super) polling: Polling,
    /// The account that this tab was connected to last.
    pub(super) account: Option<Account>,
    /// Whether this browser remembers a connection.
    pub(super) expected: bool,
    /// The page that an authorization was to return to. A failed one returns to the start.
    pub(super) return_to: Option<ReturnTo>,
}

/// What is known of the connection.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Nothing yet.
    Asking {
        /// Whether the user has been told that the server does not answer.
        has_failed: bool,
    },
    /// This browser has no connection.
    NotConnected {
        reason: Reason,
        /// What the user has put away: it is not shown again.
        dismissed: Option<Reason>,
    },
    /// There is one, to another account than this tab's before. It is not used meanwhile.
    AccountChanged {
        previous: Account,
        connection: Connection,
    },
    Connected(Connection),
    /// The server is to end the connection and has not confirmed it.
    Disconnecting {
        /// Why it could not yet, and when to retry.
        retry: Option<Retry>,
        /// Whether a request is under way.
        under_way: bool,
        /// Whether the user refused the account, and may go on with the one before.
        refused: bool,
    },
}

/// A connection that the server keeps.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) grant: Arc<Grant>,
    pub(super) renews: bool,
    pub(super) budget: Option<Budget>,
}

impl Connection {
    /// `before` is what was known of it. An equal grant stays the same one, for whoever compares
    /// grants by identity.
    pub(super) fn new(held: Held, before: Option<&Self>) -> Self {
        let grant = match before {
            Some(before) if *before.grant == held.grant => before.grant.clone(),
            _ => Arc::new(held.grant),
        };
        Self {
            grant,
            renews: held.renews,
            budget: held.budget,
        }
    }
}

impl ServerSession {
    /// A session of which nothing is known. `account` is what this tab was connected to before,
    /// `expected` whether this browser remembers a connection, and `return_to` where an
    /// authorization was to return to, if one was begun.
    ///
    /// ```
    /// use cc_connect_core::session::{State, server::ServerSession};
    ///
    /// let session = ServerSession::new(None, false, None);
    /// assert_eq!(session.snapshot().state, State::Starting);
    /// let session = ServerSession::new(None, true, None);
    /// assert_eq!(session.snapshot().state, State::Checking(None));
    /// ```
    pub fn new(account: Option<Account>, expected: bool, return_to: Option<ReturnTo>) -> Self {
        Self {
            phase: Phase::Asking { has_failed: false },
            leaving: None,
            not_started: None,
            polling: Polling::default(),
            account,
            expected,
            return_to,
        }
    }

    /// Whether the browser is leaving for the authorization server.
    pub fn is_leaving(&self) -> bool {
        self.leaving.is_some()
    }

    /// The grant of the connection, if it may be used.
    pub fn grant(&self) -> Option<&Arc<Grant>> {
        match &self.phase {
            Phase::Connected(connection) => Some(&connection.grant),
            _ => None,
        }
    }

    /// Whether the server is being asked, or is about to be: what it answers may change everything.
    pub fn is_asking(&self) -> bool {
        self.polling.is_open()
    }

    pub(super) fn connection(&self) -> Option<&Connection> {
        match &self.phase {
            Phase::Connected(connection) | Phase::AccountChanged { connection, .. } => {
                Some(connection)
            }
            _ => None,
        }
    }
}
