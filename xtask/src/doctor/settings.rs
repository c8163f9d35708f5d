//! `config.json`, as far as a host can break it; the app's own page explains every other mistake.

use cc_connect_hosting::{Settings, Topic};

use super::finding::Finding;
use super::look::Seen;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let file = "put a config.json beside index.html";
    let response = match &seen.config {
        Err(problem) => {
            let text = format!("config.json does not respond: {problem}");
            return vec![Finding::wrong("config_unreadable", text).advising(file)];
        }
        Ok(response) => response,
    };
    if !response.is_ok() {
        let text = format!("config.json has status {}", response.status.as_u16());
        return vec![Finding::wrong("config_unreadable", text).advising(file)];
    }
    let settings = match Settings::parse(&response.text()) {
        Err(problem) => {
            let text = format!("config.json cannot be read: {problem}");
            return vec![
                Finding::wrong("config_malformed", text)
                    .advising("correct it; the README lists every key"),
            ];
        }
        Ok(settings) => settings,
    };
    let mut findings = Vec::new();
    if settings.client_id.is_none() {
        findings.push(
            Finding::wrong(
                "client_id",
                "config.json has no client_id: the page shows how to set it up",
            )
            .advising("enter the API key of your application"),
        );
    }
    if let Some(uri) = &settings.redirect_uri {
        let origin = seen.place.origin();
        if uri.origin() != seen.place.url.origin() {
            let text = format!("The redirect_uri {uri} is not at this origin, {origin}");
            let change = format!(
                "set it to {}, here and at Constant Contact",
                seen.place.join("callback")
            );
            findings.push(Finding::wrong("redirect_uri", text).advising(change));
        } else if seen.place.base.strip(uri.path()).is_none() {
            let text = format!("The redirect_uri {uri} is not below {}", seen.place.base);
            let change = format!(
                "set it to {}, here and at Constant Contact",
                seen.place.join("callback")
            );
            findings.push(Finding::wrong("redirect_uri", text).advising(change));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::right(
            "config",
            "config.json can be read and has a client_id",
        ));
    }
    if response.media_type() != "application/json" {
        let text = format!("config.json has the media type {:?}", response.media_type());
        findings.push(
            Finding::note("config_type", text)
                .in_file(Topic::Transfer, "send it as application/json"),
        );
    }
    findings
}
