//! The parameters that requests add, and a strict parser for `application/x-www-form-urlencoded`
//! ([RFC 6749 appendix B](https://www.rfc-editor.org/rfc/rfc6749.html#appendix-B)).

use std::fmt;
use thiserror::Error;

/// Every parameter that an authorization request may have.
pub const OF_AUTHORIZATION_REQUEST: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];
/// Every parameter that a token request may have.
pub const OF_TOKEN_REQUEST: [&str; 6] = [
    "grant_type",
    "client_id",
    "redirect_uri",
    "code",
    "code_verifier",
    "refresh_token",
];
/// The longest text that is parsed, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// Why parameters could not be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParametersError {
    /// Longer than [`MAX_BYTES`].
    #[error("longer than {MAX_BYTES} bytes")]
    TooLarge,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("not form-urlencoded UTF-8")]
    Malformed,
    /// A parameter occurs twice
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1) forbids it).
    #[error("a parameter occurs twice")]
    Duplicate,
}

/// Decoded parameters, each name once. Values may be secrets, so `Debug` shows names only.
///
/// ```
/// use cc_connect_core::oauth::parameters::{Parameters, ParametersError};
///
/// let parameters = Parameters::parse("state=a+b&scope=")?;
/// assert_eq!(parameters.get("state"), Some("a b"));
/// assert_eq!(parameters.get("scope"), None, "empty counts as absent");
/// assert_eq!(Parameters::parse("a=1&a=2").unwrap_err(), ParametersError::Duplicate);
/// # Ok::<(), ParametersError>(())
/// ```
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes `text` exactly once; `+` is a space.
    ///
    /// A parameter without a value is left out, as [RFC 6749 §3.1] requires.
    ///
    /// # Errors
    ///
    /// [`ParametersError`].
    ///
    /// [RFC 6749 §3.1]: https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1
    pub fn parse(text: &str) -> Result<Self, ParametersError> {
        if text.len() > MAX_BYTES {
            return Err(ParametersError::TooLarge);
        }
        if !well_formed(text) {
            return Err(ParametersError::Malformed);
        }
        let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let duplicate = pairs
            .iter()
            .enumerate()
            .any(|(index, (name, _))| pairs[..index].iter().any(|(earlier, _)| earlier == name));
        if duplicate {
            return Err(ParametersError::Duplicate);
        }
        Ok(Self(
            pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        ))
    }

    /// The value of the parameter, if it is present and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Whether every `%` starts a percent-encoded octet and every component is UTF-8. The decoder
/// checks neither.
fn well_formed(text: &str) -> bool {
    text.split(['&', '=']).all(|component| {
        let mut octets = Vec::with_capacity(component.len());
        let mut rest = component.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = tail;
            if *first != b'%' {
                octets.push(*first);
                continue;
            }
            let [high, low, tail @ ..] = tail else {
                return false;
            };
            let (Some(high), Some(low)) = (
                char::from(*high).to_digit(16),
                char::from(*low).to_digit(16),
            ) else {
                return false;
            };
            octets.push((high * 16 + low) as u8);
            rest = tail;
        }
        std::str::from_utf8(&octets).is_ok()
    })
}
