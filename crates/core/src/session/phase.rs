//! The phases of a session, and why there is no connection.

use super::{
    account::Account,
    automatic::Countdown,
    event::StartError,
    renewal::Renewal,
    server::code::ServerCode,
    unverified_access_token::UnverifiedAccessToken,
    verified_access_token::{Refusal, VerifiedAccessToken},
    verifying::Verifying,
};
use crate::{
    ReturnTo,
    oauth::{
        AuthorizationCode, PendingAuthorization, RedirectionError, ResponseError,
        TokenEndpointError, token_request::CODE_LIFETIME,
    },
    report::Report,
    time::Timestamp,
};
use std::fmt;

/// The state of the session.
#[derive(Clone, Debug)]
pub enum Phase {
    /// There is no token, and none is on its way.
    NotConnected(NotConnected),
    /// A code has arrived and is being exchanged for a token.
    Exchanging(Box<Exchanging>),
    /// A token has arrived and is being verified.
    Verifying(Box<Verifying>),
    /// The token is verified but belongs to a different account than before: the user is asked.
    AccountChanged(Box<AccountChanged>),
    /// The token is verified and has not expired.
    Connected(Box<Connected>),
    /// The token has expired or was rejected, and is being renewed.
    Renewing(Box<Renewing>),
}

/// No connection: why, and what happens next.
#[derive(Clone, Debug, PartialEq)]
pub struct NotConnected {
    /// Why there is no connection.
    pub reason: Reason,
    /// The page that a new authorization returns to.
    pub return_to: ReturnTo,
    /// Whether and when a new authorization starts automatically.
    pub countdown: Countdown,
}

/// Why there is no connection. [`code`](Self::code) is stable; `Display` is a sentence in English.
///
/// ```
/// use cc_connect_core::session::{Reason, server::ServerCode};
///
/// assert_eq!(Reason::Rejected.code(), "connection_rejected");
/// assert_eq!(
///     Reason::Rejected.to_string(),
///     "Constant Contact no longer accepts the connection."
/// );
/// assert!(Reason::Disconnected.is_quiet() && !Reason::Rejected.is_quiet());
///
/// let reason = Reason::NotMadeByServer(ServerCode::read("access_denied"));
/// assert!(reason.is_declined());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// There never was one in this tab.
    NeverConnected,
    /// The callback page was opened without a response: a reload, Back, or a bookmark.
    NothingReturned,
    /// The user declined: `access_denied`.
    Declined(RedirectionError),
    /// The response could not be read.
    UnreadableResponse(ResponseError),
    /// The response was readable but not accepted.
    ResponseRefused(RedirectionError),
    /// The code was not exchanged for a token.
    NotExchanged(TokenEndpointError),
    /// The token, or the ID token that came with it, failed verification.
    TokenRefused {
        /// The first check that failed, with what was expected and found.
        error: Refusal,
        /// Every check with its outcome.
        report: Report,
    },
    /// The authorization could not be started.
    NotStarted(StartError),
    /// `exp` has passed.
    Expired {
        /// The token's `exp`.
        at: Timestamp,
    },
    /// `exp` has passed or the API responded with 401, and the token endpoint did not renew the
    /// connection.
    NotRenewed(TokenEndpointError),
    /// The API rejected the token with 401.
    Rejected,
    /// The server that keeps the connection did not make one.
    NotMadeByServer(ServerCode),
    /// The server that keeps the connection has ended it.
    EndedByServer(ServerCode),
    /// The user disconnected in this tab.
    Disconnected,
    /// The user disconnected in another tab.
    DisconnectedElsewhere,
}

/// The browser is leaving for the authorization server.
#[derive(Clone, Debug)]
pub struct Redirecting {
    /// The page to come back to.
    pub return_to: ReturnTo,
    /// When the session asked the browser to leave, which may take seconds or fail.
    pub since: Timestamp,
}

/// A code being exchanged. It is sent once, and again only if it certainly was not processed.
#[derive(Clone, Debug)]
pub struct Exchanging {
    pub(super) code: AuthorizationCode,
    pub(super) pending: PendingAuthorization,
    /// When the code arrived: it is usable for [`CODE_LIFETIME`] seconds from then.
    pub since: Timestamp,
    /// Why the last attempt was not processed, and when to retry at the earliest.
    pub failure: Option<(TokenEndpointError, Timestamp)>,
}

