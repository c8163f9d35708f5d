//! The time that all instances agree on: the database's, if it is a server of its own.

use cc_connect_core::time::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// This machine's clock with a correction. Copies share the correction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// In milliseconds, to be added.
    correction: Arc<AtomicI64>,
    /// The time that a test lets pass, in milliseconds.
    shift: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let correction = self.correction.load(Ordering::Relaxed);
        let shift = self.shift.load(Ordering::Relaxed);
        machine().plus_millis(correction).plus_millis(shift)
    }

    /// Corrects the clock: `actual` was read between the machine's `before` and now.
    pub(crate) fn correct(&self, before: Timestamp, actual: Timestamp) {
        let between = before.plus_millis(machine().millis_since(before) / 2);
        self.correction
            .store(actual.millis_since(between), Ordering::Relaxed);
    }

    /// Lets time pass, for tests.
    pub(crate) fn pass(&self, seconds: i64) {
        self.shift.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

/// The machine's clock, uncorrected.
pub(crate) fn machine() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
    Timestamp::from_unix_millis(millis)
}
