//! Where OAuth and JOSE meet, and nowhere else.

use super::{Context, LoadedKeys, UnverifiedAccessToken, unverified_access_token::Origin};
use crate::{
    constant_contact::{self, AccessTokenClaims, Circumstances},
    jose::{Report, TokenError, UnverifiedJwt},
    oauth::{AccessToken, Scope},
    openid_connect::{self, IdTokenClaims, IdTokenError, OPENID, is_technical},
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
    /// What it says.
    pub claims: IdTokenClaims,
    /// The proof.
    pub report: Report,
}

/// Why a token was refused, or what came with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The access token.
    AccessToken(TokenError),
    /// The ID token.
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

    /// Whether it would not have been refused at another time.
    pub(super) fn is_about_time(&self) -> bool {
        let (Self::AccessToken(error) | Self::IdToken(IdTokenError::Token(error))) = self else {
            return false;
        };
        matches!(
            error,
            TokenError::Expired { .. }
                | TokenError::NotYetValid { .. }
                | TokenError::IssuedInTheFuture { .. }
                | TokenError::IssuedBeforeRequest { .. }
        )
    }

    /// Whether a newer key set may verify what this one did not: the set has no key of the token's
    /// name, or has it with an older key under that name.
    pub(super) fn may_be_an_older_set(&self) -> bool {
        let (Self::AccessToken(error) | Self::IdToken(IdTokenError::Token(error))) = self else {
            return false;
        };
        matches!(
            error,
            TokenError::KeyNotFound { .. }
                | TokenError::AmbiguousKey { .. }
                | TokenError::UnsuitableKey(_)
                | TokenError::WeakKey { .. }
                | TokenError::BadSignature
        )
    }
}

/// The key that verified a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsed {
    /// Its name in the set, if the token gave one.
    pub kid: Option<String>,
    /// The size of its modulus in bits.
    pub bits: usize,
    /// When the set was fetched.
    pub fetched_at: Timestamp,
    /// How many keys the set has.
    pub set_len: usize,
}

impl VerifiedAccessToken {
    /// Verifies a token, and the ID token that came with it, against the keys and the circumstances
    /// of the request.
    ///
    /// # Errors
    ///
    /// The first reason to refuse one of them, and its report.
    pub fn verify(
        token: &UnverifiedAccessToken,
        keys: &LoadedKeys,
        context: &Context,
        now: Timestamp,
    ) -> Result<Self, (Refusal, Report)> {
        let compact = token.access_token.expose();
        let circumstances = Circumstances {
            client_id: &context.client.client_id,
            nonce: &token.nonce,
            // A request from the future was made before the clock was corrected.
            requested_at: token.requested_at.min(now),
        };
        let (report, result) = constant_contact::verify_access_token(
            compact,
            &keys.set,
            &context.expectations,
            circumstances,
            now,
        );
        let verified = result.and_then(|claims| Ok((claims, key_used(compact, keys)?)));
        match verified {
            Err(error) => Err((Refusal::AccessToken(error), report)),
            Ok((claims, key)) => Ok(Self {
                id_token: verify_id_token(token, keys, context, now)?,
                access_token: token.access_token.clone(),
                claims,
                report,
                key,
                granted: token.granted.clone(),
                requested: token.requested.clone(),
                requested_at: token.requested_at,
                redirect_uri: token.redirect_uri.clone(),
            }),
        }
    }

    /// For the `Authorization` header, and for the person who asks for it in so many words.
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// Whether it is this one.
    pub fn is(&self, token: &AccessToken) -> bool {
        self.access_token.same(token)
    }

    /// What it says.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// `exp`.
    pub fn expires_at(&self) -> Timestamp {
        self.claims.registered().expires_at()
    }

    /// The proof.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The key that signed it.
    pub fn key(&self) -> &KeyUsed {
        &self.key
    }

    /// What the response said was granted.
    pub fn granted(&self) -> &Scope {
        &self.granted
    }

    /// What was asked for.
    pub fn requested(&self) -> &Scope {
        &self.requested
    }

    /// What came with it and was verified with it; a token out of storage has left that behind.
    pub fn id_token(&self) -> Option<&VerifiedIdToken> {
        self.id_token.as_ref()
    }

    /// How long it lives in all, in seconds.
    pub fn lifetime(&self) -> i64 {
        let claims = self.claims.registered();
        claims.expires_at().seconds_since(claims.issued_at())
    }

    /// When it was asked for.
    pub fn requested_at(&self) -> Timestamp {
        self.requested_at
    }

    /// Where the answer was sent to.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The permissions that were asked for and not granted.
    pub fn withheld(&self) -> Scope {
        permissions(self.requested.without(&self.granted))
    }

    /// Those of them that a page of this application needs.
    pub fn lacking(&self) -> Scope {
        self.withheld().only(constant_contact::is_needed)
    }

    /// The permissions that were granted without having been asked for.
    pub fn unasked(&self) -> Scope {
        permissions(self.granted.without(&self.requested))
    }
}

/// Without what is technical: nobody withholds that, and no page shows it.
fn permissions(scope: Scope) -> Scope {
    scope.only(|word| !is_technical(word))
}

fn verify_id_token(
    token: &UnverifiedAccessToken,
    keys: &LoadedKeys,
    context: &Context,
    now: Timestamp,
) -> Result<Option<VerifiedIdToken>, (Refusal, Report)> {
    let Some(id_token) = &token.id_token else {
        // OpenID Connect Core §3.1.3.3: who asks for `openid` and is granted it gets one; §12.2: at a
        // refresh it may be left out.
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

fn key_used(compact: &str, keys: &LoadedKeys) -> Result<KeyUsed, TokenError> {
    let jwt = UnverifiedJwt::parse(compact)?;
    Ok(KeyUsed {
        kid: jwt.kid().map(str::to_owned),
        bits: keys.set.select(jwt.kid())?.bits(),
        fetched_at: keys.fetched_at,
        set_len: keys.set.len(),
    })
}
