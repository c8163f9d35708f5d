//! The pages: one heading each, the title says the page.

pub mod account_changed;
pub mod config_error;
pub mod connect;
pub mod connection;
pub mod ended;
pub mod framed;
pub mod message;
pub mod not_found;
pub mod overview;
pub mod redirecting;
pub mod renewing;
pub mod set_up;
pub mod verifying;

use crate::browser::document;

/// Says the page in `document.title` and, once it stands there, to those who do not see it.
fn title(page: &str) {
    document::set_title(&format!("{page} · CC Connect"));
    leptos::task::spawn_local(async { document::say_page() });
}
