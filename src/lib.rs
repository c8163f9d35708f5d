//! x
pub mod config;
pub mod constant_contact;
pub mod jose;
pub mod json;
pub mod oauth;
pub mod route;
pub mod session;
pub mod time;
pub mod v3;
