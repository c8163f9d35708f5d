//! The texts of the interface. `lang/` has one flat JSON object per language: a key names page and
//! purpose, and its text may contain `{values}`, `**emphasis**` and `` `code` ``. `en.json` is
//! compiled in; the page fetches the others when it needs them.
//!
//! The build script turns each key into a constant, so that a key that does not exist does not
//! compile. A constant is the key's index among all keys in order. The keys themselves are not in the
//! program, except those that are found by the code of an error or another name ([`Names`]). A language file is used only if its keys have the program's fingerprint: with a
//! file from another version the page falls back to English without an error.
//!
//! A text that depends on a number has a key for each form, ending in its Unicode CLDR category
//! (`.one`, `.other`), and the browser's `Intl.PluralRules` chooses; `Intl` also formats dates and
//! numbers. The language is the user's choice, else the first of `navigator.languages` that has a
//! file. The first script decides, since it also makes the first paint.
//!
//! No library is used, because of its size: rust-i18n compiles every language into the program, and
//! Fluent and ICU4X bring a parser and plural rules, which the browser already has.

pub mod current;
pub mod duration;
mod list;

use list::{AFTER_CATEGORY, AFTER_FORM, BEFORE_TEXT, Fingerprint, list};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The index of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u16);

/// The index of a text that depends on a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plural(u16);

/// The texts whose keys begin alike and go on with a name that is known only while the application
/// runs, such as the code of an error.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The index of the first text.
    first: u16,
    /// The names in order, one a line. A name that begins with a period goes on after the last one
    /// that does not.
    names: &'static str,
}

impl Names {
    /// The text with this name, or a part of it, such as `.what`.
    pub fn find(self, name: &str, part: &str) -> Option<Word> {
        let mut is_found = false;
        for (place, line) in (self.first..).zip(self.names.split('\n')) {
            let is_part = line.starts_with('.');
            if !is_part {
                is_found = line == name;
            }
            if is_found && part == if is_part { line } else { "" } {
                return Some(Word(place));
            }
        }
        None
    }

    /// Every name with its part, which may be empty.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut name = "";
        self.names.split('\n').map(move |line| {
            if line.starts_with('.') {
                (name, line)
            } else {
                name = line;
                (name, "")
            }
        })
    }
}

/// The texts of a language. They are never freed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    code: &'static str,
    texts: Vec<&'static str>,
}

impl Words {
    /// The English texts, which are compiled in.
    pub fn english() -> Self {
        Self::new(LANGUAGES[0].0, ENGLISH_TEXTS)
    }

    /// Parses the file of the language with this code; `None` if the language is unknown, the file
    /// is from another version, or it is not a file of texts.
    pub fn parse(code: &str, file: &[u8]) -> Option<Self> {
        let (code, _) = LANGUAGES.into_iter().find(|(known, _)| *known == code)?;
        let file = cc_connect_core::json::parse_object(file).ok()?;
        let mut fingerprint = Fingerprint::EMPTY;
        let texts = list(
            file.iter()
                .filter_map(|(key, text)| Some((key.as_str(), text.as_str()?))),
            |name, has_forms| fingerprint.add(name, has_forms),
        );
        (fingerprint == FINGERPRINT).then(|| Self::new(code, String::leak(texts)))
    }

    fn new(code: &'static str, texts: &'static str) -> Self {
        Self {
            code,
            texts: texts.split(BEFORE_TEXT).skip(1).collect(),
        }
    }

    /// The language's code, as in HTML's `lang` attribute.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The text at this index.
    pub fn text(&self, word: Word) -> &'static str {
        self.at(word.0)
    }

    /// The form of a text for a plural category; the one for `other` if there is none.
    pub fn form(&self, plural: Plural, category: &str) -> &'static str {
        let of = |category: &str| {
            self.at(plural.0)
                .split(AFTER_FORM)
                .filter_map(|form| form.split_once(AFTER_CATEGORY))
                .find(|(found, _)| *found == category)
        };
        of(category)
            .or_else(|| of("other"))
            .map_or("", |(_, text)| text)
    }

    fn at(&self, place: u16) -> &'static str {
        self.texts
            .get(usize::from(place))
            .copied()
            .unwrap_or_default()
    }
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// `**text**` to emphasize.
    Strong(&'a str),
    /// `` `code` ``, to be shown as code.
    Code(&'a str),
    /// `{name}`, to be replaced with a value.
    Value(&'a str),
}

/// Splits a text into pieces. A mark that is not closed is plain text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    type Kind = for<'a> fn(&'a str) -> Piece<'a>;
    const MARKS: [(&str, &str, Kind); 3] = [
        ("{", "}", |name| Piece::Value(name)),
        ("**", "**", |words| Piece::Strong(words)),
        ("`", "`", |code| Piece::Code(code)),
    ];
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let marks = MARKS.iter().filter_map(|(open, close, kind)| {
            let (before, after) = rest.split_once(open)?;
            let (inside, after) = after.split_once(close)?;
            Some((before, kind(inside), after))
        });
        let Some((before, piece, after)) = marks.min_by_key(|(before, ..)| before.len()) else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Replaces each `{name}` with its value. A name without a value stays as it is.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Isolates external text within one of ours, so that its direction does not affect the text around
/// it ([UAX #9](https://www.unicode.org/reports/tr9/), first strong isolate). Isolates that it
/// leaves open are closed, and what would close ours is left out.
pub fn isolated(text: &str) -> String {
    const FIRST_STRONG: char = '\u{2068}';
    const POP: char = '\u{2069}';
    let mut isolated = String::from(FIRST_STRONG);
    let mut open = 0_usize;
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open += 1,
            POP if open == 0 => continue,
            POP => open -= 1,
            _ => {}
        }
        // A paragraph separator would end all isolates.
        let ends = c.is_control() || c == '\u{2029}';
        isolated.push(if ends { ' ' } else { c });
    }
    isolated.extend(std::iter::repeat_n(POP, open + 1));
    isolated
}
