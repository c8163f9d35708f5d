//! What is stored, on SQLite and on PostgreSQL alike: one contract, one set of statements.
//!
//! Nothing secret is stored in the clear. Rows are found by hashes of secrets, tokens and pending
//! authorizations are [sealed](crate::seal), and times are in the clear.

mod attempts;
#[cfg(test)]
mod contract;
mod database;
mod lock;
mod pools;
mod rows;
mod sessions;
mod turns;

pub use database::{Database, DatabaseError};
pub(crate) use lock::LockError;
pub(crate) use pools::Store;
pub use pools::StoreError;
pub(crate) use rows::{
    FIRST_VERSION, NewAttempt, NewSession, SessionRow, Slot, TakenAttempt, TokenTimes,
};
pub(crate) use sessions::is_worth_a_touch;
pub(crate) use turns::{Bounds, until_tomorrow};
