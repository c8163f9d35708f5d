//! Interface texts: the files in `lang/` match each other, the pages use them, and the first paint
//! says the same.

use cc_connect_app::words::{self, LANGUAGES, Names, Piece, Words, fill, pieces};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Texts = BTreeMap<String, String>;

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn file(code: &str) -> String {
    read(&format!("lang/{code}.json"))
}

fn texts(code: &str) -> Texts {
    let object = cc_connect_core::json::parse_object(file(code).as_bytes())
        .unwrap_or_else(|error| panic!("lang/{code}.json: {error:?}"));
    object
        .into_iter()
        .map(|(key, text)| {
            let text = text.as_str().map(str::to_owned);
            let text = text.unwrap_or_else(|| panic!("lang/{code}.json: {key} is no text"));
            (key, text)
        })
        .collect()
}

fn others() -> impl Iterator<Item = &'static str> {
    LANGUAGES.into_iter().map(|(code, _)| code).skip(1)
}

/// The name of a text and, if it is a plural form, its category.
fn name(key: &str) -> (&str, Option<&str>) {
    match key.rsplit_once('.') {
        Some((name, ending)) if CATEGORIES.contains(&ending) => (name, Some(ending)),
        _ => (key, None),
    }
}

fn names(texts: &Texts) -> BTreeSet<&str> {
    texts.keys().map(|key| name(key).0).collect()
}

fn constant(key: &str) -> String {
    name(key).0.replace(['.', '-'], "_").to_uppercase()
}

/// What must match across languages: the values, and the number of strong and code spans.
fn marks(text: &str) -> (BTreeSet<&str>, usize, BTreeSet<&str>) {
    let pieces = pieces(text);
    let values = pieces.iter().filter_map(|piece| match piece {
        Piece::Value(name) => Some(*name),
        _ => None,
    });
    let code = pieces.iter().filter_map(|piece| match piece {
        Piece::Code(code) => Some(*code),
        _ => None,
    });
    let strong = |piece: &&Piece<'_>| matches!(piece, Piece::Strong(_));
    (
        values.collect(),
        pieces.iter().filter(strong).count(),
        code.collect(),
    )
}

#[test]
fn every_language_has_the_same_texts() {
    let english = texts("en");
    for code in others() {
        let other = texts(code);
        let missing: Vec<_> = names(&english)
            .difference(&names(&other))
            .copied()
            .collect();
        let unknown: Vec<_> = names(&other)
            .difference(&names(&english))
            .copied()
            .collect();
        assert!(missing.is_empty(), "lang/{code}.json lacks {missing:?}");
        assert!(
            unknown.is_empty(),
            "lang/{code}.json has {unknown:?}, which lang/en.json has not"
        );
    }
}

#[test]
fn every_text_takes_the_same_values_in_each_language() {
    let english = texts("en");
    for code in others() {
        for (key, text) in texts(code) {
            let (name, category) = name(&key);
            let in_english = match category {
                Some(_) => &english[&format!("{name}.other")],
                None => &english[&key],
            };
            assert_eq!(
                marks(&text),
                marks(in_english),
                "lang/{code}.json: {key} has other values, other code or emphasis than in English"
            );
        }
    }
}

#[test]
fn every_text_with_forms_has_all_of_its_languages() {
    for (code, _) in LANGUAGES {
        let texts = texts(code);
        let mut forms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, category) in texts.keys().map(|key| name(key)) {
            if let Some(category) = category {
                forms.entry(name).or_default().insert(category);
            }
        }
        let all: BTreeSet<&str> = forms.values().flatten().copied().collect();
        assert!(
            all.contains("other"),
            "lang/{code}.json: no text has a form `other`"
        );
        for (name, found) in forms {
            assert_eq!(found, all, "lang/{code}.json: the forms of {name}");
        }
    }
}

