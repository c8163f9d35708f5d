//! The language in use. Its texts are here; how it writes numbers and dates only the browser knows.

use super::{Plural, Word, Words, fill};
use cc_connect_core::time::Timestamp;
use std::cell::Cell;

/// How the language in use writes what depends on more than its texts.
#[derive(Clone, Copy, Debug)]
pub struct Formats {
    /// The plural category of a number: `one`, `few`, `other` and so on.
    pub plural_category: fn(u64) -> String,
    /// Date and time to the minute.
    pub date_time: fn(Timestamp) -> String,
}

/// English forms, and times as NumericDate: what is used until the browser's formats are set.
const PLAIN: Formats = Formats {
    plural_category: |count| if count == 1 { "one" } else { "other" }.to_owned(),
    date_time: |at| at.unix_seconds().to_string(),
};

thread_local! {
    static WORDS: Cell<&'static Words> = Cell::new(Box::leak(Box::new(Words::english())));
    static FORMATS: Cell<Formats> = const { Cell::new(PLAIN) };
}

/// The texts of the language in use: English at first.
pub fn words() -> &'static Words {
    WORDS.get()
}

/// Uses another language.
pub fn set_words(words: &'static Words) {
    WORDS.set(words);
}

/// Uses the browser's formats.
pub fn set_formats(formats: Formats) {
    FORMATS.set(formats);
}

/// Date and time to the minute.
pub fn date_time(at: Timestamp) -> String {
    (FORMATS.get().date_time)(at)
}

impl Word {
    /// The text in the language in use.
    pub fn text(self) -> &'static str {
        words().text(self)
    }

    /// The text with values substituted for their placeholders.
    pub fn with(self, values: &[(&str, &str)]) -> String {
        fill(self.text(), values)
    }
}

impl Plural {
    /// The form of the text for this number.
    pub fn text(self, count: u64) -> &'static str {
        words().form(self, &(FORMATS.get().plural_category)(count))
    }

    /// The form of the text for this number, with the number substituted for `{count}`.
    pub fn with(self, count: u64) -> String {
        fill(self.text(count), &[("count", &count.to_string())])
    }
}
