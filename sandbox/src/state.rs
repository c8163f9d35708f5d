//! What the server remembers between requests.

use crate::{
    authorize::{Session, Transaction},
    codes::Codes,
    connections::Connections,
    data::Directory,
    faults::{ApiFault, KeysFault, TokenFault},
    keys::KeyRing,
    options::{Addresses, Client},
    rate_limit::{RateLimiter, TokenRateLimiter},
    recorder::RecordedRequest,
    scenario::Scenario,
    time,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A fault of the keys that passes by itself.
pub(crate) struct KeysHiccup {
    pub(crate) fault: KeysFault,
    /// For how many more requests.
    pub(crate) left: u32,
}

/// How the API treats one token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApiBehaviour {
    pub(crate) fault: ApiFault,
    /// For how many more requests; `None` for all.
    pub(crate) left: Option<u32>,
}

pub(crate) struct Inner {
    /// How much time a test let pass, in seconds.
    pub(crate) passed: i64,
    pub(crate) clients: Vec<Client>,
    pub(crate) token_lifetime: u64,
    pub(crate) pkce_token_lifetime: u64,
    /// Preselected on the permission page.
    pub(crate) scenario: Scenario,
    pub(crate) keys: KeyRing,
    pub(crate) keys_fault: Option<KeysFault>,
    pub(crate) keys_hiccup: Option<KeysHiccup>,
    pub(crate) api_fault: Option<ApiFault>,
    pub(crate) token_fault: Option<TokenFault>,
    /// The error that every authorization request is answered with at once.
    pub(crate) authorization_error: Option<String>,
    /// By the token's `jti`.
    pub(crate) api_behaviours: HashMap<String, ApiBehaviour>,
    pub(crate) transactions: HashMap<String, Transaction>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) codes: Codes,
    pub(crate) connections: Connections,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) token_rate_limiter: TokenRateLimiter,
    pub(crate) requests: VecDeque<RecordedRequest>,
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
    pub(crate) inner: Mutex<Inner>,
}

impl Shared {
    /// The part that changes. A handler that panicked left nothing half-written that would matter
    /// here, so a poisoned lock is taken as it is.
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
