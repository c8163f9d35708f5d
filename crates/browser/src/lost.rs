//! When a response last arrived whose request this tab no longer knew: a time in localStorage
//! that identifies nobody. In-app browsers may lose a tab's storage on the way to the authorization
//! server and back, every time.

use super::{clock, names::own};
use crate::{oauth::pending_authorization::is_lost_again, time::Timestamp};

const KEY: &str = "cc-connect/lost";

/// Records a lost request now. Returns whether it is the second in a row.
pub(super) fn note() -> bool {
    let Some(storage) = storage() else {
        return false;
    };
    let now = clock::now();
    let before = storage
        .get_item(&own(KEY))
        .ok()
        .flatten()
        .and_then(|millis| millis.parse().ok())
        .map(Timestamp::from_unix_millis);
    let _ = storage.set_item(&own(KEY), &now.unix_millis().to_string());
    is_lost_again(before, now)
}

/// Erases the record.
pub(super) fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&own(KEY));
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
