//! `config.json`, as far as a host can break it; the app's own page explains every other mistake.

use cc_connect_hosting::{Settings, Topic};

use super::finding::Finding;
use super::look::Seen;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let file = "put a config.json beside index.html";
    let answer = match &seen.config {
        Err(problem) => {
            let text = format!("config.json does not answer: {problem}");
            return vec![Finding::wrong("config_unreadable", text).by(file)];
        }
        Ok(answer) => answer,
    };
    if !answer.is_ok() {
        let text = format!("config.json answers with status {}", answer.status.as_u16());
        return vec![Finding::wrong("config_unreadable", text).by(file)];
    }
    let settings = match Settings::parse(&answer.text()) {
        Err(problem) => {
            let text = format!("config.json cannot be read: {problem}");
            return vec![
                Finding::wrong("config_malformed", text).by("correct it; the README has every key"),
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
            .by("enter the API key of your application"),
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
            findings.push(Finding::wrong("redirect_uri", text).by(change));
        } else if seen.place.base.strip(uri.path()).is_none() {
            let text = format!("The redirect_uri {uri} is not below {}", seen.place.base);
            let change = format!(
                "set it to {}, here and at Constant Contact",
                seen.place.join("callback")
            );
            findings.push(Finding::wrong("redirect_uri", text).by(change));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::right(
            "config",
            "config.json can be read and has a client_id",
        ));
    }
    if answer.media_type() != "application/json" {
        let text = format!("config.json comes as {:?}", answer.media_type());
        findings.push(
            Finding::note("config_type", text)
                .in_file(Topic::Transfer, "send it as application/json"),
        );
    }
    findings
}
