//! The page's own address.

use cc_connect_core::ReturnTo;
use wasm_bindgen::JsValue;
#[cfg(feature = "leptos")]
use web_sys::PopStateEvent;

/// The page's URL without query and fragment.
pub(crate) fn here() -> String {
    format!("{}{}", origin(), path())
}

/// The origin of the page.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// The page as a place to come back to; the start page if it is not below `base_path`.
pub(crate) fn page(base_path: &str) -> ReturnTo {
    let search = window().location().search().unwrap_or_default();
    ReturnTo::from_location(&path(), &search, base_path)
        .or_else(|| ReturnTo::from_location(&path(), "", base_path))
        .unwrap_or_default()
}

/// Navigates away. Returns whether the browser accepted the navigation.
pub(crate) fn assign(uri: &str) -> bool {
    window().location().assign(uri).is_ok()
}

/// Reloads the page, as the *Reload* button does.
pub(crate) fn reload() {
    // Fails only in a document that is already being unloaded, which is fine.
    let _ = window().location().reload();
}

/// Shows another page of the application in place of this one, as *Back* would: routers notice.
#[cfg(feature = "leptos")]
pub(crate) fn go_to(path: &str) {
    let shown = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
    if let (Ok(()), Ok(event)) = (shown, PopStateEvent::new("popstate")) {
        // Fails only for an event that is being dispatched already.
        let _ = window().dispatch_event(&event);
    }
}

/// Replaces the address, without query and fragment. Returns whether the browser did.
pub(crate) fn drop_query_and_fragment() -> bool {
    // Relative: the document's own address may contain a user name and password.
    let name = path().rsplit('/').next().unwrap_or_default().to_owned();
    let replaced = window().history().and_then(|history| {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("./{name}")))
    });
    let location = window().location();
    let is_bare = |part: Result<String, JsValue>| part.is_ok_and(|text| text.is_empty());
    replaced.is_ok() && is_bare(location.search()) && is_bare(location.hash())
}

/// The fragment and the query, without `#` and `?`.
pub(crate) fn fragment_and_query() -> (String, String) {
    let location = window().location();
    let (hash, search) = (location.hash(), location.search());
    let bare = |part: String, mark| part.strip_prefix(mark).unwrap_or_default().to_owned();
    (
        bare(hash.unwrap_or_default(), '#'),
        bare(search.unwrap_or_default(), '?'),
    )
}

pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the application runs in a window")
}
