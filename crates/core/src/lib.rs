//! OAuth for Constant Contact without I/O: requests, responses, token verification, the session's
//! state machine, and the V3 API.
//!
//! Data flows in one direction, with one owner per step:
//!
//! 1. A click creates an [`oauth::AuthorizationRequest`]: a URI for the browser to go to, and an
//!    [`oauth::PendingAuthorization`] to keep.
//! 2. The response is parsed into an [`oauth::AuthorizationResponse`] and checked by
//!    [`oauth::accept`] against the pending authorization: `state` first. If it has a code, an
//!    [`oauth::TokenRequest`] exchanges it.
//! 3. The access token is verified against the issuer's [`jose::JwkSet`]. Only a
//!    [`session::VerifiedAccessToken`] can be used afterwards, and verification is the only way to
//!    get one.
//! 4. [`session::Session`] holds it until `exp` passes or the API rejects it, then gets a new one:
//!    from the token endpoint if there is a refresh token, otherwise by asking the user.
//! 5. A [`v3::Request`] goes to the API; the token is sent to the configured origin only.
//!
//! Everything is pure: no clock, no entropy, no I/O. The current time and random values are
//! arguments. It compiles natively and to WebAssembly.

#![warn(missing_debug_implementations, unreachable_pub)]

pub mod clock;
pub mod constant_contact;
pub mod jose;
pub mod json;
pub mod oauth;
pub mod openid_connect;
pub mod report;
mod return_to;
pub mod session;
pub mod time;
pub mod v3;
pub mod web_url;

pub use return_to::ReturnTo;

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
