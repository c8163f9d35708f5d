//! The application: its settings, pages, texts and style. What it connects with is the library
//! `cc_connect`, of which it uses nothing that is not public.
//!
//! `config`, `messages`, `route`, `screen` and `words` are pure and tested natively; `browser` and
//! `ui` exist on `wasm32` only.

pub mod config;
pub mod messages;
pub mod route;
pub mod screen;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod ui;
