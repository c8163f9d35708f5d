//! The current time, taken from the application's own host and counted on by a clock that nobody
//! can set.
//!
//! The user's clock may be arbitrarily wrong, and every check of a token depends on the time. The
//! host sends its time in the [`Date`] of each response, which a page may read from its own host.
//! From there the browser's monotonic clock counts on. If it and the wall clock drift apart, the
//! machine has slept or somebody has set the clock, and the host is asked again.
//!
//! The host's clock may be the wrong one. A fresh token says when it was issued, under the issuer's
//! signature: if that agrees with the wall clock and not with the host, it is two against one, and
//! the host is corrected ([`Clock::witness`]).
//!
//! [`Date`]: https://www.rfc-editor.org/rfc/rfc9110.html#section-6.6.1

use crate::time::Timestamp;
use std::time::UNIX_EPOCH;

/// A difference up to this is measurement error, in milliseconds: `Date` has whole seconds.
const NOISE: i64 = 2_000;
/// How far the two clocks may drift apart before the host is asked again, in milliseconds.
const DRIFT: i64 = 3_000;
/// How long after a failed attempt the host is asked again, in milliseconds.
const ASKED_AGAIN_AFTER: i64 = 30_000;
/// An `Age` up to this is always added to `Date`, in milliseconds.
const UNAMBIGUOUS_AGE: i64 = 60_000;
/// A `Date` before this comes from a clock that was never set: 2026-01-01.
const EARLIEST: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
/// How wrong a clock must be to be reported, in milliseconds.
const WORTH_MENTIONING: i64 = 60_000;
/// A token that was just received was issued no longer ago than this, in milliseconds.
const TOKEN_AGE: i64 = 2 * 60_000;
/// How far the host's clock may be from the wall clock without being doubted, in milliseconds.
const HOST_TOLERANCE: i64 = 5 * 60_000;

/// The computer's two clocks, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, which users and programs can set.
    pub wall: Timestamp,
    /// Milliseconds since some moment; never goes back, and may stop while the machine sleeps.
    pub monotonic: i64,
}

/// What a response from the host says about the time it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostTime {
    date: Timestamp,
    /// How long the response has been in a cache, in milliseconds.
    age: i64,
}

impl HostTime {
    /// From the fields [`Date`] and [`Age`] of a response; `None` if they are unusable.
    ///
    /// ```
    /// use cc_connect_core::clock::HostTime;
    ///
    /// assert!(HostTime::read(Some("Mon, 21 Sep 2026 14:13:20 GMT"), Some("30")).is_some());
    /// // A clock that was never set.
    /// assert_eq!(HostTime::read(Some("Thu, 01 Jan 1970 00:00:07 GMT"), None), None);
    /// ```
    ///
    /// [`Date`]: https://www.rfc-editor.org/rfc/rfc9110.html#section-6.6.1
    /// [`Age`]: https://www.rfc-editor.org/rfc/rfc9111.html#section-5.1
    pub fn read(date: Option<&str>, age: Option<&str>) -> Option<Self> {
        let since = httpdate::parse_http_date(date?)
            .ok()?
            .duration_since(UNIX_EPOCH)
            .ok()?;
        let date = Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).ok()?);
        let age = match age {
            None => 0,
            Some(seconds) => i64::from(seconds.trim().parse::<u32>().ok()?) * 1000,
        };
        (date >= EARLIEST).then_some(Self { date, age })
    }

    /// From the time that a response says it was made at; `None` if its clock was never set.
    ///
    /// ```
    /// use cc_connect_core::{clock::HostTime, time::Timestamp};
    ///
    /// assert!(HostTime::at(Timestamp::from_unix_seconds(1_790_000_000)).is_some());
    /// assert_eq!(HostTime::at(Timestamp::from_unix_seconds(7)), None);
    /// ```
    pub fn at(date: Timestamp) -> Option<Self> {
        (date >= EARLIEST).then_some(Self { date, age: 0 })
    }

    /// The time at `answered`: the wall clock's, or the host's if it contradicts that.
    ///
    /// A conforming cache sends the `Date` of the stored response, and `Age` has to be added to it.
    /// Some popular caches send the current `Date` together with an `Age`, so a large `Age` is
    /// ambiguous: a wall clock that fits either reading, or lies between them, is believed;
    /// otherwise the reading nearer to it counts.
    fn time_at(self, asked: Reading, answered: Reading) -> Timestamp {
        let on_the_way = answered.monotonic.saturating_sub(asked.monotonic).max(0);
        let spread = 1000 + on_the_way;
        let earliest_age = if self.age > UNAMBIGUOUS_AGE {
            0
        } else {
            self.age
        };
        let since_date = answered.wall.millis_since(self.date);
        let age = if since_date < earliest_age - NOISE {
            earliest_age
        } else if since_date > self.age + spread + NOISE {
            self.age
        } else {
            return answered.wall;
        };
        self.date.plus_millis(age + spread / 2)
    }
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The host, whose `Date` contradicted or confirmed the wall clock.
    Host,
    /// The host sent nothing usable: this computer's clock is believed.
    ThisComputer,
}

