//! The server: what it is made of, its routes, and its life.

mod life;
mod routes;
mod shared;
mod start_error;

pub use life::Server;
pub(crate) use shared::Shared;
pub use start_error::StartError;
