//! Generates a constant for every key in `lang/en.json`, so that a key that does not exist does not
//! compile, and compiles the English texts in. Of the other languages only the names are read: the
//! page fetches their texts when it needs them.

#[path = "src/words/list.rs"]
mod list;

use list::Fingerprint;
use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const FOLDER: &str = "lang";
const ENGLISH: &str = "en";

/// The key of a language's own name.
const NAME: &str = "language";

/// The first parts of keys whose second part is a code of an error or the name of a check, a claim
/// or a permission. Their texts are found by it while the application runs.
const FAMILIES: [&str; 11] = [
    "check",
    "claim",
    "ended-by-server",
    "error",
    "flaw",
    "malformed",
    "mistake",
    "not-made-by-server",
    "not-renewed",
    "permission",
    "retried",
];

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/words/list.rs");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let languages = languages(&root.join(FOLDER));
    let code = code(&languages);
    let place = PathBuf::from(variable("OUT_DIR")).join("words.rs");
    fs::write(&place, code).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The texts of every file in the folder, by language code, which is the file's stem.
fn languages(folder: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let code = path.file_stem().unwrap_or_default().to_string_lossy();
            (code.into_owned(), texts(&path))
        })
        .collect()
}

fn texts(path: &Path) -> BTreeMap<String, String> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is no object of texts: {error}", path.display()))
}

fn code(languages: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let english = languages
        .get(ENGLISH)
        .unwrap_or_else(|| panic!("there is no {FOLDER}/{ENGLISH}.json"));
    let mut code = String::new();
    let mut fingerprint = Fingerprint::EMPTY;
    let mut place = 0;
    let mut families: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    let texts = english
        .iter()
        .map(|(key, text)| (key.as_str(), text.as_str()));
    let texts = list::list(texts, |name, has_forms| {
        fingerprint.add(name, has_forms);
        if let Some((family, rest)) = name.split_once('.')
            && FAMILIES.contains(&family)
        {
            let (_, names) = families.entry(family).or_insert((place, Vec::new()));
            names.push(rest);
        }
        let constant = constant(name);
        let kind = if has_forms { "Plural" } else { "Word" };
        let shown = english
            .get(name)
            .or_else(|| english.get(&format!("{name}.other")));
        let doc = format!("`` {} ``", shown.map_or("", String::as_str));
        line(
            &mut code,
            format_args!("#[doc = {doc:?}]\npub const {constant}: {kind} = {kind}({place});"),
        );
        place += 1;
    });
    for (family, (first, names)) in families {
        let names = shortened(&names);
        let constant = constant(family);
        line(
            &mut code,
            format_args!(
                "/// The texts of `{family}`.\n\
                 pub const {constant}_NAMES: Names = Names {{ first: {first}, names: {names:?} }};"
            ),
        );
    }
    line(
        &mut code,
        format_args!("const ENGLISH_TEXTS: &str = {texts:?};"),
    );
    line(
        &mut code,
        format_args!("const FINGERPRINT: Fingerprint = {fingerprint:?};"),
    );
    // English comes first, then the others by code.
    let others = languages.iter().filter(|(code, _)| *code != ENGLISH);
    let names: Vec<(&str, &str)> = [(ENGLISH, english)]
        .into_iter()
        .chain(others.map(|(code, texts)| (code.as_str(), texts)))
        .map(|(code, texts)| {
            let name = texts
                .get(NAME)
                .unwrap_or_else(|| panic!("{FOLDER}/{code}.json has no {NAME:?}"));
            (code, name.as_str())
        })
        .collect();
    line(
        &mut code,
        format_args!(
            "/// Every language: its code, and its name for itself. English is the first.\n\
             pub const LANGUAGES: [(&str, &str); {}] = {names:?};",
            names.len()
        ),
    );
    code
}

fn constant(key: &str) -> String {
    key.replace(['.', '-'], "_").to_uppercase()
}

/// Names, one a line. One that goes on after another, as `typ.none` does after `typ`, is shortened to
/// the rest: `.none`.
fn shortened(names: &[&str]) -> String {
    let mut base = "";
    let mut lines = Vec::new();
    for name in names {
        match name.split_once('.') {
            None => {
                base = name;
                lines.push((*name).to_owned());
            }
            Some((before, rest)) => {
                assert_eq!(before, base, "{name} does not follow {before}");
                lines.push(format!(".{rest}"));
            }
        }
    }
    lines.join("\n")
}

fn line(code: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(code, "{line}");
}
