//! Verification of an access token, and of the ID token that came with it, against the issuer's
//! keys and the request.

use super::{Context, Grant, LoadedKeys, UnverifiedAccessToken, unverified_access_token::Origin};
use crate::{
    constant_contact::{self, AccessTokenClaims, AccessTokenError, Circumstances},
    jose::{TokenError, VerificationKey},
    oauth::{AccessToken, Scope},
    openid_connect::{self, IdTokenClaims, IdTokenError, OPENID},
    report::Report,
    time::Timestamp,
};

/// An access token that passed every check. There is one way to get one: [`verify`](Self::verify).
/// It is never deserialized.
#[derive(Clone, Debug)]
pub struct VerifiedAccessToken {
    access_token: AccessToken,
    claims: AccessTokenClaims,
    report: Report,
    key: KeyUsed,
    granted: Scope,
    requested: Scope,
    requested_at: Timestamp,
    redirect_uri: String,
    id_token: Option<VerifiedIdToken>,
}

/// An ID token that passed every check, together with the access token that it came with.
#[derive(Clone, Debug)]
pub struct VerifiedIdToken {
    /// Its verified claims.
    pub claims: IdTokenClaims,
    /// Every check with its outcome.
    pub report: Report,
}

/// Why an access token, or the ID token that came with it, was rejected.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The access token was rejected.
    AccessToken(AccessTokenError),
    /// The ID token was rejected, or is missing.
    IdToken(IdTokenError),
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
    /// older key under the same `kid`.
    pub(super) fn may_be_an_older_set(&self) -> bool {
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

/// The key that verified a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsed {
    /// The `kid` that the token names, if any.
    pub kid: Option<String>,
    /// The size of its modulus in bits.
    pub bits: usize,
    /// When the set was fetched.
    pub fetched_at: Timestamp,
    /// How many keys the set has.
    pub set_len: usize,
}

impl KeyUsed {
    fn new(key: &VerificationKey, keys: &LoadedKeys) -> Self {
        Self {
            kid: key.kid.clone(),
            bits: key.bits,
            fetched_at: keys.fetched_at,
            set_len: keys.set.len(),
        }
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
            Ok(claims) => Ok(Self {
                id_token: verify_id_token(token, keys, context, now)?,
                key: KeyUsed::new(claims.registered().key(), keys),
                access_token: token.access_token.clone(),
                claims,
                report,
                granted: token.granted.clone(),
                requested: token.requested.clone(),
                requested_at: token.requested_at,
                redirect_uri: token.redirect_uri.clone(),
            }),
        }
    }

    /// For the `Authorization` header, and for a user who explicitly asks to see it.
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// Whether this is the same token as `token`, compared in constant time.
    pub fn is(&self, token: &AccessToken) -> bool {
        self.access_token.is_same_secret(token)
    }

    /// The verified claims.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// `exp`: when the API stops accepting it.
    pub fn expires_at(&self) -> Timestamp {
        self.claims.registered().expires_at()
    }

    /// Every check with its outcome.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The key that verified its signature.
    pub fn key(&self) -> &KeyUsed {
        &self.key
    }

    /// The scope that the server granted, according to the response.
    pub fn granted(&self) -> &Scope {
        &self.granted
    }

    /// The scope that was requested.
    pub fn requested(&self) -> &Scope {
        &self.requested
    }

    /// The ID token that was verified along with it; a token from storage no longer has one.
    pub fn id_token(&self) -> Option<&VerifiedIdToken> {
        self.id_token.as_ref()
    }

    /// The total lifetime, `exp` − `iat`, in seconds.
    pub fn lifetime(&self) -> i64 {
        let claims = self.claims.registered();
        claims.expires_at().seconds_since(claims.issued_at())
    }

    /// What may be known of it.
    pub fn grant(&self) -> Grant {
        Grant::of_token(self)
    }

    /// When it was requested.
    pub fn requested_at(&self) -> Timestamp {
        self.requested_at
    }

    /// The redirect URI of the authorization request.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
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
