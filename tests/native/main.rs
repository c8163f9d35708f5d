//! Native tests of the application's pure part, of the documents, and of the shape of all packages.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used)]

mod code_configuration;
mod configuration;
mod corpus;
mod documents;
mod first_script;
mod messages;
mod parsers;
mod route;
mod rules;
mod screen;
mod tidy;
mod trusted_types;
mod words;
