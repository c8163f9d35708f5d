//! When a connection expires: arithmetic only.

use crate::time::Timestamp;

/// How long before expiry it is announced, in seconds.
pub const SOON: i64 = 5 * 60;

/// Whether `exp` has passed. No leeway: from then on the API responds with 401.
pub fn has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at
}

/// Whether expiry is near enough to be announced.
pub fn expires_soon(expires_at: Timestamp, now: Timestamp) -> bool {
    now.plus_seconds(SOON) >= expires_at
}

/// Seconds until expiry, never negative.
pub fn remaining(expires_at: Timestamp, now: Timestamp) -> i64 {
    expires_at.seconds_since(now).max(0)
}
