//! `scope` ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)): a set of
//! case-sensitive tokens separated by single spaces.

use std::fmt;
use thiserror::Error;

/// Not a scope: a token is empty or has a character outside `%x21 / %x23-5B / %x5D-7E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a scope token is empty or has a character that is not allowed")]
#[non_exhaustive]
pub struct ScopeError;

/// A set of scope tokens. Order carries no meaning and is normalized.
///
/// ```
/// use cc_connect_core::oauth::{Scope, ScopeError};
///
/// let requested = Scope::parse("contact_data account_read")?;
/// assert_eq!(requested.to_string(), "account_read contact_data");
/// // A server may separate what it grants by any white space, or grant less.
/// let granted = Scope::read("account_read\n").unwrap();
/// assert_eq!(requested.without(&granted), Scope::parse("contact_data")?);
/// assert_eq!(Scope::parse("a  b"), Err(Scope::parse("").unwrap_err()));
///
/// let more = granted.with_token("campaign_data");
/// assert_eq!(more.iter().collect::<Vec<_>>(), ["account_read", "campaign_data"]);
/// let data = more.retaining(|token| token.ends_with("_data"));
/// assert!(data.contains("campaign_data") && !data.contains("account_read"));
/// assert!(data.without(&more).is_empty());
/// # Ok::<(), ScopeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Parses a scope parameter. The empty string is invalid: a server that grants nothing responds
    /// with an error.
    ///
    /// # Errors
    ///
    /// [`ScopeError`] if the text does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let valid = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
        };
        if !text.split(' ').all(valid) {
            return Err(ScopeError);
        }
        let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        Ok(Self(words))
    }

    /// Parses the scope that a server reports as granted, with any white space between tokens.
    /// `None` if it is unreadable or empty, which counts as absent
    /// ([the rule](crate::json#what-decides-and-what-does-not)).
    pub fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        Self::parse(&words.join(" ")).ok()
    }

    /// Whether it has this token, compared exactly.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|word| word == token)
    }

    /// The tokens in alphabetical order, each once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The tokens that this scope has and `other` lacks.
    pub fn without(&self, other: &Self) -> Self {
        self.retaining(|word| !other.contains(word))
    }

    /// The tokens for which `wanted` is true.
    pub fn retaining(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let wanted = |word: &&String| wanted(word);
        Self(self.0.iter().filter(wanted).cloned().collect())
    }

    /// This scope and one more token.
    pub fn with_token(mut self, token: &str) -> Self {
        self.0.push(token.to_owned());
        self.0.sort_unstable();
        self.0.dedup();
        self
    }

    /// Whether it has no tokens.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, token) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token)?;
        }
        Ok(())
    }
}
