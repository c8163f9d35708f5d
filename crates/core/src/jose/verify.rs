//! JWT verification: the checks run in order, and the first failure ends it.

use super::{
    claims::{self, VerifiedClaims},
    error::{KeyProblem, TokenError},
    jwk_set::{JwkSet, RsaKey},
    report::{Report, Section},
    unverified_jwt::UnverifiedJwt,
};
use crate::{json, time::Timestamp};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature as _,
    alg::{Rsa, RsaPublicKey, RsaSignature},
    jwk::JsonWebKey,
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The one algorithm accepted ([RFC 8725 §3.1]).
///
/// [RFC 8725 §3.1]: https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1
pub const ALGORITHM: &str = "RS256";
/// The clock skew allowed for `exp` and `nbf`, in seconds.
pub const LEEWAY: i64 = 60;
/// How far `iat` may be in the future, or before the request, in seconds.
pub const ISSUED_AT_LEEWAY: i64 = 300;
/// The longest lifetime of a token by default, in seconds.
pub const MAX_LIFETIME: i64 = 24 * 60 * 60;

/// Accepted `typ` values for an access token ([RFC 9068 §2.1]) from an Okta authorization server.
///
/// [RFC 9068 §2.1]: https://www.rfc-editor.org/rfc/rfc9068.html#section-2.1
pub const ACCESS_TOKEN_TYPES: &[&str] = &[
    "JWT",
    "at+jwt",
    "application/at+jwt",
    "application/okta-internal-at+jwt",
];
/// Accepted `typ` values for an ID token; a token typed `at+jwt` is an access token and is rejected
/// ([RFC 8725 §3.12]).
///
/// [RFC 8725 §3.12]: https://www.rfc-editor.org/rfc/rfc8725.html#section-3.12
pub const ID_TOKEN_TYPES: &[&str] = &["JWT"];

/// What a token must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectations {
    /// Accepted values of the header's `typ`, which may be absent.
    pub types: &'static [&'static str],
    /// `iss`, compared code point by code point.
    pub issuer: String,
    /// A value that `aud` must contain.
    pub audience: String,
    /// The longest lifetime accepted, in seconds.
    pub max_lifetime: i64,
}

/// The outcome of [`verify`]: a report, complete in either case, and the claims on success.
#[derive(Debug)]
pub struct Verification {
    /// Every check with its outcome.
    pub report: Report,
    /// The claims, or the first reason to reject the token.
    pub result: Result<VerifiedClaims, TokenError>,
}

macro_rules! sections {
    ($($name:literal = $label:literal, $url:literal;)*) => {
        /// Every check that [`verify`] makes, in order, with the section that requires it.
        pub const CHECKS: &[(&str, Section)] = &[
            $(($name, Section { label: $label, url: $url }),)*
        ];
    };
}

sections! {
    "compact" = "RFC 7515 §7.1", "https://www.rfc-editor.org/rfc/rfc7515.html#section-7.1";
    "typ" = "RFC 8725 §3.11", "https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11";
    "alg" = "RFC 8725 §3.1", "https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1";
    "crit" = "RFC 7515 §4.1.11", "https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1.11";
    "kid" = "RFC 7515 §4.1.4", "https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1.4";
    "key_size" = "RFC 7518 §3.3", "https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3";
    "signature" = "RFC 7515 §5.2", "https://www.rfc-editor.org/rfc/rfc7515.html#section-5.2";
    "claims" = "RFC 7519 §7.2", "https://www.rfc-editor.org/rfc/rfc7519.html#section-7.2";
    "iss" = "RFC 7519 §4.1.1", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.1";
    "aud" = "RFC 7519 §4.1.3", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.3";
    "exp" = "RFC 7519 §4.1.4", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.4";
    "nbf" = "RFC 7519 §4.1.5", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.5";
    "iat" = "RFC 7519 §4.1.6", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.6";
    "sub" = "RFC 7519 §4.1.2", "https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1.2";
}

