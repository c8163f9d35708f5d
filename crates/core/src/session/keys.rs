//! The issuer's keys as a session gets them, or why it does not.

use crate::{
    jose::{JwkSet, JwkSetError, VerificationKey},
    time::Timestamp,
};
use thiserror::Error;

/// A key set to verify with.
#[derive(Clone, Debug)]
pub struct LoadedKeys {
    /// The issuer's keys, usable or not.
    pub set: JwkSet,
    /// When it left the network, not when it was read from the cache.
    pub fetched_at: Timestamp,
    /// Whether it came from the cache: then an unknown `kid` may mean that keys were rotated.
    pub from_cache: bool,
}

/// The key that verified a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsed {
    /// The `kid` that the token names, if any.
    pub kid: Option<String>,
    /// The size of its modulus in bits.
    pub bits: usize,
    /// When the set was fetched.
    pub fetched_at: Timestamp,
    /// How many keys the set has.
    pub set_len: usize,
}

impl KeyUsed {
    pub(super) fn new(key: &VerificationKey, keys: &LoadedKeys) -> Self {
        Self {
            kid: key.kid.clone(),
            bits: key.bits,
            fetched_at: keys.fetched_at,
            set_len: keys.set.len(),
        }
    }
}

/// Why the keys could not be loaded. All reasons are worth a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeySetFailure {
    /// No readable response: offline, blocked, or without CORS headers.
    #[error("no readable response with the issuer's keys")]
    Unreachable,
    /// A response with a status other than 200.
    #[error("the issuer's keys came with status {0}, expected 200")]
    Status(u16),
    /// A response that is not a JWK Set.
    #[error("the issuer's keys are not a JWK Set")]
    Document(#[source] JwkSetError),
}

impl KeySetFailure {
    /// The stable name of the reason.
    ///
    /// ```
    /// use cc_connect_core::session::KeySetFailure;
    ///
    /// assert_eq!(KeySetFailure::Unreachable.code(), "keys_unreachable");
    /// ```
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "keys_unreachable",
            Self::Status(_) => "keys_status",
            Self::Document(error) => error.code(),
        }
    }
}
