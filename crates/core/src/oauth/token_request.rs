//! Requests to the token endpoint
//! ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)) from a client without
//! a secret: everything is sent in the body.

use super::{AuthorizationCode, CodeVerifier, RefreshToken};
use std::fmt;
use zeroize::Zeroizing;

/// How long a code may be used after it arrived, in seconds. Constant Contact documents five
/// minutes after it was issued.
pub const CODE_LIFETIME: i64 = 5 * 60;

/// Every parameter that a request may have.
pub const PARAMETERS: [&str; 6] = [
    "grant_type",
    "client_id",
    "redirect_uri",
    "code",
    "code_verifier",
    "refresh_token",
];

/// A request, to be sent once.
#[derive(Clone)]
pub struct TokenRequest(Zeroizing<String>);

impl TokenRequest {
    /// Exchanges a code
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3),
    /// [RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.5)).
    pub fn for_code(
        code: &AuthorizationCode,
        code_verifier: &CodeVerifier,
        client_id: &str,
        redirect_uri: &str,
    ) -> Self {
        Self::new(&[
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("code", code.expose()),
            ("code_verifier", code_verifier.expose()),
        ])
    }

    /// Renews an access token
    /// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)).
    pub fn for_refresh_token(refresh_token: &RefreshToken, client_id: &str) -> Self {
        Self::new(&[
            ("grant_type", "refresh_token"),
            ("client_id", client_id),
            ("refresh_token", refresh_token.expose()),
        ])
    }

    fn new(parameters: &[(&str, &str)]) -> Self {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(parameters);
        Self(Zeroizing::new(body.finish()))
    }

    /// The `application/x-www-form-urlencoded` body, for the token endpoint only.
    pub fn expose_body(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest(redacted)")
    }
}