/// The clock of this page.
///
/// ```
/// use cc_connect_core::{clock::{Clock, Deviation, HostTime, Look, Reading}, time::Timestamp};
///
/// // The computer's clock is an hour behind.
/// let wall = Timestamp::from_unix_seconds(1_789_996_400);
/// let asked = Reading { wall, monotonic: 0 };
/// let answered = Reading { wall: wall.plus_millis(100), monotonic: 100 };
/// let host = HostTime::read(Some("Mon, 21 Sep 2026 14:13:20 GMT"), None).unwrap();
/// let mut clock = Clock::new(asked);
/// clock.correct(host, asked, answered);
/// assert_eq!(clock.now(answered).unix_seconds(), 1_790_000_000);
/// assert!(matches!(clock.deviation(answered), Some(Deviation::Computer(..=-3_598))));
///
/// // The machine has slept: more time has passed than was counted.
/// let woken = Reading { wall: wall.plus_seconds(600), monotonic: 200 };
/// assert_eq!(clock.look(woken), Look::Ask);
///
/// // The host cannot be reached: the later clock counts until it can.
/// clock.postpone(woken);
/// assert!(clock.is_postponed());
/// assert_eq!(clock.now(woken).unix_seconds(), 1_790_000_600);
/// // It responds without a usable `Date`: the later clock counts for good.
/// clock.give_up(woken);
/// assert!(!clock.is_postponed());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time at `since`.
    time: Timestamp,
    since: Reading,
    source: Source,
    /// How far the host's clock is known to be ahead, in milliseconds.
    host_ahead: i64,
    /// When the host could not be reached, if it is still to be asked.
    postponed: Option<Reading>,
}

/// Whether the counted time can be relied on: what [`Clock::look`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The current time, which is not in doubt.
    Time(Timestamp),
    /// More time may have passed than was counted, or somebody set the wall clock: ask the host,
    /// then call [`Clock::correct`], [`Clock::give_up`] or [`Clock::postpone`].
    Ask,
}

impl Clock {
    /// A clock that believes the wall clock until it is corrected.
    pub fn new(reading: Reading) -> Self {
        Self {
            time: reading.wall,
            since: reading,
            source: Source::ThisComputer,
            host_ahead: 0,
            postponed: None,
        }
    }

    /// Applies the host's time, from a request sent at `asked` and a response received at
    /// `answered`.
    pub fn correct(&mut self, host: HostTime, asked: Reading, answered: Reading) {
        let host = HostTime {
            date: host.date.plus_millis(-self.host_ahead),
            ..host
        };
        *self = Self {
            time: host.time_at(asked, answered),
            since: answered,
            source: Source::Host,
            host_ahead: self.host_ahead,
            postponed: None,
        };
    }

