//! sessionStorage: this tab's memory across page loads. It may be blocked or full, and its contents
//! may have been written by anyone with access to the page.

use super::names::own;
use crate::{
    oauth::{Client, NoPendingAuthorization, PendingAuthorization, pending_authorization::sweep},
    session::{Account, Remembered, UnverifiedAccessToken, stored, stored::StoredKeys},
    time::Timestamp,
};
use gloo_storage::Storage as _;

// Names as used by a deployment at `/`; `own` adapts them to this deployment.
const PREFIX: &str = "cc-connect/";
const PENDING: &str = "cc-connect/pending/";
const SESSION: &str = "cc-connect/session";
const KEYS: &str = "cc-connect/keys";
const AUTOMATIC: &str = "cc-connect/automatic";
const REJECTION: &str = "cc-connect/rejection";
const ACCOUNT: &str = "cc-connect/account";
const EPOCH: &str = "cc-connect/epoch";
const TAB: &str = "cc-connect/tab";

/// The browser refuses to store: storage is disabled, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageUnavailable;

/// Session storage that was writable when it was opened.
#[derive(Clone, Debug)]
pub struct SessionStorage(web_sys::Storage);

impl SessionStorage {
    /// Opens the storage and writes a probe to make sure that it works.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn open() -> Result<Self, StorageUnavailable> {
        // gloo-storage assumes that storage exists, but a browser may throw instead.
        match web_sys::window().map(|window| window.session_storage()) {
            Some(Ok(Some(_))) => {}
            _ => return Err(StorageUnavailable),
        }
        let storage = Self(gloo_storage::SessionStorage::raw());
        let probe = "cc-connect/probe";
        storage.set(probe, "1")?;
        storage.remove(probe);
        Ok(storage)
    }

    /// Stores a pending authorization, after removing those that are stale or too many.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn store_pending(
        &self,
        pending: &PendingAuthorization,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), StorageUnavailable> {
        let stored = self
            .names(PENDING)
            .into_iter()
            .map(|key| {
                let created_at = self
                    .get(&key)
                    .and_then(|text| stored::read_pending(&text))
                    .map(|record| record.created_at);
                (key, created_at)
            })
            .collect();
        for key in sweep(stored, client, now) {
            self.remove(&key);
        }
        let key = format!("{PENDING}{}", pending.state.expose());
        self.set(&key, &stored::write_pending(pending))
    }

    /// Takes a pending authorization: it is removed before it is parsed.
    ///
    /// # Errors
    ///
    /// [`NoPendingAuthorization`].
    pub fn take_pending(
        &self,
        state: &str,
    ) -> Result<PendingAuthorization, NoPendingAuthorization> {
        let key = format!("{PENDING}{state}");
        match self.get(&key) {
            Some(text) => {
                self.remove(&key);
                stored::read_pending(&text).ok_or(NoPendingAuthorization::Unreadable)
            }
            None if self.names(PENDING).is_empty() => Err(NoPendingAuthorization::NoneStored),
            None => Err(NoPendingAuthorization::OtherState),
        }
    }

    /// Removes all pending authorizations.
    pub fn erase_pending(&self) {
        for key in self.names(PENDING) {
            self.remove(&key);
        }
    }

    /// Stores a token for the next page load, with the disconnect epoch it was obtained in.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn store_token(
        &self,
        token: &UnverifiedAccessToken,
        epoch: Option<&str>,
    ) -> Result<(), StorageUnavailable> {
        self.erase_token();
        if let Some(epoch) = epoch {
            self.set(EPOCH, epoch)?;
        }
        self.set(SESSION, &stored::write_token(token))
    }

    /// The disconnect epoch stored with the token.
    pub fn epoch(&self) -> Option<String> {
        self.get(EPOCH)
    }

    /// The stored token. An unreadable one is removed.
    pub fn token(&self) -> Option<UnverifiedAccessToken> {
        let text = self.get(SESSION)?;
        let token = stored::read_token(&text);
        if token.is_none() {
            self.remove(SESSION);
        }
        token
    }

    /// Removes the refresh token from the stored token.
    pub fn drop_refresh_token(&self) {
        let without = self
            .get(SESSION)
            .and_then(|text| stored::without_refresh_token(&text));
        if let Some(text) = without
            && self.set(SESSION, &text).is_err()
        {
            self.erase_token();
        }
    }

    /// Erases the stored token.
    pub fn erase_token(&self) {
        self.remove(SESSION);
        self.remove(EPOCH);
    }

    /// What this tab remembers between page loads; unreadable entries are ignored.
    pub fn remembered(&self) -> Remembered {
        Remembered {
            last_automatic: self.time(AUTOMATIC),
            last_rejection: self.time(REJECTION),
            account: self
                .get(ACCOUNT)
                .and_then(|text| stored::read_account(&text)),
        }
    }

    /// Remembers the connected account.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn remember_account(&self, account: &Account) -> Result<(), StorageUnavailable> {
        self.set(ACCOUNT, &stored::write_account(account))
    }

    /// The name of this tab, or of the tab it was copied from.
    pub fn tab(&self) -> Option<String> {
        self.get(TAB)
    }

    /// Sets this tab's name.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn store_tab(&self, name: &str) -> Result<(), StorageUnavailable> {
        self.set(TAB, name)
    }

    /// The cached key set, if it belongs to this URL.
    pub fn key_set(&self, jwks_uri: &str) -> Option<StoredKeys> {
        let cached: StoredKeys = serde_json::from_str(&self.get(KEYS)?).ok()?;
        cached.is_of(jwks_uri).then_some(cached)
    }

    /// Caches a key set. If storage is full, it has to be fetched again.
    pub fn cache_key_set(&self, keys: &StoredKeys) {
        if let Ok(text) = serde_json::to_string(keys) {
            let _ = self.set(KEYS, &text);
        }
    }

    /// Records that an authorization started automatically.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`]: the authorization must not start, since nothing would limit the next
    /// one.
    pub fn record_automatic(&self, at: Timestamp) -> Result<(), StorageUnavailable> {
        self.set(AUTOMATIC, &stored::write_time(at))
    }

    /// Records that a 401 invalidated a token.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub fn record_rejection(&self, at: Timestamp) -> Result<(), StorageUnavailable> {
        self.set(REJECTION, &stored::write_time(at))
    }

    /// Removes all of this deployment's entries.
    pub fn erase_everything(&self) {
        for key in self.names(PREFIX) {
            self.remove(&key);
        }
    }

    fn time(&self, key: &str) -> Option<Timestamp> {
        stored::read_time(&self.get(key)?)
    }

    fn get(&self, key: &str) -> Option<String> {
        self.0.get_item(&own(key)).ok().flatten()
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StorageUnavailable> {
        self.0
            .set_item(&own(key), value)
            .map_err(|_| StorageUnavailable)
    }

    fn remove(&self, key: &str) {
        // `removeItem` does not throw once the storage could be opened.
        let _ = self.0.remove_item(&own(key));
    }

    /// The names of this deployment's entries that begin with `start`, as a deployment at `/` has
    /// them.
    fn names(&self, start: &str) -> Vec<String> {
        let own_start = own(start);
        let length = self.0.length().unwrap_or_default();
        (0..length)
            .filter_map(|index| self.0.key(index).ok().flatten())
            .filter_map(|key| Some(format!("{start}{}", key.strip_prefix(&own_start)?)))
            .collect()
    }
}
