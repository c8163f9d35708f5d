//! Caching: what may be kept, and for how long.

use std::time::{Duration, SystemTime};

use cc_connect_hosting::{Class, Topic, is_hashed};
use headers::{CacheControl, Expires, HeaderMapExt as _, LastModified};

use super::client::Response;
use super::finding::Finding;
use super::look::Seen;

const YEAR: Duration = Duration::from_secs(31_536_000);

fn cache_control(response: &Response) -> Option<CacheControl> {
    response.headers.typed_get()
}

/// Whether caches must revalidate it every time.
fn is_revalidated(response: &Response) -> bool {
    let is_short = |control: CacheControl| {
        control.no_cache() || control.no_store() || control.max_age() == Some(Duration::ZERO)
    };
    cache_control(response).is_some_and(is_short)
}

/// Whether a cache, the browser's or a shared one, may reuse it without revalidation. A 404 without
/// directives may be cached as well, based on its age ([RFC 9111 §4.2.2]).
///
/// [RFC 9111 §4.2.2]: https://www.rfc-editor.org/rfc/rfc9111.html#section-4.2.2
fn may_be_kept(response: &Response) -> bool {
    let control = cache_control(response);
    let ages = control
        .as_ref()
        .map(|control| [control.max_age(), control.s_max_age()]);
    match ages.into_iter().flatten().flatten().max() {
        Some(age) => age > Duration::ZERO && !is_revalidated(response),
        None if is_revalidated(response) => false,
        None => {
            let expires = response
                .headers
                .typed_get::<Expires>()
                .map(SystemTime::from);
            let expires_later = expires.is_some_and(|expires| expires > response.received_at);
            expires_later || response.headers.typed_get::<LastModified>().is_some()
        }
    }
}

fn shown(response: &Response) -> String {
    match response.header("cache-control") {
        None => "has no Cache-Control".to_owned(),
        Some(value) => format!("has Cache-Control: {value}"),
    }
}

fn send(finding: Finding, class: Class) -> Finding {
    finding.in_file(
        Topic::Cache,
        format!("send `Cache-Control: {}`", class.cache_control()),
    )
}

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let routes = seen
        .routes
        .iter()
        .filter_map(|(_, fetched)| fetched.as_ref().ok());
    let documents: Vec<_> = [&seen.index].into_iter().chain(routes).collect();
    findings.push(revalidated(
        &documents,
        "document_cache",
        "The document",
        Class::Document,
    ));
    if let Ok(config) = &seen.config {
        findings.push(revalidated(
            &[config],
            "config_cache",
            "config.json",
            Class::Config,
        ));
    }
    findings.push(callback(seen));
    findings.push(assets(seen));
    findings.extend(missing(seen));
    findings
}

fn revalidated(responses: &[&Response], code: &'static str, what: &str, class: Class) -> Finding {
    for response in responses {
        if !is_revalidated(response) {
            let text = format!(
                "{} {}: a new deployment would not be noticed",
                response.path(),
                shown(response)
            );
            return send(Finding::wrong(code, text), class);
        }
    }
    Finding::right(code, format!("{what} is revalidated every time"))
}

fn callback(seen: &Seen) -> Finding {
    let code = "callback_cache";
    for (url, fetched) in &seen.callbacks {
        let Ok(response) = fetched else { continue };
        if !cache_control(response).is_some_and(|control| control.no_store()) {
            let query = url.query().map_or("", |_| " with a query");
            let text = format!(
                "{}{query} {}: the document that received a token could be kept",
                url.path(),
                shown(response)
            );
            return send(Finding::wrong(code, text), Class::Callback);
        }
    }
    Finding::right(code, "The callback's document is not kept")
}

fn assets(seen: &Seen) -> Finding {
    let code = "asset_cache";
    for asset in &seen.assets {
        let Ok(response) = &asset.fetched else {
            continue;
        };
        if !response.is_ok() {
            continue;
        }
        let age = cache_control(response).and_then(|control| control.max_age());
        if is_hashed(&asset.path) && (age < Some(YEAR) || is_revalidated(response)) {
            let text = format!(
                "{} {}: it never changes, and is requested on every visit",
                asset.path,
                shown(response)
            );
            // The files in deploy/ lack this build's file names, so they forgo caching there.
            let blind = seen.host().filter(|host| host.is_blind_to_the_status());
            if let Some(host) = blind {
                let what = format!(
                    "`cargo xtask build` writes target/deploy/{}/ with this build's names, which may \
                     be cached",
                    host.folder()
                );
                return Finding::note(code, text).advising(what);
            }
            return send(Finding::wrong(code, text), Class::Hashed);
        }
        if !is_hashed(&asset.path) && !is_revalidated(response) {
            let text = format!(
                "{} {}: its name does not change with the next build",
                asset.path,
                shown(response)
            );
            return send(Finding::wrong(code, text), Class::Other);
        }
    }
    Finding::right(code, "Files with a hash in their names are kept for a year")
}

/// B14: while a browser keeps a file's 404, neither a reload nor *Try again* reaches the file.
fn missing(seen: &Seen) -> Option<Finding> {
    let code = "missing_file";
    let responses: Vec<_> = seen.missing.iter().flatten().collect();
    if let Some(response) = responses.iter().find(|response| may_be_kept(response)) {
        let text = format!(
            "A missing file ({}) {}: a browser would keep that response even when the file is back",
            response.path(),
            shown(response)
        );
        let change = match seen.host().filter(|host| host.is_blind_to_the_status()) {
            Some(host) => format!(
                "{} sends a path's headers with a 404 as well: use the files that `cargo xtask build` \
                 writes, which list the files of this build",
                host.name()
            ),
            None => "send `Cache-Control: no-store` with a 404".to_owned(),
        };
        return Some(Finding::wrong(code, text).in_file(Topic::Cache, change));
    }
    if let Some(response) = responses.iter().find(|response| response.is_ok()) {
        let text = format!("A missing file ({}) has status 200", response.path());
        return Some(Finding::note(code, text).in_file(
            Topic::Fallback,
            "respond with 404 to paths with an extension where there is no file",
        ));
    }
    let text = "A missing file has status 404, and that is not kept";
    (!responses.is_empty()).then(|| Finding::right(code, text))
}
