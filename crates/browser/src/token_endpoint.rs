//! Requests to the token endpoint. Their body goes there only: redirects are rejected. The content
//! type is the only header set, so there is no preflight.

use crate::{Clock, body, body::BodyError, deadline::Deadline, locked_down::locked_down, page};
use cc_connect_core::oauth::{
    TokenEndpointError, TokenRequest, TokenResponse, token_response::MAX_BYTES,
};
use gloo_net::http::Request;

const DEADLINE_MILLIS: u32 = 20_000;

/// Sends a request once, even if the browser claims to be offline, since it gets some working
/// networks wrong. If it claimed so and there was no response, nothing was sent.
///
/// # Errors
///
/// [`TokenEndpointError`].
pub(crate) async fn send(
    url: &str,
    request: &TokenRequest,
    clock: &Clock,
) -> Result<Box<TokenResponse>, TokenEndpointError> {
    let offline = !page::is_online();
    let unreachable = |_| match offline {
        true => TokenEndpointError::Offline,
        false => TokenEndpointError::Unreachable,
    };
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = locked_down(Request::post(url), &deadline)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(request.expose_body())
        .map_err(unreachable)?
        .send()
        .await
        .map_err(unreachable)?;
    if response.status() == 429 {
        // Readable only if the server exposes it to other origins.
        let retry_after = response.headers().get("retry-after");
        let error = TokenEndpointError::throttled(retry_after.as_deref(), clock.now());
        return Err(error);
    }
    let body = body::read(response.body(), MAX_BYTES)
        .await
        .map_err(|error| match error {
            BodyError::Broken => TokenEndpointError::Unreachable,
            BodyError::TooLong => TokenEndpointError::TooLarge,
            BodyError::NotUtf8 => TokenEndpointError::Malformed,
        })?;
    TokenResponse::read(response.status(), body.as_bytes()).map(Box::new)
}
