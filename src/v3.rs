//! The Constant Contact V3 API without I/O: a [`Request`] comes out, an answer goes in.
//!
//! Shapes follow the published description of the API, build 3.0.178. Every member is optional
//! where the description says so; unknown members are ignored.

pub mod account;
pub mod campaigns;
pub mod contact_lists;
pub mod contacts;
pub mod error;
pub mod pace;
pub mod request;

pub use error::ApiError;
pub use pace::Pace;
pub use request::{ApiBaseUrl, Request};
