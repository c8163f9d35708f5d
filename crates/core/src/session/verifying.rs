//! The verification of a token, from the first request for keys to the judgement.

use super::{
    context::Context,
    effect::Effect,
    expiry,
    keys::{KeySetFailure, LoadedKeys},
    unverified_access_token::UnverifiedAccessToken,
    verified_access_token::{Refusal, VerifiedAccessToken},
};
use crate::{
    ReturnTo,
    constant_contact::AccessTokenError,
    jose::{TokenError, jwk_set_cache::Need},
    report::{CheckName, Report},
    time::Timestamp,
};

/// A token that waits for the issuer's keys.
#[derive(Clone, Debug)]
pub struct Verifying {
    /// The token as it was received or stored.
    pub token: UnverifiedAccessToken,
    /// The page to go to on success.
    pub return_to: ReturnTo,
    /// When the keys were first asked for.
    pub since: Timestamp,
    /// Why the keys could not be loaded, if that failed.
    pub failure: Option<KeySetFailure>,
    /// Whether the key set was refetched because it may have been older than the token's key.
    refetched: bool,
    /// Whether the token was checked again after its `iat` may have corrected the clock.
    retimed: bool,
}

impl Verifying {
    pub(super) fn new(token: UnverifiedAccessToken, return_to: ReturnTo, now: Timestamp) -> Self {
        Self {
            token,
            return_to,
            since: now,
            failure: None,
            refetched: false,
            retimed: false,
        }
    }

    /// Requests the keys again if loading them failed.
    pub(super) fn try_again(&mut self) -> Vec<Effect> {
        if self.failure.take().is_none() {
            return vec![];
        }
        let need = if self.refetched {
            Need::UnknownKid
        } else {
            Need::Retry
        };
        vec![Effect::LoadKeys(need)]
    }

    /// Verifies the token, if the keys could be loaded.
    pub(super) fn judge(
        &mut self,
        keys: Result<LoadedKeys, KeySetFailure>,
        context: &Context,
        now: Timestamp,
    ) -> Judgement {
        let keys = match keys {
            Ok(keys) => keys,
            Err(failure) => {
                self.failure = Some(failure);
                return Judgement::NoKeys;
            }
        };
        self.failure = None;
        match VerifiedAccessToken::verify(&self.token, &keys, context, now) {
            Err((error, _))
                if error.may_be_an_older_set() && keys.from_cache && !self.refetched =>
            {
                self.refetched = true;
                Judgement::OlderSet
            }
            // A stored token that expired while the page was closed or asleep is a normal expiry.
            Err((Refusal::AccessToken(AccessTokenError::Token(TokenError::Expired { at })), _))
                if self.token.is_restored() =>
            {
                Judgement::Ended(at)
            }
            Err((error, report)) => self.refused(error, report),
            Ok(token) if expiry::has_expired(token.expires_at(), now) => {
                let at = token.expires_at();
                if self.token.is_restored() {
                    Judgement::Ended(at)
                } else {
                    // A fresh token that has expired means a wrong clock. Another one would not
                    // help.
                    let error = AccessTokenError::Token(TokenError::Expired { at });
                    let report = token.report().clone().failed_at(CheckName::Expiry);
                    self.refused(Refusal::AccessToken(error), report)
                }
            }
            Ok(token) => Judgement::Verified(Box::new(token)),
        }
    }

    fn refused(&mut self, error: Refusal, report: Report) -> Judgement {
        match report.issued_at().filter(|_| !self.token.is_restored()) {
            Some(issued_at) if error.is_about_time() && !self.retimed => {
                self.retimed = true;
                Judgement::Untimely(issued_at)
            }
            _ => Judgement::Refused { error, report },
        }
    }
}

/// What becomes of a token: the outcome of [`Verifying::judge`].
pub(super) enum Judgement {
    /// The keys could not be loaded.
    NoKeys,
    /// The cached key set may be older than the token's key.
    OlderSet,
    /// A stored token that expired at this time.
    Ended(Timestamp),
    /// A fresh token, issued at this time, failed a time check: our clock may be wrong.
    Untimely(Timestamp),
    /// The token failed a check.
    Refused { error: Refusal, report: Report },
    /// The token passed every check and has not expired.
    Verified(Box<VerifiedAccessToken>),
}
