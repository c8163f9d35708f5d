//! Gets the key set from the cache or the network, as the cache's rules decide.

use crate::{
    body, body::BodyError, deadline::Deadline, locked_down::locked_down,
    session_storage::SessionStorage,
};
use cc_connect_core::{
    jose::{
        JwkSet, JwkSetError,
        jwk_set::MAX_JWK_SET_BYTES,
        jwk_set_cache::{Decision, Freshness, Need, decide, lifetime},
    },
    session::{KeySetFailure, LoadedKeys, stored::StoredKeys},
    time::Timestamp,
};
use gloo_net::http::Request;

const DEADLINE_MILLIS: u32 = 10_000;

/// The keys of one URL. Kept in memory too, since storage may be unavailable.
#[derive(Debug)]
pub(crate) struct KeySetSource {
    jwks_uri: String,
    cached: Option<StoredKeys>,
}

/// Where to get the keys.
pub(crate) enum Plan {
    /// In the cache, and fresh enough.
    Here(LoadedKeys),
    /// They must be fetched from this URL.
    Fetch(String),
}

impl KeySetSource {
    pub(crate) fn new(jwks_uri: String, storage: Option<&SessionStorage>) -> Self {
        let cached = storage.and_then(|storage| storage.key_set(&jwks_uri));
        Self { jwks_uri, cached }
    }

    /// Applies the cache's rules. A cached document that no longer parses is ignored.
    pub(crate) fn plan(&mut self, need: Need, now: Timestamp) -> Plan {
        if let Some(cached) = &mut self.cached {
            let freshness = cached.freshness();
            if decide(Some(freshness), need, now) == Decision::UseCached
                && let Ok(set) = JwkSet::parse(&cached.document)
            {
                return Plan::Here(LoadedKeys {
                    set,
                    fetched_at: freshness.fetched_at,
                    from_cache: true,
                });
            }
        }
        Plan::Fetch(self.jwks_uri.clone())
    }

    /// Caches a fetched document. Keeps the previous set if the new document does not parse.
    pub(crate) fn fetched(
        &mut self,
        need: Need,
        result: Result<(String, i64), KeySetFailure>,
        storage: Option<&SessionStorage>,
        now: Timestamp,
    ) -> Result<LoadedKeys, KeySetFailure> {
        let (document, lifetime) = result?;
        let set = JwkSet::parse(&document).map_err(KeySetFailure::Document)?;
        let freshness = Freshness {
            fetched_at: now,
            lifetime,
            unknown_kid_at: match need {
                Need::UnknownKid => Some(now),
                _ => self
                    .cached
                    .as_ref()
                    .and_then(|cached| cached.freshness().unknown_kid_at),
            },
        };
        let keys = StoredKeys::new(self.jwks_uri.clone(), document, freshness);
        if let Some(storage) = storage {
            storage.cache_key_set(&keys);
        }
        self.cached = Some(keys);
        Ok(LoadedKeys {
            set,
            fetched_at: now,
            from_cache: false,
        })
    }

    pub(crate) fn forget(&mut self) {
        self.cached = None;
    }
}

/// Fetches the document. Returns it with the time it may be cached, in seconds. The request carries
/// no credentials, follows no redirects and sets no custom header.
pub(crate) async fn fetch(jwks_uri: &str) -> Result<(String, i64), KeySetFailure> {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = locked_down(Request::get(jwks_uri), &deadline)
        .send()
        .await
        .map_err(|_| KeySetFailure::Unreachable)?;
    if response.status() != 200 {
        return Err(KeySetFailure::Status(response.status()));
    }
    let lifetime = lifetime(response.headers().get("cache-control").as_deref());
    let document = body::read(response.body(), MAX_JWK_SET_BYTES)
        .await
        .map_err(|error| match error {
            BodyError::Broken => KeySetFailure::Unreachable,
            BodyError::TooLong => KeySetFailure::Document(JwkSetError::TooLarge),
            BodyError::NotUtf8 => KeySetFailure::Document(JwkSetError::Malformed),
        })?;
    Ok((document, lifetime))
}
