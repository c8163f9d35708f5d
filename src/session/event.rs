//! What can happen to a session, and what it asks of the browser.

use super::{Account, UnverifiedAccessToken};
use crate::{
    jose::{JwkSet, JwkSetError, jwk_set_cache::Need},
    oauth::{
        AuthorizationResponse, NoPendingAuthorization, PendingAuthorization, RedirectionError,
        ResponseError, TokenEndpointError, TokenRequest, TokenResponse,
    },
    route::Route,
    time::Timestamp,
};

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The redirection endpoint was opened, or a response came to another page.
    Returned(Box<Returned>),
    /// A token was found in storage; it is worth nothing until it has been verified again.
    Restored(Box<UnverifiedAccessToken>, Route),
    /// The token endpoint has answered the exchange of a code, or has not.
    Exchanged(Result<Box<TokenResponse>, TokenEndpointError>),
    /// The token endpoint has answered a refresh, or has not.
    Refreshed(Result<Box<TokenResponse>, TokenEndpointError>),
    /// The keys are here, or are not to be had.
    KeysLoaded(Result<LoadedKeys, KeySetFailure>),
    /// The person wants what failed to be tried again.
    TryAgain,
    /// The person wants to connect, or to renew the connection.
    Authorize {
        /// Where to come back to.
        return_to: Route,
    },
    /// The browser could not start the authorization.
    NotStarted(StartError),
    /// Time has passed, or somebody looked at the page.
    Tick {
        /// Whether the page can be seen.
        visible: bool,
        /// Whether there may be a network.
        online: bool,
        /// Where the person is.
        route: Route,
    },
    /// The API has accepted the token.
    Accepted,
    /// The API has answered 401, to every request of a round.
    Rejected {
        /// Where the person is.
        route: Route,
    },
    /// The person wants the account that is not the one from before.
    ContinueWithAccount,
    /// The person does not want it.
    RefuseAccount,
    /// The user does not want to leave for the authorization server after all.
    Stay,
    /// The person pressed *Not now*.
    StayDisconnected,
    /// The person pressed *Disconnect*.
    Disconnect,
    /// Another tab said that the person disconnected there.
    DisconnectedElsewhere,
    /// The person has read the message.
    Dismiss,
}

impl Event {
    /// Where the person is, if the event says so.
    pub(super) fn route(&self) -> Option<Route> {
        match self {
            Self::Tick { route, .. } | Self::Rejected { route } => Some(*route),
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
    /// Something that could not be read.
    Unreadable(ResponseError),
    /// A response to a request of ours, or to one that is not known any more, at another address than the
    /// redirection endpoint.
    Elsewhere {
        /// Which addresses these are.
        error: RedirectionError,
        /// Taken out under the response's `state`.
        pending: Result<PendingAuthorization, NoPendingAuthorization>,
    },
    /// A readable response, and the record of the request it names. The record has left the storage.
    Response {
        /// As parsed.
        response: AuthorizationResponse,
        /// Taken out under the response's `state`.
        pending: Result<PendingAuthorization, NoPendingAuthorization>,
    },
}

/// A key set to verify with.
#[derive(Clone, Debug)]
pub struct LoadedKeys {
    /// The keys.
    pub set: JwkSet,
    /// When they were fetched.
    pub fetched_at: Timestamp,
    /// Whether they were at hand already: then a token under an unknown key may mean rotation.
    pub from_cache: bool,
}

/// Why there are no keys. All are worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySetFailure {
    /// No readable answer: offline, blocked, or without CORS headers.
    Unreachable,
    /// An answer with another status than 200.
    Status(u16),
    /// An answer that is no JWK Set.
    Document(JwkSetError),
}

impl KeySetFailure {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "keys_unreachable",
            Self::Status(_) => "keys_status",
            Self::Document(error) => error.code(),
        }
    }
}

/// Why an authorization could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// sessionStorage is blocked or full: the answer could not be recognized.
    StorageUnavailable,
    /// No random values: the request could not be made unguessable.
    RandomnessUnavailable,
    /// The browser did not leave the page.
    NavigationFailed,
}

impl StartError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::StorageUnavailable => "storage_unavailable",
            Self::RandomnessUnavailable => "randomness_unavailable",
            Self::NavigationFailed => "navigation_failed",
        }
    }
}

/// What the browser is asked to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Make a request, store its record, and send the browser to the authorization endpoint; answer
    /// with [`Event::NotStarted`] if that fails.
    Authorize {
        /// For the record.
        return_to: Route,
    },
    /// Remember, for this tab, that an authorization started by itself.
    RecordAutomatic(Timestamp),
    /// Remember, for this tab, that a 401 ended a token.
    RecordRejection(Timestamp),
    /// Remember, for this tab, who is connected.
    RememberAccount(Account),
    /// Send this to the token endpoint, once; answer with [`Event::Exchanged`].
    Exchange(TokenRequest),
    /// Renew this token at the token endpoint, one tab of the browser at a time; answer with
    /// [`Event::Refreshed`].
    Refresh(Box<UnverifiedAccessToken>),
    /// Get the key set from the cache or the network; answer with [`Event::KeysLoaded`].
    LoadKeys(Need),
    /// Compare the clocks with this: a token that came just now was issued then, by its issuer's signed
    /// word.
    WitnessTime(Timestamp),
    /// Store the token for a reload.
    StoreToken(Box<UnverifiedAccessToken>),
    /// Erase the token wherever it is stored.
    EraseToken,
    /// Look for a stored token; answer with [`Event::Restored`] if there is one.
    Restore(Route),
    /// Erase all that the application stored.
    EraseEverything,
    /// Tell the other tabs.
    AnnounceDisconnect,
    /// Show this page in place of the current one.
    GoTo(Route),
}
