//! End-to-end tests: the release build in a real browser against the sandbox.
#![allow(clippy::unwrap_used)]

mod accounts;
mod back_forward_cache;
mod base_path;
mod callback;
mod canary;
mod code_in_firefox;
mod configuration;
mod conformance;
mod connect;
mod deployment;
mod disconnect;
mod expiry;
mod framed;
mod gallery;
mod harness;
mod injection;
mod integrity;
mod keyboard;
mod keys;
mod layout;
mod offline;
mod overview;
mod pages;
mod real_servers;
mod renewal;
mod scenarios;
mod storage;
mod tabs;
mod theme;
mod trusted_types;
mod verification;
mod wrong_clock;