fn section(name: &'static str) -> Section {
    CHECKS
        .iter()
        .find(|(check, _)| *check == name)
        .map(|(_, section)| *section)
        .expect("every check made is listed in CHECKS")
}

/// Verifies a JWT: form, algorithm, key, signature, then claims.
///
/// `requested_at` is when the token was requested: one issued earlier belongs to another request.
///
/// The report lists every check of [`CHECKS`], those after a failure as not reached.
pub fn verify(
    compact: &str,
    keys: &JwkSet,
    expectations: &Expectations,
    requested_at: Timestamp,
    now: Timestamp,
) -> Verification {
    let mut report = Report::default();
    let result = signed_claims(compact, keys, expectations, &mut report).and_then(|object| {
        report.signed_at(claims::numeric_date(&object, "iat").ok().flatten());
        check_claims(object, expectations, requested_at, now, &mut report)
    });
    report.complete_with(CHECKS);
    Verification { report, result }
}

/// The claims, once the signature proves that the issuer made them.
fn signed_claims(
    compact: &str,
    keys: &JwkSet,
    expectations: &Expectations,
    report: &mut Report,
) -> Result<Map<String, Value>, TokenError> {
    let mut check = |name, result| report.record(name, section(name), result);

    let jwt = match UnverifiedJwt::parse(compact) {
        Ok(jwt) => {
            check("compact", Ok(Some(String::new())))?;
            jwt
        }
        Err(error) => {
            check("compact", Err(error.clone()))?;
            return Err(error);
        }
    };
    check("typ", check_type(jwt.r#type.as_deref(), expectations.types))?;
    check("alg", check_algorithm(&jwt.algorithm))?;
    check(
        "crit",
        if jwt.critical {
            Err(TokenError::CriticalHeader)
        } else {
            Ok(Some(String::new()))
        },
    )?;

    let key = match keys.select(jwt.kid()) {
        Ok(key) => {
            check("kid", Ok(Some(jwt.kid().unwrap_or_default().to_owned())))?;
            key
        }
        Err(error @ TokenError::WeakKey { .. }) => {
            check("kid", Ok(Some(jwt.kid().unwrap_or_default().to_owned())))?;
            check("key_size", Err(error.clone()))?;
            return Err(error);
        }
        Err(error) => {
            check("kid", Err(error.clone()))?;
            return Err(error);
        }
    };
    check("key_size", Ok(Some(key.bits().to_string())))?;
    check("signature", check_signature(&jwt, key))?;

    let object = json::parse_object(&jwt.payload).map_err(|_| TokenError::MalformedClaims);
    check(
        "claims",
        object
            .as_ref()
            .map(|_| Some(String::new()))
            .map_err(Clone::clone),
    )?;
    object
}

fn check_claims(
    object: Map<String, Value>,
    expectations: &Expectations,
    requested_at: Timestamp,
    now: Timestamp,
    report: &mut Report,
) -> Result<VerifiedClaims, TokenError> {
    let mut check = |name, result| report.record(name, section(name), result);

    let issuer = claims::required_text(&object, "iss").map(str::to_owned);
    check(
        "iss",
        issuer
            .clone()
            .and_then(|found| check_issuer(found, expectations)),
    )?;
    let audience = claims::audience(&object);
    check(
        "aud",
        audience
            .clone()
            .and_then(|found| check_audience(found, expectations)),
    )?;

    let expires_at = required_date(&object, "exp");
    check(
        "exp",
        expires_at.clone().and_then(|at| check_expiry(at, now)),
    )?;
    check(
        "nbf",
        claims::numeric_date(&object, "nbf").and_then(|from| check_not_before(from, now)),
    )?;
    let (issued_at, expires_at) = (required_date(&object, "iat"), expires_at?);
    check(
        "iat",
        issued_at
            .clone()
            .and_then(|at| check_issued_at(at, expires_at, requested_at, expectations, now)),
    )?;
    let subject = claims::required_text(&object, "sub").map(str::to_owned);
    check("sub", subject.clone().map(Some))?;

    Ok(VerifiedClaims {
        issuer: issuer?,
        audience: audience?,
        subject: subject?,
        expires_at,
        issued_at: issued_at?,
        object,
    })
}

type Checked = Result<Option<String>, TokenError>;

/// `typ` may be absent; media types are compared ignoring case.
fn check_type(found: Option<&str>, accepted: &[&str]) -> Checked {
    match found {
        None => Ok(None),
        Some(found) if accepted.iter().any(|one| one.eq_ignore_ascii_case(found)) => {
            Ok(Some(found.to_owned()))
        }
        Some(found) => Err(TokenError::UnsupportedType(found.to_owned())),
    }
}

fn check_algorithm(found: &str) -> Checked {
    if found == ALGORITHM {
        Ok(Some(found.to_owned()))
    } else {
        Err(TokenError::UnsupportedAlgorithm(found.to_owned()))
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 ([RFC 7518 §3.3]), by jwt-compact.
///
/// [RFC 7518 §3.3]: https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3
fn check_signature(jwt: &UnverifiedJwt<'_>, key: &RsaKey) -> Checked {
    let jwk = JsonWebKey::Rsa {
        modulus: Cow::Borrowed(&key.modulus),
        public_exponent: Cow::Borrowed(&key.exponent),
        private_parts: None,
    };
    let public_key =
        RsaPublicKey::try_from(&jwk).map_err(|_| TokenError::UnsuitableKey(KeyProblem::Modulus))?;
    let signature =
        RsaSignature::try_from_slice(&jwt.signature).map_err(|_| TokenError::BadSignature)?;
    if Rsa::rs256().verify_signature(&signature, &public_key, jwt.signing_input.as_bytes()) {
        Ok(Some(String::new()))
    } else {
        Err(TokenError::BadSignature)
    }
}

fn check_issuer(found: String, expectations: &Expectations) -> Checked {
    if found == expectations.issuer {
        Ok(Some(found))
    } else {
        Err(TokenError::IssuerMismatch {
            expected: expectations.issuer.clone(),
            found,
        })
    }
}

fn check_audience(found: Vec<String>, expectations: &Expectations) -> Checked {
    if found.contains(&expectations.audience) {
        Ok(Some(found.join(", ")))
    } else {
        Err(TokenError::AudienceMismatch {
            expected: expectations.audience.clone(),
            found,
        })
    }
}

fn required_date(object: &Map<String, Value>, name: &'static str) -> Result<Timestamp, TokenError> {
    claims::numeric_date(object, name)?.ok_or(TokenError::MissingClaim(name))
}

fn check_expiry(at: Timestamp, now: Timestamp) -> Checked {
    if now < at.plus_seconds(LEEWAY) {
        Ok(Some(at.unix_seconds().to_string()))
    } else {
        Err(TokenError::Expired { at })
    }
}

fn check_not_before(from: Option<Timestamp>, now: Timestamp) -> Checked {
    match from {
        Some(from) if now.plus_seconds(LEEWAY) < from => Err(TokenError::NotYetValid { from }),
        from => Ok(from.map(|from| from.unix_seconds().to_string())),
    }
}

fn check_issued_at(
    at: Timestamp,
    expires_at: Timestamp,
    requested: Timestamp,
    expectations: &Expectations,
    now: Timestamp,
) -> Checked {
    if at > now.plus_seconds(ISSUED_AT_LEEWAY) {
        return Err(TokenError::IssuedInTheFuture { at });
    }
    if at.plus_seconds(ISSUED_AT_LEEWAY) < requested {
        return Err(TokenError::IssuedBeforeRequest { at, requested });
    }
    let seconds = expires_at.unix_seconds() - at.unix_seconds();
    if !(0..=expectations.max_lifetime.saturating_add(LEEWAY)).contains(&seconds) {
        return Err(TokenError::LifetimeOutOfRange { seconds });
    }
    Ok(Some(at.unix_seconds().to_string()))
}
