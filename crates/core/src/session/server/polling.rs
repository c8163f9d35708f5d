//! When the server is asked: one question at a time, and not too often.

use super::failure::ServerFailure;
use crate::time::Timestamp;

/// The shortest time between two questions, in milliseconds.
pub const ASK_INTERVAL: i64 = 1_000;
/// The pause after the first failure, in seconds; doubled after each further one.
pub const FIRST_PAUSE: i64 = 5;
/// The longest pause, in seconds.
pub const LONGEST_PAUSE: i64 = 60;

/// Names a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AskId(u32);

/// A pause that grows with each failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) failure: ServerFailure,
    /// When to retry.
    pub(super) at: Timestamp,
    /// The pause, in seconds.
    pause: i64,
}

impl Retry {
    pub(super) fn after(before: Option<Self>, failure: ServerFailure, now: Timestamp) -> Self {
        let pause = before.map_or(FIRST_PAUSE, |before| (2 * before.pause).min(LONGEST_PAUSE));
        Self {
            failure,
            at: now.plus_seconds(pause),
            pause,
        }
    }

    /// Whether it is time. If the clock was set back, the old time is not waited for.
    pub(super) fn is_due(&mut self, now: Timestamp) -> bool {
        self.at = self.at.min(now.plus_seconds(LONGEST_PAUSE));
        now >= self.at
    }
}

/// The questions of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Polling {
    last_id: AskId,
    /// The question under way.
    under_way: Option<AskId>,
    /// Whether there is something to ask.
    wanted: bool,
    last: Option<Timestamp>,
    pub(super) retry: Option<Retry>,
}

impl Polling {
    /// The server may have something new to say. A question that was just sent serves as well.
    pub(super) fn want(&mut self, now: Timestamp) {
        self.wanted |= self.under_way.is_none() || !self.asked_just_before(now);
    }

    /// The server has something new to say, which a question that was sent before may miss.
    pub(super) fn want_anew(&mut self) {
        self.wanted = true;
    }

    /// A time in the future was recorded under another clock.
    fn asked_just_before(&self, now: Timestamp) -> bool {
        self.last
            .is_some_and(|last| (0..ASK_INTERVAL).contains(&now.millis_since(last)))
    }

    /// The answer to the question under way, if there is one, no longer counts.
    pub(super) fn void(&mut self) {
        self.under_way = None;
        self.wanted = false;
        self.retry = None;
    }

    /// The question to ask now, if there is one.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<AskId> {
        let is_retried = self.retry.as_mut().is_some_and(|retry| retry.is_due(now));
        let is_due = self.wanted || is_retried;
        if !is_due || self.under_way.is_some() || self.asked_just_before(now) {
            return None;
        }
        self.wanted = false;
        self.last = Some(now);
        self.last_id = AskId(self.last_id.0.wrapping_add(1));
        self.under_way = Some(self.last_id);
        self.under_way
    }

    /// A question was answered. Returns whether the answer counts.
    pub(super) fn answered(&mut self, id: AskId) -> bool {
        let counts = self.under_way == Some(id);
        if counts {
            self.under_way = None;
        }
        counts
    }

    /// Whether a question is under way, or will be asked as soon as it may.
    pub(super) fn is_open(&self) -> bool {
        self.under_way.is_some() || self.wanted
    }
}
