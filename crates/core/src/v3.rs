//! The Constant Contact V3 API without I/O: a [`Request`] goes out, a response comes in.
//!
//! Types follow the published description of the API, build 3.0.178, as far as the pages show them.
//! A response is one object; every member is optional, and unknown ones are ignored.

pub mod account;
pub mod campaigns;
pub mod contact_lists;
pub mod contacts;
pub mod error;
mod member;
pub mod pace;
pub mod request;

pub use error::ApiError;
pub use pace::Pace;
pub use request::{ApiBaseUrl, Request};