#[test]
fn every_text_is_set_with_care() {
    for (code, own_name) in LANGUAGES {
        let texts = texts(code);
        assert_eq!(texts["language"], own_name);
        for (key, text) in texts {
            let at = format!("lang/{code}.json: {key}");
            // A value between straight quotes is a piece of JSON.
            let prose = text
                .replace("\"{", "{")
                .replace("}\"", "}")
                .replace("\"…\"", "…");
            let pieces = pieces(&prose);
            let prose = pieces.iter().filter_map(|piece| match piece {
                Piece::Text(text) | Piece::Strong(text) => Some(*text),
                Piece::Code(_) | Piece::Value(_) => None,
            });
            assert!(!text.trim().is_empty(), "{at} is empty");
            for text in prose {
                for (wrong, right) in [
                    ("'", "’"),
                    ("\"", "the language’s own quotation marks"),
                    ("...", "…"),
                    ("  ", "one space"),
                    ("{", "a value with a name and a closing brace"),
                    ("`", "code between two of them"),
                    ("**", "words between two of them"),
                ] {
                    assert!(
                        !text.contains(wrong),
                        "{at} has {wrong:?} where {right} belongs"
                    );
                }
                let control = |c: char| c.is_control() && c != '\n';
                assert!(!text.contains(control), "{at} has a control character");
            }
            // Copied details have one newline after each line.
            let last = text.strip_suffix('\n').unwrap_or(&text);
            assert_eq!(last.trim(), last, "{at} has space around it");
            let opened = text.matches(['“', '„']).count();
            let closed = match code {
                "de" => text.matches('„').count() * 2,
                _ => text.matches('“').count() + text.matches('”').count(),
            };
            assert_eq!(closed % 2, 0, "{at} does not close what it quotes");
            assert!(
                code != "de" || opened == closed,
                "{at} does not quote as German does"
            );
        }
    }
}

#[test]
fn a_file_of_texts_is_read() {
    let english = Words::parse("en", file("en").as_bytes()).unwrap();
    assert_eq!(english, Words::english());
    for code in others() {
        let other = Words::parse(code, file(code).as_bytes()).unwrap();
        let texts = texts(code);
        assert_eq!(other.code(), code);
        for (word, key) in [
            (words::LANGUAGE, "language"),
            (words::CONNECT_TITLE, "connect.title"),
            (words::ERROR_API_UNEXPECTED, "error.api_unexpected"),
            (words::VERIFYING_TITLE, "verifying.title"),
        ] {
            assert_eq!(other.text(word), texts[key]);
        }
        let keys = other.form(words::KEY_KEYS, "other");
        assert_eq!(keys, texts["key.keys.other"]);
    }
}

/// The order of members does not matter.
#[test]
fn a_file_may_be_in_any_order() {
    let members: Vec<String> = texts("de")
        .iter()
        .rev()
        .map(|(key, text)| format!("{}:{}", serde_json::json!(key), serde_json::json!(text)))
        .collect();
    let reversed = Words::parse("de", format!("{{{}}}", members.join(",")).as_bytes());
    assert_eq!(reversed, Words::parse("de", file("de").as_bytes()));
    assert!(reversed.is_some());
}

#[test]
fn a_file_of_another_version_is_not_used() {
    let changed = |change: &dyn Fn(&mut serde_json::Map<String, serde_json::Value>)| {
        let mut object = cc_connect_core::json::parse_object(file("de").as_bytes()).unwrap();
        change(&mut object);
        let text = serde_json::Value::Object(object).to_string();
        Words::parse("de", text.as_bytes())
    };
    assert!(changed(&|_| {}).is_some());
    assert!(changed(&|texts| drop(texts.remove("do.connect"))).is_none());
    assert!(changed(&|texts| drop(texts.insert("zzz".into(), "new".into()))).is_none());
    assert!(changed(&|texts| drop(texts.insert("do.connect".into(), 1.into()))).is_none());
    // A text that has gained plural forms.
    assert!(
        changed(&|texts| {
            texts.remove("key.keys.one");
            texts.remove("key.keys.other");
            texts.insert("key.keys".into(), "Schlüssel".into());
        })
        .is_none()
    );
    for wrong in ["", "{}", "[]", "<!doctype html>"] {
        assert!(Words::parse("de", wrong.as_bytes()).is_none(), "{wrong}");
    }
    assert!(Words::parse("xx", file("de").as_bytes()).is_none());
}

/// Plural categories differ between languages.
#[test]
fn a_language_may_have_other_forms_than_english() {
    let mut polish = texts("de");
    polish.insert("key.keys.one".to_owned(), "{count} klucz".to_owned());
    polish.insert("key.keys.few".to_owned(), "{count} klucze".to_owned());
    polish.insert("key.keys.other".to_owned(), "{count} kluczy".to_owned());
    let file = serde_json::json!(polish).to_string();
    let polish = Words::parse("de", file.as_bytes()).unwrap();
    for (category, text) in [
        ("one", "{count} klucz"),
        ("few", "{count} klucze"),
        ("other", "{count} kluczy"),
        ("many", "{count} kluczy"),
    ] {
        assert_eq!(polish.form(words::KEY_KEYS, category), text, "{category}");
    }
    // The text next to it stays in place.
    assert_eq!(polish.text(words::KEY_KID), texts("de")["key.kid"]);
}

