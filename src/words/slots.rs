//! How the keys of a language's file become places in a list. The build script and the application
//! both read files with this, so that they agree.

use std::collections::BTreeMap;

/// The endings of keys that are forms of one text: the plural categories of [Unicode CLDR].
///
/// [Unicode CLDR]: https://www.unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules
pub const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The ending of the name of a text with forms, in the place of theirs.
pub const FORMS: &str = ".*";

/// Between a form's category and its text.
pub const AFTER_CATEGORY: char = '\u{1f}';

/// After each form.
pub const AFTER_FORM: char = '\u{1e}';

/// Between two texts of a list.
pub const AFTER_TEXT: &str = "\u{1d}";

/// The texts of a file by their names, in order. The forms of one text are together under one name;
/// which ones there are differs from language to language.
pub fn slots(texts: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut slots: BTreeMap<String, String> = BTreeMap::new();
    for (key, text) in texts {
        match category(&key) {
            Some((name, category)) => {
                let forms = slots.entry(format!("{name}{FORMS}")).or_default();
                forms.push_str(category);
                forms.push(AFTER_CATEGORY);
                forms.push_str(&text);
                forms.push(AFTER_FORM);
            }
            None => {
                slots.insert(key, text);
            }
        }
    }
    slots
}

/// The name and the category in the key of a form.
pub fn category(key: &str) -> Option<(&str, &str)> {
    key.rsplit_once('.')
        .filter(|(_, ending)| CATEGORIES.contains(ending))
}

/// A number that tells one list of names from another: FNV-1a, 32 bits.
pub fn fingerprint<'a>(names: impl IntoIterator<Item = &'a String>) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for name in names {
        for byte in name.bytes().chain([b'\n']) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}
