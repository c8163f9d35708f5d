//! The issuer's keys, cached by the core's rules and fetched once at a time.

use crate::{clock::Clock, outbound::Outbound};
use cc_connect_core::{
    jose::{
        JwkSet,
        jwk_set_cache::{Decision, Freshness, Need, decide, lifetime},
    },
    report::Report,
    session::{
        Context, KeySetFailure, LoadedKeys, Refusal, UnverifiedAccessToken, VerifiedAccessToken,
    },
    time::Timestamp,
};
use std::sync::{Mutex, PoisonError};
use tokio::sync;

/// After a failure nobody asks again for this long, in seconds.
const PAUSE: i64 = 3;

/// The key set.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    outbound: Outbound,
    clock: Clock,
    url: String,
    cache: Mutex<Cache>,
    /// Held while fetching.
    fetching: sync::Mutex<()>,
}

#[derive(Clone, Debug, Default)]
struct Cache {
    set: Option<(JwkSet, Freshness)>,
    failure: Option<(KeySetFailure, Timestamp)>,
}

/// Why a token was not verified.
#[derive(Clone, Debug)]
pub(crate) enum Unverified {
    /// There are no keys to verify it with.
    NoKeys(KeySetFailure),
    /// It failed a check.
    Refused(Refusal),
}

impl IssuerKeys {
    pub(crate) fn new(outbound: Outbound, clock: Clock, url: String) -> Self {
        Self {
            outbound,
            clock,
            url,
            cache: Mutex::default(),
            fetching: sync::Mutex::default(),
        }
    }

    /// Makes sure that there are keys to verify with.
    pub(crate) async fn prepare(&self) -> Result<(), KeySetFailure> {
        self.load(Need::Verify).await.map(drop)
    }

    /// Verifies a token, with a newer key set if the cached one may be too old for it.
    pub(crate) async fn verify(
        &self,
        token: &UnverifiedAccessToken,
        context: &Context,
    ) -> Result<VerifiedAccessToken, Unverified> {
        let keys = self.load(Need::Verify).await.map_err(Unverified::NoKeys)?;
        match self.verify_with(token, &keys, context) {
            Err((refusal, _)) if keys.from_cache && refusal.may_be_an_older_set() => {
                let keys = self.load(Need::UnknownKid).await;
                let keys = keys.map_err(Unverified::NoKeys)?;
                self.verify_with(token, &keys, context)
            }
            result => result,
        }
        .map_err(|(refusal, _)| Unverified::Refused(refusal))
    }

    fn verify_with(
        &self,
        token: &UnverifiedAccessToken,
        keys: &LoadedKeys,
        context: &Context,
    ) -> Result<VerifiedAccessToken, (Refusal, Report)> {
        VerifiedAccessToken::verify(token, keys, context, self.clock.now())
    }

    async fn load(&self, need: Need) -> Result<LoadedKeys, KeySetFailure> {
        if let Some(known) = self.cached(need) {
            return known;
        }
        let _fetching = self.fetching.lock().await;
        // Somebody else may have fetched it meanwhile.
        if let Some(known) = self.cached(need) {
            return known;
        }
        let now = self.clock.now();
        let fetched = self.outbound.keys(&self.url).await;
        let parsed = fetched.and_then(|(document, cache_control)| {
            let set = JwkSet::parse(&document).map_err(KeySetFailure::Document)?;
            Ok((set, lifetime(cache_control.as_deref())))
        });
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown_kid_at = match (need, &cache.set) {
            (Need::UnknownKid, _) => Some(now),
            (_, Some((_, freshness))) => freshness.unknown_kid_at,
            (_, None) => None,
        };
        match parsed {
            Ok((set, lifetime)) => {
                let freshness = Freshness {
                    fetched_at: now,
                    lifetime,
                    unknown_kid_at,
                };
                cache.failure = None;
                cache.set = Some((set.clone(), freshness));
                Ok(LoadedKeys {
                    set,
                    fetched_at: now,
                    from_cache: false,
                })
            }
            Err(failure) => {
                tracing::warn!(code = failure.code(), "the issuer's keys cannot be loaded");
                cache.failure = Some((failure, now));
                Err(failure)
            }
        }
    }

    /// What is known without a request, if that is enough.
    fn cached(&self, need: Need) -> Option<Result<LoadedKeys, KeySetFailure>> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let freshness = cache.set.as_ref().map(|(_, freshness)| *freshness);
        if decide(freshness, need, now) == Decision::UseCached {
            let (set, freshness) = cache.set.as_ref()?;
            return Some(Ok(LoadedKeys {
                set: set.clone(),
                fetched_at: freshness.fetched_at,
                from_cache: true,
            }));
        }
        let (failure, at) = cache.failure?;
        let is_recent = (0..PAUSE * 1000).contains(&now.millis_since(at));
        is_recent.then_some(Err(failure))
    }
}
