//! The document's first script, as far as it can be tested without a browser: which browsers can
//! parse it, and that the page has a message for everything it reports.

use cc_connect::Namespace;
use cc_connect_core::oauth::authorization_response::RESPONSE_PARAMETERS;
use std::{collections::BTreeSet, fs, path::PathBuf};

fn read(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(name)).unwrap()
}

/// The script without comments, whitespace and quoted strings.
fn syntax(script: &str) -> String {
    let mut syntax = String::new();
    let mut rest = script;
    while let Some(next) = rest.chars().next() {
        let end = match next {
            '/' if rest.starts_with("//") => rest.find('\n'),
            '"' | '\'' | '`' => rest[1..].find(next).map(|end| end + 2),
            _ => {
                if !next.is_whitespace() {
                    syntax.push(next);
                }
                Some(next.len_utf8())
            }
        };
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    syntax
}

/// Syntax that browsers of 2017 cannot parse, with the year it appeared.
const LATER: [(&str, &str); 12] = [
    (
        "...",
        "2018, where it stands in an object, which is not looked at",
    ),
    ("forawait", "2018"),
    ("async*", "2018"),
    ("asyncfunction*", "2018"),
    ("catch{", "2019"),
    ("?.", "2020"),
    ("??", "2020"),
    ("import.meta", "2020"),
    ("&&=", "2021"),
    ("||=", "2021"),
    ("#", "2022"),
    ("static{", "2022"),
];

fn too_new(script: &str) -> Vec<&'static str> {
    let syntax = syntax(script);
    let found = LATER.iter().filter(|(text, _)| syntax.contains(text));
    found.map(|(text, _)| *text).collect()
}

/// C17: a browser that cannot parse some syntax runs none of the script, and the response stays in
/// the address bar.
///
/// Rule (The response): Browsers since 2017 can run the first script, so that it cleans the address
/// even where nothing else runs
#[test]
fn every_browser_that_has_import_can_read_it() {
    let script = read("src/browser/first.js");
    assert_eq!(too_new(&script), Vec::<&str>::new());
    // Regular expression syntax has grown too; the only one is built from a string.
    assert_eq!(script.matches("new RegExp(").count(), 1);
    for news in ["(?<", "\\p{", "\"s\"", "\"d\"", "\"v\""] {
        assert!(!script.contains(news), "{news}");
    }
}

#[test]
fn syntax_that_is_too_new_is_noticed() {
    for (script, found) in [
        ("a?.b", "?."),
        ("a ??= b", "??"),
        ("try { a() } catch { b() }", "catch{"),
        ("const { a, ...b } = c;", "..."),
        ("for await (const a of b) {}", "forawait"),
    ] {
        assert_eq!(too_new(script), [found], "{script}");
    }
    for script in [
        "// a?.b\na;",
        "a = 'a?.b' + \"a ?? b\";",
        "const a = `#${b}`;",
        "try { a() } catch (error) { b() }",
        "a ? b : c",
    ] {
        assert!(too_new(script).is_empty(), "{script}");
    }
}

/// The strings between `before` and the next quotation mark.
fn after<'t>(text: &'t str, before: &str) -> BTreeSet<&'t str> {
    let found = text.split(before).skip(1);
    found.filter_map(|rest| rest.split('"').next()).collect()
}

/// Each failure has its own message in the page, and a stable code.
///
/// Rule (The response): Whatever keeps the first script from loading the rest, the address is
/// cleaned before it is reported; if the browser refuses to change the address, the page navigates
/// to the clean one → `webassembly_off`, `webassembly_blocked`, `script_blocked`, `script_failed`,
/// `browser_too_old`, `not_loaded`
#[test]
fn whatever_the_first_script_says_the_page_has_words_for() {
    let page = read("index.html");
    let script = read("src/browser/first.js");
    let mut said = after(&script, "fail(\"");
    said.extend(["browser_too_old", "not_loaded"]);
    for code in &said {
        assert!(script.contains(&format!("\"{code}\"")), "{code}");
    }
    // Only the page reports this one: it is shown unless the script chooses another.
    said.insert("script_not_started");
    assert_eq!(after(&page, "data-of=\""), said);
    for code in said {
        let shown = page.contains(&format!("data-of=\"{code}\">"));
        assert_eq!(shown, code == "script_not_started", "{code}");
    }
}

/// B11: Cloudflare's Rocket Loader defers scripts without this attribute.
#[test]
fn it_asks_not_to_be_put_off() {
    let page = read("index.html");
    let script = page.split("<script").nth(1).unwrap();
    let script = script.split('>').next().unwrap();
    assert!(script.contains("data-cfasync=\"false\""), "{script}");
}

/// B4: identifies the build's own style sheet by this name.
#[test]
fn the_style_sheet_has_the_name_that_it_looks_for() {
    let page = read("index.html");
    let style = page
        .split("<link")
        .find(|link| link.contains("rel=\"css\""));
    assert!(style.unwrap().contains("id=\"style\""));
    assert!(read("src/browser/first.js").contains("target.id === \"style\""));
}

/// The page's first script captures any response with one of these names; the two lists must agree.
///
/// Rule (The response): The first script takes everything that the application would read
#[test]
fn the_first_script_knows_the_same_parameters() {
    let script = include_str!("../../src/browser/first.js");
    let names = RESPONSE_PARAMETERS
        .map(|name| format!("\"{name}\""))
        .join(", ");
    assert!(
        script.contains(&format!("[{names}]")),
        "first.js lists {names}"
    );
}

/// Rule (Storage and other tabs): Another deployment at the same origin has its own entries, locks
/// and channel
#[test]
fn the_first_script_looks_under_the_same_name() {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/browser/first.js");
    let script = fs::read_to_string(script).unwrap();
    for base in ["/", "${path}"] {
        let name = Namespace::new("cc-connect", base).name("session");
        assert!(script.contains(&name), "{name}");
    }
}
