//! How often somebody disconnected in this browser: a number in localStorage that says nothing about
//! anybody. A tab that was asleep, frozen or closed when another one disconnected was not told by any
//! message; it sees here that its connection is from before.

use super::names::own;

const KEY: &str = "cc-connect/epoch";

/// The present epoch; `None` before the first, or where the browser stores nothing.
pub fn current() -> Option<String> {
    storage()?.get_item(&own(KEY)).ok().flatten()
}

/// Begins the next epoch. Where the browser stores nothing, tabs only hear of it if they are awake.
pub fn begin() {
    let number: u64 = current()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    if let Some(storage) = storage() {
        let _ = storage.set_item(&own(KEY), &number.wrapping_add(1).to_string());
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
