//! The clipboard.

use wasm_bindgen_futures::JsFuture;

/// Copies `text` to the clipboard and returns whether that succeeded.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    // Undefined outside secure contexts.
    let clipboard = window.navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
