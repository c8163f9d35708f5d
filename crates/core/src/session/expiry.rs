//! When a connection expires: arithmetic only.
//!
//! ```
//! use cc_connect_core::{session::expiry, time::Timestamp};
//!
//! let expires_at = Timestamp::from_unix_seconds(1_790_000_000);
//! let before = expires_at.plus_seconds(-60);
//! assert!(!expiry::has_expired(expires_at, before));
//! assert!(expiry::expires_soon(expires_at, before));
//! assert_eq!(expiry::remaining(expires_at, before), 60);
//! assert!(expiry::has_expired(expires_at, expires_at));
//! ```

use crate::time::Timestamp;

/// How long before expiry it is announced, in seconds.
pub const SOON: i64 = 5 * 60;

/// Whether `exp` has passed. No leeway: from then on the API responds with 401.
pub fn has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at
}

/// Whether expiry is near enough to be announced: [`SOON`] or less.
pub fn expires_soon(expires_at: Timestamp, now: Timestamp) -> bool {
    now.plus_seconds(SOON) >= expires_at
}

/// Seconds until expiry, never negative.
pub fn remaining(expires_at: Timestamp, now: Timestamp) -> i64 {
    expires_at.seconds_since(now).max(0)
}
