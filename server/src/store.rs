//! What is stored, on SQLite and on PostgreSQL alike.

mod database;

pub use database::{Database, DatabaseError};

use std::time::Duration;
use thiserror::Error;

/// The database did not answer, or not in time. What was asked for may or may not have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the database did not answer")]
#[non_exhaustive]
pub struct StoreError;

impl StoreError {
    /// When to try again.
    pub const PAUSE: Duration = Duration::from_secs(2);

    /// Its stable name.
    pub fn code(self) -> &'static str {
        "store_unavailable"
    }
}