/// The user is being asked whether to switch accounts. The token is not used meanwhile.
#[derive(Clone, Debug)]
pub struct AccountChanged {
    /// The account that was connected before.
    pub previous: Account,
    /// The account of the new token.
    pub account: Account,
    pub(super) token: VerifiedAccessToken,
    /// The form of `token` to store once the user agrees.
    pub(super) unverified: UnverifiedAccessToken,
    pub(super) return_to: ReturnTo,
}

/// A connection: a token that was verified and had not expired at the last event.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The token to send with requests.
    pub token: VerifiedAccessToken,
    /// Its renewal, if there is a refresh token.
    pub renewal: Option<Renewal>,
    /// Whether the API has accepted the token.
    pub(super) accepted: bool,
    /// The page the user was last seen on.
    pub(super) page: ReturnTo,
}

/// A connection between two tokens: the old one has ended, the new one is yet to come.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// The renewal and how far it is.
    pub renewal: Renewal,
    /// When the old token ended.
    pub since: Timestamp,
    /// The page the user was on.
    pub(super) return_to: ReturnTo,
}

impl Phase {
    /// The stable name of the phase.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotConnected(_) => "not-connected",
            Self::Exchanging(_) => "exchanging",
            Self::Verifying(_) => "verifying",
            Self::AccountChanged(_) => "account-changed",
            Self::Connected(_) => "connected",
            Self::Renewing(_) => "renewing",
        }
    }

    /// Without a connection for this reason, and nothing starts automatically.
    pub(super) fn not_connected(reason: Reason, return_to: ReturnTo) -> Self {
        Self::NotConnected(NotConnected {
            reason,
            return_to,
            countdown: Countdown::None,
        })
    }
}

impl Reason {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Declined(error) | Self::ResponseRefused(error) => error.code(),
            Self::UnreadableResponse(error) => error.code(),
            Self::NotExchanged(error) | Self::NotRenewed(error) => error.code(),
            Self::TokenRefused { error, .. } => error.code(),
            Self::NotStarted(error) => error.code(),
            Self::Expired { .. } => "connection_expired",
            Self::Rejected => "connection_rejected",
            Self::NotMadeByServer(code) | Self::EndedByServer(code) => code.as_str(),
            Self::NeverConnected
            | Self::NothingReturned
            | Self::Disconnected
            | Self::DisconnectedElsewhere => "not_connected",
        }
    }

    /// Whether the user declined.
    pub fn is_declined(&self) -> bool {
        match self {
            Self::Declined(_) => true,
            Self::NotMadeByServer(code) => code.is_declined(),
            _ => false,
        }
    }

    /// Whether the user expects it, so that the page that offers to connect says enough.
    pub fn is_quiet(&self) -> bool {
        matches!(
            self,
            Self::NeverConnected
                | Self::Disconnected
                | Self::DisconnectedElsewhere
                | Self::NotStarted(_)
        )
    }
}

/// One sentence for the user. The errors within say more, for developers.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeverConnected => "No account is connected.",
            Self::NothingReturned => "Nothing came back from Constant Contact.",
            Self::Declined(_) => "The permission to use the account was not given.",
            Self::UnreadableResponse(_) => "The response from Constant Contact could not be read.",
            Self::ResponseRefused(_) => "The response from Constant Contact was not accepted.",
            Self::NotExchanged(_) => "Constant Contact gave no access to the account.",
            Self::TokenRefused { .. } => "The access that was given could not be verified.",
            Self::NotStarted(_) => "The browser could not go to Constant Contact.",
            Self::Expired { .. } => "The connection has expired.",
            Self::NotRenewed(_) => "The connection has ended and could not be renewed.",
            Self::Rejected => "Constant Contact no longer accepts the connection.",
            Self::NotMadeByServer(code) if code.is_declined() => {
                "The permission to use the account was not given."
            }
            Self::NotMadeByServer(_) => "The connection was not made.",
            Self::EndedByServer(_) => "The connection has ended.",
            Self::Disconnected => "The account was disconnected.",
            Self::DisconnectedElsewhere => "The account was disconnected in another tab.",
        })
    }
}

impl Exchanging {
    /// Whether the code is still usable at `then`.
    pub(super) fn is_alive(&self, then: Timestamp) -> bool {
        (0..CODE_LIFETIME * 1000).contains(&then.millis_since(self.since))
    }
}
