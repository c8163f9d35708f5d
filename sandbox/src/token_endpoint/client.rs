//! Client authentication: by a secret in `Authorization: Basic` (RFC 6749 §2.3.1), or none.

use super::{reply::Refusal, request::TokenRequest};
use crate::options::{Client, OAuth2Setting, RefreshTokens};

/// The refresh token method of the application, if the request may be its own.
pub(super) fn authenticate(
    client: &Client,
    request: &TokenRequest,
) -> Result<RefreshTokens, Refusal> {
    match client.oauth2_setting {
        OAuth2Setting::Implicit | OAuth2Setting::CodeAndImplicit { .. }
            if request.origin.is_some() =>
        {
            Err(Refusal::PKCE_REQUIRED)
        }
        OAuth2Setting::Implicit => Err(Refusal::NOT_AUTHENTICATED),
        OAuth2Setting::CodeAndImplicit { refresh_tokens } => {
            let has_basic = request.basic().is_some_and(|(id, secret)| {
                id == client.client_id && Some(secret) == client.client_secret.as_deref()
            });
            match (request.has_authorization, request.has_credentials()) {
                (true, true) => Err(Refusal::TWO_AUTHENTICATIONS),
                (true, false) if has_basic => Ok(refresh_tokens),
                _ => Err(Refusal::NOT_AUTHENTICATED),
            }
        }
        OAuth2Setting::Pkce { .. } if request.has_authorization || request.has_credentials() => {
            Err(Refusal::NOT_AUTHENTICATED)
        }
        OAuth2Setting::Pkce { refresh_tokens } => Ok(refresh_tokens),
    }
}
