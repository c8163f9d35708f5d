//! The headers of every response, except for the content security policy.

use std::collections::BTreeMap;
use std::time::Duration;

use cc_connect_hosting::{
    ALLOWED_TO_ITSELF, Host, STRICT_TRANSPORT_SECURITY, Topic, permissions_policy,
};

use headers::{HeaderMapExt as _, StrictTransportSecurity};

use super::client::Response;
use super::finding::Finding;
use super::look::Seen;

const YEAR: Duration = Duration::from_secs(31_536_000);

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    for header in seen.site().headers() {
        match header.name {
            // Handled by a separate module.
            "Content-Security-Policy" => {}
            "Permissions-Policy" => findings.push(permissions(seen)),
            name => findings.push(exactly(seen, code(name), name, &header.value)),
        }
    }
    if seen.place.public {
        findings.push(strict_transport_security(seen));
    }
    findings
}

fn code(name: &str) -> &'static str {
    match name {
        "Referrer-Policy" => "referrer_policy",
        "Cross-Origin-Opener-Policy" => "opener_policy",
        "Cross-Origin-Resource-Policy" => "resource_policy",
        "X-Content-Type-Options" => "content_type_options",
        _ => "header",
    }
}

/// Checks that every response has this header with this value.
fn exactly(seen: &Seen, code: &'static str, name: &str, expected: &str) -> Finding {
    let value = |response: &Response| response.header(name);
    let is_right = |response: &&Response| {
        value(response).is_some_and(|value| value.eq_ignore_ascii_case(expected))
    };
    let wrong: Vec<_> = seen
        .responses()
        .filter(|response| !is_right(response))
        .collect();
    let Some(first) = wrong.first() else {
        return Finding::right(code, format!("{name}: {expected}"));
    };
    let paths = paths(&wrong);
    let text = match value(first) {
        None => format!("{name} is missing on {paths}"),
        Some(value) => format!("{name} is {value:?} on {paths}"),
    };
    Finding::wrong(code, text).in_file(Topic::Headers, format!("send `{name}: {expected}`"))
}

fn paths(responses: &[&Response]) -> String {
    let mut paths: Vec<_> = responses.iter().map(|response| response.path()).collect();
    paths.dedup();
    let more = paths.len().saturating_sub(3);
    paths.truncate(3);
    let shown = paths.join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

/// What a `Permissions-Policy` says of each feature.
fn features(value: &str) -> BTreeMap<String, String> {
    value
        .split(',')
        .filter_map(|member| {
            let (name, list) = member.split_once('=')?;
            Some((name.trim().to_owned(), list.trim().to_owned()))
        })
        .collect()
}

/// Only the document's matters.
fn permissions(seen: &Seen) -> Finding {
    let code = "permissions_policy";
    let expected = permissions_policy();
    let in_file = |finding: Finding| {
        finding.in_file(
            Topic::Headers,
            "copy the line Permissions-Policy from there",
        )
    };
    for response in seen.documents() {
        let path = response.path();
        let Some(value) = response.header("permissions-policy") else {
            let text = format!("Permissions-Policy is missing on {path}");
            return in_file(Finding::wrong(code, text));
        };
        let found = features(&value);
        for own in ALLOWED_TO_ITSELF {
            if found.get(own).is_some_and(|list| list == "()") {
                let text = format!("Permissions-Policy on {path} denies {own}: Copy buttons fail");
                return in_file(Finding::wrong(code, text));
            }
        }
        let (mut allowed, mut unnamed) = (Vec::new(), Vec::new());
        for (feature, list) in features(&expected) {
            match found.get(&feature) {
                None => unnamed.push(feature),
                Some(value) if *value == list => {}
                Some(_) => allowed.push(feature),
            }
        }
        if !allowed.is_empty() {
            let text = format!("Permissions-Policy on {path} allows {}", allowed.join(", "));
            return in_file(Finding::wrong(code, text));
        }
        if !unnamed.is_empty() {
            let text = format!(
                "Permissions-Policy on {path} does not name {}",
                unnamed.join(", ")
            );
            return in_file(Finding::note(code, text));
        }
    }
    Finding::right(code, "Permissions-Policy denies all but the Copy buttons")
}

fn strict_transport_security(seen: &Seen) -> Finding {
    let code = "strict_transport_security";
    let name = "Strict-Transport-Security";
    let change = format!("send `{name}: {STRICT_TRANSPORT_SECURITY}` over https");
    let Some(value) = seen.index.header(name) else {
        let text = format!("{name} is missing: a first request over http can be intercepted");
        return Finding::wrong(code, text).in_file(Topic::Tls, change);
    };
    let parsed = seen.index.headers.typed_get::<StrictTransportSecurity>();
    if parsed.is_none_or(|parsed| parsed.max_age() < YEAR) {
        let text = format!("{name} is {value:?}: shorter than a year");
        return Finding::wrong(code, text).in_file(Topic::Tls, change);
    }
    Finding::right(code, format!("{name}: {value}"))
}

/// The limits of a host that cannot set headers.
pub(super) fn host_limits(host: Option<Host>) -> Option<Finding> {
    let text = "This looks like GitHub Pages, which cannot send custom headers: what is missing below cannot be added there";
    (host == Some(Host::GithubPages)).then(|| Finding::note("github_pages", text))
}
