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
pub mod set_up;
pub mod waiting;

use crate::{
    browser::document,
    words::{self, Word},
};

/// Says the page in `document.title` and, once it stands there, to those who do not see it.
fn title(page: Word) {
    document::set_title(&words::APP_TITLE.with(&[("page", page.text())]));
    leptos::task::spawn_local(async { document::say_page() });
}
