//! Renewing a connection with a refresh token
//! ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)): when it is due, how far
//! it is, and when to give up.
//!
//! A renewal is due five minutes before expiry, or a fifth of the lifetime if that is shorter. The
//! response is stored, verified, and only then replaces the old token; the page shows none of this.
//! If the old token expires first the session is *renewing*: it has no token, but nothing is lost.
//!
//! A rotating refresh token works once, and a connection is usually lost by losing the response. So
//! only one tab refreshes at a time, under a Web Lock held until the response is stored; the
//! session has at most one request in flight; a page restored from the back/forward cache reloads
//! if the storage holds a newer token; and a duplicated tab gives up its copy.

use super::{effect::Effect, unverified_access_token::UnverifiedAccessToken, verifying::Verifying};
use crate::{
    oauth::{Prospect, RefreshToken, TokenEndpointError},
    time::Timestamp,
};

/// How long before expiry a renewal is due, in seconds; earlier would only use up the limited
/// requests. A fifth of the lifetime if that is shorter.
pub const AHEAD: i64 = 5 * 60;
/// The pause after the first failed attempt, in seconds; doubled after each further one.
pub const FIRST_PAUSE: i64 = 5;
/// The longest pause between two attempts, in seconds, unless the server asks for a longer one.
pub const LONGEST_PAUSE: i64 = 60;
/// How many inconclusive responses in a row (a gateway's 403, a page instead of JSON) are tolerated
/// before giving up.
pub const MAX_UNCLEAR: u32 = 8;

/// The renewal of a connection.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The token to renew, with its refresh token.
    pub(super) grant: UnverifiedAccessToken,
    /// Whether it is due, under way, waiting for another attempt, or given up.
    pub stage: Stage,
    /// Why the previous attempt failed, during an automatic retry: the page keeps showing it until
    /// the outcome is known.
    persisting: Option<TokenEndpointError>,
    /// How many inconclusive responses came in a row.
    unclear: u32,
    /// How long to wait after the next failure, in seconds.
    next_pause: i64,
}

/// The stage of a renewal.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It is not due until [`AHEAD`] seconds before expiry.
    Resting,
    /// A refresh was requested at this time and has not been answered.
    Asking(Timestamp),
    /// The response has arrived, is already stored, and is being verified.
    Verifying {
        /// The new token, with the new refresh token if there is one.
        verifying: Box<Verifying>,
        /// When to request the keys again, if loading them failed.
        again: Option<Timestamp>,
    },
    /// It failed and will be retried.
    Waiting {
        /// Why the last attempt failed.
        error: TokenEndpointError,
        /// When the next attempt begins, unless the user asks for one earlier.
        until: Timestamp,
    },
    /// It cannot succeed anymore: the connection ends with its token.
    GivenUp(TokenEndpointError),
}

impl Renewal {
    /// `None` if the token has no refresh token.
    pub(super) fn for_token(token: &UnverifiedAccessToken) -> Option<Self> {
        token.refresh_token.as_ref().map(|_| Self {
            // It has been verified and is no longer needed.
            grant: UnverifiedAccessToken {
                id_token: None,
                ..token.clone()
            },
            stage: Stage::Resting,
            persisting: None,
            unclear: 0,
            next_pause: FIRST_PAUSE,
        })
    }

    /// Why the last attempt failed, if it did.
    pub fn error(&self) -> Option<&TokenEndpointError> {
        match &self.stage {
            Stage::Waiting { error, .. } | Stage::GivenUp(error) => Some(error),
            Stage::Asking(_) => self.persisting.as_ref(),
            _ => None,
        }
    }

    /// Whether it is waiting after a failure.
    pub(super) fn has_failed(&self) -> bool {
        match &self.stage {
            Stage::Waiting { .. } => true,
            Stage::Verifying { verifying, .. } => verifying.failure.is_some(),
            _ => false,
        }
    }

    /// Whether it may still succeed.
    pub fn is_hopeful(&self) -> bool {
        !matches!(self.stage, Stage::GivenUp(_))
    }

    /// The refresh token to use next: the new one, if a response has arrived.
    pub(super) fn next_refresh_token(&self) -> Option<&RefreshToken> {
        match &self.stage {
            Stage::Verifying { verifying, .. } => verifying.token.refresh_token(),
            _ => self.grant.refresh_token(),
        }
    }

    /// Sends a request, unless one is in flight or the renewal was given up.
    pub(super) fn ask(&mut self, now: Timestamp) -> Vec<Effect> {
        self.persisting = None;
        match &mut self.stage {
            Stage::Resting | Stage::Waiting { .. } => {
                self.stage = Stage::Asking(now);
                vec![Effect::Refresh(Box::new(self.grant.clone()))]
            }
            Stage::Verifying { verifying, again } => {
                *again = None;
                verifying.try_again()
            }
            _ => vec![],
        }
    }

    /// Sends a request if it is time for one, whatever the browser reports about the network.
    /// `due_at` is when the first one is due.
    pub(super) fn tick(&mut self, due_at: Timestamp, now: Timestamp) -> Vec<Effect> {
        let due = match &mut self.stage {
            Stage::Resting => now >= due_at,
            Stage::Waiting { until, error } => {
                // If the clock was set back, do not wait for the old time.
                let longest = LONGEST_PAUSE.max(error.retry_after());
                *until = (*until).min(now.plus_seconds(longest));
                now >= *until
            }
            Stage::Verifying {
                again: Some(until), ..
            } => {
                *until = (*until).min(now.plus_seconds(LONGEST_PAUSE));
                now >= *until
            }
            _ => false,
        };
        if !due {
            return vec![];
        }
        let error = self.error().cloned();
        let effects = self.ask(now);
        self.persisting = error;
        effects
    }

    /// Records a failure. Whether to retry depends on `error`.
    pub(super) fn failed(&mut self, error: TokenEndpointError, now: Timestamp) {
        let prospect = error.prospect();
        if prospect == Prospect::Unclear {
            self.unclear += 1;
        } else {
            self.unclear = 0;
        }
        if prospect == Prospect::Final || self.unclear > MAX_UNCLEAR {
            self.stage = Stage::GivenUp(error);
            self.grant = self.grant.without_refresh_token();
        } else {
            let until = self.pause(now).max(now.plus_seconds(error.retry_after()));
            self.stage = Stage::Waiting { error, until };
        }
    }

    /// Counts another failure and returns when to retry.
    pub(super) fn pause(&mut self, now: Timestamp) -> Timestamp {
        let until = now.plus_seconds(self.next_pause);
        self.next_pause = (2 * self.next_pause).min(LONGEST_PAUSE);
        until
    }
}

/// When the renewal of a token is due. `lifetime` is its total lifetime, in seconds.
///
/// ```
/// use cc_connect_core::{session::renewal::due_at, time::Timestamp};
///
/// let expires_at = Timestamp::from_unix_seconds(1_790_000_000);
/// assert_eq!(due_at(expires_at, 86_400), expires_at.plus_seconds(-300));
/// assert_eq!(due_at(expires_at, 60), expires_at.plus_seconds(-12));
/// ```
pub fn due_at(expires_at: Timestamp, lifetime: i64) -> Timestamp {
    expires_at.plus_seconds(-AHEAD.min(lifetime / 5))
}
