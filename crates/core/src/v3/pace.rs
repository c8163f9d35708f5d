//! Spaces requests out: each API key is allowed four a second.

use crate::time::Timestamp;

/// The minimum time between two requests, in milliseconds.
pub const INTERVAL_MILLIS: i64 = 260;

/// When the next request may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    next: Option<Timestamp>,
}

impl Pace {
    /// Reserves the next free moment and returns how long to wait for it, in milliseconds.
    ///
    /// ```
    /// use cc_connect_core::{time::Timestamp, v3::Pace};
    ///
    /// let mut pace = Pace::default();
    /// let now = Timestamp::from_unix_seconds(1_800_000_000);
    /// assert_eq!(pace.reserve(now), 0);
    /// assert_eq!(pace.reserve(now), 260);
    /// ```
    pub fn reserve(&mut self, now: Timestamp) -> u32 {
        // If the clock was set back, do not wait for the old time.
        let wait = self
            .next
            .map_or(0, |next| next.millis_since(now))
            .clamp(0, 20 * INTERVAL_MILLIS);
        let at = Timestamp::from_unix_millis(now.unix_millis() + wait);
        self.next = Some(Timestamp::from_unix_millis(
            at.unix_millis() + INTERVAL_MILLIS,
        ));
        u32::try_from(wait).unwrap_or_default()
    }
}
