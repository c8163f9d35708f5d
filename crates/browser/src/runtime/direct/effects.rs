//! Carries out the session's effects.

use super::Direct;
use crate::{
    address,
    key_set::{self, Plan},
    leave::leave,
    lock, token_endpoint,
};
use cc_connect_core::{
    ReturnTo,
    jose::jwk_set_cache::Need,
    oauth::{ClientAuthentication, Scope, TokenEndpointError, TokenRequest},
    session::{Effect, Event, UnverifiedAccessToken},
};
use wasm_bindgen_futures::spawn_local;

/// How long a refresh waits for a page that holds the lock, in milliseconds.
const LOCK_MILLIS: u32 = 30_000;

impl Direct {
    pub(super) fn carry_out(&self, effect: Effect) {
        let inner = &self.0;
        match effect {
            Effect::Authorize { return_to, scope } => self.leave(return_to, scope),
            Effect::RecordAutomatic(at) => {
                if let Some(storage) = &inner.storage {
                    // If this fails, so does storing the pending authorization, and nothing starts.
                    let _ = storage.record_automatic(at);
                }
            }
            Effect::Exchange(request) => self.exchange(request),
            Effect::Refresh(token) => self.refresh(*token),
            Effect::LoadKeys(need) => self.load_keys(need),
            Effect::WitnessTime(issued_at) => inner.clock.witness(issued_at),
            Effect::StoreToken(token) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, the next reload loses the connection.
                    let _ = storage.store_token(&token, inner.disconnects.known().as_deref());
                }
            }
            Effect::EraseToken => {
                if let Some(storage) = &inner.storage {
                    storage.erase_token();
                }
            }
            Effect::RecordRejection(at) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, the next reload forgets the rejection.
                    let _ = storage.record_rejection(at);
                }
            }
            Effect::RememberAccount(account) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, a change of account is not asked about.
                    let _ = storage.remember_account(&account);
                }
            }
            Effect::Restore(page) => {
                self.restore(page);
            }
            Effect::EraseEverything => {
                if let Some(storage) = &inner.storage {
                    storage.erase_everything();
                }
                inner.keys.borrow_mut().forget();
                inner.lost.erase();
                (inner.callbacks.erase)();
            }
            Effect::AnnounceDisconnect => inner.disconnects.announce(),
            Effect::GoTo(page) => (inner.callbacks.go_to)(&page),
        }
    }

    pub(super) fn leave(&self, return_to: ReturnTo, scope: Option<Scope>) {
        let this = self.clone();
        let start = move || {
            let inner = &this.0;
            let client = &inner.context.client;
            let left = leave(client, scope, return_to, &inner.namespace, &inner.clock);
            if let Err(error) = left {
                this.send_event(Event::NotStarted(error));
            }
        };
        if !self.0.clock.is_postponed() {
            return start();
        }
        // The request carries its time: a wrong one would make the response look stale.
        let this = self.clone();
        spawn_local(async move {
            this.ask_for_the_time();
            this.the_time().await;
            start();
        });
    }

    pub(super) fn exchange(&self, request: TokenRequest) {
        let this = self.clone();
        spawn_local(async move {
            let url = this.0.context.client.token_endpoint();
            let result = token_endpoint::send(url, &request, &this.0.clock).await;
            this.send_event(Event::Exchanged(result));
        });
    }

    /// Only one tab of the browser renews at a time, since the endpoint's rate limit is shared. The
    /// lock is held until the result is stored.
    pub(super) fn refresh(&self, token: UnverifiedAccessToken) {
        let this = self.clone();
        spawn_local(async move {
            // A restored tab may be a copy whose refresh token another tab has used.
            this.0.tab.claimed().await;
            let lock = lock::request(
                &this.0.namespace,
                "refresh",
                lock::Patience::For(LOCK_MILLIS),
            )
            .await;
            if !this.0.session.borrow().is_refreshing() {
                // The connection ended while this tab waited for the others.
                return;
            }
            if this.is_outdated() {
                return address::reload();
            }
            let refused = |error| this.send_event(Event::Refreshed(Err(error)));
            let refresh_token = match (&lock, token.refresh_token()) {
                (lock::Request::Held(_), Some(refresh_token)) => refresh_token,
                (lock::Request::Taken, _) => return refused(TokenEndpointError::Locked),
                _ => return refused(TokenEndpointError::NotExclusive),
            };
            let request = TokenRequest::for_refresh_token(
                refresh_token,
                token.client_id(),
                ClientAuthentication::None,
            );
            let url = this.0.context.client.token_endpoint();
            let result = token_endpoint::send(url, &request, &this.0.clock).await;
            this.send_event(Event::Refreshed(result));
            drop(lock);
        });
    }

    pub(super) fn load_keys(&self, need: Need) {
        let plan = self.0.keys.borrow_mut().plan(need, self.0.clock.now());
        let uri = match plan {
            Plan::Here(keys) => return self.send_event(Event::KeysLoaded(Ok(keys))),
            Plan::Fetch(uri) => uri,
        };
        // One fetch in flight at a time; later requests share its result.
        if self.0.fetching.borrow_mut().replace(need).is_some() {
            return;
        }
        let this = self.clone();
        spawn_local(async move {
            let result = key_set::fetch(&uri).await;
            let need = this.0.fetching.borrow_mut().take().unwrap_or(need);
            if !this.0.session.borrow().is_verifying() {
                // Disconnected meanwhile: don't store again what was erased.
                return;
            }
            let storage = this.0.storage.as_ref();
            let keys = this
                .0
                .keys
                .borrow_mut()
                .fetched(need, result, storage, this.0.clock.now());
            this.send_event(Event::KeysLoaded(keys));
        });
    }
}
