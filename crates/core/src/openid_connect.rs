//! ID tokens. The client wants the access token; the ID token is validated only because a mismatch
//! means that the response is not ours.
//!
//! [OpenID Connect Core §3.1.3.7] for a new one, [§12.2] for one from a refresh. RS256 only: the
//! sample in Constant Contact's documentation is signed with HS256, which a client without a secret
//! cannot verify.
//!
//! [OpenID Connect Core §3.1.3.7]: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
//! [§12.2]: https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse

use crate::{
    jose::{self, Expectations, JwkSet, TokenError, VerifiedClaims},
    oauth::{AccessToken, IdToken, Nonce},
    report::{CheckName, Report},
    time::Timestamp,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Asks for an ID token ([OpenID Connect Core §3.1.2.1]). Without it an ID token is neither checked
/// nor expected.
///
/// [OpenID Connect Core §3.1.2.1]: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
pub const OPENID: &str = "openid";

/// Asks for a refresh token ([OpenID Connect Core §11]).
///
/// [OpenID Connect Core §11]: https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Whether a scope is for the authorization server and not a permission at the API: those above,
/// and the claims of [OpenID Connect Core §5.4]. Servers differ in whether they list these as
/// granted.
///
/// ```
/// use cc_connect_core::openid_connect::is_technical;
///
/// assert!(is_technical("offline_access"));
/// assert!(!is_technical("contact_data"));
/// ```
///
/// [OpenID Connect Core §5.4]: https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
pub fn is_technical(scope: &str) -> bool {
    [
        OPENID,
        OFFLINE_ACCESS,
        "profile",
        "email",
        "address",
        "phone",
    ]
    .contains(&scope)
}

/// Accepted `typ` values of an ID token; a token typed `at+jwt` is an access token and is rejected
/// ([RFC 8725 §3.12]).
///
/// [RFC 8725 §3.12]: https://www.rfc-editor.org/rfc/rfc8725.html#section-3.12
pub const ID_TOKEN_TYPES: &[&str] = &["JWT"];

/// The checks made after those of [`jose::verify::CHECKS`], in order.
pub const CHECKS: &[CheckName] = &[
    CheckName::AuthorizedParty,
    CheckName::OnlyAudience,
    CheckName::IdTokenNonce,
    CheckName::AccessTokenHash,
    CheckName::SameSubject,
];

/// Why an ID token was rejected. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// `openid` was requested and granted, but no ID token came.
    #[error("no ID token came, though one was requested and granted")]
    Missing,
    /// It failed a check that every JWT must pass.
    #[error("the ID token was rejected")]
    Token(#[source] TokenError),
    /// Several audiences, but no `azp`.
    #[error("the ID token has several audiences but no azp")]
    AuthorizedPartyMissing,
    /// `azp` is not the configured client_id.
    #[error("azp of the ID token is not this client")]
    AuthorizedPartyMismatch,
    /// An audience other than this client.
    #[error("the ID token has an audience other than this client")]
    OtherAudience,
    /// No `nonce`, though one was sent.
    #[error("the ID token has no nonce, though one was sent")]
    NonceMissing,
    /// `nonce` differs from the one sent.
    #[error("nonce of the ID token is not the one that was sent")]
    NonceMismatch,
    /// `at_hash` belongs to another access token.
    #[error("at_hash of the ID token belongs to another access token")]
    HashMismatch,
    /// The ID token of a refresh has another `sub` than the first one.
    #[error("sub of the ID token is not that of the first one")]
    SubjectMismatch,
}

impl IdTokenError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "id_token_missing",
            Self::Token(error) => token_code(error),
            Self::AuthorizedPartyMissing => "id_token_authorized_party_missing",
            Self::AuthorizedPartyMismatch => "id_token_authorized_party_mismatch",
            Self::OtherAudience => "id_token_other_audience",
            Self::NonceMissing => "id_token_nonce_missing",
            Self::NonceMismatch => "id_token_nonce_mismatch",
            Self::HashMismatch => "id_token_hash_mismatch",
            Self::SubjectMismatch => "id_token_subject_mismatch",
        }
    }
}

