//! Points in time, as values. The core never reads a clock: `now` is an argument.

use std::fmt;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored, as a
/// [NumericDate] counts them.
///
/// ```
/// use cc_connect_core::time::Timestamp;
///
/// let issued_at = Timestamp::from_unix_seconds(1_790_000_000);
/// let expires_at = issued_at.plus_seconds(3_600);
/// // Rounded up, for a countdown.
/// assert_eq!(expires_at.seconds_since(issued_at.plus_millis(1)), 3_600);
/// assert_eq!(expires_at.millis_since(issued_at), 3_600_000);
/// assert_eq!(expires_at.unix_seconds(), 1_790_003_600);
/// assert!(issued_at < expires_at);
///
/// let stored = issued_at.unix_millis();
/// assert_eq!(Timestamp::from_unix_millis(stored), issued_at);
/// assert_eq!(Timestamp::read_unix_millis(stored), Some(issued_at));
/// assert_eq!(Timestamp::read_unix_millis(i64::MAX), None);
/// ```
///
/// [NumericDate]: https://www.rfc-editor.org/rfc/rfc7519.html#section-2
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From stored milliseconds since the epoch: `None` outside the years 0 to 9999, which every
    /// browser can format as a date.
    pub const fn read_unix_millis(millis: i64) -> Option<Self> {
        if millis >= FIRST.0 && millis <= LAST.0 {
            Some(Self(millis))
        } else {
            None
        }
    }

    /// From seconds since the epoch (a NumericDate); saturates at the ends of the range.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point, `seconds` later (earlier if negative).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// This point, `millis` milliseconds later (earlier if negative).
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this point; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds from `earlier` to this point, rounded up, so that a countdown shows 1 until it ends.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        let millis = self.millis_since(earlier);
        millis.div_euclid(1000) + (millis.rem_euclid(1000) > 0) as i64
    }
}

/// 0000-01-01T00:00:00.000Z.
const FIRST: Timestamp = Timestamp(-62_167_219_200_000);
/// 9999-12-31T23:59:59.999Z.
const LAST: Timestamp = Timestamp(253_402_300_799_999);

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Timestamp({}.{:03})",
            self.unix_seconds(),
            self.0.rem_euclid(1000)
        )
    }
}
