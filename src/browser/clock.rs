//! The wall clock.

use crate::time::Timestamp;

/// Now, by this computer's clock.
pub fn now() -> Timestamp {
    Timestamp::from_unix_millis(js_sys::Date::now() as i64)
}