#[test]
fn english_has_its_forms() {
    let english = Words::english();
    assert_eq!(english.code(), "en");
    assert_eq!(english.form(words::KEY_KEYS, "one"), "{count} key");
    assert_eq!(english.form(words::KEY_KEYS, "other"), "{count} keys");
    assert_eq!(english.form(words::KEY_KEYS, "many"), "{count} keys");
    assert_eq!(english.text(words::LANGUAGE), "English");
}

#[test]
fn values_take_the_places_of_their_names() {
    let values = [("at", "17:42"), ("name", "{at}")];
    for (text, filled) in [
        ("", ""),
        ("no place", "no place"),
        ("{at}", "17:42"),
        ("until {at}.", "until 17:42."),
        ("{at} and {at}", "17:42 and 17:42"),
        // Inserted values are not expanded again.
        ("{name}{at}", "{at}17:42"),
        ("{unknown} {at}", "{unknown} 17:42"),
        ("a { and {at}", "a { and 17:42"),
        ("{at", "{at"),
        ("}{at}", "}17:42"),
    ] {
        assert_eq!(fill(text, &values), filled, "{text}");
    }
}

#[test]
fn a_text_is_taken_apart() {
    use Piece::{Code, Strong, Text, Value};
    let cases: [(&str, &[Piece<'_>]); 10] = [
        ("", &[]),
        ("words", &[Text("words")]),
        ("{at}", &[Value("at")]),
        ("until {at}.", &[Text("until "), Value("at"), Text(".")]),
        ("**a**`b`{c}", &[Strong("a"), Code("b"), Value("c")]),
        (
            "x `b` **a** y",
            &[Text("x "), Code("b"), Text(" "), Strong("a"), Text(" y")],
        ),
        // Inside code and strong spans, nothing else is special.
        ("`{a}` **`b`**", &[Code("{a}"), Text(" "), Strong("`b`")]),
        ("2 * 3 * 4", &[Text("2 * 3 * 4")]),
        ("a ` b", &[Text("a ` b")]),
        ("**a {b}", &[Text("**a "), Value("b")]),
    ];
    for (text, expected) in cases {
        assert_eq!(pieces(text), expected, "{text}");
    }
}

/// Every Rust source below a folder, with its path.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The sources that show texts: those of the pages, and those that choose the texts for them.
fn interface() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root().join("src/ui"), &mut found);
    sources(&root().join("src/messages"), &mut found);
    let duration = "src/words/duration.rs";
    found.push((duration.to_owned(), read(duration)));
    found
}

/// The texts that are found by a name; `messages.rs` tests which names there are.
const NAMED: [(&str, Names); 11] = [
    ("check", words::CHECK_NAMES),
    ("claim", words::CLAIM_NAMES),
    ("ended-by-server", words::ENDED_BY_SERVER_NAMES),
    ("error", words::ERROR_NAMES),
    ("flaw", words::FLAW_NAMES),
    ("malformed", words::MALFORMED_NAMES),
    ("mistake", words::MISTAKE_NAMES),
    ("not-made-by-server", words::NOT_MADE_BY_SERVER_NAMES),
    ("not-renewed", words::NOT_RENEWED_NAMES),
    ("permission", words::PERMISSION_NAMES),
    ("retried", words::RETRIED_NAMES),
];

#[test]
fn a_text_is_found_by_its_name() {
    let english = Words::english();
    let texts = texts("en");
    for (family, names) in NAMED {
        let found: BTreeSet<String> = names
            .iter()
            .map(|(name, part)| {
                let key = format!("{family}.{name}{part}");
                let word = names.find(name, part).unwrap_or_else(|| panic!("{key}"));
                assert_eq!(english.text(word), texts[&key], "{key}");
                key
            })
            .collect();
        let all = texts.keys().filter(|key| {
            let first = key.split('.').next();
            first == Some(family)
        });
        assert_eq!(found, all.cloned().collect(), "{family}");
        for (name, part) in [("", ""), ("unknown name", ""), (".what", ""), ("", ".what")] {
            assert!(names.find(name, part).is_none(), "{family}: {name}{part}");
        }
    }
}

