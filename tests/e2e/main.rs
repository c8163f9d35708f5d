//! End-to-end tests: the release build in a real browser against the sandbox.
#![allow(clippy::unwrap_used)]

mod harness;
