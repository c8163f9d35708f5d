//! The issuer's JWK Set, and the selection of the one key that may verify a token.

use super::{
    base64url,
    error::{KeyProblem, TokenError},
};
use crate::json;
use serde_json::{Map, Value};
use thiserror::Error;

/// The largest JWK Set that is parsed. The real one is smaller than 1 KB.
pub const MAX_JWK_SET_BYTES: usize = 256 * 1024;

/// The shortest RSA modulus accepted ([RFC 7518 §3.3]), in bits.
///
/// [RFC 7518 §3.3]: https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3
pub const MIN_MODULUS_BITS: usize = 2048;

/// The longest RSA modulus accepted, in bits: the limit of the RSA implementation.
pub const MAX_MODULUS_BITS: usize = 4096;

/// Why a document is not a JWK Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Larger than [`MAX_JWK_SET_BYTES`].
    #[error("the key set is larger than {MAX_JWK_SET_BYTES} bytes")]
    TooLarge,
    /// Not a JSON object with an array `keys` that holds an object.
    #[error("the document is not a key set")]
    Malformed,
    /// `keys` is empty.
    #[error("the key set has no keys")]
    Empty,
}

impl JwkSetError {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "keys_too_large",
            Self::Malformed => "keys_malformed",
            Self::Empty => "keys_empty",
        }
    }
}

/// A JWK Set ([RFC 7517 §5]). Keys that cannot verify RS256 are kept with the reason, so that a
/// token that names one is rejected for that reason and not for an unknown key.
///
/// ```
/// use cc_connect_core::jose::{JwkSet, TokenError, error::KeyProblem};
///
/// let keys = JwkSet::parse(r#"{"keys": [{"kty": "EC", "kid": "a"}]}"#)?;
/// assert_eq!((keys.len(), keys.is_empty()), (1, false));
/// assert_eq!(
///     keys.select(Some("a")),
///     Err(TokenError::UnsuitableKey(KeyProblem::KeyType))
/// );
/// assert!(matches!(keys.select(Some("b")), Err(TokenError::KeyNotFound { .. })));
///
/// assert_eq!(JwkSet::parse(r#"{"keys": []}"#).unwrap_err().code(), "keys_empty");
/// # Ok::<(), cc_connect_core::jose::JwkSetError>(())
/// ```
///
/// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517.html#section-5
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Jwk {
    kid: Option<String>,
    key: Result<RsaKey, KeyProblem>,
}

/// An RSA public key that may verify RS256: 2048 to 4096 bits, odd exponent above 2^16
/// (FIPS 186-5, A.1.1).
///
/// ```
/// use cc_connect_core::jose::JwkSet;
///
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let document = vector!("key-set.json");
/// let keys = JwkSet::parse(document)?;
/// assert_eq!(keys.select(Some("test-key"))?.bits(), 2048);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

impl RsaKey {
    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        bits(&self.modulus)
    }
}

impl JwkSet {
    /// Parses a JWK Set document. Unknown members are ignored, as [RFC 7517 §5] requires, and so
    /// are entries of `keys` that are not objects
    /// ([the rule](crate::json#what-decides-and-what-does-not)).
    ///
    /// # Errors
    ///
    /// [`JwkSetError`]. A single unusable key does not invalidate the set.
    ///
    /// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517.html#section-5
    pub fn parse(document: &str) -> Result<Self, JwkSetError> {
        if document.len() > MAX_JWK_SET_BYTES {
            return Err(JwkSetError::TooLarge);
        }
        let object = json::parse_object(document.as_bytes()).map_err(|_| JwkSetError::Malformed)?;
        let Some(Value::Array(members)) = object.get("keys") else {
            return Err(JwkSetError::Malformed);
        };
        if members.is_empty() {
            return Err(JwkSetError::Empty);
        }
        let keys: Vec<Jwk> = members
            .iter()
            .filter_map(Value::as_object)
            .map(Jwk::read)
            .collect();
        if keys.is_empty() {
            return Err(JwkSetError::Malformed);
        }
        Ok(Self { keys })
    }