#[test]
fn every_text_is_used_and_its_values_are_known() {
    let sources = interface();
    for (key, text) in texts("en") {
        let constant = constant(&key);
        let named = format!("words::{constant}");
        let uses = |source: &str| {
            source.match_indices(&named).any(|(at, _)| {
                let next = source[at + named.len()..].chars().next();
                !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
            })
        };
        let family = key.split('.').next().unwrap_or_default();
        let is_named = NAMED.iter().any(|(named, _)| *named == family);
        let users: Vec<_> = sources
            .iter()
            .filter(|(name, source)| is_named && name.starts_with("src/messages/") || uses(source))
            .collect();
        // The screen reader text of the first paint is only in index.html, and language names are
        // listed there.
        if ["app.loading", "language"].contains(&key.as_str()) {
            continue;
        }
        assert!(!users.is_empty(), "nothing uses {key}");
        let (values, ..) = marks(&text);
        for value in values.into_iter().filter(|value| *value != "count") {
            let known = [format!("\"{value}\""), format!("|_{value}|")];
            let knows = |source: &str| known.iter().any(|known| source.contains(known));
            if is_named {
                // Which of them fills it in is tested with the messages.
                let known = users.iter().any(|(_, source)| knows(source));
                assert!(known, "nothing knows {{{value}}} of {key}");
                continue;
            }
            for (name, source) in &users {
                let known = knows(source);
                assert!(known, "{name} uses {key} and does not know its {{{value}}}");
            }
        }
    }
}

/// The string literals of a source, except in comments.
fn literals(source: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|c| *c == '\n');
            }
            '"' => {
                let mut literal = String::new();
                while let Some(c) = rest.next() {
                    match c {
                        '"' => break,
                        '\\' => literal.extend([c].into_iter().chain(rest.next())),
                        _ => literal.push(c),
                    }
                }
                literals.push(literal);
            }
            _ => {}
        }
    }
    literals
}

/// Whether a literal looks like user-facing text: letters and a space, or an initial capital.
/// Placeholders, style sheet class names and drawings are excluded.
fn is_for_people(literal: &str, classes: &BTreeSet<&str>) -> bool {
    let mut text = String::new();
    for piece in pieces(literal) {
        if let Piece::Text(words) | Piece::Strong(words) | Piece::Code(words) = piece {
            text.push_str(words);
        }
    }
    let text = text.replace("\\n", " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let drawing = text.starts_with('M') && text[1..].starts_with(|c: char| c.is_ascii_digit());
    let has_letters = text.contains(char::is_alphabetic);
    let spaced = text.contains(char::is_whitespace);
    let several = spaced && !words.iter().all(|word| classes.contains(word));
    has_letters && !drawing && (several || text.starts_with(char::is_uppercase))
}

/// Not user-facing: the API's campaign status, a request method, a variable, a link relation, a
/// piece of config.json, and a command.
const NOT_FOR_PEOPLE: [&str; 5] = [
    "S256",
    "CARGO_PKG_VERSION",
    "noreferrer noopener",
    "cargo xtask doctor {}",
    "{{\\n  \\\"client_id\\\": \\\"{key}\\\",\\n  \\\"response_type\\\": \\\"code\\\"\\n}}",
];

#[test]
fn no_words_are_left_in_the_interface() {
    let style = read("style/main.css");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let classes: BTreeSet<&str> = style
        .split('.')
        .map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
        .collect();
    let mut left = BTreeSet::new();
    let mut allowed = BTreeSet::new();
    for (name, source) in interface() {
        for literal in literals(&source) {
            if NOT_FOR_PEOPLE.contains(&literal.as_str()) {
                allowed.insert(literal);
            } else if is_for_people(&literal, &classes) {
                left.insert(format!("{name}: {literal:?} belongs in lang/en.json"));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(allowed.len(), NOT_FOR_PEOPLE.len(), "{allowed:?}");
}

#[test]
fn words_that_are_left_are_noticed() {
    let classes = BTreeSet::from(["badge", "badge-half"]);
    for words in [
        "Nothing was lost",
        "Overview",
        "to group by",
        "{a} is {b}",
        "** a**",
    ] {
        assert!(is_for_people(words, &classes), "{words}");
    }
    for other in [
        "",
        "badge badge-half",
        "page",
        "M12 4 2.8h18",
        "0 0 32 32",
        "{name}: {x}\\n",
    ] {
        assert!(!is_for_people(other, &classes), "{other}");
    }
    let source = "a(\"one \\\" two\") // \"no\"\n  \"three\n four\"";
    assert_eq!(literals(source), ["one \\\" two", "three\n four"]);
}

/// The texts in the body of index.html, except in elements that declare a language of their own,
/// which stay English for everyone.
fn first_paint() -> Vec<String> {
    let document = read("index.html");
    let (_, body) = document.split_once("<body>").unwrap();
    let mut found = Vec::new();
    // The open elements, each with whether it or an ancestor declares a language.
    let mut open: Vec<(String, bool)> = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
        let inside = open.last().is_some_and(|(_, says)| *says);
        if let Some(name) = name.strip_prefix('/') {
            while open.pop().is_some_and(|(open, _)| open != name) {}
        } else if !name.starts_with('!') && !tag.ends_with('/') && name != "input" {
            open.push((name, inside || tag.contains(" lang=\"en\"")));
        }
        let Some((name, says)) = open.last() else {
            continue;
        };
        if *says || name == "code" {
            continue;
        }
        let label = tag.split_once("aria-label=\"").map(|(_, rest)| rest);
        let label = label.and_then(|rest| rest.split('"').next());
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        found.extend([label.unwrap_or_default().to_owned(), text]);
    }
    found.retain(|text| !text.is_empty());
    found
}

/// The pieces of text between elements.
fn spoken(text: &str) -> impl Iterator<Item = String> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) | Piece::Strong(text) => Some(text.trim().to_owned()),
        Piece::Code(_) | Piece::Value(_) => None,
    })
}

