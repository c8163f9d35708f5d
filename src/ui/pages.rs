//! The pages. Each has one heading, and names itself in `document.title`.

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
pub mod set_up;
pub mod waiting;

use crate::{
    browser::document,
    words::{self, Word},
};

/// Sets `document.title` and, once the page is rendered, announces it to screen readers.
fn title(page: Word) {
    document::set_title(&words::APP_TITLE.with(&[("page", page.text())]));
    leptos::task::spawn_local(async { document::say_page() });
}
