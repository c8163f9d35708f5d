//! The end of a token: at `exp`, or by a 401. The connection is renewed or ends with it.

use crate::{
    ReturnTo,
    session::{
        automatic::Countdown,
        context::Context,
        effect::Effect,
        expiry,
        machine::Session,
        phase::{NotConnected, Phase, Reason, Renewing},
        renewal::{Renewal, Stage},
    },
    time::Timestamp,
};

impl Session {
    /// Checks `exp` before anything else, whatever the event.
    pub(super) fn end_if_expired(
        &mut self,
        page: Option<ReturnTo>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                let page = page.unwrap_or_else(|| state.page.clone());
                let renewal = state.renewal.clone();
                self.ended(renewal, Reason::Expired { at }, page, now, context)
            }
            // The user did not decide in time. Nothing restarts automatically.
            Phase::AccountChanged(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                self.phase = Phase::not_connected(Reason::Expired { at }, state.return_to.clone());
                vec![]
            }
            _ => vec![],
        }
    }

    /// A valid token has ended: renews it or ends the connection.
    pub(super) fn ended(
        &mut self,
        renewal: Option<Renewal>,
        reason: Reason,
        return_to: ReturnTo,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let reason = match renewal {
            Some(mut renewal) if renewal.is_hopeful() => {
                let effects = match renewal.stage {
                    // Keep a pause that has already begun.
                    Stage::Resting => renewal.ask(now),
                    _ => vec![],
                };
                self.phase = Phase::Renewing(Box::new(Renewing {
                    renewal,
                    since: now,
                    return_to,
                }));
                return effects;
            }
            Some(Renewal {
                stage: Stage::GivenUp(error),
                ..
            }) => Reason::NotRenewed(error),
            _ => reason,
        };
        let countdown = self.remembered.countdown(context.reauthorize, now);
        self.end(reason, return_to, countdown)
    }

    pub(super) fn rejected(
        &mut self,
        page: ReturnTo,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let Phase::Connected(connected) = &self.phase else {
            return vec![];
        };
        // A token that never worked is an error, and so is a second 401 within the interval: the
        // next token would be rejected too. After an error nothing starts automatically.
        if !connected.accepted || self.remembered.was_rejected_recently(now) {
            return self.end(Reason::Rejected, page, Countdown::None);
        }
        let renewal = connected.renewal.clone();
        self.remembered.last_rejection = Some(now);
        let mut effects = vec![Effect::RecordRejection(now)];
        effects.extend(self.ended(renewal, Reason::Rejected, page, now, context));
        effects
    }

    pub(super) fn end(
        &mut self,
        reason: Reason,
        return_to: ReturnTo,
        countdown: Countdown,
    ) -> Vec<Effect> {
        self.phase = Phase::NotConnected(NotConnected {
            reason,
            return_to,
            countdown,
        });
        vec![Effect::EraseToken]
    }
}
