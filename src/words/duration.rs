//! Durations as text.

use crate::words;

/// A duration: `4 h 12 min`, `4 min 51 s`, `9 s`.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let word = match (hours, minutes) {
        (0, 0) => words::DURATION_SECONDS,
        (0, 1..=9) => words::DURATION_MINUTES_SECONDS,
        (0, _) => words::DURATION_MINUTES,
        _ => words::DURATION_HOURS,
    };
    word.with(&[
        ("hours", &hours.to_string()),
        ("minutes", &minutes.to_string()),
        ("seconds", &rest.to_string()),
    ])
}

/// How far a clock is off: `22 minutes ahead`, `1 day behind`; rounded to the largest unit that it
/// reaches.
pub fn ahead_or_behind(seconds: i64) -> String {
    let (size, ahead, behind) = match seconds.unsigned_abs() {
        size @ 0..3_570 => (
            size.saturating_add(30) / 60,
            words::CLOCK_MINUTES_AHEAD,
            words::CLOCK_MINUTES_BEHIND,
        ),
        size @ 3_570..84_600 => (
            size.saturating_add(1_800) / 3_600,
            words::CLOCK_HOURS_AHEAD,
            words::CLOCK_HOURS_BEHIND,
        ),
        size => (
            size.saturating_add(43_200) / 86_400,
            words::CLOCK_DAYS_AHEAD,
            words::CLOCK_DAYS_BEHIND,
        ),
    };
    if seconds < 0 { behind } else { ahead }.with(size)
}
