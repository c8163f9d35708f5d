//! Why a token was rejected: one variant per reason, with expected and found unless they are
//! secret.

use crate::time::Timestamp;
use std::fmt;
use thiserror::Error;

/// Why a text is not a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformation {
    /// Longer than [`MAX_JWT_BYTES`](super::unverified_jwt::MAX_JWT_BYTES).
    #[error("longer than the longest text that is parsed")]
    TooLong,
    /// Not three parts separated by two periods.
    #[error("{0} parts, expected 3")]
    PartCount(usize),
    /// A part is not canonical base64url.
    #[error("the {0} is not canonical base64url")]
    Base64Url(Part),
    /// The JOSE header is not one JSON object with unique members.
    #[error("the header is not one JSON object with unique members")]
    Header,
    /// A header parameter has the wrong JSON type.
    #[error("the header parameter {0} is missing or not a string")]
    HeaderParameter(&'static str),
}

/// A part of the compact serialization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first: BASE64URL(UTF8(JWS Protected Header)).
    Header,
    /// The second: BASE64URL(JWS Payload).
    Payload,
    /// The third: BASE64URL(JWS Signature).
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why the key that a token names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// `kty` is not `RSA`.
    #[error("kty is not RSA")]
    KeyType,
    /// `use` is present and not `sig`.
    #[error("use is not sig")]
    Use,
    /// `key_ops` is present without `verify`.
    #[error("key_ops does not contain verify")]
    KeyOperations,
    /// `alg` is present and not `RS256`.
    #[error("alg is not RS256")]
    Algorithm,
    /// `n` is missing, not canonical base64url, or has leading zero octets.
    #[error("the modulus n is missing or malformed")]
    Modulus,
    /// `e` is missing, malformed, even, or not above 2^16.
    #[error("the exponent e is missing, malformed or not suitable")]
    Exponent,
    /// The modulus has this many bits, fewer than 2048 or more than 4096.
    #[error("the modulus has {0} bits, expected 2048 to 4096")]
    Size(usize),
}

/// Why a token was not verified. [`code`](Self::code) is stable.
///
/// ```
/// use cc_connect_core::jose::{TokenError, error::Malformation};
/// use std::error::Error;
///
/// let error = TokenError::Malformed(Malformation::PartCount(5));
/// assert_eq!(error.code(), "malformed_token");
/// assert_eq!(error.to_string(), "the text is not a JWT in compact form");
/// assert_eq!(error.source().unwrap().to_string(), "5 parts, expected 3");
/// ```
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not a JWT in compact form.
    #[error("the text is not a JWT in compact form")]
    Malformed(#[source] Malformation),
    /// `typ` names something other than a JWT or an access token.
    #[error("the token has the type {0:?}, which is not accepted here")]
    UnsupportedType(String),
    /// `alg` is not RS256.
    #[error("the token is signed with {0:?}, expected RS256")]
    UnsupportedAlgorithm(String),
    /// `crit` or `b64` is present: extensions that must be understood, but none are supported.
    #[error("the token requires an extension that is not supported")]
    CriticalHeader,
    /// No key of the set has this `kid`.
    #[error("the key set has no key for {}", named(kid.as_deref()))]
    KeyNotFound {
        /// The `kid` that the token names, if any.
        kid: Option<String>,
    },
    /// More than one key could have signed it.
    #[error("the key set has several keys for {}", named(kid.as_deref()))]
    AmbiguousKey {
        /// The `kid` that the token names, if any.
        kid: Option<String>,
    },
    /// The key exists but must not be used to verify this signature.
    #[error("the key must not be used to verify this signature")]
    UnsuitableKey(#[source] KeyProblem),
    /// The key's modulus is shorter than 2048 bits.
    #[error("the key has {bits} bits, expected at least 2048")]
    WeakKey {
        /// The size of the modulus.
        bits: usize,
    },
    /// The signature does not verify under the key.
    #[error("the signature does not verify under the key")]
    BadSignature,
    /// The claims are not one JSON object with unique members.
    #[error("the claims are not one JSON object with unique members")]
    MalformedClaims,
    /// A claim has the wrong JSON type or an impossible value.
    #[error("the claim {0} has the wrong type or an impossible value")]
    MalformedClaim(&'static str),
    /// A required claim is missing.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// `iss` is not the configured issuer.
    #[error("iss is {found:?}, expected {expected:?}")]
    IssuerMismatch {
        /// The issuer from the settings.
        expected: String,
        /// What the token names as its issuer.
        found: String,
    },
    /// `aud` does not contain the configured audience.
    #[error("aud is {found:?}, expected {expected:?}")]
    AudienceMismatch {
        /// The audience from the settings.
        expected: String,
        /// Everybody whom the token names as its audience.
        found: Vec<String>,
    },
    /// `exp` has passed.
    #[error("exp is {}, which has passed", at.unix_seconds())]
    Expired {
        /// The token's `exp`, without the leeway.
        at: Timestamp,
    },
    /// `nbf` is in the future.
    #[error("nbf is {}, which is in the future", from.unix_seconds())]
    NotYetValid {
        /// When the token becomes valid.
        from: Timestamp,
    },
    /// `iat` is in the future.
    #[error("iat is {}, which is in the future", at.unix_seconds())]
    IssuedInTheFuture {
        /// When the token was issued, according to itself.
        at: Timestamp,
    },
    /// `iat` is before the request for the token.
    #[error("iat is {}, before the request at {}", at.unix_seconds(), requested.unix_seconds())]
    IssuedBeforeRequest {
        /// When the token was issued, according to itself.
        at: Timestamp,
        /// When the request was made.
        requested: Timestamp,
    },
    /// `exp` − `iat` is negative or longer than the settings allow.
    #[error("the token lives for {seconds} seconds, which is negative or too long")]
    LifetimeOutOfRange {
        /// Seconds from `iat` to `exp`.
        seconds: i64,
    },
}

impl TokenError {
    /// The stable name of the reason, for tests, pages and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_token",
            Self::UnsupportedType(_) => "unsupported_type",
            Self::UnsupportedAlgorithm(_) => "unsupported_algorithm",
            Self::CriticalHeader => "critical_header",
            Self::KeyNotFound { .. } => "key_not_found",
            Self::AmbiguousKey { .. } => "ambiguous_key",
            Self::UnsuitableKey(_) => "unsuitable_key",
            Self::WeakKey { .. } => "weak_key",
            Self::BadSignature => "bad_signature",
            Self::MalformedClaims | Self::MalformedClaim(_) => "malformed_claims",
            Self::MissingClaim("iss") => "issuer_missing",
            Self::MissingClaim("aud") => "audience_missing",
            Self::MissingClaim("exp") => "expiry_missing",
            Self::MissingClaim("iat") => "issued_at_missing",
            Self::MissingClaim("sub") => "subject_missing",
            Self::MissingClaim(_) => "claim_missing",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::AudienceMismatch { .. } => "audience_mismatch",
            Self::Expired { .. } => "token_expired",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::IssuedInTheFuture { .. } => "issued_in_the_future",
            Self::IssuedBeforeRequest { .. } => "issued_before_request",
            Self::LifetimeOutOfRange { .. } => "lifetime_too_long",
        }
    }
}

fn named(kid: Option<&str>) -> String {
    match kid {
        Some(kid) => format!("the kid {kid:?}"),
        None => "a token without a kid".to_owned(),
    }
}
