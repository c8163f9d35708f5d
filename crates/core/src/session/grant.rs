//! What a connection permits, without its token.

use super::{account::Account, keys::KeyUsed};
use crate::{oauth::Scope, openid_connect::is_technical, report::Report, time::Timestamp};
use serde_json::{Map, Value};

/// What a connection permits, and how its token was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Whose data the token opens.
    pub account: Account,
    /// The scope that the server granted, according to the response.
    pub granted: Scope,
    /// The scope that was requested.
    pub requested: Scope,
    /// When the token was requested.
    pub requested_at: Timestamp,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// `iat`: when the issuer says that it made the token.
    pub issued_at: Timestamp,
    /// `exp`: when the API stops accepting the token.
    pub expires_at: Timestamp,
    /// Every claim by name. Beyond those that the report names, only the signature was verified.
    pub claims: Map<String, Value>,
    /// Every check of the access token with its outcome.
    pub report: Report,
    /// The key that verified the signature.
    pub key: KeyUsed,
    /// Every check of the ID token that came with it, if one did.
    pub id_token: Option<Report>,
}

impl Grant {
    /// The permissions that were requested but not granted.
    pub fn withheld(&self) -> Scope {
        permissions(self.requested.without(&self.granted))
    }

    /// The permissions that were granted but not requested.
    pub fn unasked(&self) -> Scope {
        permissions(self.granted.without(&self.requested))
    }
}

/// Leaves out technical scopes such as `openid`: nobody withholds those, and no page shows them.
fn permissions(scope: Scope) -> Scope {
    scope.retaining(|word| !is_technical(word))
}
