//! Unix time, and its ISO 8601 form.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| {
            elapsed.as_secs().try_into().unwrap_or(i64::MAX)
        })
}

/// `2026-09-30T14:05:00.000Z`, as the V3 API writes most of its times.
pub(crate) fn iso(unix_seconds: i64) -> String {
    let (days, second) = (
        unix_seconds.div_euclid(86_400),
        unix_seconds.rem_euclid(86_400),
    );
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// The date of a number of days since 1970-01-01, in the proleptic Gregorian calendar: Howard
/// Hinnant's `civil_from_days`, with years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The seconds of an ISO 8601 date, with or without a time and an offset; `None` for anything else.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let years = if month <= 2 { year - 1 } else { year };
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let era = years.div_euclid(400);
    let year_of_era = years.rem_euclid(400);
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
        + day_of_year
        - 719_468;
    let midnight = days * 86_400;
    if rest.is_empty() {
        return Some(midnight);
    }
    let rest = rest.strip_prefix('T')?;
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone);
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let seconds = hours_minutes_seconds(clock)?;
    let offset = match zone.as_bytes().first() {
        None | Some(b'Z') => 0,
        Some(sign) => {
            let offset = hours_minutes_seconds(&zone[1..])?;
            if *sign == b'-' { -offset } else { offset }
        }
    };
    Some(midnight + seconds - offset)
}

fn hours_minutes_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    (parts.next().is_none()
        && (0..24).contains(&hours)
        && (0..60).contains(&minutes)
        && (0..60).contains(&seconds))
    .then_some(hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_written_and_read() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696, "2000-02-29T12:34:56.000Z"),
            (1_644_427_773, "2022-02-09T17:29:33.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
        ] {
            assert_eq!(iso(seconds), text);
            assert_eq!(parse_iso(text), Some(seconds));
        }
        assert_eq!(parse_iso("2022-02-09"), Some(1_644_364_800));
        assert_eq!(parse_iso("2022-02-09T12:29:33-05:00"), Some(1_644_427_773));
        for text in [
            "",
            "yesterday",
            "2022-13-01",
            "2022-02-09 12:00",
            "2022-02-09T99:00:00Z",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
