//! Native tests of the core: tables, the RFCs' own examples, properties, and the exhaustive check.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used)]

mod api;
mod claims;
mod client;
mod clock;
mod code_grant;
mod code_support;
mod compact;
mod endpoints;
mod errors;
mod id_token;
mod json;
mod key_set;
mod pages;
mod promises;
mod properties;
mod redirection_endpoint;
mod renewal;
mod request;
mod requests_under_way;
mod response;
mod return_to;
mod scope;
mod secrets;
mod server_session;
mod session;
mod signature;
mod stored;
mod support;
mod time;
mod token;
mod token_endpoint;
mod vectors;
mod web_url;
