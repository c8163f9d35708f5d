//! When not to ask the token endpoint again: after a failure of one session's renewal, and for all
//! sessions when the endpoint has received too many requests or does not accept the client.

use crate::{failure::TokenFailure, random, secrets::Hash};
use cc_connect_core::{
    session::renewal::{FIRST_PAUSE, LONGEST_PAUSE},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// For how long a session's failures are remembered after its pause, in seconds.
const MEMORY: i64 = 10 * 60;

/// The pauses.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<Hash, Pause>,
    everybody: Option<Pause>,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Timestamp,
    code: &'static str,
    /// How long the next one takes, in seconds.
    next: i64,
}

impl Pauses {
    /// The failure that a pause is for, while it lasts.
    pub(super) fn of(&self, id: &Hash, now: Timestamp) -> Option<TokenFailure> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pauses = known.everybody.iter().chain(known.sessions.get(id));
        let longest = pauses.max_by_key(|pause| pause.until)?;
        let left = longest.until.millis_since(now);
        (left > 0).then(|| TokenFailure::Unavailable {
            code: longest.code,
            retry_after: Duration::from_millis(left.unsigned_abs()),
        })
    }

    /// After a failure of one session, for at least as long as the endpoint asks for, in seconds.
    pub(super) fn begin(&self, id: Hash, code: &'static str, asked: i64, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.sessions.get(&id).map_or(FIRST_PAUSE, |it| it.next);
        known.sessions.insert(id, pause(code, next, asked, now));
    }

    /// After a failure that is not about one session.
    pub(super) fn begin_for_all(&self, code: &'static str, asked: i64, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = known.everybody.map_or(FIRST_PAUSE, |it| it.next);
        known.everybody = Some(pause(code, next, asked, now));
    }

    /// After a success.
    pub(super) fn end(&self, id: &Hash) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.sessions.remove(id);
        known.everybody = None;
    }

    /// Forgets what is long over.
    pub(super) fn sweep(&self, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .sessions
            .retain(|_, pause| now.millis_since(pause.until) < MEMORY * 1000);
    }
}

fn pause(code: &'static str, seconds: i64, asked: i64, now: Timestamp) -> Pause {
    // Up to a quarter longer, so that not everybody comes back at once.
    let jitter = seconds * 250 * i64::from(random::bytes::<1>()[0]) / 255;
    Pause {
        until: now.plus_seconds(seconds.max(asked)).plus_millis(jitter),
        code,
        next: (2 * seconds).min(LONGEST_PAUSE),
    }
}
