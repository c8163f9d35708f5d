//! Unix time, and its ISO 8601 form.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// `2026-09-30T14:05:00.000Z`, as the V3 API writes most of its times.
pub(crate) fn iso(unix_seconds: i64) -> String {
    let time = Timestamp::from_second(unix_seconds).expect("all times are near the present");
    format!("{time:.3}")
}

/// The seconds of an ISO 8601 date, with or without a time and an offset; `None` for anything else.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    let time = match text.parse::<Timestamp>() {
        Ok(time) => time,
        Err(_) => TimeZone::UTC
            .to_timestamp(text.parse::<DateTime>().ok()?)
            .ok()?,
    };
    Some(time.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_written_and_read() {
        assert_eq!(iso(1_644_427_773), "2022-02-09T17:29:33.000Z");
        for (text, seconds) in [
            ("2022-02-09T17:29:33.000Z", 1_644_427_773),
            ("2022-02-09T12:29:33-05:00", 1_644_427_773),
            ("2022-02-09T17:29:33", 1_644_427_773),
            ("2022-02-09", 1_644_364_800),
        ] {
            assert_eq!(parse_iso(text), Some(seconds), "{text}");
        }
        for text in ["", "yesterday", "2022-02-31", "2022-02-09T99:00:00Z"] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
