//! Verification of an access token, and of the ID token that came with it, against the issuer's
//! keys and the request.

use super::{
    account::Account,
    context::Context,
    grant::Grant,
    keys::{KeyUsed, LoadedKeys},
    unverified_access_token::{Origin, UnverifiedAccessToken},
};
use crate::{
    constant_contact::{self, AccessTokenClaims, AccessTokenError, Circumstances},
    jose::TokenError,
    oauth::{AccessToken, Scope},
    openid_connect::{self, IdTokenClaims, IdTokenError, OPENID},
    report::Report,
    time::Timestamp,
};
use std::{fmt, sync::Arc};
use thiserror::Error;

/// An access token that passed every check. There is one way to get one: [`verify`](Self::verify).
/// It is never deserialized. Copies share what was proven.
///
/// ```
/// use cc_connect_core::{
///     jose::{JwkSet, TokenError},
///     session::{LoadedKeys, VerifiedAccessToken, stored},
///     time::Timestamp,
/// };
/// # use cc_connect_core::{constant_contact, oauth::{Client, ResponseType}};
/// # use cc_connect_core::session::{Context, Reauthorize, TokenStorage};
/// # macro_rules! vector { ($name:literal) => {
/// #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/", $name))
/// # } }
/// # let (record, document) = (vector!("stored-token.json"), vector!("key-set.json"));
/// # let other_document = vector!("jwks-2022-06-25.json");
/// # let (id, uri) = ("cc94c2d6-6e70-426c-afd1-71c8fa5f4890", "https://app.example/callback");
/// # let context = Context {
/// #     client: Client::new(constant_contact::registration(id, uri, ResponseType::Code))?,
/// #     expectations: constant_contact::access_token_expectations(),
/// #     id_token_expectations: constant_contact::id_token_expectations(id),
/// #     token_storage: TokenStorage::Session,
/// #     reauthorize: Reauthorize::Automatic,
/// # };
///
/// let unverified = stored::read_token(record).expect("a record of this version");
/// let now = Timestamp::from_unix_seconds(1_790_000_002);
/// let keys = LoadedKeys { set: JwkSet::parse(document)?, fetched_at: now, from_cache: false };
/// let token = VerifiedAccessToken::verify(&unverified, &keys, &context, now)
///     .map_err(|(refusal, _report)| refusal)?;
/// assert!(constant_contact::is_proof(token.report()));
/// assert_eq!(token.key().kid.as_deref(), Some("test-key"));
/// assert_eq!(token.grant().account.subject, token.claims().registered().subject());
/// assert_eq!(token.lifetime(), token.expires_at().seconds_since(now));
/// assert_eq!(token.requested().without(token.granted()).to_string(), "campaign_data");
/// assert_eq!(token.requested_at(), now.plus_seconds(-2));
/// assert_eq!(token.redirect_uri(), context.client.redirect_uri());
/// // An ID token is not stored.
/// assert!(token.id_token().is_none());
/// // Whether a request was sent with this token.
/// let sent = token.access_token().clone();
/// assert!(token.is_same_token(&sent));
///
/// let keys = LoadedKeys { set: JwkSet::parse(other_document)?, ..keys };
/// let result = VerifiedAccessToken::verify(&unverified, &keys, &context, now);
/// let (refusal, report) = result.unwrap_err();
/// assert_eq!(refusal.code(), "key_not_found");
/// assert!(matches!(refusal.token_error(), Some(TokenError::KeyNotFound { .. })));
/// // Had the keys come from a cache, a newer set would be worth a request.
/// assert!(refusal.may_be_an_older_set());
/// assert!(!report.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VerifiedAccessToken {
    access_token: AccessToken,
    claims: Arc<AccessTokenClaims>,
    grant: Arc<Grant>,
    id_token: Option<Arc<VerifiedIdToken>>,
}

/// Names the token, without its proof.
impl fmt::Debug for VerifiedAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedAccessToken")
            .field("claims", &self.claims)
            .field("granted", &self.grant.granted)
            .field("requested", &self.grant.requested)
            .finish_non_exhaustive()
    }
}

/// An ID token that passed every check, together with the access token that it came with.
#[derive(Clone, Debug)]
pub struct VerifiedIdToken {
    /// What it says about the user; `sub` is what a later ID token must repeat.
    pub claims: IdTokenClaims,
    /// Every check with its outcome.
    pub report: Report,
}

