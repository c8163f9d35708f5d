//! The page's own address.

use super::first_script;
use crate::route::Route;

/// The application's base URL, with a trailing slash, as the first script determined it.
pub fn base_url() -> String {
    first_script::base_url().unwrap_or_else(|| format!("{}/", origin()))
}

/// The path of [`base_url`], with a trailing slash.
pub fn base_path() -> String {
    base_url().strip_prefix(&origin()).unwrap_or("/").to_owned()
}

/// The page's URL without query and fragment.
pub fn here() -> String {
    let path = window().location().pathname().unwrap_or_default();
    format!("{}{path}", origin())
}

/// The route of an absolute path; `None` if no page has it.
pub fn route_of(path: &str) -> Option<Route> {
    Route::at_path(path, &base_path())
}

/// Normalizes the address of one of our pages if a host or a user spelled it differently.
pub fn normalize_address() {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let Some(tidied) = route_of(&path).map(path_of).filter(|own| *own != path) else {
        return;
    };
    let search = location.search().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    // Without the origin: the document's own address may contain a user name and password.
    let url = format!("{tidied}{search}{hash}");
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or_default();
        // If the browser refuses, the address stays as it is.
        let _ = history.replace_state_with_url(&state, "", Some(&url));
    }
}

/// Reloads the page.
pub fn reload() {
    // Fails only in a document that is already being unloaded, which is fine.
    let _ = window().location().reload();
}

/// The absolute path of a route.
pub fn path_of(route: Route) -> String {
    format!("{}{}", base_path(), route.path())
}

/// Whether the page is embedded in another one.
pub fn is_framed() -> bool {
    let window = window();
    match window.top() {
        Ok(Some(top)) => top != window,
        // Access denied: the outer page is of another origin.
        _ => true,
    }
}

fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

fn window() -> web_sys::Window {
    web_sys::window().expect("the application runs in a window")
}
