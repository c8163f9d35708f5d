//! What goes wrong, each with a stable code.

use crate::store::{DatabaseError, StoreError};
use cc_connect_core::{
    oauth::{RedirectionError, ResponseError, TokenEndpointError},
    session::{KeySetFailure, Refusal},
};
use std::{borrow::Cow, time::Duration};
use thiserror::Error;

/// Why the connections cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database was opened and does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An address is neither `https` nor on this machine.
    #[error("{0:?} is no plain https address")]
    Address(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}

/// Why an attempt could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BeginError {
    /// More attempts are stored than the limit allows.
    #[error("there are too many attempts to connect at once")]
    TooMany,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BeginError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooMany => "too_many_attempts",
            Self::Store(error) => error.code(),
        }
    }
}

/// Why an authorization response did not lead to a connection.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The response could not be read.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// No attempt is stored for its `state`.
    #[error("no attempt to connect is stored for this response")]
    AttemptMissing,
    /// Another browser began the attempt.
    #[error("another browser began this attempt to connect")]
    OtherBrowser,
    /// The attempt was sealed with a master key that is gone.
    #[error("the attempt was sealed with a master key that is gone")]
    KeyUnknown,
    /// The attempt cannot be read.
    #[error("the stored attempt cannot be read")]
    Unreadable,
    /// The response was not accepted.
    #[error(transparent)]
    Redirection(#[from] RedirectionError),
    /// The authorization server does not accept the client or its secret: the operator's mistake.
    #[error("the authorization server does not accept the client or its secret")]
    ClientRefused,
    /// The code was not exchanged.
    #[error(transparent)]
    TokenEndpoint(TokenEndpointError),
    /// The issuer's keys could not be loaded. The code was not spent.
    #[error(transparent)]
    Keys(#[from] KeySetFailure),
    /// The token was not verified.
    #[error(transparent)]
    Token(#[from] Refusal),
    /// The token had ended when it came.
    #[error("the token had ended when it came")]
    TokenExpired,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConnectError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Response(error) => error.code(),
            Self::AttemptMissing => "attempt_missing",
            Self::OtherBrowser => "attempt_other_browser",
            Self::KeyUnknown => "key_unknown",
            Self::Unreadable => "pending_authorization_unreadable",
            Self::Redirection(error) => error.code(),
            Self::ClientRefused => "client_refused",
            Self::TokenEndpoint(error) => error.code(),
            Self::Keys(failure) => failure.code(),
            Self::Token(refusal) => refusal.code(),
            Self::TokenExpired => "token_expired",
            Self::Store(error) => error.code(),
        }
    }
}

/// Why there is no access token for a session.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TokenFailure {
    /// There is no connection, or no longer.
    #[error("there is no connection: {0}")]
    NotConnected(NotConnected),
    /// There is one, and it cannot be used at this moment.
    #[error("the connection cannot be used at this moment: {code}")]
    Unavailable {
        /// The stable name of the reason.
        code: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
}

impl TokenFailure {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConnected(reason) => reason.code(),
            Self::Unavailable { code, .. } => code,
        }
    }

    /// The connection has ended, for this reason.
    pub(crate) fn ended(code: &'static str) -> Self {
        Self::NotConnected(NotConnected::Ended(code.into()))
    }

    /// It may work in some seconds.
    pub(crate) fn soon(code: &'static str) -> Self {
        let retry_after = Duration::from_secs(5);
        Self::Unavailable { code, retry_after }
    }

    /// Whether the token has ended, and nothing else is wrong.
    pub(crate) fn is_expiry(&self) -> bool {
        *self == Self::ended(NotConnected::EXPIRED)
    }

    /// When to try again, if that may help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotConnected(_) => None,
            Self::Unavailable { retry_after, .. } => Some(*retry_after),
        }
    }
}

impl From<StoreError> for TokenFailure {
    fn from(error: StoreError) -> Self {
        Self::Unavailable {
            code: error.code(),
            retry_after: StoreError::PAUSE,
        }
    }
}

/// Why there is no session, or no longer one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotConnected {
    /// There is no such session: disconnected, swept, or never there.
    #[error("there is no such session")]
    Missing,
    /// It was not used for too long.
    #[error("the session was not used for too long")]
    Idle,
    /// It has lasted as long as a session may.
    #[error("the session has lasted as long as a session may")]
    TooOld,
    /// The connection ended, for the reason with this code: the token endpoint's, the
    /// verification's, [`EXPIRED`](Self::EXPIRED), [`ACCOUNT_CHANGED`](Self::ACCOUNT_CHANGED) or
    /// [`REFRESH_LOST`](Self::REFRESH_LOST).
    #[error("the connection ended: {0}")]
    Ended(Cow<'static, str>),
    /// It was sealed with a master key that is gone, or it cannot be opened.
    #[error("the session was sealed with a master key that is gone")]
    KeyUnknown,
    /// It was made with other settings.
    #[error("the session was made with other settings")]
    ConfigurationChanged,
}

impl NotConnected {
    /// The token has ended and there is no refresh token.
    pub const EXPIRED: &'static str = "expired";
    /// A renewal brought another account's token.
    pub const ACCOUNT_CHANGED: &'static str = "account_changed";
    /// The answer to an earlier renewal got lost, and with it the only refresh token that works.
    pub const REFRESH_LOST: &'static str = "refresh_lost";

    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "session_missing",
            Self::Idle => "session_idle",
            Self::TooOld => "session_too_old",
            Self::Ended(code) if code == Self::REFRESH_LOST => Self::REFRESH_LOST,
            Self::Ended(_) => "connection_ended",
            Self::KeyUnknown => "key_unknown",
            Self::ConfigurationChanged => "configuration_changed",
        }
    }

    /// The reason in detail: why a connection ended, otherwise the same as [`code`](Self::code).
    pub fn reason(&self) -> &str {
        match self {
            Self::Ended(code) => code,
            other => other.code(),
        }
    }
}

/// Why the server cannot work at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotReady {
    /// The database does not answer.
    #[error("the database does not answer")]
    Store,
    /// The server is about to stop.
    #[error("the server is about to stop")]
    Stopping,
}

impl NotReady {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Store => "store_unavailable",
            Self::Stopping => "stopping",
        }
    }
}
