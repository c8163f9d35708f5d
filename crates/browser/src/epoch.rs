//! The disconnect epoch: how many times somebody has disconnected in this browser. It is a number
//! in localStorage and identifies nobody. A tab that was asleep, frozen or closed during a
//! disconnect missed the message; a changed epoch tells it that its connection predates the
//! disconnect.

use super::names::own;

const KEY: &str = "cc-connect/epoch";

/// The current epoch; `None` before the first disconnect or if the browser stores nothing.
pub fn current() -> Option<String> {
    storage()?.get_item(&own(KEY)).ok().flatten()
}

/// Starts the next epoch. If the browser stores nothing, only tabs that are awake learn of it.
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
