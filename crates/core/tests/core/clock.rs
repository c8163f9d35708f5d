//! Determining the current time.

use cc_connect_core::{
    clock::{Clock, Deviation, HostTime, Look, Reading},
    time::Timestamp,
};

/// 2026-11-22T17:42:00Z, also as an HTTP-date.
const NOW: i64 = 1_795_369_320;
const DATE: &str = "Sun, 22 Nov 2026 17:42:00 GMT";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

/// `seconds` after the page was opened, on a computer whose clock is `ahead` seconds fast.
fn reading(seconds: i64, ahead: i64) -> Reading {
    Reading {
        wall: at(NOW + seconds + ahead),
        monotonic: seconds * 1000,
    }
}

fn host(age: Option<&str>) -> HostTime {
    HostTime::read(Some(DATE), age).unwrap()
}

/// A page whose host responded immediately, on a computer whose clock is `ahead` seconds fast.
fn opened(ahead: i64) -> Clock {
    let mut clock = Clock::new(reading(0, ahead));
    clock.correct(host(None), reading(0, ahead), reading(0, ahead));
    clock
}

#[track_caller]
fn assert_close(found: Timestamp, expected: i64) {
    let off = found.millis_since(at(expected)).abs();
    assert!(off <= 1_000, "{found:?} is {off} ms from {expected}");
}

/// Rule (The time): The time is the host's: `Date` and `Age` of a response from the page's own
/// origin
#[test]
fn dates_are_read_in_the_forms_of_http() {
    for date in [
        DATE,
        "Sunday, 22-Nov-26 17:42:00 GMT",
        "Sun Nov 22 17:42:00 2026",
    ] {
        assert_eq!(HostTime::read(Some(date), None), Some(host(None)), "{date}");
    }
}

/// Rule (The time): A `Date` that cannot be right is not used
#[test]
fn what_is_no_usable_time_is_not_used() {
    for (date, age) in [
        (None, None),
        (None, Some("1")),
        (Some(""), None),
        (Some("now"), None),
        (Some("2026-11-22T17:42:00Z"), None),
        (Some("Sun, 22 Nov 2026 17:42:00 +0100"), None),
        (Some("Sun, 31 Feb 2026 17:42:00 GMT"), None),
        (Some(DATE), Some("")),
        (Some(DATE), Some("-1")),
        (Some(DATE), Some("1.5")),
        (Some(DATE), Some("1, 2")),
        (Some(DATE), Some("99999999999999999999")),
        // Clocks that were never set.
        (Some("Thu, 01 Jan 1970 00:00:00 GMT"), None),
        (Some("Wed, 31 Dec 2025 23:59:59 GMT"), None),
    ] {
        assert_eq!(HostTime::read(date, age), None, "{date:?} {age:?}");
    }
    assert!(HostTime::read(Some("Thu, 01 Jan 2026 00:00:00 GMT"), None).is_some());
    assert!(HostTime::read(Some(DATE), Some(" 0 ")).is_some());
}

/// Rule (The time): The time is the host's: `Date` and `Age` of a response from the page's own
/// origin
#[test]
fn a_wrong_clock_is_put_right_and_its_error_is_known() {
    for ahead in [-400 * DAY, -DAY, -HOUR, -61, 62, HOUR, DAY, 400 * DAY] {
        let clock = opened(ahead);
        assert_close(clock.now(reading(0, ahead)), NOW);
        assert_close(clock.now(reading(500, ahead)), NOW + 500);
        assert_eq!(
            clock.look(reading(500, ahead)),
            Look::Time(clock.now(reading(500, ahead)))
        );
        let Some(Deviation::Computer(error)) = clock.deviation(reading(500, ahead)) else {
            panic!("{ahead}");
        };
        assert!((error - ahead).abs() <= 1, "{error} instead of {ahead}");
    }
}

#[test]
fn a_right_clock_is_believed_to_the_millisecond() {
    for millis in [-2_000, -1_999, 0, 1, 999, 3_000] {
        let wall = at(NOW).plus_millis(millis);
        let reading = Reading { wall, monotonic: 7 };
        let mut clock = Clock::new(reading);
        clock.correct(host(None), reading, reading);
        assert_eq!(clock.now(reading), wall);
        assert!(clock.is_certain());
        assert_eq!(clock.deviation(reading), None);
    }
    for millis in [-2_001, 3_001] {
        let wall = at(NOW).plus_millis(millis);
        let reading = Reading { wall, monotonic: 7 };
        let mut clock = Clock::new(reading);
        clock.correct(host(None), reading, reading);
        assert_eq!(clock.now(reading), at(NOW).plus_millis(500));
    }
}

#[test]
fn the_time_on_the_way_is_allowed_for() {
    let (asked, answered) = (reading(0, 0), reading(10, 0));
    let mut clock = Clock::new(asked);
    clock.correct(host(None), asked, answered);
    // Ten seconds after the host's `Date`: the response may have taken that long.
    assert_eq!(clock.now(answered), answered.wall);
    // If the clock is wrong, all we know is that the response was made between the two readings.
    let (asked, answered) = (reading(0, HOUR), reading(10, HOUR));
    clock.correct(host(None), asked, answered);
    assert_eq!(clock.now(answered), at(NOW).plus_millis(5_500));
}

