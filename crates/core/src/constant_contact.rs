//! What is specific to Constant Contact: its addresses, the claims of its access tokens, and its
//! permissions.
//!
//! Its [OAuth2 documentation] requires checking the RS256 signature, `iss`, `aud`, `exp`, `sub`,
//! `cid` and `platform_user_id`.
//!
//! [OAuth2 documentation]: https://developer.constantcontact.com/api_guide/client_flow.html

use crate::{
    jose::{self, Expectations, JwkSet, TokenError, VerifiedClaims},
    oauth::{Nonce, Registration, ResponseType, Scope, pending_authorization::MAX_AGE},
    openid_connect::ID_TOKEN_TYPES,
    report::{CheckName, Report},
    time::Timestamp,
};
use serde_json::Value;
use thiserror::Error;

/// Where the browser is sent for authorization.
pub const AUTHORIZATION_ENDPOINT: &str =
    "https://authz.constantcontact.com/oauth2/default/v1/authorize";
/// Where a code is exchanged for an access token, and a connection is renewed.
pub const TOKEN_ENDPOINT: &str = "https://authz.constantcontact.com/oauth2/default/v1/token";
/// The issuer of the tokens: an Okta organization, not the host of the endpoints.
pub const ISSUER: &str = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8";
/// Where the issuer publishes the keys that its tokens are signed with, as a JWK Set.
pub const JWKS_URI: &str =
    "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys";
/// The `aud` of access tokens.
pub const AUDIENCE: &str = "https://api.cc.email/v3";
/// The base URL of the V3 API.
pub const API_BASE_URL: &str = "https://api.cc.email/v3";
/// The default scope for the implicit grant: the Overview page uses each of these.
pub const SCOPE: &str = "account_read campaign_data contact_data";
/// [`SCOPE`] and a refresh token, which only the code grant provides.
pub const SCOPE_WITH_CODE: &str = "account_read campaign_data contact_data offline_access";

/// The scope to request if none is configured. The implicit grant has no refresh token to ask for.
///
/// ```
/// use cc_connect_core::{constant_contact::default_scope, oauth::ResponseType};
///
/// assert!(!default_scope(ResponseType::Token).contains("offline_access"));
/// assert!(default_scope(ResponseType::Code).contains("offline_access"));
/// ```
pub const fn default_scope(response_type: ResponseType) -> &'static str {
    match response_type {
        ResponseType::Token => SCOPE,
        ResponseType::Code => SCOPE_WITH_CODE,
    }
}

/// A client registered at Constant Contact, to be checked by
/// [`Client::new`](crate::oauth::Client::new): its endpoints, and the default scope. Change what is
/// different in the application.
///
/// ```
/// use cc_connect_core::{constant_contact, oauth::{Client, Registration, ResponseType}};
///
/// let redirect_uri = "https://app.example/callback";
/// let registration = Registration {
///     max_authorization_time: 5 * 60,
///     ..constant_contact::registration("the API key", redirect_uri, ResponseType::Code)
/// };
/// assert_eq!(registration.scope.to_string(), constant_contact::SCOPE_WITH_CODE);
/// assert!(Client::new(registration).is_ok());
/// ```
pub fn registration(
    client_id: &str,
    redirect_uri: &str,
    response_type: ResponseType,
) -> Registration {
    let scope = Scope::parse(default_scope(response_type));
    Registration {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        authorization_endpoint: AUTHORIZATION_ENDPOINT.to_owned(),
        response_type,
        token_endpoint: TOKEN_ENDPOINT.to_owned(),
        issuer: ISSUER.to_owned(),
        scope: scope.expect("the default scopes follow the grammar"),
        max_authorization_time: MAX_AGE,
    }
}

/// What an access token from Constant Contact must contain.
pub fn access_token_expectations() -> Expectations {
    Expectations {
        types: ACCESS_TOKEN_TYPES,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        max_lifetime: jose::verify::MAX_LIFETIME,
    }
}

