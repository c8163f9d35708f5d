//! A strict JSON parser: one object, unique member names, bounded depth.
//!
//! [RFC 8259 §4] leaves duplicate names to the parser, and parsers that disagree about them let a
//! value pass one check and reach another. [RFC 7515 §4] and [RFC 7519 §4] allow a verifier to
//! reject them; this one always does.
//!
//! # What decides, and what does not
//!
//! One rule applies to all external input, whichever module reads it: **what decides something is
//! read strictly; what decides nothing is left out where it cannot be read.** A member decides
//! something if another value could turn a rejection into acceptance, one account into another, or
//! one address into another. It has a type and bounds, and violating them is an error with its own
//! code. Any other member, and any member that was not requested, never causes a rejection: it is
//! ignored, shown, or treated as absent. `null` means absent where absence is allowed and nothing
//! is decided by it.
//!
//! | input | decides | decides nothing |
//! |---|---|---|
//! | authorization response ([`oauth::AuthorizationResponse`](crate::oauth::AuthorizationResponse)) | its encoding; that each name occurs once; `state`, `iss`, `error`, `access_token`, `token_type`, `code`; `id_token`, which marks a response of another kind | `expires_in`; `scope` (the requested one counts); `error_description` (shown, truncated); `error_uri` and every other parameter (not read) |
//! | token response ([`oauth::TokenResponse`](crate::oauth::TokenResponse)) | the status; that it is one object; `access_token`, `token_type`, `error`; `id_token`, but only where `openid` was requested | `expires_in`; `scope` (the requested one counts); `refresh_token` (without one nothing is renewed; on renewal the old one stays valid); an `id_token` that was not requested; every other member |
//! | error response of the token endpoint | the status, `error` | `error_description` (shown, truncated); every other member |
//! | JOSE header ([`jose::UnverifiedJwt`](crate::jose::UnverifiedJwt)) | that it is one object; `alg`, `typ`, `kid`, `crit`, `b64` | every other parameter; `jku`, `x5u`, `jwk` and `x5c` are never read |
//! | claims of an access token ([`constant_contact`](crate::constant_contact)) | that they are one object; `iss`, `aud`, `exp`, `nbf`, `iat`, `sub`, `cid`, `platform_user_id`, `nonce` | `scp` (the API enforces it); `jti`, `uid`, `ver` and every other claim (shown as they are) |
//! | claims of an ID token ([`openid_connect`](crate::openid_connect)) | that they are one object; `iss`, `aud`, `exp`, `nbf`, `iat`, `sub`, `azp`, `nonce`, `at_hash` | every other claim (not read) |
//! | JWK Set ([`jose::JwkSet`](crate::jose::JwkSet)) | that it is one object, and `keys` an array; of the key that a token names: `kty`, `use`, `key_ops`, `alg`, `kid`, `n`, `e` | other entries of the array; every other member of the set and of a key |
//! | response of the V3 API ([`v3`](crate::v3)) | the status; that it is one object; that `campaigns` is an array, if present; `error_key` of a 429 | every other member: what is shown is left out where it cannot be read, and the rest is not read |
//! | answer of the page's own server ([`session::server`](crate::session::server)) | the status; that it is one object; `connected`, `reason`, `error`, `grant` and every known member of it, `renews`, `server_time`; `authorization_uri` | `budget`; every other member |
//! | stored record ([`session::stored`](crate::session::stored)) | `version` and every other known member: either it is this application's own format, or it is not used | unknown members |
//!
//! [RFC 8259 §4]: https://www.rfc-editor.org/rfc/rfc8259.html#section-4
//! [RFC 7515 §4]: https://www.rfc-editor.org/rfc/rfc7515.html#section-4
//! [RFC 7519 §4]: https://www.rfc-editor.org/rfc/rfc7519.html#section-4

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use thiserror::Error;

/// How deeply objects and arrays may be nested, the outermost object included.
pub const MAX_DEPTH: usize = 8;

