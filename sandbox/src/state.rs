//! What the server remembers between requests.
//!
//! Each part has a type in the module that it belongs to. None of those modules depends on this one.

use crate::{
    authorize::transactions::Transactions,
    codes::Codes,
    connections::Connections,
    contents::Contents,
    data::Directory,
    faults::{ApiFaults, TokenFault},
    keys::KeyRing,
    options::{Addresses, Client},
    rate_limit::{RateLimiter, TokenRateLimiter},
    recorder::Recorder,
    scenario::Scenario,
    time,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct Inner {
    /// How far a test has advanced the clock, in seconds.
    pub(crate) passed: i64,
    pub(crate) clients: Vec<Client>,
    pub(crate) token_lifetime: u64,
    pub(crate) pkce_token_lifetime: u64,
    /// Preselected on the permission page.
    pub(crate) scenario: Scenario,
    pub(crate) keys: KeyRing,
    pub(crate) api_faults: ApiFaults,
    pub(crate) token_fault: Option<TokenFault>,
    /// Sent in response to every authorization request, if set.
    pub(crate) authorization_error: Option<String>,
    pub(crate) transactions: Transactions,
    pub(crate) codes: Codes,
    pub(crate) connections: Connections,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) token_rate_limiter: TokenRateLimiter,
}

impl Inner {
    /// Unix time by the server's clock.
    pub(crate) fn now(&self) -> i64 {
        time::now() + self.passed
    }
}

/// Everything the handlers share.
pub(crate) struct Shared {
    pub(crate) addresses: Addresses,
    pub(crate) seed: u64,
    pub(crate) directory: Directory,
    pub(crate) contents: Mutex<Vec<Contents>>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) inner: Mutex<Inner>,
}

impl Shared {
    /// What the API can change, by account.
    pub(crate) fn contents(&self) -> MutexGuard<'_, Vec<Contents>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The other mutable part. A poisoned lock is used regardless: a handler that panicked leaves nothing
    /// inconsistent that would matter here.
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
