//! The rules that the tests enforce, each a line over its tests: `/// Rule (heading): text → codes`.
//! `docs/rules.md` is generated from them, and every code that a user can meet is in one.

use cc_connect_core::{oauth::ErrorCode, session::server::ServerCode, v3::ProxyError};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Folders with tests, and the kind of test they hold.
const FOLDERS: [(&str, &str); 7] = [
    ("core", "crates/core/tests/core"),
    ("browser", "crates/browser/src"),
    ("native", "tests/native"),
    ("e2e", "tests/e2e"),
    ("web", "tests"),
    ("sandbox", "sandbox/tests"),
    ("fuzz", "fuzz/fuzz_targets"),
];

/// Where codes are.
const SOURCES: [&str; 3] = ["crates/core/src", "crates/browser/src", "src"];

/// In document order.
const HEADINGS: [&str; 15] = [
    "The request",
    "The response",
    "The token",
    "The key set",
    "The time",
    "The connection and its end",
    "Storage and other tabs",
    "Requests with the token",
    "The code",
    "The ID token",
    "The renewal",
    "With a server",
    "The page",
    "Secrets",
    "What holds the rules together",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// A source's rules, each with the function below it; a fuzz target has no such function.
fn rules_of(source: &str) -> Vec<(String, Option<String>)> {
    let mut rules = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut continues = false;
    for line in source.lines().map(str::trim) {
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
        match comment.map(str::trim) {
            Some(text) if text.starts_with("Rule (") => {
                open.push(text.to_owned());
                continues = true;
            }
            Some("") => continues = false,
            Some(text) if continues => {
                let rule = open.last_mut().expect("a rule goes on");
                *rule = format!("{rule} {text}");
            }
            Some(_) => {}
            None => {
                continues = false;
                let name = line
                    .split_once("fn ")
                    .and_then(|(_, rest)| rest.split(['(', '<']).next())
                    .filter(|_| !line.starts_with("#["));
                if name.is_some() || line.starts_with("#![") {
                    let name = name.map(str::to_owned);
                    rules.extend(open.drain(..).map(|rule| (rule, name.clone())));
                }
            }
        }
    }
    assert!(open.is_empty(), "rules over nothing: {open:?}");
    rules
}

/// Rules by heading, each with its tests.
type Rules = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn rules() -> Rules {
    let mut rules = Rules::new();
    for (kind, folder) in FOLDERS {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let module = path.file_stem().unwrap().to_string_lossy().into_owned();
            // It has rules in a text.
            if module == "rules" {
                continue;
            }
            for (rule, function) in rules_of(&fs::read_to_string(&path).unwrap()) {
                let (heading, text) = rule
                    .strip_prefix("Rule (")
                    .and_then(|rule| rule.split_once("): "))
                    .unwrap_or_else(|| panic!("not `Rule (heading): text`: {rule}"));
                assert!(HEADINGS.contains(&heading), "{heading:?} of {rule}");
                let test = match (kind, function) {
                    ("web", Some(function)) => format!("web: {function}"),
                    (_, Some(function)) => format!("{kind}: {module}::{function}"),
                    (_, None) => format!("{kind}: {module}"),
                };
                let section = rules.entry(heading.to_owned()).or_default();
                section.entry(text.to_owned()).or_default().insert(test);
            }
        }
    }
    rules
}

fn document(rules: &Rules) -> String {
    let mut text = "# Rules\n\n\
        What the application promises, and the tests that fail when it does not.\n\
        Generated from the `Rule` lines over the tests: do not edit; \
        `CC_CONNECT_BLESS=1 cargo test -p cc-connect-app --test native rules` writes it.\n\n\
        `core` is in `crates/core/tests/core/`; `browser` in `crates/browser/src/`; \
        `native` in `tests/native/`; `e2e` in `tests/e2e/`, against the sandbox and in a real browser; \
        `web` in `tests/web.rs`, in a browser; `sandbox` in `sandbox/tests/`; \
        `fuzz` is a target in `fuzz/`, whose corpus the native tests replay.\n"
        .to_owned();
    for heading in HEADINGS {
        write!(text, "\n## {heading}\n\n").unwrap();
        for (rule, tests) in &rules[heading] {
            let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
            writeln!(text, "- {rule}  \n  {}", tests.join(", ")).unwrap();
        }
    }
    text
}

#[test]
fn the_document_of_the_rules_is_up_to_date() {
    let rules = rules();
    assert!(rules.values().map(BTreeMap::len).sum::<usize>() > 150);
    let document = document(&rules);
    if std::env::var_os("CC_CONNECT_BLESS").is_some() {
        fs::write(root().join("docs/rules.md"), &document).unwrap();
    }
    let written = read("docs/rules.md").unwrap_or_default();
    assert!(
        written == document,
        "docs/rules.md is out of date: CC_CONNECT_BLESS=1 cargo test -p cc-connect-app --test native rules"
    );
}

