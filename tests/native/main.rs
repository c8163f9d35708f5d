//! Native tests of the pure core: tables, the RFCs' own examples, properties.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used)]

mod code_configuration;
mod configuration;
mod corpus;
mod first_script;
mod messages;
mod parsers;
mod route;
mod rules;
mod screen;
mod tidy;
mod trusted_types;
mod words;
