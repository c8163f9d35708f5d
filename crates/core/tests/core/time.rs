//! Points in time.

use cc_connect_core::{
    session::expiry::{self, SOON},
    time::Timestamp,
};

fn millis(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

#[test]
fn seconds_are_rounded_down_and_durations_up() {
    for (point, seconds) in [
        (0, 0),
        (999, 0),
        (1_000, 1),
        (-1, -1),
        (-1_000, -1),
        (-1_001, -2),
    ] {
        assert_eq!(millis(point).unix_seconds(), seconds, "{point}");
        assert_eq!(millis(point).unix_millis(), point);
    }
    for (later, seconds) in [
        (0, 0),
        (1, 1),
        (999, 1),
        (1_000, 1),
        (1_001, 2),
        (-1, 0),
        (-1_000, -1),
    ] {
        assert_eq!(
            millis(5_000 + later).seconds_since(millis(5_000)),
            seconds,
            "{later}"
        );
        assert_eq!(millis(5_000 + later).millis_since(millis(5_000)), later);
    }
}

/// C13: a stored time is accepted if every browser can display it as a date.
///
/// Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
/// source
#[test]
fn only_times_of_the_years_0_to_9999_are_read() {
    let first = -62_167_219_200_000;
    let last = 253_402_300_799_999;
    for within in [first, -1, 0, 1_790_000_000_000, last] {
        assert_eq!(Timestamp::read_unix_millis(within), Some(millis(within)));
    }
    for beyond in [
        i64::MIN,
        first - 1,
        last + 1,
        8_640_000_000_000_001,
        i64::MAX,
    ] {
        assert_eq!(Timestamp::read_unix_millis(beyond), None, "{beyond}");
    }
}

#[test]
fn adding_is_exact_and_stops_at_the_ends() {
    assert_eq!(millis(1_500).plus_seconds(2), millis(3_500));
    assert_eq!(millis(1_500).plus_seconds(-2), millis(-500));
    assert_eq!(millis(1_500).plus_millis(2), millis(1_502));
    assert_eq!(millis(1_500).plus_millis(-2), millis(1_498));
    assert_eq!(Timestamp::from_unix_seconds(3), millis(3_000));
    let (first, last) = (millis(i64::MIN), millis(i64::MAX));
    assert_eq!(last.plus_seconds(1), last);
    assert_eq!(last.plus_seconds(i64::MAX), last);
    assert_eq!(first.plus_seconds(i64::MIN), first);
    assert_eq!(last.plus_millis(1), last);
    assert_eq!(first.plus_millis(-1), first);
    assert_eq!(Timestamp::from_unix_seconds(i64::MAX), last);
    assert_eq!(Timestamp::from_unix_seconds(i64::MIN), first);
    assert_eq!(last.millis_since(first), i64::MAX);
    assert_eq!(first.millis_since(last), i64::MIN);
}

#[test]
fn a_point_in_time_is_printed_with_its_milliseconds() {
    for (point, text) in [
        (1_234, "Timestamp(1.234)"),
        (5, "Timestamp(0.005)"),
        (-1, "Timestamp(-1.999)"),
    ] {
        assert_eq!(format!("{:?}", millis(point)), text);
    }
}

/// To the millisecond: at `exp` the connection has ended; the warning starts five minutes before.
#[test]
fn the_end_of_a_connection() {
    assert_eq!(SOON, 300);
    let end = millis(1_000_000);
    for (now, expired, soon, remaining) in [
        (0, false, false, 1_000),
        (699_999, false, false, 301),
        (700_000, false, true, 300),
        (999_999, false, true, 1),
        (1_000_000, true, true, 0),
        (1_000_001, true, true, 0),
        (i64::MAX, true, true, 0),
    ] {
        let now = millis(now);
        assert_eq!(expiry::has_expired(end, now), expired, "{now:?}");
        assert_eq!(expiry::expires_soon(end, now), soon, "{now:?}");
        assert_eq!(expiry::remaining(end, now), remaining, "{now:?}");
    }
}