/// The codes after the arrow in the rules.
fn codes_of_rules() -> BTreeSet<String> {
    let rules = rules();
    let texts = rules.values().flat_map(BTreeMap::keys);
    let codes = texts.filter_map(|text| text.split_once(" → "));
    codes
        .flat_map(|(_, codes)| codes.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// The strings returned by the `code` functions in a file or folder.
fn codes_in(path: &Path) -> BTreeSet<String> {
    if path.is_dir() {
        return fs::read_dir(path)
            .unwrap()
            .flat_map(|entry| codes_in(&entry.unwrap().path()))
            .collect();
    }
    let source = fs::read_to_string(path).unwrap();
    let mut codes = BTreeSet::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let Some(indent) = line.find("pub fn code(") else {
            continue;
        };
        let end = format!("{}}}", " ".repeat(indent));
        let body = lines.by_ref().take_while(|line| **line != end);
        for text in body.flat_map(|line| line.split('"').skip(1).step_by(2)) {
            codes.insert(text.to_owned());
        }
    }
    codes
}

#[test]
fn every_code_has_a_rule() {
    let mut codes: BTreeSet<String> = ["crates/core/src", "crates/browser/src"]
        .into_iter()
        .flat_map(|folder| codes_in(&root().join(folder)))
        // Skip claim names that occur in patterns, and what is no error.
        .filter(|code| code.contains('_') && code != "platform_user_id" && code != "not_connected")
        .collect();
    assert!(codes.len() > 50, "{codes:?}");
    // A developer meets these, before anything starts.
    for code in codes_in(&root().join("crates/core/src/oauth/client.rs")) {
        codes.remove(&code);
    }
    codes.extend(ErrorCode::KNOWN.iter().map(|code| code.code().to_owned()));
    codes.extend(ServerCode::of_server().map(|code| code.as_str().to_owned()));
    codes.extend(
        ProxyError::KNOWN
            .iter()
            .map(|error| error.code().to_owned()),
    );
    let named = codes_of_rules();
    let absent: Vec<&String> = codes.iter().filter(|code| !named.contains(*code)).collect();
    assert!(absent.is_empty(), "no rule names {absent:?}");
}

#[test]
fn every_code_of_a_rule_is_in_the_source() {
    fn text_of(path: &Path, text: &mut String) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                text_of(&path, text);
            } else {
                text.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut sources = String::new();
    for folder in SOURCES {
        text_of(&root().join(folder), &mut sources);
    }
    for code in codes_of_rules() {
        assert!(
            sources.contains(&format!("\"{code}\"")),
            "{code} is in no source"
        );
    }
}

/// The names of the storage's entries, without their prefix.
fn storage_keys() -> BTreeSet<String> {
    let source = |path: &str| read(path).unwrap_or_else(|| panic!("no {path}"));
    let mut keys = BTreeSet::new();
    // Constants, and the probe.
    for line in source("crates/browser/src/session_storage.rs").lines() {
        let line = line.trim();
        if line.starts_with("const ") || line.starts_with("let probe") {
            keys.extend(line.split('"').nth(1).map(str::to_owned));
        }
    }
    // The first script's settings, and entries of localStorage.
    for folder in ["crates/browser/src", "src/browser"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("tests.rs") {
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            let texts = source.split('"').skip(1).step_by(2);
            let names = texts.filter_map(|text| text.strip_prefix("cc-connect/"));
            keys.extend(names.map(|name| name.trim_end_matches('/').to_owned()));
            let entries = source.split("Entry::new(namespace, \"").skip(1);
            keys.extend(entries.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    keys.remove("");
    keys
}

#[test]
fn every_key_of_the_storage_is_said() {
    let document = read("SECURITY.md").expect("SECURITY.md");
    let (_, kept) = document.split_once("## What is kept where").unwrap();
    let kept = &kept[..kept.find("\n## ").unwrap()];
    let keys = storage_keys();
    assert!(keys.len() > 11, "{keys:?}");
    for key in keys {
        assert!(kept.contains(&format!("`cc-connect/{key}")), "{key}");
    }
}

/// An external page must learn nothing from a link and get no handle to this page.
#[test]
fn links_to_elsewhere_say_so() {
    fn links(path: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                links(&path, found);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let tags = source.split("<a ").skip(1);
            found.extend(tags.filter_map(|rest| rest.split('>').next().map(str::to_owned)));
        }
    }
    let mut found = Vec::new();
    links(&root().join("src/ui"), &mut found);
    let mut elsewhere = 0;
    for tag in found {
        // Our own pages, anchors in this page, and `mailto:` links.
        let ours = ["href=location::", "href=\"#", "href=href"]
            .iter()
            .any(|href| tag.contains(href))
            && !tag.contains("target=");
        if !ours {
            assert!(
                tag.contains("noreferrer") || tag.contains("noopener"),
                "<a {tag}>"
            );
            elsewhere += 1;
        }
    }
    assert!(elsewhere > 2, "links to elsewhere were not found");
}

#[test]
fn rules_are_read_from_the_lines_over_a_function() {
    let source = "/// About it.\n///\n/// Rule (The time): One,\n/// and on → `code`\n///\n\
        /// Rule (The page): Two\n#[test]\nfn name() {\n/// Rule (The time): Three\nasync fn other(";
    let read = rules_of(source);
    let rules: Vec<_> = read
        .iter()
        .map(|(rule, function)| (rule.as_str(), function.as_deref()))
        .collect();
    assert_eq!(
        rules,
        [
            ("Rule (The time): One, and on → `code`", Some("name")),
            ("Rule (The page): Two", Some("name")),
            ("Rule (The time): Three", Some("other")),
        ]
    );
}
