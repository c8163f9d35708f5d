//! Documents name what exists: files, headings and packages.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files of the repository, each with its path from the root.
fn documents() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_source = !name.starts_with('.') && name != "target" && name != "node_modules";
            if path.is_dir() && is_source {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    assert!(found.len() > 15, "{found:?}");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_owned(), text)
        })
        .collect()
}

/// Lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// A heading's anchor, as GitHub derives it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut checked = 0;
    for (document, text) in documents() {
        let folder = root().join(&document).parent().unwrap().to_owned();
        let links = prose(&text).flat_map(|line| {
            let targets = line.split("](").skip(1);
            targets.filter_map(|rest| rest.split(')').next())
        });
        for link in links.filter(|link| !link.contains("://")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => root().join(&document),
                path => folder.join(path),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            if !fragment.is_empty() {
                let text = fs::read_to_string(target).unwrap();
                let found = prose(&text)
                    .filter(|line| line.starts_with('#'))
                    .any(|line| anchor(line) == fragment);
                assert!(found, "{}: {link}", document.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn paths_in_documents_exist() {
    let top: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // What a build writes.
        .filter(|name| name != "target" && name != "dist")
        .collect();
    let mut checked = 0;
    for (document, text) in documents() {
        let folder = root().join(&document).parent().unwrap().to_owned();
        for name in quoted(&text) {
            let first = name.split('/').next().unwrap_or_default();
            let is_path = name.contains('/') && top.contains(first);
            let is_placeholder = name.contains([' ', '*', '…'])
                || name
                    .split(['/', '.'])
                    .any(|part| part.len() > 2 && part == part.to_uppercase() && part != "README");
            if !(is_path || name.ends_with(".rs")) || is_placeholder {
                continue;
            }
            // What somebody finds of an artifact of the fuzzer is not kept.
            if name.starts_with("fuzz/artifacts") {
                continue;
            }
            let exists = root().join(name).exists() || folder.join(name).exists();
            assert!(exists, "{}: {name}", document.display());
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn packages_in_documents_exist() {
    let manifests = [
        "examples/minimal/Cargo.toml",
        "Cargo.toml",
        "bench/Cargo.toml",
        "crates/browser/Cargo.toml",
        "crates/core/Cargo.toml",
        "hosting/Cargo.toml",
        "sandbox/Cargo.toml",
        "server/Cargo.toml",
        "tests/e2e/Cargo.toml",
        "tests/servers/Cargo.toml",
        "xtask/Cargo.toml",
    ];
    let packages: BTreeSet<String> = manifests
        .iter()
        .filter_map(|path| {
            let manifest = fs::read_to_string(root().join(path)).unwrap();
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            name.map(|name| name.trim_matches('"').to_owned())
        })
        .collect();
    for (document, text) in documents() {
        let mut words = text.split([' ', '`', '\n']).peekable();
        let mut before = "";
        while let Some(word) = words.next() {
            let is_flag = word == "-p" || word == "--package";
            if let Some(name) = words.peek().filter(|_| is_flag && before != "mkdir") {
                let name = name.trim_end_matches([',', '.', ')']);
                assert!(packages.contains(name), "{}: {name}", document.display());
            }
            before = word;
        }
    }
}

/// What the README quotes of the example is in it, line by line.
#[test]
fn the_readme_quotes_the_example() {
    let example = fs::read_to_string(root().join("examples/minimal/src/main.rs")).unwrap();
    let lines: BTreeSet<&str> = example.lines().collect();
    let document = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, quoted) = document.split_once("```rust\n").unwrap();
    let (quoted, _) = quoted.split_once("```").unwrap();
    assert!(quoted.lines().count() > 10, "{quoted}");
    for line in quoted.lines() {
        assert!(lines.contains(line), "not in the example: {line}");
    }
}
