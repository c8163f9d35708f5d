//! Where OAuth and JOSE meet, and nowhere else.

use super::{Context, LoadedKeys, UnverifiedAccessToken};
use crate::{
    constant_contact::{self, AccessTokenClaims, Circumstances},
    jose::{Report, TokenError, UnverifiedJwt},
    oauth::{AccessToken, Scope},
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
    /// Verifies a token against the keys and the circumstances of its request.
    ///
    /// # Errors
    ///
    /// The first reason to refuse it, and the report.
    pub fn verify(
        token: &UnverifiedAccessToken,
        keys: &LoadedKeys,
        context: &Context,
        now: Timestamp,
    ) -> Result<Self, (TokenError, Report)> {
        let compact = token.access_token.expose();
        let circumstances = Circumstances {
            client_id: &context.client.client_id,
            nonce: &token.nonce,
            requested_at: token.requested_at,
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
            Err(error) => Err((error, report)),
            Ok((claims, key)) => Ok(Self {
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

    /// When it was asked for.
    pub fn requested_at(&self) -> Timestamp {
        self.requested_at
    }

    /// Where the answer was sent to.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What was asked for and not granted.
    pub fn withheld(&self) -> Scope {
        self.requested.without(&self.granted)
    }

    /// What was granted without having been asked for.
    pub fn unasked(&self) -> Scope {
        self.granted.without(&self.requested)
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