/// Rule (The time): The time is the host's: `Date` and `Age` of a response from the page's own
/// origin
#[test]
fn the_age_of_a_stored_answer_is_added() {
    for age in [1, 30, 60, 61, HOUR, 10 * DAY] {
        let true_time = NOW + age;
        // With a longer `Age` and a clock behind both candidates, the nearer candidate wins.
        let behind = (age <= 60).then_some(-age - HOUR);
        for ahead in [0, age + HOUR].into_iter().chain(behind) {
            let reading = Reading {
                wall: at(true_time + ahead),
                monotonic: 0,
            };
            let mut clock = Clock::new(reading);
            clock.correct(host(Some(&age.to_string())), reading, reading);
            assert_close(clock.now(reading), true_time);
        }
    }
}

/// Some caches send the current `Date` together with an `Age`: a correct clock stays correct.
#[test]
fn a_long_age_beside_a_present_date_does_not_mislead() {
    for age in [61, HOUR, 10 * DAY] {
        let mut clock = Clock::new(reading(0, 0));
        clock.correct(host(Some(&age.to_string())), reading(0, 0), reading(0, 0));
        assert_eq!(clock.now(reading(0, 0)), at(NOW));
    }
}

/// C2: a wrong wall clock is not misled either: the candidate nearer to it wins, whether the offset
/// is small or large.
#[test]
fn of_an_ambiguous_age_the_reading_nearer_to_the_wall_clock_counts() {
    for age in [61, 400, 3_600, 400_000] {
        let at_wall = |ahead: i64| {
            let reading = reading(0, ahead);
            let mut clock = Clock::new(reading);
            clock.correct(host(Some(&age.to_string())), reading, reading);
            (clock.now(reading), clock.deviation(reading))
        };
        // Nearer to `Date`.
        for ahead in [-3, -59, -HOUR] {
            let (now, deviation) = at_wall(ahead);
            assert_close(now, NOW);
            assert_eq!(deviation.is_some(), ahead <= -60, "{ahead}");
        }
        // Nearer to `Date` plus `Age`.
        for ahead in [age + 4, age + HOUR] {
            assert_close(at_wall(ahead).0, NOW + age);
        }
        // In between, either is acceptable.
        for ahead in [0, age / 2, age] {
            assert_close(at_wall(ahead).0, NOW + ahead);
        }
    }
}

/// L4: a fresh token states when it was issued. If that agrees with this computer but not with the
/// host, the host's clock is wrong, even if the host is asked again.
#[test]
fn a_fresh_token_that_agrees_with_this_computer_corrects_the_host() {
    for host_ahead in [-DAY, -HOUR, -301, 301, HOUR, DAY] {
        let mut clock = opened(-host_ahead);
        let later = reading(100, -host_ahead);
        assert!(matches!(
            clock.deviation(later),
            Some(Deviation::Computer(_))
        ));
        for issued in [-90, -1, 0, 5] {
            let mut clock = clock;
            clock.witness(later.wall.plus_seconds(issued), later);
            assert_eq!(clock.now(later), later.wall);
            assert!(clock.is_certain());
            let Some(Deviation::Host(found)) = clock.deviation(later) else {
                panic!("{host_ahead}");
            };
            assert!((found - host_ahead).abs() <= 1);
        }
        clock.witness(later.wall, later);
        clock.correct(host(None), reading(0, -host_ahead), reading(0, -host_ahead));
        assert_close(clock.now(reading(0, -host_ahead)), NOW - host_ahead);
        assert!(matches!(
            clock.deviation(reading(0, -host_ahead)),
            Some(Deviation::Host(_))
        ));
    }
}

/// L4: a token that agrees with the host, or with neither clock, changes nothing; nor does a host
/// that is only slightly off.
#[test]
fn one_witness_is_not_enough() {
    for (ahead, issued) in [(HOUR, 0), (-HOUR, 0), (HOUR, -3 * HOUR), (299, 299), (0, 0)] {
        let before = opened(ahead);
        let mut clock = before;
        clock.witness(at(NOW + issued), reading(0, ahead));
        assert_eq!(clock, before, "{ahead} {issued}");
    }
    let mut clock = Clock::new(reading(0, HOUR));
    clock.witness(at(NOW + HOUR), reading(0, HOUR));
    assert!(!clock.is_certain());
}

/// An `Age` of up to a minute is unambiguous and is simply added.
#[test]
fn a_short_age_is_taken_at_its_word() {
    let mut clock = Clock::new(reading(0, 0));
    clock.correct(host(Some("60")), reading(0, 0), reading(0, 0));
    assert_eq!(clock.now(reading(0, 0)), at(NOW).plus_millis(60_500));
}

/// Rule (The time): Without a usable `Date` this computer's clock is used; an error that it may
/// have caused says so → `clock_suspected`
#[test]
fn without_the_host_this_computer_is_believed_and_nothing_is_certain() {
    let clock = Clock::new(reading(0, DAY));
    assert_eq!(clock.now(reading(5, DAY)), at(NOW + DAY + 5));
    assert!(!clock.is_certain());
    assert_eq!(clock.deviation(reading(5, DAY)), None);
}

