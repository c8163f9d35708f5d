//! The sandbox from outside: everything over HTTP, as a browser and an application see it.

mod api;
mod authorize;
mod browser;
mod data;
mod keys;
mod scenarios;
mod server;
mod tokens;
