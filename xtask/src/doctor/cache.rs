//! What may be kept for how long.

use cc_connect_hosting::{Class, Topic, is_hashed};

use super::client::Answer;
use super::finding::Finding;
use super::look::Seen;

/// A `Cache-Control`, read.
struct CacheControl(Vec<String>);

impl CacheControl {
    fn of(answer: &Answer) -> Option<Self> {
        let value = answer.header("cache-control")?;
        let directives = value
            .split(',')
            .map(|word| word.trim().to_ascii_lowercase());
        Some(Self(directives.collect()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|directive| directive == name)
    }

    fn max_age(&self) -> Option<u64> {
        let age = |directive: &String| directive.strip_prefix("max-age=")?.parse().ok();
        self.0.iter().find_map(age)
    }

    /// Whether it is asked for anew every time.
    fn revalidates(&self) -> bool {
        self.has("no-cache") || self.has("no-store") || self.max_age() == Some(0)
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
        if !CacheControl::of(answer).is_some_and(|control| control.revalidates()) {
            let text = format!(
                "{} {}: a new deployment would not be noticed",
                answer.path(),
                shown(answer)
            );
            return send(Finding::wrong(code, text), class);
        }
    }
    Finding::right(code, format!("{what} is asked for anew every time"))
}

fn callback(seen: &Seen) -> Finding {
    let code = "callback_cache";
    for (url, fetched) in &seen.callbacks {
        let Ok(answer) = fetched else { continue };
        if !CacheControl::of(answer).is_some_and(|control| control.has("no-store")) {
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
        let control = CacheControl::of(answer);
        let age = control
            .as_ref()
            .and_then(CacheControl::max_age)
            .unwrap_or(0);
        let never = control
            .as_ref()
            .is_some_and(|control| control.has("no-store") || control.has("no-cache"));
        if is_hashed(&asset.path) && (age < 31_536_000 || never) {
            let text = format!(
                "{} {}: it never changes, and is asked for again and again",
                asset.path,
                shown(answer)
            );
            return send(Finding::wrong(code, text), Class::Hashed);
        }
        if !is_hashed(&asset.path) && !control.is_some_and(|control| control.revalidates()) {
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

fn missing(seen: &Seen) -> Option<Finding> {
    let code = "missing_file";
    let answer = seen.missing.as_ref()?.as_ref().ok()?;
    let age = CacheControl::of(answer)
        .filter(|control| !control.revalidates())
        .and_then(|control| control.max_age());
    if age.is_some_and(|age| age > 600) {
        let text = format!(
            "A file that is not there ({}) {}: after a deployment a browser could keep that answer",
            answer.path(),
            shown(answer)
        );
        return Some(Finding::wrong(code, text).in_file(
            Topic::Cache,
            "let files alone be kept for long that are there",
        ));
    }
    if answer.is_ok() {
        let text = format!(
            "A file that is not there ({}) is answered with status 200",
            answer.path()
        );
        return Some(Finding::note(code, text).in_file(
            Topic::Fallback,
            "answer paths with an extension with 404 where there is no file",
        ));
    }
    Some(Finding::right(
        code,
        "A file that is not there is said to be missing, and that is not kept",
    ))
}
