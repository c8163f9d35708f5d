//! The records in sessionStorage, and the only serde code for them.
//!
//! Trust is never loaded, only recomputed: a stored token becomes an [`UnverifiedAccessToken`]. A
//! record is read whole or not at all ([the rule](crate::json#what-decides-and-what-does-not)).

use super::{
    account::Account,
    unverified_access_token::{Origin, UnverifiedAccessToken},
};
use crate::{
    ReturnTo,
    jose::jwk_set_cache::Freshness,
    oauth::{
        AccessToken, CodeVerifier, Nonce, PendingAuthorization, RefreshToken, Scope, StateParameter,
    },
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The version of these records. Those of another version are not read.
const VERSION: u32 = 1;

/// A time in milliseconds since the epoch; one that cannot be shown as a date is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
struct Millis(Timestamp);

impl TryFrom<i64> for Millis {
    type Error = &'static str;

    fn try_from(millis: i64) -> Result<Self, Self::Error> {
        Timestamp::read_unix_millis(millis)
            .map(Self)
            .ok_or("no date")
    }
}

impl From<Millis> for i64 {
    fn from(Millis(time): Millis) -> Self {
        time.unix_millis()
    }
}

#[derive(Serialize, Deserialize)]
struct StoredToken {
    version: u32,
    access_token: String,
    granted: String,
    requested: String,
    nonce: String,
    requested_at: Millis,
    client_id: String,
    issuer: String,
    redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredPending {
    version: u32,
    state: String,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code_verifier: Option<String>,
    client_id: String,
    redirect_uri: String,
    scope: String,
    issuer: String,
    created_at: Millis,
    return_to: String,
}

#[derive(Serialize, Deserialize)]
struct StoredAccount {
    version: u32,
    platform_user_id: String,
    sub: String,
}

/// A cached key set: the document itself, to be parsed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
    version: u32,
    /// Where it was fetched from. A set from another URL is not used.
    pub jwks_uri: String,
    /// The JWK Set document, unparsed.
    pub document: String,
    fetched_at: Millis,
    /// In seconds.
    lifetime: i64,
    unknown_kid_at: Option<Millis>,
}

impl StoredKeys {
    /// The record of a fetched set.
    pub fn new(jwks_uri: String, document: String, freshness: Freshness) -> Self {
        Self {
            version: VERSION,
            jwks_uri,
            document,
            fetched_at: Millis(freshness.fetched_at),
            lifetime: freshness.lifetime,
            unknown_kid_at: freshness.unknown_kid_at.map(Millis),
        }
    }

    /// When it was fetched and how long it may be used.
    pub fn freshness(&self) -> Freshness {
        Freshness {
            fetched_at: self.fetched_at.0,
            lifetime: self.lifetime,
            unknown_kid_at: self.unknown_kid_at.map(|Millis(time)| time),
        }
    }

    /// Whether it has the current version and came from this URL.
    pub fn is_of(&self, jwks_uri: &str) -> bool {
        self.version == VERSION && self.jwks_uri == jwks_uri
    }
}

/// The stored form of a token.
pub fn write_token(token: &UnverifiedAccessToken) -> String {
    to_json(&StoredToken {
        version: VERSION,
        access_token: token.access_token.expose().to_owned(),
        granted: token.granted.to_string(),
        requested: token.requested.to_string(),
        nonce: token.nonce.expose().to_owned(),
        requested_at: Millis(token.requested_at),
        client_id: token.client_id.clone(),
        issuer: token.issuer.clone(),
        redirect_uri: token.redirect_uri.clone(),
        refresh_token: token
            .refresh_token
            .as_ref()
            .map(|token| token.expose().to_owned()),
        sub: token.subject.clone(),
    })
}

/// Reads a token back; `None` if the text is not one of ours.
pub fn read_token(text: &str) -> Option<UnverifiedAccessToken> {
    let stored: StoredToken = serde_json::from_str(text).ok()?;
    if stored.version != VERSION {
        return None;
    }
    Some(UnverifiedAccessToken {
        access_token: AccessToken::new(stored.access_token),
        granted: Scope::parse(&stored.granted).ok()?,
        requested: Scope::parse(&stored.requested).ok()?,
        nonce: Nonce::new(stored.nonce),
        requested_at: stored.requested_at.0,
        client_id: stored.client_id,
        issuer: stored.issuer,
        redirect_uri: stored.redirect_uri,
        refresh_token: stored
            .refresh_token
            .filter(|token| !token.is_empty())
            .map(RefreshToken::new),
        id_token: None,
        subject: stored.sub,
        origin: Origin::Storage,
    })
}

/// The stored form of a token without its refresh token, for a duplicated tab: a refresh token may
/// be used in one place only. `None` if there is none to remove.
pub fn without_refresh_token(text: &str) -> Option<String> {
    let token = read_token(text)?;
    token
        .refresh_token
        .is_some()
        .then(|| write_token(&token.without_refresh_token()))
}

/// The stored form of a pending authorization.
pub fn write_pending(pending: &PendingAuthorization) -> String {
    to_json(&StoredPending {
        version: VERSION,
        state: pending.state.expose().to_owned(),
        nonce: pending.nonce.expose().to_owned(),
        code_verifier: pending
            .code_verifier
            .as_ref()
            .map(|verifier| verifier.expose().to_owned()),
        client_id: pending.client_id.clone(),
        redirect_uri: pending.redirect_uri.clone(),
        scope: pending.scope.to_string(),
        issuer: pending.issuer.clone(),
        created_at: Millis(pending.created_at),
        return_to: pending.return_to.to_string(),
    })
}

/// Reads a pending authorization back; `None` if the text is not one of ours.
pub fn read_pending(text: &str) -> Option<PendingAuthorization> {
    let stored: StoredPending = serde_json::from_str(text).ok()?;
    if stored.version != VERSION {
        return None;
    }
    Some(PendingAuthorization {
        state: StateParameter::new(stored.state),
        nonce: Nonce::new(stored.nonce),
        code_verifier: stored.code_verifier.map(CodeVerifier::new),
        client_id: stored.client_id,
        redirect_uri: stored.redirect_uri,
        scope: Scope::parse(&stored.scope).ok()?,
        issuer: stored.issuer,
        created_at: stored.created_at.0,
        return_to: ReturnTo::parse(&stored.return_to)?,
    })
}

/// The stored form of an account.
pub fn write_account(account: &Account) -> String {
    to_json(&StoredAccount {
        version: VERSION,
        platform_user_id: account.platform_user_id.clone(),
        sub: account.subject.clone(),
    })
}

/// Reads an account back; `None` if the text is not one of ours.
pub fn read_account(text: &str) -> Option<Account> {
    let stored: StoredAccount = serde_json::from_str(text).ok()?;
    (stored.version == VERSION).then_some(Account {
        platform_user_id: stored.platform_user_id,
        subject: stored.sub,
    })
}

/// The stored form of a time.
pub fn write_time(time: Timestamp) -> String {
    time.unix_millis().to_string()
}

/// Reads a time back; `None` if it cannot be shown as a date.
pub fn read_time(text: &str) -> Option<Timestamp> {
    Timestamp::read_unix_millis(text.parse().ok()?)
}

/// Serializes a struct of strings and numbers, which cannot fail.
fn to_json(form: &impl Serialize) -> String {
    serde_json::to_string(form).expect("a struct of strings and numbers is always JSON")
}