#[test]
fn the_first_paint_says_what_the_application_says() {
    let english = texts("en");
    let said: BTreeSet<String> = english.values().flat_map(|text| spoken(text)).collect();
    let painted = first_paint();
    assert!(painted.len() > 30, "{painted:?}");
    for text in &painted {
        assert!(
            said.contains(text),
            "index.html says {text:?}, which is not in lang/en.json"
        );
    }
    // The texts of the other grant, and the title, are loaded with the application.
    let later = ["connect.page", "connect.ends.day"];
    let painted: BTreeSet<&String> = painted.iter().collect();
    let of_the_page = english.iter().filter(|(key, _)| {
        let page = ["connect.", "footer."]
            .iter()
            .any(|page| key.starts_with(page));
        page && !later.contains(&key.as_str())
    });
    for (key, text) in of_the_page {
        for piece in spoken(text) {
            assert!(
                painted.contains(&piece),
                "index.html lacks {piece:?} of {key}"
            );
        }
    }
}

#[test]
fn the_first_script_knows_the_languages() {
    let codes: Vec<&str> = LANGUAGES.into_iter().map(|(code, _)| code).collect();
    let attribute = format!("data-languages=\"{}\"", codes.join(" "));
    let document = read("index.html");
    assert!(
        document.contains(&attribute),
        "index.html needs {attribute}"
    );
}

/// B22: a blocker may be what keeps the page from Constant Contact, not only the network.
#[test]
fn the_advice_for_what_is_not_reached_names_blockers() {
    let blockers = [
        ("en", ["ad blocker", "privacy extension", "DNS filter"]),
        (
            "de",
            ["Werbeblocker", "Datenschutz-Erweiterung", "DNS-Filter"],
        ),
    ];
    assert_eq!(
        blockers.map(|(code, _)| code),
        LANGUAGES.map(|(code, _)| code)
    );
    for (code, blockers) in blockers {
        let texts = texts(code);
        for key in [
            "error.api_unreachable.what",
            "error.token_endpoint_unreachable.what",
            "next.check-blockers",
            "not-renewed.token_endpoint_unreachable",
        ] {
            for blocker in blockers {
                assert!(texts[key].contains(blocker), "{code}: {key}: {blocker}");
            }
        }
    }
}

/// B19: external text has its own direction, and the text around it stays in place.
///
/// Rule (The response): Within a sentence of the page the server's texts are isolated, whatever
/// their direction
#[test]
fn a_text_from_outside_is_isolated() {
    for (text, isolated) in [
        ("", "\u{2068}\u{2069}"),
        ("Bluebird", "\u{2068}Bluebird\u{2069}"),
        ("\u{5e9}\u{5dc}", "\u{2068}\u{5e9}\u{5dc}\u{2069}"),
        // An override ends with the enclosing isolate at the latest.
        ("\u{202e}evil", "\u{2068}\u{202e}evil\u{2069}"),
        (
            "\u{202e}a\u{202c}\u{202c}",
            "\u{2068}\u{202e}a\u{202c}\u{202c}\u{2069}",
        ),
        // Nothing in it can end the isolate, and whatever it opens is closed.
        ("a\u{2069}\u{202e}b", "\u{2068}a\u{202e}b\u{2069}"),
        ("\u{2067}a", "\u{2068}\u{2067}a\u{2069}\u{2069}"),
        (
            "\u{2066}\u{2068}a\u{2069}",
            "\u{2068}\u{2066}\u{2068}a\u{2069}\u{2069}\u{2069}",
        ),
        (
            "\u{2067}a\u{2069}\u{2069}b",
            "\u{2068}\u{2067}a\u{2069}b\u{2069}",
        ),
        // A paragraph separator would end the isolate.
        ("a\u{2029}b\nc\u{85}d\u{1c}e", "\u{2068}a b c d e\u{2069}"),
    ] {
        assert_eq!(words::isolated(text), isolated, "{text:?}");
    }
}
