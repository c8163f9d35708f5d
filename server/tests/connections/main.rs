//! The connections against the sandbox, without HTTP in front.

#![allow(missing_docs, clippy::unwrap_used)]

mod budget;
#[path = "../cluster.rs"]
mod cluster;
mod connect;
mod instances;
mod renew;
mod sandbox;
mod scenarios;
