//! Connects a Constant Contact account in the browser.
//!
#![cfg_attr(feature = "leptos", doc = include_str!("../README.md"))]
#![cfg_attr(not(target_arch = "wasm32"), allow(rustdoc::broken_intra_doc_links))]

mod clock_source;
#[cfg(feature = "leptos")]
mod components;
#[cfg(feature = "leptos")]
mod connection;
#[cfg(feature = "leptos")]
mod fetched;
mod namespace;
mod server_settings;
mod settings;

#[cfg(feature = "leptos")]
pub use {
    components::{ConnectButton, ConnectionProvider, RequireConnection},
    connection::{Connection, try_use_connection, use_connection},
    fetched::{Fetched, Load},
};

pub use cc_connect_core as core;
pub use clock_source::ClockSource;
pub use namespace::Namespace;
pub use settings::Settings;

#[cfg(target_arch = "wasm32")]
mod address;
#[cfg(target_arch = "wasm32")]
mod arrival;
#[cfg(target_arch = "wasm32")]
pub mod body;
#[cfg(target_arch = "wasm32")]
mod broadcast;
#[cfg(target_arch = "wasm32")]
pub mod clipboard;
#[cfg(target_arch = "wasm32")]
mod clock;
#[cfg(target_arch = "wasm32")]
mod deadline;
#[cfg(target_arch = "wasm32")]
mod disconnects;
#[cfg(target_arch = "wasm32")]
mod epoch;
#[cfg(target_arch = "wasm32")]
mod expected;
#[cfg(target_arch = "wasm32")]
mod http;
#[cfg(target_arch = "wasm32")]
mod key_set;
#[cfg(target_arch = "wasm32")]
mod leave;
#[cfg(target_arch = "wasm32")]
mod local_storage;
#[cfg(target_arch = "wasm32")]
mod lock;
#[cfg(target_arch = "wasm32")]
mod locked_down;
#[cfg(target_arch = "wasm32")]
mod lost;
#[cfg(target_arch = "wasm32")]
mod own_server;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod prepared;
#[cfg(target_arch = "wasm32")]
mod random;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(target_arch = "wasm32")]
mod session_storage;
#[cfg(target_arch = "wasm32")]
mod tab;
#[cfg(target_arch = "wasm32")]
mod timer;
#[cfg(target_arch = "wasm32")]
mod token_endpoint;

/// Takes an authorization response off the address bar. Where there is no browser, as on a server
/// that renders the page, it does nothing.
#[cfg(not(target_arch = "wasm32"))]
pub fn capture_response() {}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(missing_docs, clippy::unwrap_used)]
mod tests;

#[cfg(target_arch = "wasm32")]
pub use {
    arrival::{capture_response, has_response},
    clock::Clock,
    deadline::Deadline,
    prepared::{Prepared, start_authorization, start_server_authorization},
    runtime::{Callbacks, Runtime, SendError},
};
