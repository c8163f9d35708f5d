//! The browser, as far as the application itself uses it. Everything in it is an adapter.

mod choice;
pub mod config_file;
pub mod document;
pub mod first_page;
pub mod first_script;
pub mod intl;
pub mod language;
pub mod location;
pub mod theme;
