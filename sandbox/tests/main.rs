//! The sandbox over HTTP, as a browser and an application see it.

mod api;
mod authorize;
mod browser;
mod code;
mod code_scenarios;
mod confidential;
mod confidential_faults;
mod data;
mod foreign_client;
mod id_tokens;
mod keys;
mod refresh;
mod scenarios;
mod server;
mod token_endpoint;
mod tokens;
mod writes;
