//! How long a connection lasts: arithmetic only.

use crate::time::Timestamp;

/// From here on the end is announced, in seconds before it.
pub const SOON: i64 = 5 * 60;

/// Whether `exp` has passed. No leeway: from here on the API answers 401.
pub fn has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at
}

/// Whether the end is near enough to be announced.
pub fn expires_soon(expires_at: Timestamp, now: Timestamp) -> bool {
    now.plus_seconds(SOON) >= expires_at
}

/// Seconds left, never negative.
pub fn remaining(expires_at: Timestamp, now: Timestamp) -> i64 {
    expires_at.seconds_since(now).max(0)
}
