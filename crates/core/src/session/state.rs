//! What may be known of a session: everything but its secrets.

use super::{
    account::Account,
    automatic::Countdown,
    event::StartError,
    grant::Grant,
    keys::KeySetFailure,
    machine::Session,
    phase::{NotConnected, Phase, Reason},
    renewal::{Renewal, Stage},
    server::{budget::Budget, failure::ServerFailure},
};
use crate::{ReturnTo, oauth::TokenEndpointError, time::Timestamp};
use std::sync::Arc;
use thiserror::Error;

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
    /// There is a connection, which permits this.
    Connected(Arc<Grant>),
    /// The connection's token has ended and the next one is on its way; with what prevents it, if
    /// anything. It is retried automatically.
    Renewing(Option<Failure>),
    /// There was a connection, and it has ended for this reason.
    Ended(Reason),
}

/// What prevents a connection from being made or renewed, for now.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The token endpoint responded with an error, or not at all.
    #[error("the token endpoint did not grant a token")]
    Endpoint(#[source] TokenEndpointError),
    /// The key set could not be loaded.
    #[error("the issuer's keys could not be loaded")]
    Keys(#[source] KeySetFailure),
    /// The server that keeps the connection does not say whether there is one, or does not end it.
    #[error("the server did not do what it was asked")]
    Server(#[source] ServerFailure),
}

impl Failure {
    fn of_renewal(renewal: &Renewal) -> Option<Self> {
        match &renewal.stage {
            Stage::Verifying { verifying, .. } => verifying.failure.map(Self::Keys),
            _ => renewal.error().cloned().map(Self::Endpoint),
        }
    }

    /// The stable name of the reason.
    ///
    /// ```
    /// use cc_connect_core::session::{Failure, KeySetFailure};
    ///
    /// assert_eq!(Failure::Keys(KeySetFailure::Status(503)).code(), "keys_status");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Endpoint(error) => error.code(),
            Self::Keys(failure) => failure.code(),
            Self::Server(failure) => failure.code(),
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
    /// The connection is renewed before its token expires; nothing has failed so far.
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
    ///
    /// ```
    /// use cc_connect_core::session::{Failure, KeySetFailure, RenewalState};
    ///
    /// let failure = Failure::Keys(KeySetFailure::Unreachable);
    /// assert!(RenewalState::Retrying(failure.clone()).is_automatic());
    /// let given_up = RenewalState::GivenUp(failure.clone());
    /// assert!(!given_up.is_automatic());
    /// assert_eq!(given_up.failure(), Some(&failure));
    /// ```
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

/// A session without its secrets, as of its last event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Where the connection is: what decides which page is shown.
    pub state: State,
    /// The name of the session's phase ([`Phase::name`]), or `redirecting`; of a session with a
    /// server also `asking` or `disconnecting`.
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
    /// What is left of today's requests, if a server keeps the connection and says so.
    pub budget: Option<Budget>,
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
            budget: None,
        }
    }
}

impl Session {
    /// What may be known of the session, for pages to show.
    ///
    /// ```
    /// use cc_connect_core::{ReturnTo, session::{Reason, Remembered, Session, State}};
    ///
    /// let snapshot = Session::new(Remembered::default(), ReturnTo::START).snapshot();
    /// assert_eq!(snapshot.state, State::NotConnected(Reason::NeverConnected));
    /// assert_eq!(snapshot.phase, "not-connected");
    /// assert!(!snapshot.state.is_message());
    /// ```
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
            budget: None,
            state,
        }
    }

    /// The [`Snapshot::state`] alone, for whoever needs nothing else of it.
    pub fn state(&self) -> State {
        match self.phase() {
            _ if self.redirecting().is_some() => State::Leaving,
            Phase::Connected(connected) => State::Connected(connected.token.grant().clone()),
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
