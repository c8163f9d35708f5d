//! `GET /contact_lists`: scope `contact_data`.

use super::{Request, member};
use serde::Deserialize;

/// How many lists there are.
pub const COUNT: Request<ContactLists> = Request::get(
    "/contact_lists",
    &[("include_count", "true"), ("limit", "1")],
);

/// The contact lists, of which only the number is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactLists {
    /// How many there are; only with `include_count`.
    #[serde(deserialize_with = "member::count")]
    pub lists_count: Option<u64>,
}
