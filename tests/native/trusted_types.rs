//! What the first script's Trusted Types policy allows: only markup that the views use, and nothing
//! that loads or executes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The list assigned to `const NAME =` in the first script.
fn list(name: &str) -> BTreeSet<String> {
    let script = fs::read_to_string(root().join("src/browser/first.js")).unwrap();
    let (_, rest) = script.split_once(&format!("const {name} =\n")).unwrap();
    let (value, _) = rest.split_once(';').unwrap();
    let text: String = value.split('"').skip(1).step_by(2).collect();
    text.split('|').map(str::to_owned).collect()
}

/// Elements of the views with only static attributes, which may be rendered as strings. Each with
/// its attributes and, for `href`, the value.
fn elements() -> Vec<(String, Vec<(String, String)>)> {
    fn walk(folder: &Path, found: &mut Vec<(String, Vec<(String, String)>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let code = source
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            found.extend(code.split('<').skip(1).filter_map(element));
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src/ui"), &mut found);
    found
}

/// Parses the text after `<`, if it is an element with only static attributes.
fn element(text: &str) -> Option<(String, Vec<(String, String)>)> {
    let name = |text: &str| {
        let other = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
        text.find(other).unwrap_or(text.len())
    };
    let (element, mut rest) = text.split_at(name(text));
    // Types look like elements without attributes: `Vec<i64>`.
    let is_number = |kind: char| {
        let bits = element.strip_prefix(kind);
        bits.is_some_and(|bits| bits.parse::<u8>().is_ok())
    };
    if !element.starts_with(|c: char| c.is_ascii_lowercase())
        || ['i', 'u'].into_iter().any(is_number)
    {
        return None;
    }
    let mut attributes = Vec::new();
    loop {
        let trimmed = rest.trim_start();
        if trimmed.starts_with('>') || trimmed.starts_with("/>") {
            return Some((element.to_owned(), attributes));
        }
        let (attribute, after) = trimmed.split_at(name(trimmed));
        // Not an element of a view: a type or a comparison.
        if attribute.is_empty() || rest == trimmed {
            return None;
        }
        let (value, after) = match after.strip_prefix("=\"") {
            Some(after) => after.split_once('"')?,
            None if after.starts_with([' ', '\n', '>', '/']) => ("", after),
            // A dynamic value.
            None => return None,
        };
        attributes.push((attribute.to_owned(), value.to_owned()));
        rest = after;
    }
}

/// Rule (The page): Text becomes markup only if it can neither load nor run anything
#[test]
fn the_elements_of_the_views_pass_and_no_others() {
    let used: BTreeSet<String> = elements().into_iter().map(|(name, _)| name).collect();
    assert!(used.len() > 20, "{used:?}");
    assert_eq!(list("elements"), used);
}

/// Rule (The page): Text becomes markup only if it can neither load nor run anything
#[test]
fn the_attributes_of_the_views_pass_and_no_others() {
    let mut used = BTreeSet::new();
    for (element, attributes) in elements() {
        for (name, value) in attributes {
            if name == "href" {
                assert!(value.starts_with("https://"), "<{element} href={value:?}>");
            } else {
                used.insert(name);
            }
        }
    }
    assert_eq!(list("attributes"), used);
}

/// Rule (The page): Text becomes markup only if it can neither load nor run anything
#[test]
fn nothing_passes_that_loads_or_runs() {
    let elements = list("elements");
    for name in [
        "animate", "audio", "base", "embed", "form", "frame", "frameset", "iframe", "image",
        "link", "math", "meta", "object", "portal", "script", "set", "source", "style", "template",
        "use", "video",
    ] {
        assert!(!elements.contains(name), "{name}");
    }
    for name in list("attributes") {
        // `href` is handled separately, and only allowed for https addresses.
        let dangerous = ["action", "background", "data", "ping", "poster", "style"]
            .contains(&name.as_str())
            || ["on", "src", "href"].iter().any(|part| name.contains(part));
        assert!(!dangerous, "{name}");
    }
}

#[test]
fn what_is_no_element_with_fixed_attributes_is_none() {
    for text in [
        "i64>(",
        "T: Clone>",
        "crate::route::Route>",
        "p class=name>",
        "button on:click=move |_| go()>",
        "Icon path=icon />",
        " b && c",
    ] {
        assert_eq!(element(text), None, "{text}");
    }
    let (name, attributes) = element("a class=\"b\" hidden href=\"#c\">").unwrap();
    assert_eq!((name.as_str(), attributes.len()), ("a", 3));
}
