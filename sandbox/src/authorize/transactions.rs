//! Authorizations in progress, and the users who are signed in.

use super::request::AuthorizationRequest;
use crate::{data::User, random};
use std::collections::HashMap;

/// How long the pages of one authorization may stay open, in seconds.
const LIFETIME: i64 = 3600;
/// How many authorizations may be in progress.
const MAX_TRANSACTIONS: usize = 50_000;
/// How many users may be signed in.
const MAX_SESSIONS: usize = 50_000;

struct Transaction {
    request: AuthorizationRequest,
    created_at: i64,
    /// The session that may decide on it, once the user has signed in.
    session: Option<String>,
}

/// A user who signed in, in one browser.
#[derive(Clone, Copy)]
pub(super) struct Session {
    pub(super) user: &'static User,
    pub(super) signed_in_at: i64,
}

#[derive(Default)]
pub(crate) struct Transactions {
    transactions: HashMap<String, Transaction>,
    sessions: HashMap<String, Session>,
}

impl Transactions {
    /// Stores a request under an unguessable id, for a session that may decide on it.
    pub(super) fn begin(
        &mut self,
        request: AuthorizationRequest,
        session: Option<String>,
        now: i64,
    ) -> String {
        self.transactions
            .retain(|_, transaction| now - transaction.created_at < LIFETIME);
        if self.transactions.len() >= MAX_TRANSACTIONS {
            self.transactions.clear();
        }
        let id = random::text(24);
        let transaction = Transaction {
            request,
            created_at: now,
            session,
        };
        self.transactions.insert(id.clone(), transaction);
        id
    }

    pub(super) fn request(&self, transaction: &str) -> Option<&AuthorizationRequest> {
        let transaction = self.transactions.get(transaction)?;
        Some(&transaction.request)
    }

    /// The user who may decide on it.
    pub(super) fn user(&self, transaction: &str) -> Option<&'static User> {
        let session = self.transactions.get(transaction)?.session.as_ref()?;
        Some(self.sessions.get(session)?.user)
    }

    pub(super) fn session(&self, id: &str) -> Option<Session> {
        self.sessions.get(id).copied()
    }

    /// Ends the browser's previous session and starts one with a new id, to prevent session
    /// fixation. It may decide on the transaction; `None` if that is unknown.
    pub(super) fn sign_in(
        &mut self,
        transaction: &str,
        user: &'static User,
        before: Option<&str>,
        now: i64,
    ) -> Option<String> {
        if let Some(before) = before {
            self.sessions.remove(before);
        }
        if self.sessions.len() >= MAX_SESSIONS {
            self.sessions.clear();
        }
        let id = random::text(32);
        let session = Session {
            user,
            signed_in_at: now,
        };
        self.sessions.insert(id.clone(), session);
        self.transactions.get_mut(transaction)?.session = Some(id.clone());
        Some(id)
    }

    /// The request and the session, if this session may decide on it.
    pub(super) fn decider(
        &self,
        transaction: &str,
        session: &str,
    ) -> Option<(AuthorizationRequest, Session)> {
        let transaction = self.transactions.get(transaction)?;
        (transaction.session.as_deref() == Some(session))
            .then(|| Some((transaction.request.clone(), self.session(session)?)))?
    }
}
