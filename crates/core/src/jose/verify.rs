//! JWT verification: the checks run in order, and the first failure ends it.

use super::{
    claims::{self, VerificationKey, VerifiedClaims},
    error::{KeyProblem, TokenError},
    jwk_set::{JwkSet, RsaKey},
    unverified_jwt::UnverifiedJwt,
};
use crate::{
    json,
    report::{CheckName, Finding, Report},
    time::Timestamp,
};
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

/// What a token must contain. [`constant_contact`](crate::constant_contact) has those of its access
/// tokens and ID tokens.
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

/// Every check that [`verify`] makes, in order.
pub const CHECKS: &[CheckName] = &[
    CheckName::Compact,
    CheckName::Type,
    CheckName::Algorithm,
    CheckName::Critical,
    CheckName::KeyId,
    CheckName::KeySize,
    CheckName::Signature,
    CheckName::Claims,
    CheckName::Issuer,
    CheckName::Audience,
    CheckName::Expiry,
    CheckName::NotBefore,
    CheckName::IssuedAt,
    CheckName::Subject,
];

/// Verifies a JWT: form, algorithm, key, signature, then claims.
///
/// `requested_at` is when the token was requested: one issued earlier belongs to another request.
///
/// # Errors
///
/// The first reason to reject the token. The report lists every check of [`CHECKS`] in either case,
/// those after a failure as not reached.
///
/// ```
/// use cc_connect_core::{
///     jose::{Expectations, JwkSet, TokenError, verify},
///     report::{CheckName, Outcome},
///     time::Timestamp,
/// };
///
/// // The example of RFC 7515 A.2, which has an issuer but no audience.
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let (jws, jwk) = (vector!("rfc7515-a2.jws").trim(), vector!("rfc7515-a2-jwk.json"));
/// let keys = JwkSet::parse(&format!(r#"{{"keys": [{jwk}]}}"#))?;
/// let expectations = Expectations {
///     types: &["JWT"],
///     issuer: "joe".to_owned(),
///     audience: "https://api.example".to_owned(),
///     max_lifetime: 3_600,
/// };
/// let now = Timestamp::from_unix_seconds(1_300_819_000);
/// let (report, result) = verify(jws, &keys, &expectations, now, now);
///
/// assert_eq!(result.unwrap_err(), TokenError::MissingClaim("aud"));
/// let outcome = |name| {
///     report.checks().iter().find(|check| check.name == name).map(|check| check.outcome)
/// };
/// assert_eq!(outcome(CheckName::Signature), Some(Outcome::Passed));
/// assert_eq!(outcome(CheckName::Audience), Some(Outcome::Failed));
/// assert_eq!(outcome(CheckName::Expiry), Some(Outcome::NotReached));
/// # Ok::<(), cc_connect_core::jose::JwkSetError>(())
/// ```
pub fn verify(
    compact: &str,
    keys: &JwkSet,
    expectations: &Expectations,
    requested_at: Timestamp,
    now: Timestamp,
) -> (Report, Result<VerifiedClaims, TokenError>) {
    let mut report = Report::default();
    let result = signed_claims(compact, keys, expectations, &mut report).and_then(|signed| {
        let issued_at = claims::numeric_date(&signed.0, "iat");
        report.set_issued_at(issued_at.ok().flatten());
        check_claims(signed, expectations, requested_at, now, &mut report)
    });
    report.complete_with(CHECKS);
    (report, result)
}

/// Claims as parsed, by name.
type Claims = Map<String, Value>;
/// The claims, once the signature proves that the issuer made them, and the key that verified it.
type Signed = (Claims, VerificationKey);

fn signed_claims(
    compact: &str,
    keys: &JwkSet,
    expectations: &Expectations,
    report: &mut Report,
) -> Result<Signed, TokenError> {
    let jwt = report.check(CheckName::Compact, UnverifiedJwt::parse(compact))?;
    report.check(CheckName::Type, check_type(&jwt, expectations.types))?;
    report.check(CheckName::Algorithm, check_algorithm(&jwt))?;
    report.check(CheckName::Critical, check_critical(&jwt))?;

    let key = keys.select(jwt.kid());
    let named = match &key {
        // A key that is too short was found all the same.
        Ok(_) | Err(TokenError::WeakKey { .. }) => Ok(jwt.kid().unwrap_or_default().to_owned()),
        Err(error) => Err(error.clone()),
    };
    report.check(CheckName::KeyId, named)?;
    let key = report.check(CheckName::KeySize, key)?;
    report.check(CheckName::Signature, check_signature(&jwt, key))?;

    let object = json::parse_object(&jwt.payload).map_err(|_| TokenError::MalformedClaims);
    let object = report.check(CheckName::Claims, object)?;
    let key = VerificationKey {
        kid: jwt.kid().map(str::to_owned),
        bits: key.bits(),
    };
    Ok((object, key))
}

