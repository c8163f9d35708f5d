//! The user interface: it reads signals and sends events. The session makes the decisions, except
//! one: `context` decides how the outcome of each API request counts and when to repeat one.

mod app;
pub mod components;
mod context;
pub mod language;
mod pages;
pub mod start;

pub use app::mount;
