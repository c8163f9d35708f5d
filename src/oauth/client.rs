//! What the authorization server knows this application by, and where it is.

use super::Scope;

/// A public client ([RFC 6749 §2.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.1)): it
/// has an identifier and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Constant Contact calls it the API key.
    pub client_id: String,
    /// The redirection endpoint, exactly as registered.
    pub redirect_uri: String,
    /// Where the browser is sent to ask for authorization.
    pub authorization_endpoint: String,
    /// The authorization server's issuer identifier, for `iss` in responses
    /// ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207.html)) and in tokens.
    pub issuer: String,
    /// What is asked for.
    pub scope: Scope,
}
