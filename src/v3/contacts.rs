//! `GET /contacts/counts`: scope `contact_data`.

use super::Request;
use serde::Deserialize;

/// How many contacts there are, by permission.
pub const COUNTS: Request<ContactCounts> = Request::get("/contacts/counts", &[]);

/// Numbers of contacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactCounts {
    /// All.
    pub total: u64,
    /// Permission given in so many words.
    pub explicit: u64,
    /// Permission assumed from a relationship.
    pub implicit: u64,
    /// Asked and not answered yet.
    pub pending: u64,
    /// Taken back.
    pub unsubscribed: u64,
}
