//! The content security policy, directive by directive.

use cc_connect_hosting::{Policy, Topic};

use super::finding::Finding;
use super::look::Seen;

/// The purpose of each directive.
const REASONS: [(&str, &str); 10] = [
    ("default-src", "anything not named would be allowed"),
    ("script-src", "the app does not start"),
    ("style-src", "the app has no styles"),
    ("img-src", "the account's logo is not shown"),
    ("connect-src", "the app cannot reach what it needs"),
    (
        "form-action",
        "an injected form could send what users type anywhere",
    ),
    ("base-uri", "an injected <base> could redirect its links"),
    ("frame-ancestors", "another page could frame this one"),
    (
        "require-trusted-types-for",
        "injected text could become a script",
    ),
    (
        "trusted-types",
        "a script could define its own rules for what becomes markup",
    ),
];

/// The directives that can let a page load something.
const FETCH: [&str; 11] = [
    "child-src",
    "fenced-frame-src",
    "font-src",
    "frame-src",
    "manifest-src",
    "media-src",
    "object-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-attr",
    "style-src-elem",
];
const FETCH_TOO: [&str; 2] = ["prefetch-src", "worker-src"];

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let expected = seen.site().content_security_policy();
    let mut findings: Vec<Finding> = Vec::new();
    let mut checked: Vec<Option<String>> = Vec::new();
    for response in seen.documents() {
        let value = response.header("content-security-policy");
        if checked.contains(&value) {
            continue;
        }
        let found = match &value {
            Some(value) => compare_policy(&expected, value, &seen.place.origin()),
            None => vec![absent(seen, response.path())],
        };
        for mut finding in found {
            // The base is the first; what is wrong there as well is reported once.
            if findings.iter().any(|known| known.text == finding.text) {
                continue;
            }
            if !checked.is_empty() {
                finding.text = format!("On {}: {}", response.path(), finding.text);
            }
            findings.push(finding);
        }
        checked.push(value);
    }
    if findings.is_empty() {
        let text = "Content-Security-Policy is as strict as it should be, and fits config.json";
        findings.push(Finding::right("policy", text));
    }
    findings
}

fn in_file(finding: Finding, what: impl Into<String>) -> Finding {
    finding.in_file(Topic::Headers, what)
}

fn absent(seen: &Seen, path: &str) -> Finding {
    let text = if seen.document.policy.is_some() {
        format!(
            "Content-Security-Policy on {path} is in a <meta> only: {}",
            REASONS[7].1
        )
    } else {
        format!("Content-Security-Policy is missing on {path}")
    };
    in_file(
        Finding::wrong("policy_missing", text),
        "copy the line Content-Security-Policy from there",
    )
}

fn compare_policy(expected: &Policy, value: &str, origin: &str) -> Vec<Finding> {
    if value.contains(',') {
        let text = "Two content security policies are sent, and the browser enforces both";
        let change = "find what else adds one, on the host or in front of it, and remove it";
        return vec![in_file(Finding::wrong("policy_twice", text), change)];
    }
    let found = Policy::parse(value);
    let mut findings = Vec::new();
    for directive in &expected.0 {
        let name = directive.name.as_str();
        let whole = format!("{name} {}", directive.values.join(" "));
        match found.get(name) {
            None => {
                let reason = REASONS.iter().find(|(known, _)| *known == name);
                let reason = reason.map_or("", |(_, reason)| reason);
                let text = format!("{name} is missing in the policy: {reason}");
                let change = format!("add `{whole}`");
                findings.push(in_file(
                    Finding::wrong("policy_directive_missing", text),
                    change,
                ));
            }
            Some(values) => findings.extend(compared(name, &directive.values, values, origin)),
        }
    }
    for directive in &found.0 {
        let name = directive.name.as_str();
        let loads = FETCH.contains(&name) || FETCH_TOO.contains(&name);
        let nothing = directive.values.is_empty() || directive.values == ["'none'"];
        if loads && !nothing {
            let text = format!(
                "The policy has `{name} {}`, which the app does not need",
                directive.values.join(" ")
            );
            let change = format!("remove {name}");
            findings.push(in_file(Finding::wrong("policy_weaker", text), change));
        }
    }
    findings
}

/// Compares an existing directive.
fn compared(name: &str, expected: &[String], found: &[String], origin: &str) -> Vec<Finding> {
    let has =
        |list: &[String], value: &str| list.iter().any(|known| known.eq_ignore_ascii_case(value));
    let mut findings = Vec::new();
    for value in found {
        // The page's own origin may be spelled out; `'none'` next to other values has no effect.
        let own = value.trim_end_matches('/') == origin && has(expected, "'self'");
        let harmless = value == "'none'"
            || value == "'report-sample'"
            || own
            // A narrower source than the expected one.
            || (name == "img-src" && value.starts_with("https://") && has(expected, "https:"));
        if harmless || has(expected, value) {
            continue;
        }
        let finding = if name == "connect-src" {
            Finding::wrong(
                "connect_src_extra",
                format!("connect-src allows {value}, which config.json does not name"),
            )
        } else {
            Finding::wrong(
                "policy_weaker",
                format!("{name} allows {value}{}", meaning(name, value)),
            )
        };
        findings.push(in_file(finding, format!("remove {value} from {name}")));
    }
    for value in expected {
        let implied = match value.as_str() {
            // Implied by stricter values, or by the absence of all others.
            "'none'" => true,
            "'wasm-unsafe-eval'" => has(found, "'unsafe-eval'"),
            "'self'" => found
                .iter()
                .any(|known| known.trim_end_matches('/') == origin),
            // Without it the account's initials replace its logo.
            "https:" => true,
            _ => false,
        };
        if implied || has(found, value) {
            continue;
        }
        let finding = if name == "connect-src" {
            Finding::wrong(
                "connect_src_missing",
                format!("connect-src does not allow {value}, which config.json names"),
            )
        } else {
            Finding::wrong(
                "policy_too_strict",
                format!("{name} does not allow {value}, which the app needs"),
            )
        };
        findings.push(in_file(finding, format!("add {value} to {name}")));
    }
    findings
}

fn meaning(name: &str, value: &str) -> &'static str {
    match value {
        _ if name == "trusted-types" => {
            ": a script could define its own rules for what becomes markup"
        }
        "'unsafe-inline'" => ": injected scripts would run",
        "'unsafe-eval'" => ": text could be run as a script",
        "*" | "http:" | "https:" => ": any host",
        _ => ", which the app does not need",
    }
}
