//! The table in SECURITY.md that maps every rule to the tests that hold it: each test named there
//! exists and runs, and each code that a person can meet stands there.

use cc_connect::oauth::ErrorCode;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const HEADING: &str = "## Every rule, and the tests that hold it";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// The section of SECURITY.md with the table.
fn section() -> String {
    let document = read("SECURITY.md").expect("SECURITY.md");
    let (_, rest) = document
        .split_once(HEADING)
        .unwrap_or_else(|| panic!("SECURITY.md has no section {HEADING:?}"));
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The rows of its tables: rule, codes and tests.
fn rows() -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    let mut in_body = false;
    for line in section().lines() {
        let Some(line) = line.trim().strip_prefix('|') else {
            in_body = false;
            continue;
        };
        let line = line.strip_suffix('|').unwrap_or(line);
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        if cells.iter().all(|cell| cell.starts_with("---")) {
            in_body = true;
        } else if in_body {
            let cells: [String; 3] = cells
                .try_into()
                .unwrap_or_else(|_| panic!("a row has three cells: rule, code, tests: {line}"));
            rows.push(cells);
        }
    }
    rows
}

/// What stands between backticks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Where a test is.
struct Place {
    source: String,
    /// The source that must make a module of the other one, and the module's name.
    module: Option<(String, String)>,
    function: String,
}

/// Where the test named `module::function` of a kind is.
fn place(kind: &str, name: &str) -> Option<Place> {
    let folder = match kind {
        "native" => "tests/native",
        "e2e" => "tests/e2e",
        "sandbox" => "sandbox/tests",
        "web" => {
            return Some(Place {
                source: "tests/web.rs".to_owned(),
                module: None,
                function: name.to_owned(),
            });
        }
        _ => return None,
    };
    let (module, function) = name.split_once("::")?;
    Some(Place {
        source: format!("{folder}/{module}.rs"),
        module: Some((format!("{folder}/main.rs"), module.to_owned())),
        function: function.to_owned(),
    })
}

/// Macros that make a test of each name in their list.
const LISTS: [&str; 5] = [
    "in_both_browsers!",
    "with_both_grants!",
    "with_code!",
    "with_code_in_firefox!",
    "replays!",
];

/// The functions of a source that are tests and are not left out.
fn tests_of(source: &str) -> BTreeSet<&str> {
    let mut tests = BTreeSet::new();
    for list in LISTS {
        for after in source.split(list).skip(1) {
            let names = after.trim_start().get(1..).unwrap_or_default();
            // A list may have comments, with brackets in them, and parts that begin with `; part:`.
            for line in names.lines().map(str::trim) {
                let line = line.split("//").next().unwrap_or_default();
                let end = line.find(['}', ')', ']']);
                tests.extend(
                    line[..end.unwrap_or(line.len())]
                        .split([',', ' ', ';'])
                        .filter(|name| !name.is_empty() && !name.ends_with(':')),
                );
                if end.is_some() {
                    break;
                }
            }
        }
    }
    let mut attributes: Vec<&str> = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if line.starts_with("//") {
            // A comment may stand between.
        } else {
            let function = line
                .strip_prefix("async ")
                .unwrap_or(line)
                .strip_prefix("fn ");
            let is_test = attributes.iter().any(|attribute| {
                ["#[test]", "#[tokio::test", "#[wasm_bindgen_test"]
                    .iter()
                    .any(|test| attribute.starts_with(test))
            });
            let is_ignored = attributes.iter().any(|one| one.starts_with("#[ignore"));
            if let Some(function) = function.filter(|_| is_test && !is_ignored) {
                tests.extend(function.split('(').next());
            }
            attributes.clear();
        }
    }
    tests
}

/// Why there is no such test; `None` if there is.
fn missing(span: &str) -> Option<String> {
    let Some((kind, name)) = span.split_once(": ") else {
        return Some("it is not of the form `kind: name`".to_owned());
    };
    if kind == "fuzz" {
        let target = format!("fuzz/fuzz_targets/{name}.rs");
        let exists = root().join(&target).is_file();
        return (!exists).then(|| format!("there is no {target}"));
    }
    let Some(place) = place(kind, name) else {
        return Some("nothing of that kind is known".to_owned());
    };
    let path = place.source;
    let Some(source) = read(&path) else {
        return Some(format!("there is no {path}"));
    };
    if let Some((main, module)) = place.module {
        let declares = read(&main).is_some_and(|main| {
            main.lines()
                .any(|line| line.trim() == format!("mod {module};"))
        });
        if !declares {
            return Some(format!("{main} has no module {module}"));
        }
    }
    let found = tests_of(&source).contains(place.function.as_str());
    (!found).then(|| format!("{path} has no test of that name"))
}

