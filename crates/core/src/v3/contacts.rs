//! `GET /contacts/counts`: scope `contact_data`.

use super::{Request, member};
use serde::Deserialize;

/// How many contacts there are, by permission.
pub const COUNTS: Request<ContactCounts> = Request::get("/contacts/counts", &[]);

/// Numbers of contacts, as far as the API reports them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactCounts {
    /// All contacts.
    #[serde(deserialize_with = "member::count")]
    pub total: Option<u64>,
    /// Contacts who gave permission explicitly.
    #[serde(deserialize_with = "member::count")]
    pub explicit: Option<u64>,
    /// Contacts whose permission is implied by a relationship.
    #[serde(deserialize_with = "member::count")]
    pub implicit: Option<u64>,
}

impl ContactCounts {
    /// Contacts with a permission of either kind.
    pub fn mailable(&self) -> Option<u64> {
        self.explicit?.checked_add(self.implicit?)
    }
}
