//! How every request is sent: without following redirects, past the browser's cache, and without
//! saying which page it comes from. Cookies go to the page's own server alone.

use crate::{
    body::{self, BodyError},
    deadline::Deadline,
};
use cc_connect_core::v3::{ApiError, Request};
use gloo_net::http::{RequestBuilder, Response};
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

/// A request to another origin, without cookies. It can be given a body or sent; it is aborted at the
/// deadline.
pub(crate) fn locked_down(request: RequestBuilder, deadline: &Deadline) -> RequestBuilder {
    request
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
}

/// A request to the page's own server, with its cookies. Its custom header cannot be sent by another
/// origin's page.
pub(crate) fn to_own_server(request: RequestBuilder, deadline: &Deadline) -> RequestBuilder {
    locked_down(request, deadline)
        .credentials(RequestCredentials::SameOrigin)
        // With `no-referrer`, a browser may send the origin `null`.
        .referrer_policy(ReferrerPolicy::StrictOrigin)
        .header("X-CC-Connect", "1")
}

/// Sends a request of the V3 API as prepared, with its body if it has one. Returns the response and
/// its body.
pub(crate) async fn exchange(
    request: &Request,
    prepared: RequestBuilder,
) -> Result<(Response, String), ApiError> {
    let sent = match request.body() {
        None => prepared.send().await,
        Some(body) => {
            let prepared = prepared.header("Content-Type", "application/json");
            let request = prepared.body(body).map_err(|_| ApiError::Unreachable)?;
            request.send().await
        }
    };
    let response = sent.map_err(|_| ApiError::Unreachable)?;
    let limit = request.endpoint().response_limit;
    match body::read(response.body(), limit).await {
        Ok(body) => Ok((response, body)),
        Err(BodyError::Broken) => Err(ApiError::Unreachable),
        Err(BodyError::TooLong | BodyError::NotUtf8) => Err(ApiError::Unexpected {
            status: response.status(),
        }),
    }
}
