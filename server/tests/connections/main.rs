//! The connections against the sandbox, without HTTP in front.

mod budget;
#[path = "../cluster.rs"]
mod cluster;
mod connect;
mod instances;
mod renew;
mod sandbox;
mod scenarios;
