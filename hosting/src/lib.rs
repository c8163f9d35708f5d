//! How the release build of CC Connect is to be served.
//!
//! A static host has to know five things: which headers every answer carries, what the content
//! security policy lets the page connect to, what may be cached for how long, which paths are
//! answered with `index.html`, and that the callback is never redirected. They are decided here, in
//! one place, from the deployer's `config.json`, the path that the app stands at and the files of
//! the build. From there they go to three readers that therefore cannot disagree: the files for each
//! host in `deploy/` ([`Host::render`]), the host of the end-to-end tests, and `cargo xtask doctor`,
//! which looks at a deployment from outside.
//!
//! Nothing here reads a clock, the network or the disk; the same input gives the same bytes.

mod base;
mod document;
mod files;
mod hosts;
mod permissions;
mod policy;
mod rules;
mod settings;
mod site;

pub use base::{Base, BaseError};
pub use document::Document;
pub use files::{Files, is_hashed, with_hash};
pub use hosts::{File, Host, README, Topic};
pub use permissions::{ALLOWED_TO_ITSELF, DENIED, permissions_policy};
pub use policy::{Directive, Policy};
pub use rules::{Answer, Class, Header, Rule};
pub use settings::{Settings, SettingsError};
pub use site::{CALLBACK, ROUTES, STRICT_TRANSPORT_SECURITY, Site, TRUSTED_TYPES_POLICY};
