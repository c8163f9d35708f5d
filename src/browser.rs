//! The browser: the only module that uses `web_sys`, `js_sys` or gloo, and the only one with access
//! to the outside. Everything in it is an adapter; decisions are made in the core.

mod body;
pub mod broadcast;
pub mod clipboard;
pub mod clock;
pub mod config_file;
mod deadline;
pub mod document;
pub mod epoch;
pub mod first_page;
pub mod first_script;
pub mod http;
pub mod intl;
mod key_set;
pub mod language;
mod leave;
pub mod location;
mod lock;
mod lost;
mod names;
pub mod random;
pub mod runtime;
pub mod session_storage;
pub mod tab;
pub mod theme;
pub mod timer;
mod token_endpoint;

pub use runtime::Runtime;
