//! The texts of the interface. They stand in `lang/`, one flat JSON object for each language: a key by
//! page and purpose, a text with `{values}`, `**emphasis**` and `` `code` `` in it. `en.json` is part of
//! the program, the others are fetched by the page that shows them.
//!
//! The build script makes a constant of each key, so a key that does not exist does not compile. A key's
//! place among all keys in order is its place in a list of texts; the keys themselves are not in the
//! program. A file of another language is used if its keys have the program's fingerprint: a file of
//! another version means English and no error.
//!
//! Where a number decides there is a key for each form, with the category of Unicode CLDR as its ending
//! (`.one`, `.other`), and the browser's `Intl.PluralRules` chooses; dates and numbers are `Intl`'s as
//! well. The language is the user's choice, else the first of `navigator.languages` that there is a file
//! for. The first script decides, since it also decides the first paint.
//!
//! No library does this, for its weight: rust-i18n compiles every language into the program, and Fluent
//! and ICU4X bring a parser and plural rules along, which a browser has already.

mod list;

use list::{AFTER_CATEGORY, AFTER_FORM, BEFORE_TEXT, Fingerprint, list};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// A text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u16);

/// A text that depends on a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plural(u16);

/// The texts of a language. They stay in memory for as long as the page lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    code: &'static str,
    texts: Vec<&'static str>,
}

impl Words {
    /// The texts that are part of the program.
    pub fn english() -> Self {
        Self::new(LANGUAGES[0].0, ENGLISH_TEXTS)
    }

    /// Reads the file of the language with this code; `None` if it is another version's or no file
    /// of texts at all, or if the language is not known.
    pub fn parse(code: &str, file: &[u8]) -> Option<Self> {
        let (code, _) = LANGUAGES.into_iter().find(|(known, _)| *known == code)?;
        let file = crate::json::parse_object(file).ok()?;
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

    /// The language's code, as in the `lang` of HTML.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// A text.
    pub fn text(&self, word: Word) -> &'static str {
        self.at(word.0)
    }

    /// The form of a text for numbers of a category; the one for all others, if there is none.
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
    /// Words.
    Text(&'a str),
    /// `**words**` that matter.
    Strong(&'a str),
    /// `` `code` ``
    Code(&'a str),
    /// `{name}`: something is put in its place.
    Value(&'a str),
}

/// Takes a text apart. What is opened and not closed is words.
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

/// A text with values in the places of their names. A name without a value stays as it is.
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

/// A text from outside, to stand in the middle of one of ours: whatever direction it is written in, what
/// stands around it keeps its place ([UAX #9](https://www.unicode.org/reports/tr9/), first strong isolate).
/// Isolates that it opens itself are closed, and what would close ours is left out.
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
        // A paragraph's end would end all isolates.
        let ends = c.is_control() || c == '\u{2029}';
        isolated.push(if ends { ' ' } else { c });
    }
    isolated.extend(std::iter::repeat_n(POP, open + 1));
    isolated
}
