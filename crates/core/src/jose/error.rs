//! Why a token was rejected: one variant per reason, with expected and found unless they are
//! secret.

use crate::time::Timestamp;

/// Why a text is not a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformation {
    /// Longer than [`MAX_JWT_BYTES`](super::unverified_jwt::MAX_JWT_BYTES).
    TooLong,
    /// Not three parts separated by two periods.
    PartCount(usize),
    /// A part is not canonical base64url.
    Base64Url(Part),
    /// The JOSE header is not one JSON object with unique members.
    Header,
    /// A header parameter has the wrong JSON type.
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

/// Why the key that a token names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// `kty` is not `RSA`.
    KeyType,
    /// `use` is present and not `sig`.
    Use,
    /// `key_ops` is present without `verify`.
    KeyOperations,
    /// `alg` is present and not `RS256`.
    Algorithm,
    /// `n` is missing, not canonical base64url, or has leading zero octets.
    Modulus,
    /// `e` is missing, malformed, even, or not above 2^16.
    Exponent,
    /// The modulus has this many bits, fewer than 2048 or more than 4096.
    Size(usize),
}

/// Why a token was not verified. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenError {
    /// Not a JWT in compact form.
    Malformed(Malformation),
    /// `typ` names something other than a JWT or an access token.
    UnsupportedType(String),
    /// `alg` is not RS256.
    UnsupportedAlgorithm(String),
    /// `crit` or `b64` is present: extensions that must be understood, but none are supported.
    CriticalHeader,
    /// No key of the set has this `kid`.
    KeyNotFound {
        /// The token's `kid`.
        kid: Option<String>,
    },
    /// More than one key could have signed it.
    AmbiguousKey {
        /// The token's `kid`.
        kid: Option<String>,
    },
    /// The key exists but must not be used to verify this signature.
    UnsuitableKey(KeyProblem),
    /// The key's modulus is shorter than 2048 bits.
    WeakKey {
        /// The size of the modulus.
        bits: usize,
    },
    /// The signature does not verify under the key.
    BadSignature,
    /// The claims are not one JSON object with unique members.
    MalformedClaims,
    /// A claim has the wrong JSON type or an impossible value.
    MalformedClaim(&'static str),
    /// A required claim is missing.
    MissingClaim(&'static str),
    /// `iss` is not the configured issuer.
    IssuerMismatch {
        /// The configured issuer.
        expected: String,
        /// The token's `iss`.
        found: String,
    },
    /// `aud` does not contain the configured audience.
    AudienceMismatch {
        /// The configured audience.
        expected: String,
        /// The token's `aud`.
        found: Vec<String>,
    },
    /// `exp` has passed.
    Expired {
        /// The token's `exp`.
        at: Timestamp,
    },
    /// `nbf` is in the future.
    NotYetValid {
        /// The token's `nbf`.
        from: Timestamp,
    },
    /// `iat` is in the future.
    IssuedInTheFuture {
        /// The token's `iat`.
        at: Timestamp,
    },
    /// `iat` is before the request for the token.
    IssuedBeforeRequest {
        /// The token's `iat`.
        at: Timestamp,
        /// When the request was made.
        requested: Timestamp,
    },
    /// `exp` − `iat` is negative or longer than the settings allow.
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
