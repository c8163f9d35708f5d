//! The part of OAuth 2.0 that a client needs: build a request, check the response, and exchange a
//! code or a refresh token for an access token.
//!
//! [RFC 6749] §4.2 (the implicit grant), §4.1 with [RFC 7636] (the authorization code grant with
//! PKCE) and §6 (refreshing). To this module an access token is an opaque string; it knows neither
//! JWTs nor the browser.
//!
//! [RFC 6749]: https://www.rfc-editor.org/rfc/rfc6749.html
//! [RFC 7636]: https://www.rfc-editor.org/rfc/rfc7636.html

pub mod access_token_response;
pub mod authorization_request;
pub mod authorization_response;
pub mod client;
pub mod error_response;
pub mod parameters;
pub mod pending_authorization;
pub mod redirection;
pub mod redirection_endpoint;
pub mod scope;
pub mod secret;
pub mod token_request;
pub mod token_response;

pub use access_token_response::{AccessTokenResponse, AccessTokenResponseError};
pub use authorization_request::{AuthorizationRequest, Entropy, authorization_request};
pub use authorization_response::{AuthorizationResponse, CapturedResponse, ResponseError};
pub use client::{Client, ClientError, Registration, ResponseType};
pub use error_response::{ErrorCode, ErrorResponse};
pub use pending_authorization::{NoPendingAuthorization, PendingAuthorization};
pub use redirection::{Accepted, RedirectionError, accept};
pub use redirection_endpoint::{Arrival, Place};
pub use scope::{Scope, ScopeError};
pub use secret::{
    AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, IdToken, Nonce, RefreshToken,
    StateParameter,
};
pub use token_request::{ClientAuthentication, TokenRequest};
pub use token_response::{Prospect, TokenEndpointError, TokenResponse};
