//! An access token before its verification, with all that is needed to verify it.

use crate::{
    oauth::{AccessToken, Nonce, Scope},
    time::Timestamp,
};

/// A token out of a response or out of storage. Nothing can be done with it but to verify it.
#[derive(Clone, Debug)]
pub struct UnverifiedAccessToken {
    pub(super) access_token: AccessToken,
    pub(super) granted: Scope,
    pub(super) requested: Scope,
    pub(super) nonce: Nonce,
    pub(super) requested_at: Timestamp,
    pub(super) client_id: String,
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    /// Whether it comes out of storage: it was verified before, by an earlier page.
    pub(super) restored: bool,
}
