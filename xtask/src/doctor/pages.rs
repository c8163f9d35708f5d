//! The document at the base, the routes and the callback.

use cc_connect_hosting::{Document, Topic};
use url::Url;

use super::client::{Fetched, Response};
use super::finding::Finding;
use super::look::Seen;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut findings = vec![index(seen)];
    if findings[0].change.is_some() {
        // There is nothing to compare the others with.
        return findings;
    }
    findings.extend(scripts(seen));
    for (url, fetched) in &seen.routes {
        findings.push(serves_document(seen, url, fetched, "fallback"));
    }
    findings.push(callback(seen));
    findings
}

fn index(seen: &Seen) -> Finding {
    let response = &seen.index;
    let url = &seen.place.url;
    if response.status.is_redirection() {
        return Finding::wrong(
            "index_redirected",
            format!("{url} redirects to {}", location(response)),
        )
        .advising("give the doctor the address that the app itself has, or remove the redirect");
    }
    if !response.is_ok() {
        let text = format!("{url} has status {}", response.status.as_u16());
        return Finding::wrong("index_status", text).in_file(
            Topic::Fallback,
            "see that the build lies where the host looks for it",
        );
    }
    if response.media_type() != "text/html" || !seen.document.is_ours() {
        return Finding::wrong("index_foreign", format!("{url} is not CC Connect")).advising(
            "put the release build there (`cargo xtask build`), and make sure that nothing in between changes the document",
        );
    }
    let built_for = seen.document.base.as_deref().unwrap_or_default();
    if built_for != seen.place.base.as_str() {
        let text = format!(
            "The build is for {built_for} and is served at {}",
            seen.place.base
        );
        return Finding::wrong("wrong_base", text)
            .advising(format!("build it with `--base {}`", seen.place.base));
    }
    Finding::right(
        "index",
        format!("{url} is CC Connect, built for {built_for}"),
    )
}

const ROCKET_LOADER: &str = "turn Rocket Loader off in Cloudflare's dashboard, under Speed, Settings, \
                             Content Optimization, or by a Configuration Rule for this host name";

/// Whether the browser runs the scripts as the build has them.
fn scripts(seen: &Seen) -> Option<Finding> {
    let code = "scripts_held_back";
    let document = &seen.document;
    match document.held_back.first() {
        Some(media_type) if document.rocket_loader || media_type == "-text/javascript" => {
            let text = "Cloudflare's Rocket Loader delays the scripts: the app does not start";
            Some(Finding::wrong(code, text).advising(ROCKET_LOADER))
        }
        Some(media_type) => {
            let text = format!(
                "Something in between has given a script the type {media_type:?}, which no \
                 browser runs: the app does not start"
            );
            let change = "turn off what delays or defers scripts, on the host or in front of it";
            Some(Finding::wrong(code, text).advising(change))
        }
        None if document.rocket_loader => {
            let text = "Cloudflare's Rocket Loader is on; it leaves the app's script alone so far";
            Some(Finding::note(code, text).advising(ROCKET_LOADER))
        }
        None => None,
    }
}

/// Whether this address serves the same document as the base.
fn serves_document(seen: &Seen, url: &Url, fetched: &Fetched, code: &'static str) -> Finding {
    let path = url.path();
    let change = "serve index.html at the routes of the app, with status 200 and no redirect";
    let wrong = |text: String| Finding::wrong(code, text).in_file(Topic::Fallback, change);
    let response = match fetched {
        Ok(response) => response,
        Err(problem) => return wrong(format!("{path} does not respond: {problem}")),
    };
    if response.status.is_redirection() {
        return wrong(format!("{path} redirects to {}", location(response)));
    }
    let is_same = response.body == seen.index.body;
    // Some hosts insert something of their own into each document.
    let is_alike = Document::parse(&response.text()) == seen.document;
    if !is_same && !is_alike {
        let status = response.status.as_u16();
        return wrong(format!(
            "{path} serves another document, with status {status}"
        ));
    }
    if !response.is_ok() {
        let status = response.status.as_u16();
        return wrong(format!(
            "{path} serves the document but with status {status}"
        ));
    }
    Finding::right(code, format!("{path} serves the document"))
}

fn callback(seen: &Seen) -> Finding {
    for (url, fetched) in &seen.callbacks {
        if let Ok(response) = fetched
            && response.status.is_redirection()
        {
            let text = format!("{} redirects to {}", url.path(), location(response));
            return Finding::wrong("callback_redirected", text).in_file(
                Topic::Fallback,
                "serve index.html itself there: a redirect carries the token in the fragment along",
            );
        }
        let finding = serves_document(seen, url, fetched, "callback");
        if finding.change.is_some() {
            return finding;
        }
    }
    let path = seen.callbacks.first().map_or("", |(url, _)| url.path());
    Finding::right(
        "callback",
        format!("{path} serves the document, without a redirect"),
    )
}

pub(super) fn location(response: &Response) -> String {
    response
        .header("location")
        .unwrap_or_else(|| "nowhere".to_owned())
}
