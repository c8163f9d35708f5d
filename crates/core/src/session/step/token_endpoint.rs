//! What the token endpoint is asked, and what becomes of its responses.

use crate::{
    jose::jwk_set_cache::Need,
    oauth::{ClientAuthentication, TokenEndpointError, TokenRequest, TokenResponse},
    session::{
        context::Context,
        effect::Effect,
        machine::Session,
        phase::{Phase, Reason},
        renewal::Stage,
        unverified_access_token::UnverifiedAccessToken,
        verifying::Verifying,
    },
    time::Timestamp,
};

impl Session {
    /// Sends the code, which has not been processed yet, if it is still usable.
    pub(super) fn exchange(&mut self, now: Timestamp) -> Vec<Effect> {
        let Phase::Exchanging(state) = &mut self.phase else {
            return vec![];
        };
        if !state.is_alive(now) {
            return self.not_exchanged(TokenEndpointError::CodeExpired);
        }
        state.failure = None;
        vec![Effect::Exchange(TokenRequest::for_code(
            &state.code,
            &state.pending,
            ClientAuthentication::None,
        ))]
    }

    pub(super) fn exchanged(
        &mut self,
        result: Result<Box<TokenResponse>, TokenEndpointError>,
        now: Timestamp,
    ) -> Vec<Effect> {
        let Phase::Exchanging(state) = &mut self.phase else {
            return vec![];
        };
        match result {
            Ok(response) => {
                let pending = state.pending.clone();
                let return_to = pending.return_to.clone();
                let token = UnverifiedAccessToken::exchanged(*response, pending);
                self.verify(token, return_to, now)
            }
            Err(error) => {
                let again = error
                    .unprocessed_pause()
                    .map(|pause| now.plus_seconds(pause));
                match again {
                    // The server asks to wait longer than the code is usable.
                    Some(again) if error.retry_after() > 0 && !state.is_alive(again) => {
                        self.not_exchanged(error)
                    }
                    // RFC 6749 §4.1.2: a code must not be used more than once, but this one was not
                    // processed.
                    Some(again) => {
                        state.failure = Some((error, again));
                        vec![]
                    }
                    None => self.not_exchanged(error),
                }
            }
        }
    }

    pub(super) fn not_exchanged(&mut self, error: TokenEndpointError) -> Vec<Effect> {
        self.phase = Phase::not_connected(Reason::NotExchanged(error), self.return_to());
        vec![]
    }

    pub(super) fn refreshed(
        &mut self,
        result: Result<Box<TokenResponse>, TokenEndpointError>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let return_to = self.return_to();
        let Some(renewal) = self.renewal() else {
            return vec![];
        };
        let Stage::Asking(requested_at) = renewal.stage else {
            return vec![];
        };
        match result {
            Ok(response) => {
                let token = renewal.grant.renewed(*response, requested_at);
                let verifying = Verifying::new(token.clone(), return_to, now);
                renewal.stage = Stage::Verifying {
                    verifying: Box::new(verifying),
                    again: None,
                };
                let mut effects = Effect::store(&token, context.token_storage);
                effects.push(Effect::LoadKeys(Need::Verify));
                effects
            }
            Err(error) => {
                renewal.failed(error, now);
                self.renewal_failed(now, context)
            }
        }
    }

    /// Handles a failed renewal. Nothing changes while a retry may still succeed.
    pub(super) fn renewal_failed(&mut self, now: Timestamp, context: &Context) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) => match &state.renewal {
                Some(renewal) if !renewal.is_hopeful() => {
                    Effect::store(&renewal.grant, context.token_storage)
                }
                _ => vec![],
            },
            Phase::Renewing(state) => {
                let (renewal, return_to) = (state.renewal.clone(), state.return_to.clone());
                match renewal.stage {
                    Stage::GivenUp(error) => {
                        let countdown = self.remembered.countdown(context.reauthorize, now);
                        self.end(Reason::NotRenewed(error), return_to, countdown)
                    }
                    _ => vec![],
                }
            }
            _ => vec![],
        }
    }
}
