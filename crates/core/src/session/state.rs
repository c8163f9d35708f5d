//! What may be known of a session: everything but its secrets.

use super::{
    Account, Countdown, KeySetFailure, KeyUsed, NotConnected, Phase, Reason, Renewal, Session,
    Stage, StartError, VerifiedAccessToken,
};
use crate::{
    ReturnTo,
    oauth::{Scope, TokenEndpointError},
    openid_connect::is_technical,
    report::Report,
    time::Timestamp,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The state of the connection, for pages to show.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// Nothing is known yet: the page has just been opened.
    Starting,
    /// There is no connection, for this reason.
    NotConnected(Reason),
    /// The browser is leaving for the authorization server.
    Leaving,
    /// A response is being exchanged or verified; with what prevents it, if anything. It can be
    /// retried.
    Checking(Option<Failure>),
    /// The new token belongs to another account than before: the user is asked about it.
    AccountChanged {
        /// The account that was connected before.
        previous: Account,
        /// The account of the new token.
        account: Account,
    },
    /// There is a connection.
    Connected(Arc<Grant>),
    /// The connection's token has ended and the next one is on its way; with what prevents it, if
    /// anything. It is retried automatically.
    Renewing(Option<Failure>),
    /// There was a connection, and it has ended for this reason.
    Ended(Reason),
}

/// What prevents a connection from being made or renewed, for now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// The token endpoint failed.
    Endpoint(TokenEndpointError),
    /// The key set could not be loaded.
    Keys(KeySetFailure),
}

impl Failure {
    fn of_renewal(renewal: &Renewal) -> Option<Self> {
        match &renewal.stage {
            Stage::Verifying { verifying, .. } => verifying.failure.map(Self::Keys),
            _ => renewal.error().cloned().map(Self::Endpoint),
        }
    }

    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Endpoint(error) => error.code(),
            Self::Keys(failure) => failure.code(),
        }
    }
}

/// Whether a connection is renewed when its token ends.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum RenewalState {
    /// There is no refresh token: the user re-authorizes.
    #[default]
    None,
    /// Automatically.
    Automatic,
    /// Automatically; the last attempt failed and is retried.
    Retrying(Failure),
    /// It has failed for good: the connection ends with its token.
    GivenUp(Failure),
}

impl RenewalState {
    fn of(renewal: Option<&Renewal>) -> Self {
        match renewal {
            None => Self::None,
            Some(renewal) => match Failure::of_renewal(renewal) {
                None => Self::Automatic,
                Some(failure) if renewal.is_hopeful() => Self::Retrying(failure),
                Some(failure) => Self::GivenUp(failure),
            },
        }
    }

    /// Whether the connection will probably outlive its token.
    pub fn is_automatic(&self) -> bool {
        matches!(self, Self::Automatic | Self::Retrying(_))
    }

    /// Why the last attempt failed, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Retrying(failure) | Self::GivenUp(failure) => Some(failure),
            Self::None | Self::Automatic => None,
        }
    }
}

