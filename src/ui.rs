//! What the person sees. It reads signals and sends events; it decides nothing.

mod app;
pub mod components;
mod context;
pub mod language;
pub mod messages;
mod pages;
pub mod start;

pub use app::mount;