    /// How many keys the document lists, usable or not.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it lists no keys; [`parse`](Self::parse) never returns such a set.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The one key that a token with this `kid` may be verified with.
    ///
    /// Without a `kid` the set must hold exactly one usable key: trying each key would let an
    /// attacker choose among them.
    ///
    /// # Errors
    ///
    /// [`TokenError::KeyNotFound`], [`TokenError::AmbiguousKey`], [`TokenError::UnsuitableKey`] or
    /// [`TokenError::WeakKey`].
    pub fn select(&self, kid: Option<&str>) -> Result<&RsaKey, TokenError> {
        let named = |jwk: &&Jwk| kid.is_none() || jwk.kid.as_deref() == kid;
        let mut usable = self
            .keys
            .iter()
            .filter(named)
            .filter_map(|jwk| jwk.key.as_ref().ok());
        match (usable.next(), usable.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(TokenError::AmbiguousKey {
                kid: kid.map(str::to_owned),
            }),
            (None, _) => Err(
                match self
                    .keys
                    .iter()
                    .filter(named)
                    .find_map(|jwk| jwk.key.as_ref().err())
                {
                    Some(&KeyProblem::Size(bits)) if bits < MIN_MODULUS_BITS => {
                        TokenError::WeakKey { bits }
                    }
                    Some(problem) if kid.is_some() => TokenError::UnsuitableKey(problem.clone()),
                    _ => TokenError::KeyNotFound {
                        kid: kid.map(str::to_owned),
                    },
                },
            ),
        }
    }
}

impl Jwk {
    fn read(jwk: &Map<String, Value>) -> Self {
        Self {
            kid: jwk.get("kid").and_then(Value::as_str).map(str::to_owned),
            key: read_rsa_key(jwk),
        }
    }
}

fn read_rsa_key(jwk: &Map<String, Value>) -> Result<RsaKey, KeyProblem> {
    let absent_or = |name, expected: &str| {
        jwk.get(name)
            .is_none_or(|value| value.as_str() == Some(expected))
    };
    if jwk.get("kty").and_then(Value::as_str) != Some("RSA") {
        return Err(KeyProblem::KeyType);
    }
    if !absent_or("use", "sig") {
        return Err(KeyProblem::Use);
    }
    if let Some(operations) = jwk.get("key_ops") {
        let verifies = operations
            .as_array()
            .is_some_and(|list| list.iter().any(|operation| operation == "verify"));
        if !verifies {
            return Err(KeyProblem::KeyOperations);
        }
    }
    if !absent_or("alg", "RS256") {
        return Err(KeyProblem::Algorithm);
    }

    let modulus = unsigned(jwk, "n").ok_or(KeyProblem::Modulus)?;
    let exponent = unsigned(jwk, "e").ok_or(KeyProblem::Exponent)?;
    let odd = exponent.last().is_some_and(|octet| octet & 1 == 1);
    if !odd || !(17..=33).contains(&bits(&exponent)) {
        return Err(KeyProblem::Exponent);
    }
    let key = RsaKey { modulus, exponent };
    match key.bits() {
        MIN_MODULUS_BITS..=MAX_MODULUS_BITS => Ok(key),
        bits => Err(KeyProblem::Size(bits)),
    }
}

/// A Base64urlUInt ([RFC 7518 §2]) in canonical form: no leading zero octets.
///
/// [RFC 7518 §2]: https://www.rfc-editor.org/rfc/rfc7518.html#section-2
fn unsigned(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let octets = base64url::decode(jwk.get(name)?.as_str()?)?;
    (octets.first().is_some_and(|&first| first != 0)).then_some(octets)
}

/// The length in bits of a big-endian number without leading zero octets.
fn bits(octets: &[u8]) -> usize {
    match octets.first() {
        None => 0,
        Some(first) => octets.len() * 8 - first.leading_zeros() as usize,
    }
}
