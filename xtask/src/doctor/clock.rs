//! The host's clock. The app takes the time from the `Date` of `config.json`.

use std::time::{Duration, SystemTime};

use super::finding::Finding;
use super::look::Seen;

const LEEWAY: Duration = Duration::from_secs(60);

pub(super) fn check(seen: &Seen) -> Option<Finding> {
    let answer = seen.config.as_ref().ok()?;
    let Some(value) = answer.header("date") else {
        let text =
            "config.json comes without a Date: the app has to believe each person's own clock";
        let change = "let the host, or what stands in front of it, send Date; every server does unless told not to";
        return Some(Finding::wrong("date_missing", text).by(change));
    };
    let Ok(date) = httpdate::parse_http_date(&value) else {
        let text = format!("The Date of config.json is not a date: {value:?}");
        return Some(Finding::wrong("date_missing", text).by("let the host send a proper Date"));
    };
    // A cache sends the Date of the stored response, with its age.
    let age = answer.header("age").and_then(|age| age.parse().ok());
    let date = date + Duration::from_secs(age.unwrap_or(0));
    let ahead = date.duration_since(answer.answered).unwrap_or_default();
    // A Date only has whole seconds.
    let behind = since(date + Duration::from_secs(1), answer.asked);
    if ahead > LEEWAY || behind > LEEWAY {
        let (seconds, direction) = if ahead > LEEWAY {
            (ahead.as_secs(), "ahead of")
        } else {
            (behind.as_secs(), "behind")
        };
        let text = format!("The host's clock is {seconds} seconds {direction} this machine's");
        let change = "set the one of the two that is wrong: the app judges tokens by the host's";
        return Some(Finding::wrong("date_off", text).by(change));
    }
    Some(Finding::right(
        "date",
        "The host's clock agrees with this machine's",
    ))
}

fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}
