//! End-to-end tests: the release build in a real browser against the sandbox.
#![allow(clippy::unwrap_used)]

mod access;
mod accounts;
mod announcements;
mod back_forward_cache;
mod base_path;
mod callback;
mod canary;
mod code_in_firefox;
mod configuration;
mod conformance;
mod connect;
mod disconnect;
mod expiry;
mod framed;
mod gallery;
mod harness;
mod injection;
mod keyboard;
mod keys;
mod language;
mod layout;
mod lighthouse;
mod offline;
mod overview;
mod pages;
mod renewal;
mod scenarios;
mod storage;
mod tabs;
mod theme;
mod tour;
mod verification;
mod wrong_clock;