fn check_claims(
    (object, key): Signed,
    expectations: &Expectations,
    requested_at: Timestamp,
    now: Timestamp,
    report: &mut Report,
) -> Result<VerifiedClaims, TokenError> {
    let issuer = report.check(CheckName::Issuer, check_issuer(&object, expectations))?;
    let audience = report.check(CheckName::Audience, check_audience(&object, expectations))?;
    let expires_at = report.check(CheckName::Expiry, check_expiry(&object, now))?;
    report.check(CheckName::NotBefore, check_not_before(&object, now))?;
    let issued_at = check_issued_at(&object, requested_at, now)
        .and_then(|at| check_lifetime(at, expires_at, expectations));
    let issued_at = report.check(CheckName::IssuedAt, issued_at)?;
    let subject = claims::required_text(&object, "sub").map(str::to_owned);
    let subject = report.check(CheckName::Subject, subject)?;
    Ok(VerifiedClaims {
        issuer,
        audience,
        subject,
        expires_at,
        issued_at,
        key,
        object,
    })
}

/// `typ` may be absent; media types are compared ignoring case.
fn check_type(jwt: &UnverifiedJwt<'_>, accepted: &[&str]) -> Result<Option<String>, TokenError> {
    match jwt.r#type.clone() {
        Some(found) if !accepted.iter().any(|one| one.eq_ignore_ascii_case(&found)) => {
            Err(TokenError::UnsupportedType(found))
        }
        found => Ok(found),
    }
}

fn check_algorithm(jwt: &UnverifiedJwt<'_>) -> Result<String, TokenError> {
    match jwt.algorithm.clone() {
        found if found == ALGORITHM => Ok(found),
        found => Err(TokenError::UnsupportedAlgorithm(found)),
    }
}

fn check_critical(jwt: &UnverifiedJwt<'_>) -> Result<(), TokenError> {
    match jwt.critical {
        true => Err(TokenError::CriticalHeader),
        false => Ok(()),
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 ([RFC 7518 §3.3]), by jwt-compact.
///
/// [RFC 7518 §3.3]: https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3
fn check_signature(jwt: &UnverifiedJwt<'_>, key: &RsaKey) -> Result<(), TokenError> {
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
        Ok(())
    } else {
        Err(TokenError::BadSignature)
    }
}

fn check_issuer(object: &Claims, expectations: &Expectations) -> Result<String, TokenError> {
    match claims::required_text(object, "iss")?.to_owned() {
        found if found == expectations.issuer => Ok(found),
        found => Err(TokenError::IssuerMismatch {
            expected: expectations.issuer.clone(),
            found,
        }),
    }
}

fn check_audience(object: &Claims, expectations: &Expectations) -> Result<Vec<String>, TokenError> {
    match claims::audience(object)? {
        found if found.contains(&expectations.audience) => Ok(found),
        found => Err(TokenError::AudienceMismatch {
            expected: expectations.audience.clone(),
            found,
        }),
    }
}

fn required_date(object: &Claims, name: &'static str) -> Result<Timestamp, TokenError> {
    claims::numeric_date(object, name)?.ok_or(TokenError::MissingClaim(name))
}

fn check_expiry(object: &Claims, now: Timestamp) -> Result<Timestamp, TokenError> {
    match required_date(object, "exp")? {
        at if now < at.plus_seconds(LEEWAY) => Ok(at),
        at => Err(TokenError::Expired { at }),
    }
}

fn check_not_before(object: &Claims, now: Timestamp) -> Result<Option<Timestamp>, TokenError> {
    match claims::numeric_date(object, "nbf")? {
        Some(from) if now.plus_seconds(LEEWAY) < from => Err(TokenError::NotYetValid { from }),
        from => Ok(from),
    }
}

fn check_issued_at(
    object: &Claims,
    requested: Timestamp,
    now: Timestamp,
) -> Result<Timestamp, TokenError> {
    let at = required_date(object, "iat")?;
    if at > now.plus_seconds(ISSUED_AT_LEEWAY) {
        return Err(TokenError::IssuedInTheFuture { at });
    }
    if at.plus_seconds(ISSUED_AT_LEEWAY) < requested {
        return Err(TokenError::IssuedBeforeRequest { at, requested });
    }
    Ok(at)
}

fn check_lifetime(
    issued_at: Timestamp,
    expires_at: Timestamp,
    expectations: &Expectations,
) -> Result<Timestamp, TokenError> {
    let seconds = expires_at.unix_seconds() - issued_at.unix_seconds();
    if (0..=expectations.max_lifetime.saturating_add(LEEWAY)).contains(&seconds) {
        Ok(issued_at)
    } else {
        Err(TokenError::LifetimeOutOfRange { seconds })
    }
}

/// A token in the right form has nothing to show yet.
impl Finding for UnverifiedJwt<'_> {}

/// The claims are checked one by one later.
impl Finding for Claims {}

impl Finding for &RsaKey {
    fn shown(&self) -> Option<String> {
        Some(self.bits().to_string())
    }
}
