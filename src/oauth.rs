//! OAuth 2.0, the part a browser client of the implicit grant needs: a request goes out, a
//! response is judged.
//!
//! [RFC 6749] §4.2. To this module an access token is an opaque string: it knows no JWT and no
//! browser.
//!
//! [RFC 6749]: https://www.rfc-editor.org/rfc/rfc6749.html

pub mod access_token_response;
pub mod authorization_request;
pub mod authorization_response;
pub mod client;
pub mod error_response;
pub mod parameters;
pub mod pending_authorization;
pub mod redirection;
pub mod scope;
pub mod secret;

pub use access_token_response::AccessTokenResponse;
pub use authorization_request::{AuthorizationRequest, Entropy, authorization_request};
pub use authorization_response::{AuthorizationResponse, CapturedResponse, ResponseError};
pub use client::Client;
pub use error_response::{ErrorCode, ErrorResponse};
pub use pending_authorization::{NoPendingAuthorization, PendingAuthorization};
pub use redirection::{RedirectionError, accept};
pub use scope::{Scope, ScopeError};
pub use secret::{AccessToken, Nonce, StateParameter};
