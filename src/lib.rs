//! Connects a Constant Contact account in the browser and proves the access token genuine before
//! anything uses it.
//!
//! The way of the data, one direction, one owner per step:
//!
//! 1. A click makes an [`oauth::AuthorizationRequest`]: a URI for the browser to go to, and a
//!    [`oauth::PendingAuthorization`] for this tab to keep.
//! 2. What comes back is parsed into an [`oauth::AuthorizationResponse`] and judged by
//!    [`oauth::accept`] against the pending authorization: `state` first. Where a code was asked
//!    for, an [`oauth::TokenRequest`] exchanges it.
//! 3. The access token is verified against the issuer's [`jose::JwkSet`]. The only thing that can be
//!    used afterwards is a [`session::VerifiedAccessToken`], and verification is the only way to one.
//! 4. [`session::Session`] holds it until `exp` passes or the API refuses it, and asks for a new one:
//!    of the token endpoint, if it has a refresh token, else of the person.
//! 5. A [`v3::Request`] is answered by the API; the token goes to the configured origin alone.
//!
//! Everything but `browser` and `ui` is pure: no clock, no entropy, no I/O. It compiles natively and is
//! tested there; `browser` and `ui` exist on `wasm32` only.

pub mod clock;
pub mod config;
pub mod constant_contact;
pub mod jose;
pub mod json;
pub mod names;
pub mod oauth;
pub mod openid_connect;
pub mod route;
pub mod session;
pub mod time;
pub mod v3;
pub mod web_url;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod ui;
