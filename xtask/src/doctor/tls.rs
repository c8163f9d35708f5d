//! https, everywhere but on this machine.

use cc_connect_hosting::Topic;

use super::finding::Finding;
use super::look::Seen;
use super::pages::location;

pub(super) fn check(seen: &Seen) -> Option<Finding> {
    if !seen.place.public {
        return None;
    }
    let change = "redirect everything from http to https";
    let Some(plain) = &seen.plain else {
        let text = format!(
            "{} is not https: anyone in between can read and change everything",
            seen.place.url
        );
        return Some(Finding::wrong("not_https", text).in_file(Topic::Tls, change));
    };
    let response = match plain {
        Err(_) => {
            let text = "Nothing responds over http: that is safe, but users who type the name without https:// may find nothing";
            return Some(Finding::note("http_closed", text).in_file(Topic::Tls, change));
        }
        Ok(response) => response,
    };
    let to = response.url.join(&location(response)).ok();
    let to_https =
        to.is_some_and(|url| url.scheme() == "https" && url.host() == response.url.host());
    if response.status.is_redirection() && to_https {
        return Some(Finding::right("https", "http is redirected to https"));
    }
    let text = format!("{} is not redirected to https", response.url);
    Some(Finding::wrong("http_open", text).in_file(Topic::Tls, change))
}
