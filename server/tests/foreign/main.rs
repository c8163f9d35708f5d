//! The server as the client of an authorization server that nobody of this project wrote.
//!
//! Without Node.js and npm nothing is tested, unless `CC_CONNECT_REQUIRE_ALL` is set.

#[allow(dead_code, reason = "the sandbox's forms are not needed")]
#[path = "../http/browser.rs"]
mod browser;
mod connection;
mod oidc_provider;