/// Rule (The time): A clock that is off by a minute or more is reported, with the difference →
/// `clock_wrong`
#[test]
fn an_error_under_a_minute_is_not_worth_mentioning() {
    let mut clock = Clock::new(reading(0, 0));
    clock.correct(host(None), reading(0, 0), reading(0, 0));
    let wall = |millis| Reading {
        wall: at(NOW).plus_millis(millis),
        monotonic: 0,
    };
    assert_eq!(clock.deviation(wall(59_999)), None);
    assert_eq!(clock.deviation(wall(60_000)), Some(Deviation::Computer(60)));
    assert_eq!(clock.deviation(wall(-59_999)), None);
    assert_eq!(
        clock.deviation(wall(-60_000)),
        Some(Deviation::Computer(-60))
    );
}

#[test]
fn a_drift_of_some_seconds_is_no_doubt() {
    let clock = opened(0);
    for ahead in [-3, 0, 3] {
        let look = clock.look(reading(100, ahead));
        assert_eq!(look, Look::Time(at(NOW + 100)), "{ahead}");
    }
    for ahead in [-4, 4, -DAY, DAY] {
        assert_eq!(clock.look(reading(100, ahead)), Look::Ask, "{ahead}");
    }
}

/// The machine slept: the wall clock advanced but the monotonic clock did not.
///
/// Rule (The time): After sleep, or if the clock was set, the host is asked again
#[test]
fn sleep_is_a_doubt_that_the_host_resolves() {
    let mut clock = opened(0);
    let woken = Reading {
        wall: at(NOW + 9 * HOUR),
        monotonic: 10_000,
    };
    assert_eq!(clock.look(woken), Look::Ask);
    let later = HostTime::read(Some("Mon, 23 Nov 2026 02:42:00 GMT"), None).unwrap();
    clock.correct(later, woken, woken);
    assert_eq!(clock.look(woken), Look::Time(at(NOW + 9 * HOUR)));
    assert_eq!(clock.deviation(woken), None);
}

/// The clock was set while the page was open.
///
/// Rule (The time): Time passes by a monotonic clock that nobody can set
#[test]
fn a_clock_that_was_set_is_found_out() {
    for ahead in [-DAY, DAY] {
        let mut clock = opened(0);
        let set = reading(0, ahead);
        assert_eq!(clock.look(set), Look::Ask);
        clock.correct(host(None), set, set);
        assert_close(clock.now(set), NOW);
        assert_eq!(clock.look(set), Look::Time(clock.now(set)));
        assert!(matches!(
            clock.deviation(set),
            Some(Deviation::Computer(error)) if error.signum() == ahead.signum()
        ));
    }
}

/// Rule (The time): If the host cannot be asked, the later of both clocks counts: the connection
/// ends too early rather than too late
#[test]
fn where_the_host_cannot_be_asked_the_later_of_both_clocks_counts() {
    let mut clock = opened(0);
    clock.give_up(reading(100, DAY));
    assert_eq!(clock.now(reading(100, DAY)), at(NOW + 100 + DAY));
    assert_eq!(
        clock.look(reading(101, DAY)),
        Look::Time(at(NOW + 101 + DAY))
    );

    let mut clock = opened(0);
    clock.give_up(reading(100, -DAY));
    assert_eq!(clock.now(reading(100, -DAY)), at(NOW + 100));
    // The new offset is known now, so it raises no doubt again.
    assert_eq!(clock.look(reading(101, -DAY)), Look::Time(at(NOW + 101)));
    assert!(clock.is_certain());
}

/// Rule (The time): Time passes by a monotonic clock that nobody can set
#[test]
fn a_monotonic_clock_that_went_back_counts_nothing() {
    let clock = opened(0);
    let back = Reading {
        wall: at(NOW),
        monotonic: -5_000,
    };
    assert_eq!(clock.now(back), at(NOW));
}

/// An unreachable host is asked again every half minute; one that returned nothing usable is not.
#[test]
fn a_host_that_could_not_be_asked_is_asked_again() {
    let mut clock = opened(0);
    assert!(!clock.is_postponed());
    clock.postpone(reading(100, DAY));
    assert!(clock.is_postponed());
    let later = |seconds| at(NOW + seconds + DAY);
    assert_eq!(clock.now(reading(100, DAY)), later(100));
    assert_eq!(clock.look(reading(129, DAY)), Look::Time(later(129)));
    assert_eq!(clock.look(reading(130, DAY)), Look::Ask);

    clock.postpone(reading(130, DAY));
    assert_eq!(clock.look(reading(159, DAY)), Look::Time(later(159)));
    clock.give_up(reading(160, DAY));
    assert!(!clock.is_postponed());
    assert_eq!(clock.look(reading(1_000, DAY)), Look::Time(later(1_000)));

    clock.postpone(reading(1_000, DAY));
    clock.correct(host(None), reading(0, DAY), reading(0, DAY));
    assert!(!clock.is_postponed());
    assert_close(clock.now(reading(0, DAY)), NOW);
}
