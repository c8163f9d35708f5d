//! The stored form of what outlives a page or a request, and the only serde code for it.
//!
//! Trust is never loaded, only recomputed: a stored token becomes an [`UnverifiedAccessToken`], to
//! be verified again in full. A record is read whole or not at all
//! ([the rule](crate::json#what-decides-and-what-does-not)): one of another [`VERSION`], without a
//! member that is listed here, or with one of another type, is not read. Unknown members are ignored.
//!
//! # The records
//!
//! Each is a JSON object. Times are in milliseconds since 1970-01-01T00:00Z;
//! a scope is its words, separated by spaces. A member with a question mark may be absent.
//!
//! | record | members besides `version` |
//! |---|---|
//! | pending authorization | `state`, `nonce`, `code_verifier`?, `client_id`, `redirect_uri`, `scope`, `issuer`, `created_at`, `return_to` |
//! | token | `access_token`, `refresh_token`?, `granted`, `requested`, `nonce`, `requested_at`, `client_id`, `issuer`, `redirect_uri`, `sub`? |
//! | account | `platform_user_id`, `sub` |
//! | grant | `account`, `granted`, `requested`, `requested_at`, `redirect_uri`, `issued_at`, `expires_at`, `claims`, `report`, `key`, `id_token`? |
//! | key set | `jwks_uri`, `document`, `fetched_at`, `lifetime` in seconds, `unknown_kid_at`? |
//!
//! A time on its own is its number of milliseconds as text. In a grant, `report` and `id_token` have
//! `checks` (`name`, `outcome`, `found`?) and `issued_at`?; `key` has `kid`?, `bits`, `fetched_at`
//! and `set_len`.
//!
//! # What is never stored
//!
//! - That a token was verified, and what its verification found: claims, report, key. The grant is
//!   a message, from a server to the page that shows it.
//! - An ID token. Of its content only `sub` is kept, since a later one must repeat it.
//! - An authorization code: it is exchanged by the page that received it, or is lost.
//!
//! # Where to keep them
//!
//! The records of a pending authorization and of a token contain secrets in plain text. A browser
//! keeps them in sessionStorage, where only the same tab and origin read them. A server seals the
//! text, encrypted and authenticated, before it leaves the process, and wipes its copy.
//!
//! A pending authorization is kept under its `state`, read once, and erased before the response is
//! looked at. Reading it back checks its form only; whether the request was made with the present
//! settings, and recently, is checked by [`accept`](crate::oauth::accept).

mod grant;
mod record;

pub(super) use grant::grant_in;
pub use grant::{read_grant, write_grant};
pub use record::VERSION;

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
use record::{Millis, to_json};
use serde::{Deserialize, Serialize};

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
///
/// ```
/// use cc_connect_core::{
///     jose::jwk_set_cache::Freshness, session::stored::StoredKeys, time::Timestamp,
/// };
///
/// let freshness = Freshness {
///     fetched_at: Timestamp::from_unix_seconds(1_790_000_000),
///     lifetime: 3_600,
///     unknown_kid_at: None,
/// };
/// let url = "https://issuer.example/keys";
/// let keys = StoredKeys::new(url.to_owned(), "{}".to_owned(), freshness);
/// assert!(keys.is_usable_for(url));
/// assert!(!keys.is_usable_for("https://elsewhere.example/keys"));
/// assert_eq!(keys.freshness(), freshness);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
    version: u32,
    /// Where it was fetched from. A set from another URL is not used.
    pub jwks_uri: String,
    /// The JWK Set document, unparsed.
    pub document: String,
    fetched_at: Millis,
    /// How long it may be used after `fetched_at`, in seconds.
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
    pub fn is_usable_for(&self, jwks_uri: &str) -> bool {
        self.version == VERSION && self.jwks_uri == jwks_uri
    }
}

/// The stored form of a token, with its refresh token and without its ID token. It contains secrets:
/// see [where to keep it](self#where-to-keep-them).
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

/// Reads a token back; `None` if the text is not one of ours. It is as untrusted as a new one.
///
/// ```
/// use cc_connect_core::session::stored;
///
/// let text = r#"{
///     "version": 1, "access_token": "e30.e30.e30", "refresh_token": "a refresh token",
///     "granted": "account_read", "requested": "account_read contact_data",
///     "nonce": "n", "requested_at": 1790000000000, "client_id": "c",
///     "issuer": "https://issuer.example", "redirect_uri": "https://app.example/callback"
/// }"#;
/// let token = stored::read_token(text).expect("a record of this version");
/// assert_eq!(token.client_id(), "c");
///
/// // To be sealed, if it leaves the process.
/// let text = stored::write_token(&token);
/// assert!(stored::read_token(&text).is_some());
///
/// let newer = text.replace("\"version\":1", "\"version\":2");
/// assert!(stored::read_token(&newer).is_none());
/// ```
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
///
/// ```
/// use cc_connect_core::session::stored;
///
/// let text = r#"{
///     "version": 1, "access_token": "e30.e30.e30", "refresh_token": "a refresh token",
///     "granted": "account_read", "requested": "account_read", "nonce": "n",
///     "requested_at": 1790000000000, "client_id": "c", "issuer": "https://issuer.example",
///     "redirect_uri": "https://app.example/callback"
/// }"#;
/// let copy = stored::without_refresh_token(text).unwrap();
/// assert!(!copy.contains("refresh_token"));
/// assert_eq!(stored::without_refresh_token(&copy), None);
/// ```
pub fn without_refresh_token(text: &str) -> Option<String> {
    let token = read_token(text)?;
    token
        .refresh_token
        .is_some()
        .then(|| write_token(&token.without_refresh_token()))
}

/// The stored form of a pending authorization, to be kept under its `state`. It contains secrets:
/// see [where to keep it](self#where-to-keep-them).
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

/// Reads a pending authorization back; `None` if the text is not one of ours, for instance if
/// `return_to` would lead away from the application.
///
/// ```
/// use cc_connect_core::session::stored;
///
/// let text = r#"{
///     "version": 1, "state": "s", "nonce": "n", "code_verifier": "v", "client_id": "c",
///     "redirect_uri": "https://app.example/callback", "scope": "account_read",
///     "issuer": "https://issuer.example", "created_at": 1790000000000, "return_to": "contacts"
/// }"#;
/// let pending = stored::read_pending(text).expect("a record of this version");
/// assert_eq!(pending.state.expose(), "s");
/// assert_eq!(pending.return_to.as_str(), "contacts");
///
/// // To be sealed, if it leaves the process.
/// let text = stored::write_pending(&pending);
/// assert!(stored::read_pending(&text).is_some());
///
/// let elsewhere = text.replace("contacts", "//elsewhere.example");
/// assert!(stored::read_pending(&elsewhere).is_none());
/// ```
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
///
/// ```
/// use cc_connect_core::session::{Account, stored};
///
/// let account = Account {
///     platform_user_id: "8fd1c7b4".to_owned(),
///     subject: "mary".to_owned(),
/// };
/// let text = stored::write_account(&account);
/// assert_eq!(stored::read_account(&text), Some(account));
/// assert_eq!(stored::read_account("{}"), None);
/// ```
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
///
/// ```
/// use cc_connect_core::{session::stored, time::Timestamp};
///
/// let time = Timestamp::from_unix_millis(1_790_000_000_123);
/// assert_eq!(stored::write_time(time), "1790000000123");
/// assert_eq!(stored::read_time("1790000000123"), Some(time));
/// ```
pub fn read_time(text: &str) -> Option<Timestamp> {
    Timestamp::read_unix_millis(text.parse().ok()?)
}
