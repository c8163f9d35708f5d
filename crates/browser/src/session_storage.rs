//! sessionStorage: this tab's memory across page loads. It may be blocked or full, and its contents
//! may have been written by anyone with access to the page.

use crate::Namespace;
use cc_connect_core::{
    ReturnTo,
    oauth::{Client, NoPendingAuthorization, PendingAuthorization, pending_authorization::sweep},
    session::{Account, Remembered, UnverifiedAccessToken, stored, stored::StoredKeys},
    time::Timestamp,
};
use gloo_storage::Storage as _;

const PENDING: &str = "pending/";
const SESSION: &str = "session";
const KEYS: &str = "keys";
const AUTOMATIC: &str = "automatic";
const REJECTION: &str = "rejection";
const ACCOUNT: &str = "account";
const EPOCH: &str = "epoch";
const TAB: &str = "tab";
const RETURN_TO: &str = "return_to";

/// The browser refuses to store: storage is disabled, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StorageUnavailable;

/// Session storage that was writable when it was opened.
#[derive(Clone, Debug)]
pub(crate) struct SessionStorage {
    storage: web_sys::Storage,
    namespace: Namespace,
}

impl SessionStorage {
    /// Opens the storage and writes a probe to make sure that it works.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn open(namespace: &Namespace) -> Result<Self, StorageUnavailable> {
        // gloo-storage assumes that storage exists, but a browser may throw instead.
        match web_sys::window().map(|window| window.session_storage()) {
            Some(Ok(Some(_))) => {}
            _ => return Err(StorageUnavailable),
        }
        let storage = Self {
            storage: gloo_storage::SessionStorage::raw(),
            namespace: namespace.clone(),
        };
        let probe = "probe";
        storage.set(probe, "1")?;
        storage.remove(probe);
        Ok(storage)
    }

    /// Stores a pending authorization, after removing those that are stale or too many.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn store_pending(
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
    pub(crate) fn take_pending(
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

    /// Forgets every authorization that has not come back: no response is accepted any more.
    pub(crate) fn erase_pending(&self) {
        for key in self.names(PENDING) {
            self.remove(&key);
        }
    }

    /// Stores a token for the next page load, with the disconnect epoch it was obtained in.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn store_token(
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
    pub(crate) fn epoch(&self) -> Option<String> {
        self.get(EPOCH)
    }

    /// The stored token. An unreadable one is removed.
    pub(crate) fn token(&self) -> Option<UnverifiedAccessToken> {
        let text = self.get(SESSION)?;
        let token = stored::read_token(&text);
        if token.is_none() {
            self.remove(SESSION);
        }
        token
    }

    /// Removes the refresh token from the stored token.
    pub(crate) fn drop_refresh_token(&self) {
        let without = self
            .get(SESSION)
            .and_then(|text| stored::without_refresh_token(&text));
        if let Some(text) = without
            && self.set(SESSION, &text).is_err()
        {
            self.erase_token();
        }
    }

    /// Erases the token with its refresh token, and the epoch it was obtained in.
    pub(crate) fn erase_token(&self) {
        self.remove(SESSION);
        self.remove(EPOCH);
    }

    /// What this tab remembers between page loads; unreadable entries are ignored.
    pub(crate) fn remembered(&self) -> Remembered {
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
    pub(crate) fn remember_account(&self, account: &Account) -> Result<(), StorageUnavailable> {
        self.set(ACCOUNT, &stored::write_account(account))
    }

    /// Stores the page that an authorization will return to, if the server began it.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn store_return_to(&self, page: &ReturnTo) -> Result<(), StorageUnavailable> {
        self.set(RETURN_TO, page.as_str())
    }

    /// Takes that page out again.
    pub(crate) fn take_return_to(&self) -> Option<ReturnTo> {
        let page = ReturnTo::parse(&self.get(RETURN_TO)?);
        self.remove(RETURN_TO);
        page
    }

    /// The name of this tab, or of the tab it was copied from.
    pub(crate) fn tab(&self) -> Option<String> {
        self.get(TAB)
    }

    /// Sets this tab's name.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn store_tab(&self, name: &str) -> Result<(), StorageUnavailable> {
        self.set(TAB, name)
    }

    /// The cached key set, if it belongs to this URL.
    pub(crate) fn key_set(&self, jwks_uri: &str) -> Option<StoredKeys> {
        let cached: StoredKeys = serde_json::from_str(&self.get(KEYS)?).ok()?;
        cached.is_usable_for(jwks_uri).then_some(cached)
    }

    /// Caches a key set. If storage is full, it has to be fetched again.
    pub(crate) fn cache_key_set(&self, keys: &StoredKeys) {
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
    pub(crate) fn record_automatic(&self, at: Timestamp) -> Result<(), StorageUnavailable> {
        self.set(AUTOMATIC, &stored::write_time(at))
    }

    /// Records that a 401 invalidated a token.
    ///
    /// # Errors
    ///
    /// [`StorageUnavailable`].
    pub(crate) fn record_rejection(&self, at: Timestamp) -> Result<(), StorageUnavailable> {
        self.set(REJECTION, &stored::write_time(at))
    }

    /// Removes all of this deployment's entries.
    pub(crate) fn erase_everything(&self) {
        for key in self.names("") {
            self.remove(&key);
        }
    }

    fn time(&self, key: &str) -> Option<Timestamp> {
        stored::read_time(&self.get(key)?)
    }

    fn get(&self, key: &str) -> Option<String> {
        let name = self.namespace.name(key);
        self.storage.get_item(&name).ok().flatten()
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StorageUnavailable> {
        self.storage
            .set_item(&self.namespace.name(key), value)
            .map_err(|_| StorageUnavailable)
    }

    fn remove(&self, key: &str) {
        // `removeItem` does not throw once the storage could be opened.
        let _ = self.storage.remove_item(&self.namespace.name(key));
    }

    /// The entries of this deployment that begin with `start`.
    fn names(&self, start: &str) -> Vec<String> {
        let prefix = self.namespace.name("");
        let length = self.storage.length().unwrap_or_default();
        (0..length)
            .filter_map(|index| self.storage.key(index).ok().flatten())
            .filter_map(|name| Some(name.strip_prefix(&prefix)?.to_owned()))
            .filter(|entry| entry.starts_with(start))
            .collect()
    }
}
