//! Decides when a cached JWK Set may be used and when it must be fetched. No I/O.

use crate::time::Timestamp;

/// The shortest time a set is kept, whatever its `Cache-Control` says, in seconds.
pub const MIN_LIFETIME: i64 = 5 * 60;
/// The longest time a set is kept, whatever its `Cache-Control` says, in seconds.
pub const MAX_LIFETIME: i64 = 24 * 60 * 60;
/// The minimum time between two refetches for an unknown `kid`, in seconds.
pub const UNKNOWN_KID_COOL_DOWN: i64 = 60;

/// What is remembered about a fetched set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When it was fetched, to compute its age.
    pub fetched_at: Timestamp,
    /// How long it may be used, in seconds; see [`lifetime`].
    pub lifetime: i64,
    /// When an unknown `kid` last caused a refetch.
    pub unknown_kid_at: Option<Timestamp>,
}

/// Why the key set is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A token is to be verified.
    Verify,
    /// The cached set does not hold the token's `kid`: keys rotate.
    UnknownKid,
    /// The user pressed *Try again*.
    Retry,
}

/// Where to get the key set from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The cached set is fresh enough.
    UseCached,
    /// There is no cached set, or it must not be used.
    Fetch,
}

/// Decides between the cached set and a fetch.
///
/// ```
/// use cc_connect_core::{
///     jose::jwk_set_cache::{Decision, Freshness, Need, decide, lifetime},
///     time::Timestamp,
/// };
///
/// let now = Timestamp::from_unix_seconds(1_790_000_000);
/// let cached = Freshness {
///     fetched_at: now.plus_seconds(-600),
///     lifetime: lifetime(Some("max-age=3600")),
///     unknown_kid_at: None,
/// };
/// assert_eq!(decide(Some(cached), Need::Verify, now), Decision::UseCached);
/// // The token names a key that the cached set does not have.
/// assert_eq!(decide(Some(cached), Need::UnknownKid, now), Decision::Fetch);
/// assert_eq!(decide(None, Need::Verify, now), Decision::Fetch);
/// ```
pub fn decide(cached: Option<Freshness>, need: Need, now: Timestamp) -> Decision {
    let Some(cached) = cached else {
        return Decision::Fetch;
    };
    // A set from the future was stored under another clock: its age is unknown.
    let age = now.millis_since(cached.fetched_at);
    // The stored lifetime may have been tampered with; the maximum still applies.
    let lifetime = cached.lifetime.clamp(0, MAX_LIFETIME) * 1000;
    let fresh = (0..lifetime).contains(&age);
    let cooling = cached.unknown_kid_at.is_some_and(|at| {
        let since = now.millis_since(at);
        (0..UNKNOWN_KID_COOL_DOWN * 1000).contains(&since)
    });
    match need {
        Need::Verify | Need::Retry if fresh => Decision::UseCached,
        Need::UnknownKid if fresh && cooling => Decision::UseCached,
        _ => Decision::Fetch,
    }
}

/// How long a set may be kept, in seconds: the response's `max-age`, clamped to [`MIN_LIFETIME`]
/// and [`MAX_LIFETIME`]; the minimum if there is none or storing is forbidden ([RFC 9111 §5.2.2]).
///
/// ```
/// use cc_connect_core::jose::jwk_set_cache::{MIN_LIFETIME, lifetime};
///
/// assert_eq!(lifetime(Some("public, max-age=3600")), 3_600);
/// assert_eq!(lifetime(Some("no-store")), MIN_LIFETIME);
/// ```
///
/// [RFC 9111 §5.2.2]: https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2.2
pub fn lifetime(cache_control: Option<&str>) -> i64 {
    let mut max_age = None;
    for directive in cache_control.unwrap_or_default().split(',') {
        let (name, value) = match directive.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
            None => (directive.trim(), None),
        };
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return MIN_LIFETIME;
        }
        if name.eq_ignore_ascii_case("max-age") {
            max_age = value.and_then(|digits| digits.parse::<u32>().ok());
        }
    }
    max_age.map_or(MIN_LIFETIME, |seconds| {
        i64::from(seconds).clamp(MIN_LIFETIME, MAX_LIFETIME)
    })
}
