//! Caching: what may be kept, and for how long.

use std::time::{Duration, SystemTime};

use cc_connect_hosting::{Class, Topic, is_hashed};
use headers::{CacheControl, Expires, HeaderMapExt as _, LastModified};

use super::client::Answer;
use super::finding::Finding;
use super::look::Seen;

const YEAR: Duration = Duration::from_secs(31_536_000);

fn cache_control(answer: &Answer) -> Option<CacheControl> {
    answer.headers.typed_get()
}

/// Whether caches must revalidate it every time.
fn is_revalidated(answer: &Answer) -> bool {
    let is_short = |control: CacheControl| {
        control.no_cache() || control.no_store() || control.max_age() == Some(Duration::ZERO)
    };
    cache_control(answer).is_some_and(is_short)
}

/// Whether a cache, the browser's or a shared one, may reuse it without revalidation. A 404 without
/// directives may be cached as well, based on its age ([RFC 9111 §4.2.2]).
///
/// [RFC 9111 §4.2.2]: https://www.rfc-editor.org/rfc/rfc9111.html#section-4.2.2
fn may_be_kept(answer: &Answer) -> bool {
    let control = cache_control(answer);
    let ages = control
        .as_ref()
        .map(|control| [control.max_age(), control.s_max_age()]);
    match ages.into_iter().flatten().flatten().max() {
        Some(age) => age > Duration::ZERO && !is_revalidated(answer),
        None if is_revalidated(answer) => false,
        None => {
            let expires = answer.headers.typed_get::<Expires>().map(SystemTime::from);
            let expires_later = expires.is_some_and(|expires| expires > answer.answered);
            expires_later || answer.headers.typed_get::<LastModified>().is_some()
        }
    }
}

fn shown(answer: &Answer) -> String {
    match answer.header("cache-control") {
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

fn revalidated(answers: &[&Answer], code: &'static str, what: &str, class: Class) -> Finding {
    for answer in answers {
        if !is_revalidated(answer) {
            let text = format!(
                "{} {}: a new deployment would not be noticed",
                answer.path(),
                shown(answer)
            );
            return send(Finding::wrong(code, text), class);
        }
    }
    Finding::right(code, format!("{what} is revalidated every time"))
}

fn callback(seen: &Seen) -> Finding {
    let code = "callback_cache";
    for (url, fetched) in &seen.callbacks {
        let Ok(answer) = fetched else { continue };
        if !cache_control(answer).is_some_and(|control| control.no_store()) {
            let query = url.query().map_or("", |_| " with a query");
            let text = format!(
                "{}{query} {}: the document that received a token could be kept",
                url.path(),
                shown(answer)
            );
            return send(Finding::wrong(code, text), Class::Callback);
        }
    }
    Finding::right(code, "The callback's document is not kept")
}

fn assets(seen: &Seen) -> Finding {
    let code = "asset_cache";
    for asset in &seen.assets {
        let Ok(answer) = &asset.fetched else { continue };
        if !answer.is_ok() {
            continue;
        }
        let age = cache_control(answer).and_then(|control| control.max_age());
        if is_hashed(&asset.path) && (age < Some(YEAR) || is_revalidated(answer)) {
            let text = format!(
                "{} {}: it never changes, and is asked for again and again",
                asset.path,
                shown(answer)
            );
            // The files in deploy/ lack this build's file names, so they forgo caching there.
            let blind = seen.host().filter(|host| host.is_blind_to_the_status());
            if let Some(host) = blind {
                let what = format!(
                    "`cargo xtask build` writes target/deploy/{}/ with this build's names, which may \
                     be kept",
                    host.folder()
                );
                return Finding::note(code, text).by(what);
            }
            return send(Finding::wrong(code, text), Class::Hashed);
        }
        if !is_hashed(&asset.path) && !is_revalidated(answer) {
            let text = format!(
                "{} {}: its name would be the same after the next build",
                asset.path,
                shown(answer)
            );
            return send(Finding::wrong(code, text), Class::Other);
        }
    }
    Finding::right(code, "Files with a hash in their names are kept for a year")
}

/// B14: while a browser keeps a file's 404, neither a reload nor *Try again* reaches the file.
fn missing(seen: &Seen) -> Option<Finding> {
    let code = "missing_file";
    let answers: Vec<_> = seen.missing.iter().flatten().collect();
    if let Some(answer) = answers.iter().find(|answer| may_be_kept(answer)) {
        let text = format!(
            "A file that is not there ({}) {}: a browser would keep that response, also when the file \
             is there again",
            answer.path(),
            shown(answer)
        );
        let change = match seen.host().filter(|host| host.is_blind_to_the_status()) {
            Some(host) => format!(
                "{} gives a path's headers to a 404 as well: take the files that `cargo xtask build` \
                 writes, which name what is in this build",
                host.name()
            ),
            None => "send `Cache-Control: no-store` with a 404".to_owned(),
        };
        return Some(Finding::wrong(code, text).in_file(Topic::Cache, change));
    }
    if let Some(answer) = answers.iter().find(|answer| answer.is_ok()) {
        let text = format!(
            "A file that is not there ({}) is answered with status 200",
            answer.path()
        );
        return Some(Finding::note(code, text).in_file(
            Topic::Fallback,
            "answer paths with an extension with 404 where there is no file",
        ));
    }
    let text = "A missing file is answered with 404, and that is not kept";
    (!answers.is_empty()).then(|| Finding::right(code, text))
}
