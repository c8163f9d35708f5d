//! The server over HTTP, against the sandbox: what a browser, a stranger and an operator see.

mod browser;
mod canary;
#[path = "../cluster.rs"]
mod cluster;
mod configuration;
mod connecting;
mod operation;
mod pages;
mod passing_on;
mod several;
mod strangers;
mod world;
