//! `/api/v3/…`: passes a request of the page on to the API, with the access token that the page
//! never sees ([RFC 10017 §6.1.3.6](https://www.rfc-editor.org/info/rfc10017)).
//!
//! Nothing of a request is passed on as text. [`v3::find`] matches it against the table of
//! endpoints, and the request that is sent is built from the match. Of the headers, `Accept` and
//! `Content-Type` are passed on; of the response's `Content-Type`, `Retry-After` and, for a file,
//! `Content-Disposition`.

mod refusal;
mod upstream;

pub(crate) use upstream::Upstream;

use crate::{
    app::Shared,
    cookies::Kind,
    metrics,
    secrets::SessionSecret,
    web::{
        answer::answer,
        observe::{method_label, routed},
    },
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::State,
    response::Response,
};
use cc_connect_core::{
    session::VerifiedAccessToken,
    v3::{self, ApiError, Endpoint},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use refusal::Refusal;
use std::{sync::Arc, time::Instant};
use upstream::{Answer, Outgoing};

/// The path below which requests are passed on.
pub(crate) const API: &str = "/api";
/// Where the API is below [`API`].
const V3: &str = "/v3";
/// The longest `Accept` that is passed on, in bytes.
const MAX_ACCEPT: usize = 256;

/// Passes a request on, or refuses it in the form of the API's own errors.
pub(crate) async fn proxy(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let path = uri.path().strip_prefix(API);
    let path = path.and_then(|path| path.strip_prefix(V3));
    let found = path.and_then(|path| v3::find(&method, path, uri.query()));
    let Some(request) = found else {
        return routed(Refusal::NotAllowed.into_response(), API);
    };
    let endpoint = request.endpoint();
    let response = match read_body(endpoint, &headers, body).await {
        Ok(body) => {
            let outgoing = Outgoing {
                accept: accept(&headers),
                request,
                body,
            };
            pass_on(&shared, &headers, &outgoing).await
        }
        Err(refusal) => Err(refusal),
    };
    let response = response.unwrap_or_else(Refusal::into_response);
    routed(response, format!("{API}{V3}{}", endpoint.template))
}

/// The body, if the endpoint takes one: JSON, and no more than the table allows.
async fn read_body(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<Bytes>, Refusal> {
    let limit = endpoint.request_limit;
    let bytes = to_bytes(body, limit).await;
    let bytes = bytes.map_err(|_| Refusal::BodyTooLarge { limit })?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|text| text.split(';').next());
    match essence.map(str::trim) {
        Some(essence) if essence.eq_ignore_ascii_case("application/json") => Ok(Some(bytes)),
        _ => Err(Refusal::NotAllowed),
    }
}

fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let accept = headers.get(header::ACCEPT)?;
    (accept.len() <= MAX_ACCEPT).then(|| accept.clone())
}

/// Sends the request when it is this session's turn. If the API does not accept the token, it is
/// renewed, once, and a request that may be sent twice is sent again.
async fn pass_on(
    shared: &Shared,
    headers: &HeaderMap,
    outgoing: &Outgoing,
) -> Result<Response, Refusal> {
    let secret = shared
        .cookies
        .get(headers, Kind::Session)
        .and_then(|value| SessionSecret::parse(&value))
        .ok_or(Refusal::NoSession)?;
    let token = shared.connections.access_token(&secret, None).await?;
    let answer = send(shared, &secret, &token, outgoing).await?;
    if answer.status != StatusCode::UNAUTHORIZED {
        return Ok(respond(answer));
    }
    let rejected = token.access_token();
    let renewed = shared
        .connections
        .access_token(&secret, Some(rejected))
        .await?;
    let is_idempotent = outgoing.request.endpoint().is_idempotent;
    if renewed.is_same_token(rejected) || !is_idempotent {
        return Ok(respond(answer));
    }
    send(shared, &secret, &renewed, outgoing).await.map(respond)
}

/// One request, within the budget.
async fn send(
    shared: &Shared,
    secret: &SessionSecret,
    token: &VerifiedAccessToken,
    outgoing: &Outgoing,
) -> Result<Answer, Refusal> {
    let endpoint = outgoing.request.endpoint();
    let queued = Instant::now();
    let ticket = shared.connections.take_turn(secret).await?;
    metrics::turn(queued.elapsed(), ticket.left_today());
    let sent = Instant::now();
    let answer = shared.upstream.send(outgoing, token.access_token()).await;
    let status = answer.as_ref().ok().map(|answer| answer.status.as_u16());
    let method = method_label(&endpoint.method);
    metrics::upstream(endpoint.template, method, status, sent.elapsed());
    let answer = answer?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        let body = String::from_utf8_lossy(&answer.body);
        match ApiError::read(429, &body, false) {
            ApiError::QuotaExceeded => ticket.quota_exceeded().await,
            _ => ticket.throttled().await,
        }
    }
    Ok(answer)
}

/// What the page gets to see of an answer.
fn respond(upstream: Answer) -> Response {
    let mut response = answer(upstream.status, upstream.body);
    let mut pass = |name: HeaderName| {
        if let Some(value) = upstream.headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    };
    pass(header::CONTENT_TYPE);
    pass(header::RETRY_AFTER);
    let media_type = upstream.headers.get(header::CONTENT_TYPE);
    if media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/csv")) {
        pass(header::CONTENT_DISPOSITION);
    }
    response
}
