//! From a response, or a token in storage, to a token to verify.

use crate::{
    ReturnTo,
    jose::jwk_set_cache::Need,
    oauth::{Accepted, AccessTokenResponseError, ErrorCode, RedirectionError, accept},
    session::{
        context::Context,
        effect::Effect,
        event::Returned,
        machine::Session,
        phase::{Exchanging, Phase, Reason},
        unverified_access_token::UnverifiedAccessToken,
        verifying::Verifying,
    },
    time::Timestamp,
};

impl Session {
    pub(super) fn returned(
        &mut self,
        returned: Returned,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        self.redirecting = None;
        let (response, pending) = match returned {
            Returned::Nothing => {
                self.phase = Phase::not_connected(Reason::NothingReturned, ReturnTo::START);
                return vec![];
            }
            Returned::Unreadable(error) => {
                self.phase =
                    Phase::not_connected(Reason::UnreadableResponse(error), ReturnTo::START);
                return vec![];
            }
            Returned::Elsewhere { error, pending } => {
                let return_to = pending.map_or(ReturnTo::START, |record| record.return_to);
                self.phase = Phase::not_connected(Reason::ResponseRefused(error), return_to);
                return vec![];
            }
            Returned::Response { response, pending } => (response, pending),
        };
        let return_to = pending
            .as_ref()
            .map_or(ReturnTo::START, |record| record.return_to.clone());
        let accepted = accept(
            &context.client,
            &response,
            pending.as_ref().map_err(|no| *no),
            now,
        );
        match (accepted, pending) {
            (Ok(Accepted::Token(granted)), Ok(pending)) => {
                let token = UnverifiedAccessToken::redirected(granted, pending);
                self.verify(token, return_to, now)
            }
            (Ok(Accepted::Code(code)), Ok(pending)) => {
                self.phase = Phase::Exchanging(Box::new(Exchanging {
                    code,
                    pending,
                    since: now,
                    failure: None,
                }));
                self.exchange(now)
            }
            (Ok(_), Err(no)) => {
                self.phase = Phase::not_connected(
                    Reason::ResponseRefused(RedirectionError::NoPending(no)),
                    return_to,
                );
                vec![]
            }
            (Err(error), _) => {
                let reason = match &error {
                    RedirectionError::Response(AccessTokenResponseError::ErrorResponse(
                        response,
                    )) if response.code == ErrorCode::AccessDenied => Reason::Declined(error),
                    _ => Reason::ResponseRefused(error),
                };
                self.phase = Phase::not_connected(reason, return_to);
                vec![]
            }
        }
    }

    pub(super) fn restored(
        &mut self,
        token: UnverifiedAccessToken,
        return_to: ReturnTo,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        if token.client_id != context.client.client_id() || token.issuer != context.client.issuer()
        {
            // Stored under other settings: no longer ours, and not the user's mistake.
            return vec![Effect::EraseToken];
        }
        self.verify(token, return_to, now)
    }

    pub(super) fn verify(
        &mut self,
        token: UnverifiedAccessToken,
        return_to: ReturnTo,
        now: Timestamp,
    ) -> Vec<Effect> {
        self.phase = Phase::Verifying(Box::new(Verifying::new(token, return_to, now)));
        vec![Effect::LoadKeys(Need::Verify)]
    }
}
