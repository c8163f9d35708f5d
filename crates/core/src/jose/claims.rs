//! The claims of a JWT whose signature and registered claims have been verified.

use super::error::TokenError;
use crate::time::Timestamp;
use serde_json::{Map, Value};
use std::fmt;

/// The last second of the year 9999. A NumericDate beyond it is an error, not a date.
const MAX_NUMERIC_DATE: i64 = 253_402_300_799;

/// Claims that passed [`verify`](super::verify()), which is the only way to get them. They are
/// never deserialized: trust is recomputed, not loaded.
///
/// ```
/// use cc_connect_core::jose::{TokenError, verify};
/// # use cc_connect_core::{constant_contact, jose::JwkSet, time::Timestamp};
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let (token, keys) = (vector!("access-token.jws").trim(), vector!("key-set.json"));
/// # let keys = JwkSet::parse(keys)?;
/// # let expectations = constant_contact::access_token_expectations();
/// # let requested_at = Timestamp::from_unix_seconds(1_790_000_000);
/// # let now = requested_at;
///
/// let (_, result) = verify(token, &keys, &expectations, requested_at, now);
/// let claims = result?;
/// assert_eq!(claims.issuer(), expectations.issuer);
/// assert_eq!(claims.audience(), [expectations.audience]);
/// assert_eq!(claims.subject(), "geeksquad");
/// assert_eq!(claims.expires_at().seconds_since(claims.issued_at()), 28_800);
/// assert_eq!(claims.key().bits, 2048);
///
/// // The claims that JWTs have in common; any other is read by name.
/// assert_eq!(claims.required_text("cid")?, "cc94c2d6-6e70-426c-afd1-71c8fa5f4890");
/// assert_eq!(claims.required_text("scp"), Err(TokenError::MalformedClaim("scp")));
/// assert!(claims.get("scp").is_some_and(|scope| scope.is_array()));
/// assert_eq!(claims.iter().count(), 11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct VerifiedClaims {
    pub(super) object: Map<String, Value>,
    pub(super) issuer: String,
    pub(super) audience: Vec<String>,
    pub(super) subject: String,
    pub(super) expires_at: Timestamp,
    pub(super) issued_at: Timestamp,
    pub(super) key: VerificationKey,
}

/// The key that verified a token's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationKey {
    /// The `kid` that the token names, if any.
    pub kid: Option<String>,
    /// The size of the modulus in bits.
    pub bits: usize,
}

impl VerifiedClaims {
    /// `iss`, which is the issuer that was expected, character by character.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `aud`, one or many, among them the expected one.
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// `sub`, never empty.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `exp`: when the token expires.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `iat`: when the token was issued.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The key that verified the signature.
    pub fn key(&self) -> &VerificationKey {
        &self.key
    }

    /// Any claim, as JSON; beyond those above, only its signature has been verified.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.object.get(name)
    }

    /// Every claim with its name, those above included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.object
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// A claim that must be present and a non-empty string.
    ///
    /// # Errors
    ///
    /// [`TokenError::MissingClaim`] or [`TokenError::MalformedClaim`].
    pub fn required_text(&self, name: &'static str) -> Result<&str, TokenError> {
        required_text(&self.object, name)
    }
}

impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `sub` and the rest are personal data: a log line gets only the times.
        f.debug_struct("VerifiedClaims")
            .field("exp", &self.expires_at)
            .field("iat", &self.issued_at)
            .finish_non_exhaustive()
    }
}

pub(super) fn required_text<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
) -> Result<&'a str, TokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Err(TokenError::MissingClaim(name)),
        Some(Value::String(text)) if text.is_empty() => Err(TokenError::MissingClaim(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(TokenError::MalformedClaim(name)),
    }
}

/// A NumericDate ([RFC 7519 §2]); a fraction of a second is allowed and truncated.
///
/// [RFC 7519 §2]: https://www.rfc-editor.org/rfc/rfc7519.html#section-2
pub(super) fn numeric_date(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, TokenError> {
    let number = match claims.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(TokenError::MalformedClaim(name)),
    };
    let seconds = match number.as_i64() {
        Some(seconds) => Some(seconds),
        None => number
            .as_f64()
            .filter(|seconds| (0.0..=MAX_NUMERIC_DATE as f64).contains(seconds))
            .map(|seconds| seconds as i64),
    };
    seconds
        .filter(|seconds| (0..=MAX_NUMERIC_DATE).contains(seconds))
        .map(|seconds| Some(Timestamp::from_unix_seconds(seconds)))
        .ok_or(TokenError::MalformedClaim(name))
}

/// `aud` ([RFC 7519 §4.1.3]): one string, or an array of strings.
///
/// [RFC 7519 §4.1.3]: https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.3
pub(super) fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    match claims.get("aud") {
        None | Some(Value::Null) => Err(TokenError::MissingClaim("aud")),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or(TokenError::MalformedClaim("aud")),
        Some(_) => Err(TokenError::MalformedClaim("aud")),
    }
}
