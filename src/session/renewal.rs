//! Renewing a connection with a refresh token
//! ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)): when it is due, what is
//! under way, and when it is given up.
//!
//! A renewal is due five minutes before the end, or a fifth of a short life. The response is stored,
//! verified, and then replaces the old token, which stays in use until then; nothing of that shows on
//! the page. If the old token ends first the session is *renewing*: no token, nothing lost.
//!
//! A refresh token that rotates works once, and losing the response is the usual way to lose a
//! connection. So one tab of the browser refreshes at a time, under a Web Lock that is held until the
//! response is stored; the session asks once until it has a response; a page that comes out of the
//! back-forward cache reloads if the storage holds a newer token; and a duplicated tab gives its copy
//! up.

use super::{Effect, UnverifiedAccessToken, Verifying};
use crate::{
    oauth::{Prospect, RefreshToken, TokenEndpointError},
    time::Timestamp,
};

/// A renewal is due this long before the end, in seconds; earlier would only cost requests, which
/// are limited. Of a short life it is a fifth.
pub const AHEAD: i64 = 5 * 60;
/// Before the second attempt, in seconds; twice as long before each further one.
pub const FIRST_PAUSE: i64 = 5;
/// The longest pause between two attempts, in seconds, unless the server asks for a longer one.
pub const LONGEST_PAUSE: i64 = 60;
/// How many responses in a row that say nothing (a gateway's 403, a page instead of JSON) do not end
/// a connection.
pub const MAX_UNCLEAR: u32 = 8;

/// What renews a connection, and how far that is.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The token that is to be renewed, with its refresh token.
    pub(super) grant: UnverifiedAccessToken,
    /// Where it stands.
    pub stage: Stage,
    /// Why the attempt before the one under way failed, if that one was not asked for: what is shown of
    /// it stays until something else is known.
    persisting: Option<TokenEndpointError>,
    /// How many attempts have failed in a row.
    pub(super) failures: u32,
    /// How many of them had a response that says nothing.
    unclear: u32,
}

/// Where a renewal stands.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Not due yet.
    Resting,
    /// Asked for, at this time.
    Asking(Timestamp),
    /// The answer is here and is being verified; what has come of it is stored already.
    Verifying {
        /// The new token.
        verifying: Box<Verifying>,
        /// When the keys are asked for again, if they could not be had.
        again: Option<Timestamp>,
    },
    /// It failed, and is tried again.
    Waiting {
        /// Why.
        error: TokenEndpointError,
        /// When.
        until: Timestamp,
    },
    /// It will not succeed any more: the connection ends when its token does.
    GivenUp(TokenEndpointError),
}

impl Renewal {
    /// For a token that has a refresh token; `None` for any other.
    pub(super) fn of(token: &UnverifiedAccessToken) -> Option<Self> {
        token.refresh_token.as_ref().map(|_| Self {
            // It has been verified, and is kept no longer than it is needed.
            grant: UnverifiedAccessToken {
                id_token: None,
                ..token.clone()
            },
            stage: Stage::Resting,
            persisting: None,
            failures: 0,
            unclear: 0,
        })
    }

    /// Why it is tried again or was given up, if something went wrong.
    pub fn error(&self) -> Option<&TokenEndpointError> {
        match &self.stage {
            Stage::Waiting { error, .. } | Stage::GivenUp(error) => Some(error),
            Stage::Asking(_) => self.persisting.as_ref(),
            _ => None,
        }
    }

    /// Whether it waits after a failure.
    pub(super) fn has_failed(&self) -> bool {
        match &self.stage {
            Stage::Waiting { .. } => true,
            Stage::Verifying { verifying, .. } => verifying.failure.is_some(),
            _ => false,
        }
    }

    /// Whether something may still come of it.
    pub fn is_hopeful(&self) -> bool {
        !matches!(self.stage, Stage::GivenUp(_))
    }

    /// What is to be used next: of a new pair, the new one.
    pub(super) fn next_refresh_token(&self) -> Option<&RefreshToken> {
        match &self.stage {
            Stage::Verifying { verifying, .. } => verifying.token.refresh_token(),
            _ => self.grant.refresh_token(),
        }
    }

    /// Asks, unless that is under way or given up.
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

    /// Time has passed: asks if it is time to, whatever the browser says of the network. `lifetime` is
    /// how long the token lives in all, in seconds.
    pub(super) fn tick(
        &mut self,
        expires_at: Timestamp,
        lifetime: i64,
        now: Timestamp,
    ) -> Vec<Effect> {
        let due = match &mut self.stage {
            Stage::Resting => {
                let ahead = AHEAD.min(lifetime / 5);
                now.plus_seconds(ahead) >= expires_at
            }
            Stage::Waiting { until, error } => {
                // A clock that was set back does not make it wait for the old time.
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

    /// It failed: whether it is tried again depends on why.
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

    /// Until when to wait after another failure.
    pub(super) fn pause(&mut self, now: Timestamp) -> Timestamp {
        let pause = FIRST_PAUSE << self.failures;
        // From here on the pause is the longest.
        self.failures = (self.failures + 1).min(4);
        now.plus_seconds(pause.min(LONGEST_PAUSE))
    }
}