/// What a connection permits, and how its token was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The account.
    pub account: Account,
    /// The scope that the server granted, according to the response.
    pub granted: Scope,
    /// The scope that was requested.
    pub requested: Scope,
    /// When the token was requested.
    pub requested_at: Timestamp,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`: when the API stops accepting the token.
    pub expires_at: Timestamp,
    /// Every verified claim.
    pub claims: Map<String, Value>,
    /// Every check of the access token with its outcome.
    pub report: Report,
    /// The key that verified the signature.
    pub key: KeyUsed,
    /// Every check of the ID token that came with it, if one did.
    pub id_token: Option<Report>,
}

impl Grant {
    pub(super) fn of_token(token: &VerifiedAccessToken) -> Self {
        let claims = token.claims().registered();
        Self {
            account: Account::of(token),
            granted: token.granted().clone(),
            requested: token.requested().clone(),
            requested_at: token.requested_at(),
            redirect_uri: token.redirect_uri().to_owned(),
            issued_at: claims.issued_at(),
            expires_at: claims.expires_at(),
            claims: claims
                .iter()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
            report: token.report().clone(),
            key: token.key().clone(),
            id_token: token.id_token().map(|id_token| id_token.report.clone()),
        }
    }

    /// The permissions that were requested but not granted.
    pub fn withheld(&self) -> Scope {
        permissions(self.requested.without(&self.granted))
    }

    /// The permissions that were granted but not requested.
    pub fn unasked(&self) -> Scope {
        permissions(self.granted.without(&self.requested))
    }
}

/// Leaves out technical scopes such as `openid`: nobody withholds those, and no page shows them.
fn permissions(scope: Scope) -> Scope {
    scope.retaining(|word| !is_technical(word))
}

/// A session without its secrets, as of its last event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The state.
    pub state: State,
    /// The name of the session's phase ([`Phase::name`]), or `redirecting`.
    pub phase: &'static str,
    /// Whether the connection is renewed when its token ends.
    pub renewal: RenewalState,
    /// Whether and when a new authorization starts automatically.
    pub countdown: Countdown,
    /// When a failed request is retried automatically, if it is.
    pub retried_at: Option<Timestamp>,
    /// Why the last attempt to start an authorization failed.
    pub not_started: Option<StartError>,
    /// The page that a new authorization returns to, if a message is shown instead of it.
    pub return_to: Option<ReturnTo>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            state: State::Starting,
            phase: "not-connected",
            renewal: RenewalState::None,
            countdown: Countdown::None,
            retried_at: None,
            not_started: None,
            return_to: None,
        }
    }
}

impl Session {
    /// What may be known of the session.
    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        let leaving = state == State::Leaving;
        let (countdown, return_to) = match self.phase() {
            Phase::NotConnected(not) => (not.countdown, Some(not.return_to.clone())),
            _ => (Countdown::None, None),
        };
        Snapshot {
            phase: match leaving {
                true => "redirecting",
                false => self.phase().name(),
            },
            renewal: match self.phase() {
                Phase::Connected(connected) => RenewalState::of(connected.renewal.as_ref()),
                _ => RenewalState::None,
            },
            countdown,
            retried_at: self.retried_at(),
            not_started: self.not_started(),
            return_to: return_to.filter(|_| state.is_message()),
            state,
        }
    }

    fn state(&self) -> State {
        match self.phase() {
            _ if self.redirecting().is_some() => State::Leaving,
            Phase::Connected(connected) => State::Connected(connected.grant.clone()),
            Phase::AccountChanged(changed) => State::AccountChanged {
                previous: changed.previous.clone(),
                account: changed.account.clone(),
            },
            Phase::Exchanging(exchanging) => {
                let failure = exchanging.failure.as_ref();
                State::Checking(failure.map(|(error, _)| Failure::Endpoint(error.clone())))
            }
            Phase::Verifying(verifying) => State::Checking(verifying.failure.map(Failure::Keys)),
            Phase::Renewing(renewing) => State::Renewing(Failure::of_renewal(&renewing.renewal)),
            Phase::NotConnected(NotConnected { reason, .. }) => match reason {
                Reason::Expired { .. } | Reason::Rejected | Reason::NotRenewed(_) => {
                    State::Ended(reason.clone())
                }
                reason => State::NotConnected(reason.clone()),
            },
        }
    }
}

impl State {
    /// Whether there is something to tell the user that is shown instead of the page they were on.
    pub fn is_message(&self) -> bool {
        match self {
            Self::Ended(_) => true,
            Self::NotConnected(reason) => !reason.is_quiet(),
            _ => false,
        }
    }
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
            Self::NeverConnected
            | Self::NothingReturned
            | Self::Disconnected
            | Self::DisconnectedElsewhere => "not_connected",
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

impl Countdown {
    /// Seconds left before an authorization starts automatically; `None` if none will.
    pub fn seconds_left(self, now: Timestamp) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Waiting => Some(super::COUNTDOWN),
            Self::Until(end) => Some(end.seconds_since(now).clamp(0, super::COUNTDOWN)),
        }
    }
}
