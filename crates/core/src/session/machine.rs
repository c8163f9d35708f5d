//! The state machine's state, and the questions that can be asked of it.

use super::{
    automatic::Remembered,
    event::StartError,
    phase::{NotConnected, Phase, Reason, Redirecting},
    renewal::{Renewal, Stage},
    unverified_access_token::UnverifiedAccessToken,
    verified_access_token::VerifiedAccessToken,
};
use crate::{
    ReturnTo,
    oauth::{AccessToken, TokenEndpointError},
    time::Timestamp,
};

/// The state machine; see the [module documentation](super).
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) phase: Phase,
    /// Set while the browser is leaving for the authorization server. `phase` is kept meanwhile,
    /// since the navigation may fail.
    pub(super) redirecting: Option<Redirecting>,
    /// Why the last attempt to leave failed, unless `phase` is `NotConnected` and holds the reason.
    pub(super) not_started: Option<StartError>,
    pub(super) remembered: Remembered,
}

impl Session {
    /// A new session, without a connection. `remembered` is what an earlier page load of this tab
    /// recorded; `return_to` is where an authorization returns to that nothing else was said about.
    ///
    /// ```
    /// use cc_connect_core::{ReturnTo, session::{Phase, Remembered, Session}};
    ///
    /// let session = Session::new(Remembered::default(), ReturnTo::START);
    /// assert!(matches!(session.phase(), Phase::NotConnected(_)));
    /// assert!(session.token().is_none());
    /// ```
    pub fn new(remembered: Remembered, return_to: ReturnTo) -> Self {
        Self {
            phase: Phase::not_connected(Reason::NeverConnected, return_to),
            redirecting: None,
            not_started: None,
            remembered,
        }
    }

    /// The phase with all it holds. [`snapshot`](Self::snapshot) is what a page needs of it.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Set while the browser is leaving for the authorization server. The phase is kept until it
    /// has left.
    pub fn redirecting(&self) -> Option<&Redirecting> {
        self.redirecting.as_ref()
    }

    /// Why the last attempt to start an authorization failed; cleared by the next one.
    pub fn not_started(&self) -> Option<StartError> {
        match &self.phase {
            Phase::NotConnected(NotConnected {
                reason: Reason::NotStarted(error),
                ..
            }) => Some(*error),
            _ => self.not_started,
        }
    }

    /// The token, if connected: it is verified, and had not expired at the last event.
    pub fn token(&self) -> Option<&VerifiedAccessToken> {
        match &self.phase {
            Phase::Connected(connected) => Some(&connected.token),
            _ => None,
        }
    }

    /// Whether `token` is the one in use. What the API says about a token from before a renewal
    /// does not apply to the current one.
    pub fn holds_token(&self, token: &AccessToken) -> bool {
        self.token().is_some_and(|ours| ours.is_same_token(token))
    }

    /// Whether it is waiting for keys: for a new connection, or for the next token of this one.
    pub fn is_verifying(&self) -> bool {
        matches!(self.phase, Phase::Verifying(_))
            || matches!(self.stage(), Some(Stage::Verifying { .. }))
    }

    /// Whether it is waiting for a refresh response.
    pub fn is_refreshing(&self) -> bool {
        matches!(self.stage(), Some(Stage::Asking(_)))
    }

    /// Whether the refresh token to use next differs from the one in `stored`. Then another page has
    /// used ours, which may work only once: the page has to start again from what is stored.
    pub fn stored_otherwise(&self, stored: &UnverifiedAccessToken) -> bool {
        let ours = match &self.phase {
            Phase::Connected(state) => state.renewal.as_ref(),
            Phase::Renewing(state) => Some(&state.renewal),
            _ => None,
        };
        ours.and_then(Renewal::next_refresh_token)
            .is_some_and(|ours| {
                stored
                    .refresh_token()
                    .is_none_or(|stored| !stored.is_same_secret(ours))
            })
    }

    /// When a failed request is retried automatically, if it is.
    pub fn retried_at(&self) -> Option<Timestamp> {
        match (&self.phase, self.stage()) {
            // Retried as soon as the browser is online, not at a set time.
            (Phase::Exchanging(state), _) => match &state.failure {
                Some((TokenEndpointError::Offline, _)) | None => None,
                Some((_, at)) => Some(*at),
            },
            (_, Some(Stage::Waiting { until, .. })) => Some(*until),
            (_, Some(Stage::Verifying { again, .. })) => *again,
            _ => None,
        }
    }

    fn stage(&self) -> Option<&Stage> {
        match &self.phase {
            Phase::Connected(state) => state.renewal.as_ref().map(|renewal| &renewal.stage),
            Phase::Renewing(state) => Some(&state.renewal.stage),
            _ => None,
        }
    }

    /// The page that a new authorization would return to.
    pub(super) fn return_to(&self) -> ReturnTo {
        match &self.phase {
            Phase::NotConnected(state) => state.return_to.clone(),
            Phase::Exchanging(state) => state.pending.return_to.clone(),
            Phase::Verifying(state) => state.return_to.clone(),
            Phase::Renewing(state) => state.return_to.clone(),
            Phase::AccountChanged(state) => state.return_to.clone(),
            Phase::Connected(state) => state.page.clone(),
        }
    }

    /// The renewal, wherever it is.
    pub(super) fn renewal(&mut self) -> Option<&mut Renewal> {
        match &mut self.phase {
            Phase::Connected(state) => state.renewal.as_mut(),
            Phase::Renewing(state) => Some(&mut state.renewal),
            _ => None,
        }
    }
}
