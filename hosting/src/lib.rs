//! How to serve the release build of CC Connect.
//!
//! A static host must know five things: which headers every response has, what the content security
//! policy lets the page connect to, what may be cached and for how long, which paths serve
//! `index.html`, and that the callback is never redirected. All of them are decided here, from the
//! deployer's `config.json`, the app's path and the files of the build. Four consumers read the
//! result and therefore cannot disagree: the files for each host in `deploy/` ([`Host::render`]),
//! the host of the end-to-end tests, `cc-connect-server`, and `cargo xtask doctor`, which checks a
//! deployment from outside.
//!
//! Nothing here reads a clock, the network or the disk; the same input gives the same bytes.

mod base;
mod document;
mod files;
mod hosts;
mod permissions;
mod policy;
mod rules;
mod server;
mod settings;
mod site;

pub use base::{Base, BaseError};
pub use document::Document;
pub use files::{Files, is_hashed, with_hash};
pub use hosts::{File, Host, README, Topic};
pub use permissions::{ALLOWED_TO_ITSELF, DENIED, permissions_policy};
pub use policy::{Directive, Policy};
pub use rules::{Class, Content, Header, Rule};
pub use server::{answer_headers, server_config};
pub use settings::{Settings, SettingsError};
pub use site::{CALLBACK, ROUTES, STRICT_TRANSPORT_SECURITY, Site, TRUSTED_TYPES_POLICY};
