//! The token endpoint: `POST` with a code or a refresh token, JSON back.
//!
//! Applications on a server authenticate here with their secret (RFC 6749 §2.3.1), those in a browser
//! use PKCE.

mod client;
mod exchange;
mod refresh;
mod reply;
mod request;

use crate::{
    faults::TokenFault,
    http,
    options::{Client, OAuth2Setting},
    random,
    scenario::Scenario,
    state::Shared,
};
use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use reply::{Refusal, Reply};
use request::TokenRequest;
use std::{sync::Arc, time::Instant};

/// `POST /oauth2/default/v1/token`
pub(crate) async fn serve(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = TokenRequest::read(query.as_deref().unwrap_or_default(), &headers, &body);
    let fault = {
        let mut inner = shared.inner();
        if let Some(token) = request.get("refresh_token") {
            inner.connections.count_use(token);
        }
        inner.token_fault
    };
    let reply = match fault {
        None => respond(&shared, &request, None).await,
        Some(TokenFault::Unreachable) => Ok(Reply::Lost),
        Some(TokenFault::Silent) => Ok(Reply::Never),
        Some(TokenFault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(Reply::Given(http::html_page(status)))
        }
        Some(TokenFault::Throttled) => Err(Refusal::Throttled),
        Some(TokenFault::ThrottledFor(seconds)) => Err(Refusal::ThrottledFor(seconds)),
        Some(TokenFault::ClientRefused) => Err(Refusal::NOT_AUTHENTICATED),
        Some(TokenFault::PkceRefused) if request.get("code_verifier").is_some() => {
            Err(Refusal::PKCE_REFUSED)
        }
        Some(TokenFault::PkceRefused) => respond(&shared, &request, None).await,
        Some(TokenFault::ExpiresInText) => {
            respond(&shared, &request, Some(Scenario::ExpiresInText)).await
        }
        Some(TokenFault::OtherAccount) => {
            respond(&shared, &request, Some(Scenario::RefreshOtherAccount)).await
        }
        Some(TokenFault::Slow(delay)) => {
            let reply = respond(&shared, &request, None).await;
            tokio::time::sleep(delay).await;
            reply
        }
        Some(TokenFault::Html) => Ok(Reply::Given(http::html_page(StatusCode::OK))),
        Some(TokenFault::LostResponse) => {
            // Error responses are lost as well.
            let _ = respond(&shared, &request, None).await;
            Ok(Reply::Lost)
        }
        Some(TokenFault::Dropped) => {
            let _ = respond(&shared, &request, None).await;
            Ok(Reply::Dropped)
        }
    };
    let mut response = match reply.unwrap_or_else(|refusal| Reply::Given(refusal.into_response())) {
        Reply::Given(response) => response,
        Reply::Lost => return http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Reply::Never => std::future::pending().await,
        Reply::Dropped => return reply::broken(),
    };
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    // A page has no secret to be asked for.
    if unauthorized && request.origin.is_none() {
        let challenge = HeaderValue::from_static("Basic realm=\"Constant Contact sandbox\"");
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(origin) = readable_by(&shared, &request) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

/// The request's origin, if one of the application's redirect URIs has it.
fn readable_by(shared: &Shared, request: &TokenRequest) -> Option<HeaderValue> {
    let origin = request.origin.as_deref()?;
    let inner = shared.inner();
    let client = request.client(&inner.clients)?;
    is_origin_of(client, origin).then(|| HeaderValue::from_str(origin).ok())?
}

fn is_origin_of(client: &Client, origin: &str) -> bool {
    client
        .redirect_uris
        .iter()
        .any(|uri| http::serialized_origin(uri).as_deref() == Some(origin))
}

/// The response, with the fault of a scenario in place of the code's or the connection's own.
async fn respond(
    shared: &Shared,
    request: &TokenRequest,
    forced: Option<Scenario>,
) -> Result<Reply, Refusal> {
    request.check_form()?;
    let client = {
        let mut inner = shared.inner();
        let client = request
            .client(&inner.clients)
            .cloned()
            .ok_or(Refusal::UNKNOWN_CLIENT)?;
        if !inner
            .token_rate_limiter
            .admit(&client.client_id, Instant::now())
        {
            return Err(Refusal::Throttled);
        }
        client
    };
    let refresh_tokens = client::authenticate(&client, request)?;
    match request.required("grant_type")? {
        "authorization_code" => {
            exchange::exchange(shared, request, &client.client_id, forced).await
        }
        "refresh_token" => {
            refresh::refresh(shared, request, &client.client_id, refresh_tokens, forced).await
        }
        _ => Err(Refusal::UNSUPPORTED_GRANT_TYPE),
    }
}

/// `OPTIONS /oauth2/default/v1/token`: a preflight does not name the application, so the origin may be
/// that of any application with PKCE.
pub(crate) async fn preflight(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let mut response = http::text(StatusCode::OK, "");
    let Some(origin) = headers.get(header::ORIGIN) else {
        return response;
    };
    let known = shared.inner().clients.iter().any(|client| {
        matches!(client.oauth2_setting, OAuth2Setting::Pkce { .. })
            && origin
                .to_str()
                .is_ok_and(|origin| is_origin_of(client, origin))
    });
    if known {
        let headers = response.headers_mut();
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("POST, OPTIONS"),
            ),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("Content-Type"),
            ),
            (header::VARY, HeaderValue::from_static("Origin")),
        ] {
            headers.insert(name, value);
        }
    }
    response
}

/// `/attacker/token`: the target of a scenario's redirect. A client that follows it hands over a code
/// and its verifier, and gets a fake token.
pub(crate) async fn serve_attacker() -> Response {
    let mut response = http::json(
        StatusCode::OK,
        &serde_json::json!({
            "token_type": "Bearer",
            "expires_in": 86_400,
            "access_token": random::text(96),
            "scope": "account_read",
        }),
    );
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
