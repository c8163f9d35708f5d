//! What may be known of the session, in the same terms as without a server.

use super::machine::{Phase, ServerSession};
use crate::{
    session::{
        automatic::Countdown,
        phase::Reason,
        state::{Failure, RenewalState, Snapshot, State},
    },
    time::Timestamp,
};

impl ServerSession {
    /// What may be known of the session, for pages to show.
    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        let connection = match &self.phase {
            Phase::Connected(connection) => Some(connection),
            _ => None,
        };
        Snapshot {
            phase: self.phase_name(),
            renewal: match connection {
                Some(connection) if connection.renews => RenewalState::Automatic,
                _ => RenewalState::None,
            },
            countdown: Countdown::None,
            retried_at: self.retried_at(),
            not_started: self.not_started,
            return_to: self.return_to.clone().filter(|_| state.is_message()),
            budget: connection.and_then(|connection| connection.budget),
            state,
        }
    }

    /// The state alone.
    pub fn state(&self) -> State {
        match &self.phase {
            _ if self.leaving.is_some() => State::Leaving,
            Phase::Asking { has_failed } => match self.polling.retry {
                Some(retry) => State::Checking(Some(Failure::Server(retry.failure))),
                None if self.expected || *has_failed => State::Checking(None),
                None => State::Starting,
            },
            Phase::NotConnected { reason, .. } => match reason {
                Reason::Expired { .. } | Reason::EndedByServer(_) => State::Ended(reason.clone()),
                reason => State::NotConnected(reason.clone()),
            },
            Phase::AccountChanged {
                previous,
                connection,
            } => State::AccountChanged {
                previous: previous.clone(),
                account: connection.grant.account.clone(),
            },
            Phase::Connected(connection) => State::Connected(connection.grant.clone()),
            Phase::Disconnecting { retry, .. } => {
                State::Checking(retry.map(|retry| Failure::Server(retry.failure)))
            }
        }
    }

    fn phase_name(&self) -> &'static str {
        match &self.phase {
            _ if self.leaving.is_some() => "redirecting",
            Phase::Asking { .. } => "asking",
            Phase::NotConnected { .. } => "not-connected",
            Phase::AccountChanged { .. } => "account-changed",
            Phase::Connected(_) => "connected",
            Phase::Disconnecting { .. } => "disconnecting",
        }
    }

    /// When a failed request is retried automatically, if the user waits for that.
    fn retried_at(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Asking { .. } if !self.polling.is_open() => {
                self.polling.retry.map(|retry| retry.at)
            }
            Phase::Disconnecting {
                retry,
                under_way: false,
                ..
            } => retry.map(|retry| retry.at),
            _ => None,
        }
    }
}