/// Like [`TokenError::code`], but tells which of the two tokens is meant.
fn token_code(error: &TokenError) -> &'static str {
    match error {
        TokenError::Malformed(_) | TokenError::MalformedClaims | TokenError::MalformedClaim(_) => {
            "id_token_malformed"
        }
        TokenError::UnsupportedType(_) => "id_token_unsupported_type",
        TokenError::UnsupportedAlgorithm(_) => "id_token_unsupported_algorithm",
        TokenError::CriticalHeader => "id_token_critical_header",
        TokenError::KeyNotFound { .. } => "id_token_key_not_found",
        TokenError::AmbiguousKey { .. } => "id_token_ambiguous_key",
        TokenError::UnsuitableKey(_) => "id_token_unsuitable_key",
        TokenError::WeakKey { .. } => "id_token_weak_key",
        TokenError::BadSignature => "id_token_bad_signature",
        TokenError::MissingClaim("iss") => "id_token_issuer_missing",
        TokenError::MissingClaim("aud") => "id_token_audience_missing",
        TokenError::MissingClaim("exp") => "id_token_expiry_missing",
        TokenError::MissingClaim("iat") => "id_token_issued_at_missing",
        TokenError::MissingClaim("sub") => "id_token_subject_missing",
        TokenError::MissingClaim(_) => "id_token_claim_missing",
        TokenError::IssuerMismatch { .. } => "id_token_issuer_mismatch",
        TokenError::AudienceMismatch { .. } => "id_token_audience_mismatch",
        TokenError::Expired { .. } => "id_token_expired",
        TokenError::NotYetValid { .. } => "id_token_not_yet_valid",
        TokenError::IssuedInTheFuture { .. } => "id_token_issued_in_the_future",
        TokenError::IssuedBeforeRequest { .. } => "id_token_issued_before_request",
        TokenError::LifetimeOutOfRange { .. } => "id_token_lifetime_too_long",
    }
}

/// What an ID token must match besides its issuer and audience.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The access token that it came with.
    pub access_token: &'a AccessToken,
    /// The nonce of the authorization request.
    pub nonce: &'a Nonce,
    /// When the tokens were requested.
    pub requested_at: Timestamp,
    /// `Some` on refresh: `sub` of the first ID token, if there was one.
    pub refresh: Option<Option<&'a str>>,
}

/// The verified claims of an ID token.
#[derive(Clone, Debug, PartialEq)]
pub struct IdTokenClaims(VerifiedClaims);

impl IdTokenClaims {
    /// `sub`: the issuer's identifier for the user.
    pub fn subject(&self) -> &str {
        self.0.subject()
    }
}

/// Verifies an ID token: [`jose::verify()`], then what OpenID Connect adds. `expectations` names
/// the issuer of ID tokens and, as audience, this client.
///
/// The steps of [OpenID Connect Core §3.1.3.7], and the checks that perform them:
///
/// 1. *Decrypt it if it is encrypted*: skipped. None is expected to be, and one that is has five
///    parts, which fails `compact`.
/// 2. *`iss` is the issuer*: `iss`.
/// 3. *`aud` contains the client_id and no audience that is not trusted*: `aud`, `only_aud`.
/// 4. *With several audiences, `azp` is present*: `azp`.
/// 5. *`azp`, if present, is the client_id*: `azp`.
/// 6. *The signature verifies*: `signature`. TLS may stand in for it at the token endpoint; that is
///    not made use of.
/// 7. *`alg` is the one registered*: `alg`, always RS256.
/// 8. *With a MAC, the key is the client secret*: skipped. Such a token fails `alg`.
/// 9. *`exp` has not passed*: `exp`.
/// 10. *`iat` is not too far away*: `iat`.
/// 11. *`nonce` is the one sent*: `id_nonce`.
/// 12. *`acr` is as requested*: skipped. It is never requested.
/// 13. *`auth_time` is as requested*: skipped. It is never requested.
///
/// `at_hash` is [§3.1.3.8], and `same_sub` is [§12.2], for the ID token of a refresh.
///
/// # Errors
///
/// The first reason to reject it. The report is complete in either case.
///
/// ```
/// use cc_connect_core::{
///     constant_contact,
///     jose::JwkSet,
///     oauth::{AccessToken, IdToken, Nonce},
///     openid_connect::{Circumstances, verify_id_token},
///     time::Timestamp,
/// };
///
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let (token, id_token) = (vector!("access-token.jws").trim(), vector!("id-token.jws").trim());
/// # let document = vector!("key-set.json");
/// # let client_id = "cc94c2d6-6e70-426c-afd1-71c8fa5f4890";
/// let keys = JwkSet::parse(document)?;
/// let expectations = constant_contact::id_token_expectations(client_id);
/// let now = Timestamp::from_unix_seconds(1_790_000_002);
/// let circumstances = Circumstances {
///     access_token: &AccessToken::new(token.to_owned()),
///     nonce: &Nonce::from_entropy([2; 32]),
///     requested_at: now.plus_seconds(-2),
///     refresh: None,
/// };
/// let id_token = IdToken::new(id_token.to_owned());
/// let (_, result) = verify_id_token(&id_token, &keys, &expectations, circumstances, now);
/// assert_eq!(result?.subject(), "00u1ibx8lhb3amvHR0h8");
///
/// // The same ID token beside another access token.
/// let access_token = &AccessToken::new("another".to_owned());
/// let circumstances = Circumstances { access_token, ..circumstances };
/// let (_, result) = verify_id_token(&id_token, &keys, &expectations, circumstances, now);
/// assert_eq!(result.unwrap_err().code(), "id_token_hash_mismatch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [OpenID Connect Core §3.1.3.7]: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
/// [§3.1.3.8]: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowTokenValidation
/// [§12.2]: https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse
pub fn verify_id_token(
    id_token: &IdToken,
    keys: &JwkSet,
    expectations: &Expectations,
    circumstances: Circumstances<'_>,
    now: Timestamp,
) -> (Report, Result<IdTokenClaims, IdTokenError>) {
    let (mut report, result) = jose::verify(
        id_token.expose(),
        keys,
        expectations,
        circumstances.requested_at,
        now,
    );
    let result = result.map_err(IdTokenError::Token).and_then(|claims| {
        check_claims(&claims, expectations, circumstances, &mut report)?;
        Ok(IdTokenClaims(claims))
    });
    report.complete_with(CHECKS);
    (report, result)
}

