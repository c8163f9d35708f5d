//! A JWT as received: parsed but not trusted.

use super::{
    base64url,
    error::{Malformation, Part, TokenError},
};
use crate::json;
use serde_json::{Map, Value};
use std::fmt;

/// The longest compact serialization that is parsed. Real ones have 1,000 to 1,200 characters.
pub const MAX_JWT_BYTES: usize = 16 * 1024;

/// A JWS in compact serialization ([RFC 7515 §7.1]) whose parts could be decoded.
///
/// It exposes the header's `kid` and nothing else: no claim can be read before the signature has
/// been verified.
///
/// ```
/// use cc_connect_core::jose::{TokenError, UnverifiedJwt, error::Malformation};
///
/// // {"alg":"RS256","kid":"a"}
/// let jwt = UnverifiedJwt::parse("eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AA")?;
/// assert_eq!(jwt.kid(), Some("a"));
/// assert_eq!(
///     UnverifiedJwt::parse("a.b").unwrap_err(),
///     TokenError::Malformed(Malformation::PartCount(2))
/// );
/// # Ok::<(), TokenError>(())
/// ```
///
/// [RFC 7515 §7.1]: https://www.rfc-editor.org/rfc/rfc7515.html#section-7.1
pub struct UnverifiedJwt<'a> {
    pub(super) signing_input: &'a str,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) algorithm: String,
    pub(super) r#type: Option<String>,
    pub(super) critical: bool,
    kid: Option<String>,
}

impl<'a> UnverifiedJwt<'a> {
    /// Splits and decodes `compact`.
    ///
    /// `jku`, `x5u`, `jwk` and `x5c` are not read, as [RFC 8725 §3.10] advises: a token does not
    /// get to say where its key comes from.
    ///
    /// # Errors
    ///
    /// [`TokenError::Malformed`].
    ///
    /// [RFC 8725 §3.10]: https://www.rfc-editor.org/rfc/rfc8725.html#section-3.10
    pub fn parse(compact: &'a str) -> Result<Self, TokenError> {
        parse(compact).map_err(TokenError::Malformed)
    }

    /// The `kid` header parameter ([RFC 7515 §4.1.4]): a name to look a key up by, not to be
    /// trusted.
    ///
    /// [RFC 7515 §4.1.4]: https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1.4
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

impl fmt::Debug for UnverifiedJwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt")
            .field("kid", &self.kid)
            .field("alg", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn parse(compact: &str) -> Result<UnverifiedJwt<'_>, Malformation> {
    if compact.len() > MAX_JWT_BYTES {
        return Err(Malformation::TooLong);
    }
    let parts: Vec<&str> = compact.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return Err(Malformation::PartCount(parts.len()));
    };
    let decode = |text, part| base64url::decode(text).ok_or(Malformation::Base64Url(part));
    let header_json = decode(header, Part::Header)?;
    let object = json::parse_object(&header_json).map_err(|_| Malformation::Header)?;

    Ok(UnverifiedJwt {
        signing_input: &compact[..header.len() + 1 + payload.len()],
        payload: decode(payload, Part::Payload)?,
        signature: decode(signature, Part::Signature)?,
        algorithm: text_parameter(&object, "alg")?.ok_or(Malformation::HeaderParameter("alg"))?,
        r#type: text_parameter(&object, "typ")?,
        // RFC 7797 §6 makes `b64` critical; one without `crit` is rejected, too.
        critical: object.contains_key("crit") || object.contains_key("b64"),
        kid: text_parameter(&object, "kid")?,
    })
}

fn text_parameter(
    header: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, Malformation> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Malformation::HeaderParameter(name)),
    }
}
