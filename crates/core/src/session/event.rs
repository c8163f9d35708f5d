//! What can happen to a session.

use super::{
    keys::{KeySetFailure, LoadedKeys},
    server::failure::ServerFailure,
    unverified_access_token::UnverifiedAccessToken,
};
use crate::{
    ReturnTo,
    oauth::{
        AuthorizationResponse, NoPendingAuthorization, PendingAuthorization, RedirectionError,
        ResponseError, Scope, TokenEndpointError, TokenResponse,
    },
};
use thiserror::Error;

/// An input to [`Session::step`](super::Session::step).
#[derive(Clone, Debug)]
pub enum Event {
    /// The redirection endpoint was opened, or a response arrived at another page.
    Returned(Box<Returned>),
    /// A token was found in storage; it is not trusted until it has been verified again.
    Restored(Box<UnverifiedAccessToken>, ReturnTo),
    /// The exchange of a code succeeded or failed.
    Exchanged(Result<Box<TokenResponse>, TokenEndpointError>),
    /// A refresh succeeded or failed.
    Refreshed(Result<Box<TokenResponse>, TokenEndpointError>),
    /// The keys were loaded, or loading them failed.
    KeysLoaded(Result<LoadedKeys, KeySetFailure>),
    /// The user asked to retry what failed.
    TryAgain,
    /// The user wants to connect, or to renew the connection.
    Authorize {
        /// The page to come back to.
        return_to: ReturnTo,
        /// The scope to request, for instance more than the connection has; without one, or if it
        /// is empty, the configured scope.
        scope: Option<Scope>,
    },
    /// The browser could not start the authorization.
    NotStarted(StartError),
    /// Time has passed, or the page became visible.
    Tick {
        /// Whether the page is visible, and one that the user may be led away from automatically.
        visible: bool,
        /// Whether the browser reports a network.
        online: bool,
        /// The page the user is on.
        page: ReturnTo,
    },
    /// The API has accepted the token.
    Accepted,
    /// The API rejected the token: every decided request of a round got a 401
    /// ([`requests`](super::requests)).
    Rejected {
        /// The page the user is on.
        page: ReturnTo,
    },
    /// The user accepts the new account.
    ContinueWithAccount,
    /// The user refuses the new account.
    RefuseAccount,
    /// The user does not want to leave for the authorization server after all.
    Stay,
    /// The user pressed *Not now*.
    StayDisconnected,
    /// The user pressed *Disconnect*: everything stored is erased, and the other tabs are told.
    Disconnect,
    /// The user disconnected in another tab.
    DisconnectedElsewhere,
    /// The user dismissed the message.
    Dismiss,
}

impl Event {
    /// The page the user is on, if the event carries it.
    pub(super) fn page(&self) -> Option<ReturnTo> {
        match self {
            Self::Tick { page, .. } | Self::Rejected { page } => Some(page.clone()),
            _ => None,
        }
    }
}

/// What the redirection endpoint was opened with.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "it travels in a box")]
pub enum Returned {
    /// Nothing: a reload, Back, or a bookmark.
    Nothing,
    /// A response that could not be read.
    Unreadable(ResponseError),
    /// A response to one of our requests, or to an unknown one, at an address other than the
    /// redirection endpoint.
    Elsewhere {
        /// [`RedirectionError::OtherAddress`], which names both addresses.
        error: RedirectionError,
        /// Taken out under the response's `state`.
        pending: Result<PendingAuthorization, NoPendingAuthorization>,
    },
    /// A readable response, and the record of the request that its `state` names.
    Response {
        /// What was parsed from the address bar; nothing in it is trusted yet.
        response: AuthorizationResponse,
        /// Taken out under the response's `state`.
        pending: Result<PendingAuthorization, NoPendingAuthorization>,
    },
}

/// Why an authorization could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StartError {
    /// sessionStorage is blocked or full: the response could not be recognized.
    #[error("the browser's session storage is blocked or full")]
    StorageUnavailable,
    /// No source of randomness: the request would be guessable.
    #[error("there is no source of randomness")]
    RandomnessUnavailable,
    /// The browser did not leave the page.
    #[error("the browser did not leave for the authorization server")]
    NavigationFailed,
    /// The server that keeps the connection did not begin an authorization.
    #[error("the server did not begin an authorization")]
    Server(#[source] ServerFailure),
}

impl StartError {
    /// The stable name of the reason.
    ///
    /// ```
    /// use cc_connect_core::session::StartError;
    ///
    /// assert_eq!(StartError::StorageUnavailable.code(), "storage_unavailable");
    /// ```
    pub fn code(self) -> &'static str {
        match self {
            Self::StorageUnavailable => "storage_unavailable",
            Self::RandomnessUnavailable => "randomness_unavailable",
            Self::NavigationFailed => "navigation_failed",
            Self::Server(failure) => failure.code(),
        }
    }
}
