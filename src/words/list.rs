//! Turns the file of a language into a list of texts. The build script and the application share
//! this code, so that they agree.

/// The last parts of keys that are forms of one text: the plural categories of [Unicode CLDR].
///
/// [Unicode CLDR]: https://www.unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Separates a form's category from its text.
pub const AFTER_CATEGORY: char = '\u{1f}';

/// Terminates each form.
pub const AFTER_FORM: char = '\u{1e}';

/// Precedes each text.
pub const BEFORE_TEXT: char = '\u{1d}';

/// Joins texts, sorted by key, into one list. All forms of a text make one entry; which forms exist
/// differs between languages. `begin` gets the name of each text, and whether it has forms.
pub fn list<'a>(
    texts: impl Iterator<Item = (&'a str, &'a str)>,
    mut begin: impl FnMut(&'a str, bool),
) -> String {
    let mut list = String::new();
    let mut open = None;
    for (key, text) in texts {
        let form = key
            .rsplit_once('.')
            .filter(|(_, ending)| CATEGORIES.contains(ending));
        let name = form.map(|(name, _)| name);
        if name.is_none() || name != open {
            begin(name.unwrap_or(key), name.is_some());
            list.push(BEFORE_TEXT);
        }
        if let Some((_, category)) = form {
            list.push_str(category);
            list.push(AFTER_CATEGORY);
        }
        list.push_str(text);
        if form.is_some() {
            list.push(AFTER_FORM);
        }
        open = name;
    }
    list
}

/// A fingerprint of a list of names: 32-bit FNV-1a.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub u32);

impl Fingerprint {
    /// The fingerprint of an empty list.
    pub const EMPTY: Self = Self(0x811c_9dc5);

    /// Adds the name of a text.
    pub fn add(&mut self, name: &str, has_forms: bool) {
        let end = if has_forms { b'*' } else { b'\n' };
        for byte in name.bytes().chain([end]) {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}
