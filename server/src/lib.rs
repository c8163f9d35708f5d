//! The confidential authorization code flow for CC Connect: a backend for the frontend
//! ([RFC 10017 §6.1](https://www.rfc-editor.org/info/rfc10017)) that keeps the tokens, so that no
//! browser ever sees one.
//!
//! [`Connections`] is everything below HTTP: attempts to connect, sessions, renewals, the budget.
//! What it stores is sealed with a key that takes both a cookie's secret and a master key, so the
//! server can act for a person only while that person's browser asks.

#![warn(missing_debug_implementations, unreachable_pub)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod budget;
mod clock;
#[cfg(test)]
#[path = "../tests/cluster.rs"]
mod cluster;
pub mod connections;
pub mod failure;
mod issuer_keys;
mod limits;
pub mod outbound;
mod parts;
mod queue;
mod random;
mod refresh;
pub mod seal;
mod secrets;
pub mod store;

pub mod app;
mod callback;
pub mod config;
mod connect;
mod cookies;
mod csrf;
pub mod logs;
pub mod metrics;
mod ops;
mod proxy;
mod session_endpoint;
mod site;
mod web;

pub use app::{Server, StartError};
pub use budget::{BudgetRefusal, Ticket};
pub use config::Config;
pub use connections::{Completed, Connections, ConnectionsConfig, Look};
pub use failure::{BeginError, ConnectError, NotConnected, NotReady, OpenError, TokenFailure};
pub use limits::Limits;
pub use random::entropy;
pub use seal::{KeyRing, KeyRingError, MasterKey};
pub use secrets::{BindingSecret, SessionSecret};
pub use site::SiteError;
pub use store::{Database, DatabaseError, StoreError};
