//! The document: at the base, at the routes, at the callback.

use cc_connect_hosting::{Document, Topic};
use url::Url;

use super::client::{Answer, Fetched};
use super::finding::Finding;
use super::look::Seen;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut findings = vec![index(seen)];
    if findings[0].change.is_some() {
        // Nothing to compare the others with.
        return findings;
    }
    findings.extend(scripts(seen));
    for (url, fetched) in &seen.routes {
        findings.push(same(seen, url, fetched, "fallback"));
    }
    findings.push(callback(seen));
    findings
}

fn index(seen: &Seen) -> Finding {
    let answer = &seen.index;
    let url = &seen.place.url;
    if answer.status.is_redirection() {
        return Finding::wrong(
            "index_redirected",
            format!("{url} redirects to {}", location(answer)),
        )
        .by("give the doctor the address that the app itself has, or take the redirect out");
    }
    if !answer.is_ok() {
        let text = format!("{url} answers with status {}", answer.status.as_u16());
        return Finding::wrong("index_status", text).in_file(
            Topic::Fallback,
            "see that the build lies where the host looks for it",
        );
    }
    if answer.media_type() != "text/html" || !seen.document.is_ours() {
        return Finding::wrong("index_foreign", format!("{url} is not CC Connect")).by(
            "put the release build there (`cargo xtask build`), and see that nothing on the way changes the document",
        );
    }
    let built_for = seen.document.base.as_deref().unwrap_or_default();
    if built_for != seen.place.base.as_str() {
        let text = format!(
            "The build is for {built_for} and stands at {}",
            seen.place.base
        );
        return Finding::wrong("wrong_base", text)
            .by(format!("build it with `--base {}`", seen.place.base));
    }
    Finding::right(
        "index",
        format!("{url} is CC Connect, built for {built_for}"),
    )
}

const ROCKET_LOADER: &str = "switch Rocket Loader off in Cloudflare's dashboard, under Speed, Settings, \
                             Content Optimization, or by a Configuration Rule for this host name";

/// Whether the browser runs the scripts as the build has them.
fn scripts(seen: &Seen) -> Option<Finding> {
    let code = "scripts_held_back";
    let document = &seen.document;
    match document.held_back.first() {
        Some(media_type) if document.rocket_loader || media_type == "-text/javascript" => {
            let text = "Cloudflare's Rocket Loader holds the scripts back: the app does not start";
            Some(Finding::wrong(code, text).by(ROCKET_LOADER))
        }
        Some(media_type) => {
            let text = format!(
                "Something on the way has given a script the type {media_type:?}, which no browser \
                 runs: the app does not start"
            );
            let change = "switch off what delays or defers scripts, on the host or in front of it";
            Some(Finding::wrong(code, text).by(change))
        }
        None if document.rocket_loader => {
            let text = "Cloudflare's Rocket Loader is on; it leaves the app's script alone so far";
            Some(Finding::note(code, text).by(ROCKET_LOADER))
        }
        None => None,
    }
}

/// Whether this address is answered with the document, as it stands at the base.
fn same(seen: &Seen, url: &Url, fetched: &Fetched, code: &'static str) -> Finding {
    let path = url.path();
    let change = "answer the routes of the app with index.html, status 200 and no redirect";
    let wrong = |text: String| Finding::wrong(code, text).in_file(Topic::Fallback, change);
    let answer = match fetched {
        Ok(answer) => answer,
        Err(problem) => return wrong(format!("{path} does not answer: {problem}")),
    };
    if answer.status.is_redirection() {
        return wrong(format!("{path} redirects to {}", location(answer)));
    }
    let is_same = answer.body == seen.index.body;
    // Some hosts write something of their own into each document.
    let is_alike = Document::parse(&answer.text()) == seen.document;
    if !is_same && !is_alike {
        let status = answer.status.as_u16();
        return wrong(format!(
            "{path} is not answered with the document but with another one, status {status}"
        ));
    }
    if !answer.is_ok() {
        let status = answer.status.as_u16();
        return wrong(format!(
            "{path} is answered with the document but with status {status}"
        ));
    }
    Finding::right(code, format!("{path} is answered with the document"))
}

fn callback(seen: &Seen) -> Finding {
    for (url, fetched) in &seen.callbacks {
        if let Ok(answer) = fetched
            && answer.status.is_redirection()
        {
            let text = format!("{} redirects to {}", url.path(), location(answer));
            return Finding::wrong("callback_redirected", text).in_file(
                Topic::Fallback,
                "answer it with index.html itself: with a redirect the token in the fragment rides along",
            );
        }
        let finding = same(seen, url, fetched, "callback");
        if finding.change.is_some() {
            return finding;
        }
    }
    let path = seen.callbacks.first().map_or("", |(url, _)| url.path());
    Finding::right(
        "callback",
        format!("{path} is answered with the document, without a redirect"),
    )
}

pub(super) fn location(answer: &Answer) -> String {
    answer
        .header("location")
        .unwrap_or_else(|| "nowhere".to_owned())
}
