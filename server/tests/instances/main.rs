//! Three processes of the program on one PostgreSQL, behind a haproxy that keeps no browser at one
//! of them, against the sandbox: what is killed, restarted, frozen or silent in the meantime.
//!
//! What is not installed is not tested, unless `CC_CONNECT_REQUIRE_ALL` is set.

mod asking;
#[path = "../http/browser.rs"]
mod browser;
#[path = "../cluster.rs"]
mod cluster;
mod database;
mod kill;
mod many;
mod process;
mod token_endpoint;
mod world;
