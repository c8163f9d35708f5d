//! What a session asks its surroundings to do.

use super::{
    account::Account, context::TokenStorage, unverified_access_token::UnverifiedAccessToken,
};
use crate::{
    ReturnTo,
    jose::jwk_set_cache::Need,
    oauth::{Scope, TokenRequest},
    time::Timestamp,
};

/// An action for the browser to carry out.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Make a request, store its record, and go to the authorization endpoint; report
    /// [`Event::NotStarted`](super::Event::NotStarted) if that fails.
    Authorize {
        /// The page to come back to, kept in the record.
        return_to: ReturnTo,
        /// The scope to request; without one, the configured scope.
        scope: Option<Scope>,
    },
    /// Remember, for this tab, that an automatic authorization started.
    RecordAutomatic(Timestamp),
    /// Remember, for this tab, that a 401 ended a connection.
    RecordRejection(Timestamp),
    /// Remember, for this tab, which account is connected.
    RememberAccount(Account),
    /// Send this to the token endpoint, once; report [`Event::Exchanged`](super::Event::Exchanged).
    Exchange(TokenRequest),
    /// Refresh this token at the token endpoint, in one tab at a time; report
    /// [`Event::Refreshed`](super::Event::Refreshed).
    Refresh(Box<UnverifiedAccessToken>),
    /// Load the key set from the cache or the network; report
    /// [`Event::KeysLoaded`](super::Event::KeysLoaded).
    LoadKeys(Need),
    /// Check the clocks against the signed `iat` of a token that was just received.
    WitnessTime(Timestamp),
    /// Store the token so that it survives a reload.
    StoreToken(Box<UnverifiedAccessToken>),
    /// Erase the token wherever it is stored.
    EraseToken,
    /// Look for a stored token; report [`Event::Restored`](super::Event::Restored) if there is one.
    Restore(ReturnTo),
    /// Erase everything the application has stored.
    EraseEverything,
    /// Tell the other tabs that the user disconnected.
    AnnounceDisconnect,
    /// Replace the current page with this one.
    GoTo(ReturnTo),
}

impl Effect {
    /// Stores a token if the settings allow it.
    pub(super) fn store(token: &UnverifiedAccessToken, storage: TokenStorage) -> Vec<Self> {
        match storage {
            TokenStorage::Session => vec![Self::StoreToken(Box::new(token.clone()))],
            TokenStorage::Memory => vec![],
        }
    }
}