/// The largest integer that every JSON parser represents exactly ([RFC 8259 §6]).
///
/// [RFC 8259 §6]: https://www.rfc-editor.org/rfc/rfc8259.html#section-6
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// Why a text is not the single JSON object expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, not UTF-8, followed by something else, or with a number out of range.
    #[error("not JSON")]
    Syntax,
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member name occurs twice in one object.
    #[error("a member name occurs twice")]
    DuplicateMember,
    /// Nested more than [`MAX_DEPTH`] deep.
    #[error("nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// A [`JsonError`] with its position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}")]
#[non_exhaustive]
pub struct JsonFlaw {
    /// The kind of flaw, without its position.
    #[source]
    pub error: JsonError,
    /// The line, counted from 1.
    pub line: usize,
    /// The byte within the line, counted from 1; 0 is the end of the previous line.
    pub column: usize,
    /// Whether the text ends where more was expected.
    pub is_cut: bool,
    /// The parser's message in English, for an author and not for a user.
    pub words: String,
}

/// Parses `text` as exactly one JSON object whose member names are unique at every level.
///
/// ```
/// use cc_connect_core::json::{JsonError, parse_object};
///
/// assert_eq!(parse_object(br#"{"exp": 1790000000}"#)?["exp"], 1_790_000_000);
/// assert_eq!(parse_object(br#"{"exp": 1, "exp": 2}"#), Err(JsonError::DuplicateMember));
/// assert_eq!(parse_object(b"[]"), Err(JsonError::NotAnObject));
/// # Ok::<(), JsonError>(())
/// ```
///
/// # Errors
///
/// [`JsonError`], the first one found.
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    read_object(text).map_err(|error| reason(&error))
}

/// Like [`parse_object`], but with the position, for an author who can correct the text.
///
/// ```
/// use cc_connect_core::json::parse_object_or_say_where;
///
/// let flaw = parse_object_or_say_where(b"{\n  \"client_id\": abc\n}").unwrap_err();
/// assert_eq!((flaw.line, flaw.column), (2, 16));
/// ```
///
/// # Errors
///
/// [`JsonFlaw`], the first one found.
pub fn parse_object_or_say_where(text: &[u8]) -> Result<Map<String, Value>, JsonFlaw> {
    read_object(text).map_err(|error| JsonFlaw {
        error: reason(&error),
        line: error.line().max(1),
        column: error.column(),
        is_cut: error.is_eof(),
        words: error.to_string(),
    })
}

/// A number without a fraction, however it is written: `2`, `2.0`, `0.2e1`.
///
/// ```
/// use cc_connect_core::json::whole;
/// use serde_json::json;
///
/// assert_eq!(whole(&json!(2.0)), Some(2));
/// assert_eq!(whole(&json!(2.5)), None);
/// assert_eq!(whole(&json!("2")), None);
/// ```
pub fn whole(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| {
        number
            .as_f64()
            .filter(|number| (0.0..=MAX_WHOLE).contains(number) && number.fract() == 0.0)
            .map(|number| number as u64)
    })
}

fn read_object(text: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(serde_json::Error::custom(NO_OBJECT)),
    }
}

const NO_OBJECT: &str = "not an object";
const DUPLICATE: &str = "duplicate member";
const DEEP: &str = "too deep";

fn reason(error: &serde_json::Error) -> JsonError {
    // serde_json has one error type for its own and for a visitor's errors; the message tells
    // which.
    let text = error.to_string();
    if text.starts_with(DUPLICATE) {
        JsonError::DuplicateMember
    } else if text.starts_with(DEEP) {
        JsonError::TooDeep
    } else if text.starts_with(NO_OBJECT) {
        JsonError::NotAnObject
    } else {
        JsonError::Syntax
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(DEEP));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let seed = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            // Checked here, so that the error points at the name.
            if object.contains_key(&name) {
                return Err(A::Error::custom(DUPLICATE));
            }
            object.insert(name, map.next_value_seed(seed)?);
        }
        Ok(Value::Object(object))
    }
}
