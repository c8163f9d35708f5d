//! When a response last came whose request was not known any more: a time in localStorage that says nothing
//! about anybody. Browsers inside other apps may lose a tab's memory on the way to the authorization server
//! and back, each time anew.

use super::{clock, names::own};
use crate::{oauth::pending_authorization::is_lost_again, time::Timestamp};

const KEY: &str = "cc-connect/lost";

/// Notes that it happened now. Whether it is the second time in a row.
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

/// Forgets it.
pub(super) fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&own(KEY));
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
