//! What a user allowed an application.

use crate::data::User;

#[derive(Clone)]
pub(crate) struct Allowed {
    pub(crate) client_id: String,
    pub(crate) user: &'static User,
    pub(crate) scope: Vec<&'static str>,
    /// From the authorization request.
    pub(crate) nonce: Option<String>,
    pub(crate) signed_in_at: i64,
    /// Whether it was a code that was requested, not a token.
    pub(crate) with_code: bool,
}
