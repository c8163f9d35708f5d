//! Where to go once an authorization is over.

use std::fmt;

/// The longest value, in bytes.
const MAX_BYTES: usize = 2048;

/// A page of the application: its path relative to the application's base URL, without a leading
/// slash, with a query or without. The start page is the empty string.
///
/// It is kept in storage while the user is at the authorization server. Whatever storage returns,
/// the browser stays below the base URL: there is no scheme, no host, and no way up.
///
/// ```
/// use cc_connect_core::ReturnTo;
///
/// let page = ReturnTo::parse("contacts/?list=7").unwrap();
/// assert_eq!(page.as_str(), "contacts/?list=7");
/// assert_eq!(page.path_below("/app/"), "/app/contacts/?list=7");
/// assert_eq!(ReturnTo::from_location("/app/contacts/", "?list=7", "/app/"), Some(page));
/// assert_eq!(ReturnTo::parse("//elsewhere.example"), None);
/// assert_eq!(ReturnTo::parse("a/%2e%2E/b"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The page at the application's base URL.
    pub const START: Self = Self(String::new());

    /// Parses a relative path with an optional query. `None` if it is too long, begins with a
    /// slash or a scheme ([RFC 3986 §4.2](https://www.rfc-editor.org/rfc/rfc3986.html#section-4.2)),
    /// doubles a slash, climbs up, or contains a backslash, a control character, white space or a
    /// fragment.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split('?').next().unwrap_or_default();
        let fits = text.len() <= MAX_BYTES
            && !text.contains(|c: char| c.is_control() || c.is_whitespace() || "\\#".contains(c))
            && !path.starts_with('/')
            && !path.contains("//")
            && !path.split('/').next().unwrap_or_default().contains(':')
            && !path.split('/').any(climbs);
        fits.then(|| Self(text.to_owned()))
    }

    /// The page at this absolute path of the host, if it is below `base_path`, which ends in a
    /// slash. `search` is the query with its question mark, or empty.
    pub fn from_location(path: &str, search: &str, base_path: &str) -> Option<Self> {
        Self::parse(&format!("{}{search}", path.strip_prefix(base_path)?))
    }

    /// The path relative to the base URL, with the query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The absolute path below `base_path`, which ends in a slash.
    pub fn path_below(&self, base_path: &str) -> String {
        format!("{base_path}{}", self.0)
    }
}

/// Browsers read `%2e` as a dot in these segments
/// ([URL Standard](https://url.spec.whatwg.org/#double-dot-path-segment)).
fn climbs(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase().replace("%2e", ".");
    segment == "." || segment == ".."
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
