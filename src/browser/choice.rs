//! The user's choices of language and theme, kept in localStorage for the next visit. They identify
//! nobody. If the browser keeps nothing, a choice lasts as long as the page.

/// Keeps a choice.
pub(super) fn keep(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Forgets a choice.
pub(super) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
