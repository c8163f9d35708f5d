//! Which public functions no example shows: `cargo test --doc` runs the examples, and an example
//! counts for the functions of its own file and, if it is the module's, for those of the files below.

use super::imports::code;
use std::collections::BTreeSet;

/// The public functions of a file that neither its own examples call nor those of the module that
/// declares it. Names decide: one call stands for every function of that name.
pub fn unshown(source: &str, parent: Option<&str>) -> Vec<String> {
    let examples: Vec<String> = [Some(source), parent]
        .into_iter()
        .flatten()
        .flat_map(examples)
        .collect();
    let is_shown = |name: &str| examples.iter().any(|example| calls(example, name));
    public_functions(source)
        .into_iter()
        .filter(|name| !is_shown(name))
        .collect()
}

/// The names of a file's public functions, those that its macros write included.
fn public_functions(source: &str) -> BTreeSet<String> {
    let code = code(source);
    ["pub fn ", "pub const fn "]
        .into_iter()
        .flat_map(|start| code.split(start).skip(1))
        .filter_map(|rest| rest.split(|c: char| !is_of_a_name(c)).next())
        .map(str::to_owned)
        .collect()
}

/// The code blocks of the documentation that run as tests, each as [`code`].
fn examples(source: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in source.lines().map(str::trim_start) {
        let Some(line) = line.strip_prefix("///").or(line.strip_prefix("//!")) else {
            open = None;
            continue;
        };
        let line = line.trim();
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => open = Some((kind.is_empty(), String::new())),
            (Some(_), Some(_)) => {
                let (runs, text) = open.take().expect("a block is open");
                examples.extend(runs.then(|| code(&text)));
            }
            (None, Some((_, text))) => {
                let hidden = line.strip_prefix("# ");
                text.push_str(hidden.unwrap_or(line.strip_prefix("#!").unwrap_or(line)));
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    examples
}

/// Whether code calls a function of this name.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let is_whole = !before.ends_with(is_of_a_name);
        let is_called = after.starts_with('(') || after.starts_with("::<");
        is_whole && is_called && !before.ends_with("fn ")
    })
}

fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[test]
fn an_example_shows_what_it_calls() {
    let source = r#"
        //! ```
        //! # fn hidden() {}
        //! assert_eq!(one(three()), "five"); // two()
        //! ```
        /// ```text
        /// six()
        /// ```
        pub fn one() {}
        pub(crate) fn two() {}
        pub const fn three() {}
        macro_rules! write { () => { impl T { pub fn four(&self) {} } } }
        pub fn five<T>() {}
        pub fn hidden() {}
        pub fn six() {}
        fn seven() {}
    "#;
    let parent = "//! ```\n//! # let t = T;\n//! t.four();\n//! five::<T>();\n//! ```";
    assert_eq!(unshown(source, Some(parent)), ["hidden", "six"]);
    assert_eq!(unshown(source, None), ["five", "four", "hidden", "six"]);
}