/// Why an access token, or the ID token that came with it, was rejected.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The access token was rejected.
    #[error("the access token was rejected")]
    AccessToken(#[source] AccessTokenError),
    /// The ID token was rejected, or is missing.
    #[error("the ID token was rejected or is missing")]
    IdToken(#[source] IdTokenError),
}

impl Refusal {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AccessToken(error) => error.code(),
            Self::IdToken(error) => error.code(),
        }
    }

    /// The check that every JWT must pass and this one failed, if that is the reason.
    pub fn token_error(&self) -> Option<&TokenError> {
        match self {
            Self::AccessToken(AccessTokenError::Token(error))
            | Self::IdToken(IdTokenError::Token(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether the token might have been accepted at another time.
    pub(super) fn is_about_time(&self) -> bool {
        matches!(
            self.token_error(),
            Some(
                TokenError::Expired { .. }
                    | TokenError::NotYetValid { .. }
                    | TokenError::IssuedInTheFuture { .. }
                    | TokenError::IssuedBeforeRequest { .. }
            )
        )
    }

    /// Whether a newer key set might verify the token: this one has no key with its `kid`, or an
    /// older key under the same `kid`. Then a set from a cache is worth one fetch for an
    /// [unknown `kid`](crate::jose::jwk_set_cache::Need::UnknownKid).
    pub fn may_be_an_older_set(&self) -> bool {
        matches!(
            self.token_error(),
            Some(
                TokenError::KeyNotFound { .. }
                    | TokenError::AmbiguousKey { .. }
                    | TokenError::UnsuitableKey(_)
                    | TokenError::WeakKey { .. }
                    | TokenError::BadSignature
            )
        )
    }
}

impl VerifiedAccessToken {
    /// Verifies a token, and the ID token that came with it, against the keys and the circumstances
    /// of the request.
    ///
    /// # Errors
    ///
    /// The first reason to reject either of them, with the report.
    pub fn verify(
        token: &UnverifiedAccessToken,
        keys: &LoadedKeys,
        context: &Context,
        now: Timestamp,
    ) -> Result<Self, (Refusal, Report)> {
        let circumstances = Circumstances {
            client_id: context.client.client_id(),
            nonce: &token.nonce,
            // A request from the future was made before the clock was corrected.
            requested_at: token.requested_at.min(now),
        };
        let (report, result) = constant_contact::verify_access_token(
            token.access_token.expose(),
            &keys.set,
            &context.expectations,
            circumstances,
            now,
        );
        match result {
            Err(error) => Err((Refusal::AccessToken(error), report)),
            Ok(claims) => {
                let id_token = verify_id_token(token, keys, context, now)?;
                let registered = claims.registered();
                let grant = Grant {
                    account: Account::from_claims(&claims),
                    granted: token.granted.clone(),
                    requested: token.requested.clone(),
                    requested_at: token.requested_at,
                    redirect_uri: token.redirect_uri.clone(),
                    issued_at: registered.issued_at(),
                    expires_at: registered.expires_at(),
                    claims: registered
                        .iter()
                        .map(|(name, value)| (name.to_owned(), value.clone()))
                        .collect(),
                    report,
                    key: KeyUsed::new(registered.key(), keys),
                    id_token: id_token.as_ref().map(|id_token| id_token.report.clone()),
                };
                Ok(Self {
                    access_token: token.access_token.clone(),
                    claims: Arc::new(claims),
                    grant: Arc::new(grant),
                    id_token: id_token.map(Arc::new),
                })
            }
        }
    }

    /// For the `Authorization` header, and for a user who explicitly asks to see it.
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// Whether this is the same token as `token`, compared in constant time; for instance whether
    /// the token that a request was sent with is still in use.
    pub fn is_same_token(&self, token: &AccessToken) -> bool {
        self.access_token.is_same_secret(token)
    }

    /// What may be known of it. Each verification makes its own.
    pub fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }

    /// What the token says: its account, its scope and its times among them.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// `exp`: when the API stops accepting it.
    pub fn expires_at(&self) -> Timestamp {
        self.grant.expires_at
    }

    /// Every check with its outcome.
    pub fn report(&self) -> &Report {
        &self.grant.report
    }

    /// The key that verified its signature.
    pub fn key(&self) -> &KeyUsed {
        &self.grant.key
    }

    /// The scope that the server granted, according to the response.
    pub fn granted(&self) -> &Scope {
        &self.grant.granted
    }

    /// The scope that was requested.
    pub fn requested(&self) -> &Scope {
        &self.grant.requested
    }

    /// The ID token that was verified along with it; a token from storage no longer has one.
    pub fn id_token(&self) -> Option<&VerifiedIdToken> {
        self.id_token.as_deref()
    }

    /// The total lifetime, `exp` − `iat`, in seconds.
    pub fn lifetime(&self) -> i64 {
        self.grant.expires_at.seconds_since(self.grant.issued_at)
    }

    /// When the authorization, or the refresh that returned it, was requested.
    pub fn requested_at(&self) -> Timestamp {
        self.grant.requested_at
    }

    /// The redirect URI of the authorization request.
    pub fn redirect_uri(&self) -> &str {
        &self.grant.redirect_uri
    }
}

fn verify_id_token(
    token: &UnverifiedAccessToken,
    keys: &LoadedKeys,
    context: &Context,
    now: Timestamp,
) -> Result<Option<VerifiedIdToken>, (Refusal, Report)> {
    let Some(id_token) = &token.id_token else {
        // OpenID Connect Core §3.1.3.3: with `openid` granted, the token response has an ID token;
        // §12.2: a refresh response need not.
        let due = token.requested.contains(OPENID) && token.granted.contains(OPENID);
        return if token.origin == Origin::Code && due {
            let refusal = Refusal::IdToken(IdTokenError::Missing);
            Err((refusal, Report::default()))
        } else {
            Ok(None)
        };
    };
    let circumstances = openid_connect::Circumstances {
        access_token: &token.access_token,
        nonce: &token.nonce,
        requested_at: token.requested_at,
        refresh: (token.origin == Origin::Refresh).then_some(token.subject.as_deref()),
    };
    let (report, result) = openid_connect::verify_id_token(
        id_token,
        &keys.set,
        &context.id_token_expectations,
        circumstances,
        now,
    );
    match result {
        Ok(claims) => Ok(Some(VerifiedIdToken { claims, report })),
        Err(error) => Err((Refusal::IdToken(error), report)),
    }
}
