//! Requests to the token endpoint. What they carry goes there alone: redirects are refused, and no
//! header says more than that a form is sent, so that there is no preflight.

use super::{body, body::BodyError, deadline::Deadline, document};
use crate::oauth::{TokenEndpointError, TokenRequest, TokenResponse, token_response::MAX_BYTES};
use gloo_net::http::Request;
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

const DEADLINE_MILLIS: u32 = 20_000;

/// Sends a request, once, unless there is no network.
///
/// # Errors
///
/// [`TokenEndpointError`].
pub(super) async fn send(
    url: &str,
    request: &TokenRequest,
) -> Result<Box<TokenResponse>, TokenEndpointError> {
    if !document::is_online() {
        return Err(TokenEndpointError::Offline);
    }
    let unreachable = |_| TokenEndpointError::Unreachable;
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = Request::post(url)
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(request.expose_body())
        .map_err(unreachable)?
        .send()
        .await
        .map_err(unreachable)?;
    let body = body::read(response.body(), MAX_BYTES)
        .await
        .map_err(|error| match error {
            BodyError::Broken => TokenEndpointError::Unreachable,
            BodyError::TooLong => TokenEndpointError::TooLarge,
            BodyError::NotUtf8 => TokenEndpointError::Malformed,
        })?;
    TokenResponse::read(response.status(), body.as_bytes()).map(Box::new)
}