fn check_claims(
    claims: &VerifiedClaims,
    expectations: &Expectations,
    circumstances: Circumstances<'_>,
    report: &mut Report,
) -> Result<(), IdTokenError> {
    let party = check_authorized_party(claims, &expectations.audience);
    report.check(CheckName::AuthorizedParty, party)?;
    report.check(CheckName::OnlyAudience, check_audiences(claims))?;
    let nonce = check_nonce(claims.get("nonce"), &circumstances);
    report.check(CheckName::IdTokenNonce, nonce)?;
    let hash = check_hash(claims.get("at_hash"), circumstances.access_token);
    report.check(CheckName::AccessTokenHash, hash)?;
    report.check(
        CheckName::SameSubject,
        check_subject(claims, &circumstances),
    )?;
    Ok(())
}

fn check_authorized_party(
    claims: &VerifiedClaims,
    client_id: &str,
) -> Result<Option<String>, IdTokenError> {
    match claims.get("azp") {
        Some(Value::String(party)) if party == client_id => Ok(Some(party.clone())),
        Some(_) => Err(IdTokenError::AuthorizedPartyMismatch),
        None if claims.audience().len() > 1 => Err(IdTokenError::AuthorizedPartyMissing),
        None => Ok(None),
    }
}

/// No other audience is trusted here, whatever its name.
fn check_audiences(claims: &VerifiedClaims) -> Result<String, IdTokenError> {
    match claims.audience() {
        [one] => Ok(one.clone()),
        _ => Err(IdTokenError::OtherAudience),
    }
}

fn check_nonce(
    found: Option<&Value>,
    circumstances: &Circumstances<'_>,
) -> Result<Option<()>, IdTokenError> {
    match found {
        Some(Value::String(found)) if circumstances.nonce.is_secret_text(found) => Ok(Some(())),
        Some(_) => Err(IdTokenError::NonceMismatch),
        // §12.2: the ID token of a refresh SHOULD NOT have one.
        None if circumstances.refresh.is_some() => Ok(None),
        None => Err(IdTokenError::NonceMissing),
    }
}

/// The left half of the SHA-256 of the access token's octets, as base64url
/// ([OpenID Connect Core §3.1.3.6]). The claim is optional in this flow.
///
/// [OpenID Connect Core §3.1.3.6]: https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken
fn check_hash(
    found: Option<&Value>,
    access_token: &AccessToken,
) -> Result<Option<String>, IdTokenError> {
    let Some(found) = found else { return Ok(None) };
    let digest = Sha256::digest(access_token.expose());
    let expected = URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2]);
    if found.as_str() == Some(expected.as_str()) {
        Ok(Some(expected))
    } else {
        Err(IdTokenError::HashMismatch)
    }
}

fn check_subject(
    claims: &VerifiedClaims,
    circumstances: &Circumstances<'_>,
) -> Result<Option<()>, IdTokenError> {
    match circumstances.refresh.flatten() {
        None => Ok(None),
        Some(first) if first == claims.subject() => Ok(Some(())),
        Some(_) => Err(IdTokenError::SubjectMismatch),
    }
}
