//! What the functions of the resources take and return.

use super::{error::ApiError, query::Query};
use crate::{
    data::{Account, User},
    state::Shared,
};
use serde_json::Value;

/// What a resource's function works with.
pub(super) struct Context<'a> {
    pub(super) shared: &'a Shared,
    pub(super) user: &'static User,
    pub(super) account: &'a Account,
    pub(super) query: Query,
    /// The id in the path, or an empty string.
    pub(super) id: &'a str,
}

pub(super) type ApiResult = Result<Value, ApiError>;