#[test]
fn every_test_in_the_table_exists() {
    let missing: Vec<String> = rows()
        .iter()
        .flat_map(|[_, _, tests]| code_spans(tests).map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|span| missing(&span).map(|why| format!("`{span}`: {why}")))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_rule_in_the_table_has_a_test() {
    let rows = rows();
    assert!(rows.len() > 100, "only {} rules", rows.len());
    for [rule, _, tests] in &rows {
        assert!(!rule.is_empty(), "a row without a rule: {tests}");
        assert!(code_spans(tests).next().is_some(), "no test: {rule}");
    }
    let rules: BTreeSet<&str> = rows.iter().map(|[rule, ..]| rule.as_str()).collect();
    assert_eq!(rules.len(), rows.len(), "a rule stands there twice");
}

/// The strings that the functions `code` below a folder or in a file return.
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
fn every_code_stands_in_the_table() {
    let mut codes: BTreeSet<String> = ["jose", "oauth", "session", "v3"]
        .iter()
        .flat_map(|module| codes_in(&root().join("src").join(module)))
        .chain(codes_in(&root().join("src/openid_connect.rs")))
        // Names of claims, in patterns.
        .filter(|code| code.contains('_') && code != "platform_user_id")
        .collect();
    assert!(codes.len() > 50, "{codes:?}");
    codes.extend(ErrorCode::KNOWN.iter().map(|code| code.code().to_owned()));
    let rows = rows();
    let named: BTreeSet<&str> = rows
        .iter()
        .flat_map(|[_, codes, _]| code_spans(codes))
        .collect();
    let absent: Vec<&String> = codes
        .iter()
        .filter(|code| !named.contains(code.as_str()))
        .collect();
    assert!(absent.is_empty(), "no rule names {absent:?}");
}

#[test]
fn every_code_in_the_table_is_one() {
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
    text_of(&root().join("src"), &mut sources);
    for [rule, codes, _] in rows() {
        for code in code_spans(&codes) {
            assert!(
                sources.contains(&format!("\"{code}\"")),
                "{code} of {rule:?} is in no source"
            );
        }
    }
}

#[test]
fn every_key_of_the_storage_is_said() {
    let document = read("SECURITY.md").expect("SECURITY.md");
    let (_, kept) = document.split_once("## What is kept where").unwrap();
    let kept = &kept[..kept.find("\n## ").unwrap()];
    let mut keys = BTreeSet::new();
    for entry in fs::read_dir(root().join("src/browser")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        let texts = source.split('"').skip(1).step_by(2);
        let names = texts.filter_map(|text| text.strip_prefix("cc-connect/"));
        // The prefix itself, and the name of a lock.
        keys.extend(
            names
                .filter(|name| !name.is_empty() && !name.contains('{'))
                .map(str::to_owned),
        );
    }
    assert!(keys.len() > 6, "{keys:?}");
    for key in keys {
        assert!(kept.contains(&format!("`cc-connect/{key}")), "{key}");
    }
}

/// Where a link leads elsewhere, the other side learns nothing and gets no hold of this page.
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
        // Our own pages, a place in this page, and the writing of a mail.
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
fn a_name_that_is_wrong_is_noticed() {
    for wrong in [
        "native: security::no_such_test",
        "native: no_such_module::a_name_that_is_wrong_is_noticed",
        "native: a_name_that_is_wrong_is_noticed",
        // A function, and no test.
        "native: security::rows",
        // In the list of a macro, and not in it.
        "native: corpus::no_such_target",
        // A test, and left out.
        "e2e: gallery::gallery_of_errors",
        "web: no_such_test",
        "fuzz: no_such_target",
        "security::a_name_that_is_wrong_is_noticed",
        "elsewhere: security::a_name_that_is_wrong_is_noticed",
    ] {
        assert!(missing(wrong).is_some(), "{wrong}");
    }
    for right in [
        "native: security::a_name_that_is_wrong_is_noticed",
        "native: corpus::jwt",
        "fuzz: jwt",
    ] {
        assert_eq!(missing(right), None, "{right}");
    }
}
