//! What time it is: by the application's own host, and counted on by a clock that nobody can set.
//!
//! A person's computer may show any time at all, and every check of a token depends on the time. The
//! host says its own in the [`Date`] of each answer; the page may read that, since the host is its
//! own. From there on the browser's monotonic clock counts. Where that one and the wall clock part
//! company the machine has slept or somebody has set the clock, and the host is asked again.
//!
//! The host's clock may be the wrong one. A token that was issued just now says when, under the
//! issuer's signature: where that agrees with the wall clock and not with the host, two witnesses stand
//! against one, and the host is corrected ([`Clock::witness`]).
//!
//! [`Date`]: https://www.rfc-editor.org/rfc/rfc9110.html#section-6.6.1

use crate::time::Timestamp;
use std::time::UNIX_EPOCH;

/// A difference up to this is the measurement's own, in milliseconds: `Date` has whole seconds.
const NOISE: i64 = 2_000;
/// How far the two clocks may drift apart before the host is asked again, in milliseconds.
const DRIFT: i64 = 3_000;
/// How long after a question that did not reach the host it is put again, in milliseconds.
const ASKED_AGAIN_AFTER: i64 = 30_000;
/// An `Age` up to this is added to `Date` without a second thought, in milliseconds.
const UNAMBIGUOUS_AGE: i64 = 60_000;
/// A `Date` before this was written by a clock that was never set: 2026-01-01.
const EARLIEST: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
/// From here on a wrong clock is mentioned, in milliseconds.
const WORTH_MENTIONING: i64 = 60_000;
/// A token that comes just now was issued no longer ago than this, in milliseconds.
const TOKEN_AGE: i64 = 2 * 60_000;
/// Up to this much apart from the wall clock, the host's clock is not doubted, in milliseconds.
const HOST_TOLERANCE: i64 = 5 * 60_000;

/// Both of the computer's clocks, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, which people and programs set.
    pub wall: Timestamp,
    /// Milliseconds since some moment; it only goes forward, and may stand still while the machine
    /// sleeps.
    pub monotonic: i64,
}

/// What the host's answer says of the time it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostTime {
    date: Timestamp,
    /// Milliseconds.
    age: i64,
}

impl HostTime {
    /// From the fields [`Date`] and [`Age`] of an answer; `None` if they are no use.
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

    /// The time at `answered`, by the host where it contradicts the wall clock.
    ///
    /// A cache that keeps the standard sends the `Date` of the stored response, and `Age` has to be
    /// added to it. Some popular caches send the current `Date` together with an `Age`, so a large
    /// `Age` is ambiguous: a wall clock that fits either reading, or lies between them, is believed, and
    /// otherwise the reading nearer to it.
    fn at(self, asked: Reading, answered: Reading) -> Timestamp {
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

/// How the time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The host said it.
    Host,
    /// The host said nothing usable: this computer's clock is believed.
    ThisComputer,
}

/// The time of this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time at `since`.
    time: Timestamp,
    since: Reading,
    source: Source,
    /// How far the host's clock is ahead, in milliseconds, as far as that is known.
    host_ahead: i64,
    /// Since when the host is to be asked again, if it could not be asked.
    postponed: Option<Reading>,
}

/// What a look at the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The time.
    Time(Timestamp),
    /// More time may have passed than was counted, or somebody set the wall clock: the host should
    /// be asked, with [`Clock::correct`], [`Clock::give_up`] or [`Clock::postpone`] afterwards.
    Ask,
}

impl Clock {
    /// A clock that believes the wall clock, until something better is known.
    pub fn new(reading: Reading) -> Self {
        Self {
            time: reading.wall,
            since: reading,
            source: Source::ThisComputer,
            host_ahead: 0,
            postponed: None,
        }
    }

    /// Takes in the host's answer to a question that was `asked` and `answered` at these readings.
    pub fn correct(&mut self, host: HostTime, asked: Reading, answered: Reading) {
        let host = HostTime {
            date: host.date.plus_millis(-self.host_ahead),
            ..host
        };
        *self = Self {
            time: host.at(asked, answered),
            since: answered,
            source: Source::Host,
            host_ahead: self.host_ahead,
            postponed: None,
        };
    }

    /// Takes in when a token was issued that came just now, by the word of its issuer, whose signature
    /// was verified. If this computer's clock agrees and the host's does not, the host's is wrong.
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

    /// The host says nothing usable. The later of both clocks counts: a connection may then end too
    /// early, and never lasts too long.
    pub fn give_up(&mut self, reading: Reading) {
        self.time = self.now(reading).max(self.by_wall(reading));
        self.since = reading;
        self.postponed = None;
    }

    /// The host could not be asked. As [`give_up`](Self::give_up), and it is asked again later.
    pub fn postpone(&mut self, reading: Reading) {
        self.give_up(reading);
        self.postponed = Some(reading);
    }

    /// Whether the host is still to be asked.
    pub fn is_postponed(&self) -> bool {
        self.postponed.is_some()
    }

    /// The time, unless there is a doubt about it.
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

    /// The time as it was counted, for what must be told a time even in doubt.
    pub fn now(&self, reading: Reading) -> Timestamp {
        let passed = reading.monotonic.saturating_sub(self.since.monotonic);
        self.time.plus_millis(passed.max(0))
    }

    fn by_wall(&self, reading: Reading) -> Timestamp {
        self.time
            .plus_millis(reading.wall.millis_since(self.since.wall))
    }

    /// Whether the time is known from the host.
    pub fn is_certain(&self) -> bool {
        self.source == Source::Host
    }

    /// Whose clock is wrong, if that is known and worth mentioning.
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
    /// This computer's.
    Computer(i64),
    /// That of the application's host.
    Host(i64),
}
