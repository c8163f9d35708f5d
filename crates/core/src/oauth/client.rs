//! The client's registration, and where the authorization server is.

use super::Scope;

/// What is requested from the authorization endpoint
/// ([RFC 6749 §3.1.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1.1)). A registration
/// at Constant Contact allows only one of the two, and there is no fallback from one to the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// An access token, in the fragment: the implicit grant.
    #[default]
    Token,
    /// A code, to be exchanged at the token endpoint with proof of who requested it: the
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
    /// `client_id`; Constant Contact calls it the API key.
    pub client_id: String,
    /// The redirection endpoint, exactly as registered.
    pub redirect_uri: String,
    /// Where the browser is sent for authorization. It may have a query.
    pub authorization_endpoint: String,
    /// `response_type`: which grant to use.
    pub response_type: ResponseType,
    /// Where a code is exchanged, and a connection renewed; unused with [`ResponseType::Token`].
    pub token_endpoint: String,
    /// The authorization server's issuer identifier, for `iss` in responses
    /// ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)) and in tokens.
    pub issuer: String,
    /// The scope to request.
    pub scope: Scope,
    /// How long an authorization may take, in seconds.
    pub max_authorization_time: i64,
}