/// What an ID token from Constant Contact for this client must contain.
///
/// ```
/// use cc_connect_core::constant_contact::{access_token_expectations, id_token_expectations};
///
/// let (access, id) = (access_token_expectations(), id_token_expectations("the API key"));
/// assert_eq!(access.issuer, id.issuer);
/// // An access token is for the API, an ID token for the client.
/// assert_eq!(access.audience, "https://api.cc.email/v3");
/// assert_eq!(id.audience, "the API key");
/// ```
pub fn id_token_expectations(client_id: &str) -> Expectations {
    Expectations {
        types: ID_TOKEN_TYPES,
        issuer: ISSUER.to_owned(),
        audience: client_id.to_owned(),
        max_lifetime: jose::verify::MAX_LIFETIME,
    }
}

/// Accepted `typ` values of an access token ([RFC 9068 §2.1]) from an Okta authorization server.
///
/// [RFC 9068 §2.1]: https://www.rfc-editor.org/rfc/rfc9068.html#section-2.1
pub const ACCESS_TOKEN_TYPES: &[&str] = &[
    "JWT",
    "at+jwt",
    "application/at+jwt",
    "application/okta-internal-at+jwt",
];

/// The checks made after those of [`jose::verify::CHECKS`], in order.
pub const CHECKS: &[CheckName] = &[
    CheckName::ClientId,
    CheckName::PlatformUserId,
    CheckName::Nonce,
];

/// The literal for a user without an account: the token looks valid but is useless.
const UNASSIGNED: &str = "UNASSIGNED";

/// The verified claims of an access token from Constant Contact.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessTokenClaims {
    registered: VerifiedClaims,
    platform_user_id: String,
}

impl AccessTokenClaims {
    /// The claims that every JWT has, and any other by name.
    pub fn registered(&self) -> &VerifiedClaims {
        &self.registered
    }

    /// Identifies the account. Use it as the key: `sub` is a login name and may change.
    pub fn platform_user_id(&self) -> &str {
        &self.platform_user_id
    }

    /// `scp`: the scope according to the token, from an array or a string, if readable. It decides
    /// nothing here: the API enforces it ([the rule](crate::json#what-decides-and-what-does-not)).
    pub fn scope(&self) -> Option<Scope> {
        match self.registered.get("scp")? {
            Value::String(words) => Scope::read(words),
            Value::Array(words) => {
                let words: Option<Vec<_>> = words.iter().map(Value::as_str).collect();
                Scope::read(&words?.join(" "))
            }
            _ => None,
        }
    }
}

/// Why an access token was rejected. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// It failed a check that every JWT must pass, or lacks a claim.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// `cid` is not the configured client_id.
    #[error("cid is {found:?}, expected {expected:?}")]
    ClientMismatch {
        /// The configured client_id.
        expected: String,
        /// The token's `cid`.
        found: String,
    },
    /// `platform_user_id` is the literal `UNASSIGNED`.
    #[error("platform_user_id is {UNASSIGNED}: the user has no account")]
    PlatformUserUnassigned,
    /// `nonce` is present and differs from the one sent.
    #[error("nonce is not the one that was sent")]
    NonceMismatch,
}

impl AccessTokenError {
    /// The stable name of the reason, for tests, pages and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(TokenError::MissingClaim("cid")) => "client_missing",
            Self::Token(TokenError::MissingClaim("platform_user_id")) => "platform_user_id_missing",
            Self::Token(error) => error.code(),
            Self::ClientMismatch { .. } => "client_mismatch",
            Self::PlatformUserUnassigned => "platform_user_unassigned",
            Self::NonceMismatch => "nonce_mismatch",
        }
    }
}

/// What a token must match in its request.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Our client_id, which `cid` must equal.
    pub client_id: &'a str,
    /// The nonce that was sent.
    pub nonce: &'a Nonce,
    /// When the token was requested.
    pub requested_at: Timestamp,
}

