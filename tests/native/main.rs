//! Native tests of the pure core: tables, the RFCs' own examples, properties.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used)]

mod api;
mod claims;
mod clock;
mod code_configuration;
mod code_grant;
mod code_support;
mod compact;
mod configuration;
mod corpus;
mod id_token;
mod json;
mod key_set;
mod parsers;
mod promises;
mod properties;
mod renewal;
mod request;
mod response;
mod scope;
mod secrets;
mod security;
mod session;
mod signature;
mod stored;
mod support;
mod tidy;
mod time;
mod token;
mod token_endpoint;
mod trusted_types;
mod vectors;
mod web_url;
mod words;
