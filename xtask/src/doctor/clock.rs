//! The host's clock. The app takes the time from the `Date` of `config.json`.

use std::time::{Duration, SystemTime};

use super::finding::Finding;
use super::look::Seen;

const LEEWAY: Duration = Duration::from_secs(60);

pub(super) fn check(seen: &Seen) -> Option<Finding> {
    let response = seen.config.as_ref().ok()?;
    let Some(value) = response.header("date") else {
        let text = "config.json has no Date: the app has to trust each user's own clock";
        let change =
            "make the host, or what is in front of it, send Date; servers do so by default";
        return Some(Finding::wrong("date_missing", text).advising(change));
    };
    let Ok(date) = httpdate::parse_http_date(&value) else {
        let text = format!("The Date of config.json is not a date: {value:?}");
        return Some(
            Finding::wrong("date_missing", text).advising("make the host send a valid Date"),
        );
    };
    // A cache sends the Date of the stored response, with its age.
    let age = response.header("age").and_then(|age| age.parse().ok());
    let date = date + Duration::from_secs(age.unwrap_or(0));
    let ahead = date
        .duration_since(response.received_at)
        .unwrap_or_default();
    // A Date only has whole seconds.
    let behind = since(date + Duration::from_secs(1), response.sent_at);
    if ahead > LEEWAY || behind > LEEWAY {
        let (seconds, direction) = if ahead > LEEWAY {
            (ahead.as_secs(), "ahead of")
        } else {
            (behind.as_secs(), "behind")
        };
        let text = format!("The host's clock is {seconds} seconds {direction} this machine's");
        let change = "correct whichever is wrong: the app judges tokens by the host's";
        return Some(Finding::wrong("date_off", text).advising(change));
    }
    Some(Finding::right(
        "date",
        "The host's clock agrees with this machine's",
    ))
}

fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}