    /// Applies the `iat` of a token that was just received and whose signature was verified. If
    /// this computer's clock agrees with it and the host's does not, the host's is wrong.
    ///
    /// ```
    /// use cc_connect_core::{clock::{Clock, Deviation, HostTime, Reading}, time::Timestamp};
    ///
    /// // The host's clock is an hour ahead.
    /// let wall = Timestamp::from_unix_seconds(1_790_000_000);
    /// let reading = Reading { wall, monotonic: 0 };
    /// let host = HostTime::read(Some("Mon, 21 Sep 2026 15:13:20 GMT"), None).unwrap();
    /// let mut clock = Clock::new(reading);
    /// clock.correct(host, reading, reading);
    /// assert!(clock.is_certain() && clock.now(reading) > wall);
    ///
    /// let issued_at = wall.plus_seconds(-1);
    /// clock.witness(issued_at, reading);
    /// assert_eq!(clock.now(reading), wall);
    /// assert_eq!(clock.deviation(reading), Some(Deviation::Host(3_600)));
    /// ```
    pub fn witness(&mut self, issued_at: Timestamp, reading: Reading) {
        let host_ahead = self.now(reading).millis_since(reading.wall);
        if self.is_certain()
            && reading.wall.millis_since(issued_at).abs() <= TOKEN_AGE
            && host_ahead.abs() > HOST_TOLERANCE
        {
            self.host_ahead += host_ahead;
            self.time = reading.wall;
            self.since = reading;
        }
    }

    /// The host sent nothing usable. The later of the two clocks counts, so a connection may end
    /// too early but never lasts too long.
    pub fn give_up(&mut self, reading: Reading) {
        self.time = self.now(reading).max(self.by_wall(reading));
        self.since = reading;
        self.postponed = None;
    }

    /// The host could not be reached. Like [`give_up`](Self::give_up), but it is asked again later.
    pub fn postpone(&mut self, reading: Reading) {
        self.give_up(reading);
        self.postponed = Some(reading);
    }

    /// Whether the host is still to be asked.
    pub fn is_postponed(&self) -> bool {
        self.postponed.is_some()
    }

    /// The time, unless it is in doubt.
    pub fn look(&self, reading: Reading) -> Look {
        let counted = self.now(reading);
        let asked_before = self
            .postponed
            .is_some_and(|at| reading.monotonic.saturating_sub(at.monotonic) >= ASKED_AGAIN_AFTER);
        if asked_before || self.by_wall(reading).millis_since(counted).abs() > DRIFT {
            Look::Ask
        } else {
            Look::Time(counted)
        }
    }

    /// The time as counted, for callers that need one even if it is in doubt.
    pub fn now(&self, reading: Reading) -> Timestamp {
        let passed = reading.monotonic.saturating_sub(self.since.monotonic);
        self.time.plus_millis(passed.max(0))
    }

    fn by_wall(&self, reading: Reading) -> Timestamp {
        self.time
            .plus_millis(reading.wall.millis_since(self.since.wall))
    }

    /// Whether the time comes from the host.
    pub fn is_certain(&self) -> bool {
        self.source == Source::Host
    }

    /// Whose clock is wrong, if that is known and large enough to report.
    pub fn deviation(&self, reading: Reading) -> Option<Deviation> {
        let worth_mentioning = |millis: i64| {
            (self.is_certain() && millis.abs() >= WORTH_MENTIONING).then_some(millis / 1000)
        };
        let computer = reading.wall.millis_since(self.now(reading));
        worth_mentioning(computer)
            .map(Deviation::Computer)
            .or(worth_mentioning(self.host_ahead).map(Deviation::Host))
    }
}

/// Whose clock is wrong, and how far it is ahead (behind, if negative), in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// The clock of this computer.
    Computer(i64),
    /// The clock of the application's host.
    Host(i64),
}