/// Verifies an access token: [`jose::verify()`], then the checks specific to this service.
///
/// # Errors
///
/// The first reason to reject it. The report is complete in either case.
///
/// ```
/// use cc_connect_core::{
///     constant_contact::{self, Circumstances},
///     jose::JwkSet,
///     oauth::Nonce,
///     time::Timestamp,
/// };
///
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let (token, document) = (vector!("access-token.jws").trim(), vector!("key-set.json"));
/// // `document` was fetched from `constant_contact::JWKS_URI`.
/// let keys = JwkSet::parse(document)?;
/// let expectations = constant_contact::access_token_expectations();
/// let now = Timestamp::from_unix_seconds(1_790_000_002);
/// let circumstances = Circumstances {
///     client_id: "cc94c2d6-6e70-426c-afd1-71c8fa5f4890",
///     nonce: &Nonce::new("n-0S6_WzA2Mj".to_owned()),
///     requested_at: now.plus_seconds(-2),
/// };
/// let verify = |circumstances| {
///     constant_contact::verify_access_token(token, &keys, &expectations, circumstances, now)
/// };
///
/// let (report, result) = verify(circumstances);
/// let claims = result?;
/// assert!(constant_contact::is_proof(&report));
/// assert_eq!(claims.platform_user_id(), "d3a06e62-2f14-4d96-9453-26591ab53f0d");
/// assert_eq!(claims.registered().subject(), "geeksquad");
/// assert!(claims.scope().unwrap().contains("contact_data"));
///
/// // The token of another client. The report has every check all the same.
/// let (report, result) = verify(Circumstances { client_id: "another", ..circumstances });
/// assert_eq!(result.unwrap_err().code(), "client_mismatch");
/// assert!(!constant_contact::is_proof(&report));
/// let checks = report.checks().iter().map(|check| check.name);
/// assert!(checks.eq(constant_contact::all_checks()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify_access_token(
    compact: &str,
    keys: &JwkSet,
    expectations: &Expectations,
    circumstances: Circumstances<'_>,
    now: Timestamp,
) -> (Report, Result<AccessTokenClaims, AccessTokenError>) {
    let (mut report, result) =
        jose::verify(compact, keys, expectations, circumstances.requested_at, now);
    let result = result
        .map_err(AccessTokenError::Token)
        .and_then(|registered| check_claims(registered, circumstances, &mut report));
    report.complete_with(CHECKS);
    (report, result)
}

fn check_claims(
    registered: VerifiedClaims,
    circumstances: Circumstances<'_>,
    report: &mut Report,
) -> Result<AccessTokenClaims, AccessTokenError> {
    let client = check_client(&registered, circumstances.client_id);
    report.check(CheckName::ClientId, client)?;
    let platform_user_id = check_platform_user(&registered);
    let platform_user_id = report.check(CheckName::PlatformUserId, platform_user_id)?;
    let nonce = check_nonce(registered.get("nonce"), circumstances.nonce);
    report.check(CheckName::Nonce, nonce)?;
    Ok(AccessTokenClaims {
        registered,
        platform_user_id,
    })
}

fn check_client(claims: &VerifiedClaims, expected: &str) -> Result<String, AccessTokenError> {
    match claims.required_text("cid")?.to_owned() {
        found if found == expected => Ok(found),
        found => Err(AccessTokenError::ClientMismatch {
            expected: expected.to_owned(),
            found,
        }),
    }
}

fn check_platform_user(claims: &VerifiedClaims) -> Result<String, AccessTokenError> {
    match claims.required_text("platform_user_id")? {
        UNASSIGNED => Err(AccessTokenError::PlatformUserUnassigned),
        found => Ok(found.to_owned()),
    }
}

fn check_nonce(found: Option<&Value>, sent: &Nonce) -> Result<Option<()>, AccessTokenError> {
    match found {
        None => Ok(None),
        Some(Value::String(found)) if sent.is_secret_text(found) => Ok(Some(())),
        Some(_) => Err(AccessTokenError::NonceMismatch),
    }
}

/// Every check that [`verify_access_token`] makes, in order.
pub fn all_checks() -> impl Iterator<Item = CheckName> {
    jose::verify::CHECKS.iter().chain(CHECKS).copied()
}

/// Whether the report shows that a token passed all of [`all_checks`].
pub fn is_proof(report: &Report) -> bool {
    report.is_complete_with(all_checks())
}
