//! What the authorization server knows this application by, and where it is.

use super::Scope;

/// What the authorization endpoint is asked for
/// ([RFC 6749 §3.1.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1.1)). One registration
/// at Constant Contact serves only one of the two, and one is never tried in place of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// An access token, in the fragment: the implicit grant.
    #[default]
    Token,
    /// A code, to be exchanged at the token endpoint with proof of who asked for it: the
    /// authorization code grant with PKCE.
    Code,
}

impl ResponseType {
    /// The value of the parameter `response_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Code => "code",
        }
    }
}

/// A public client ([RFC 6749 §2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.1)): it
/// has an identifier and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Constant Contact calls it the API key.
    pub client_id: String,
    /// The redirection endpoint, exactly as registered.
    pub redirect_uri: String,
    /// Where the browser is sent to ask for authorization. It may have a query.
    pub authorization_endpoint: String,
    /// What it is asked for.
    pub response_type: ResponseType,
    /// Where a code is exchanged, and a connection renewed; unused with [`ResponseType::Token`].
    pub token_endpoint: String,
    /// The authorization server's issuer identifier, for `iss` in responses
    /// ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)) and in tokens.
    pub issuer: String,
    /// What is asked for.
    pub scope: Scope,
    /// How long an authorization may take, in seconds.
    pub max_authorization_time: i64,
}
