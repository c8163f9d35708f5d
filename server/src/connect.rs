//! `POST /auth/connect`: begins an authorization.

use crate::{
    app::Shared,
    cookies::Kind,
    failure::BeginError,
    random::entropy,
    secrets::{BindingSecret, SessionSecret},
    store::StoreError,
    web::{
        answer::{json_answer, refusal, retry_after},
        client_address::Peer,
        observe::routed,
    },
};
use axum::{
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    response::Response,
};
use cc_connect_core::{
    ReturnTo,
    oauth::{Client, Scope, authorization_request},
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// How long to wait if the database is full of attempts.
const PAUSE: Duration = Duration::from_secs(60);

/// What the page may say. Unknown members are ignored.
#[derive(Default, Deserialize)]
struct Wish {
    /// An absolute path of this host.
    return_to: Option<String>,
    /// Some of the configured scope; otherwise all of it.
    scope: Option<String>,
}

/// Answers with the URI to send the browser to, whose response only this browser can use.
pub(crate) async fn connect(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let peer = peer.map(|Extension(peer)| peer);
    let response = match body {
        Ok(body) => respond(&shared, peer, &headers, &body).await,
        Err(_) => refusal(StatusCode::BAD_REQUEST, "bad_request"),
    };
    routed(response, "/auth/connect")
}

async fn respond(
    shared: &Shared,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let too_many = || refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
    if let Some(address) = shared.address_of(peer.as_ref(), headers)
        && let Err(wait) = shared.inbound.attempt(address)
    {
        return retry_after(too_many(), wait);
    }
    let Some((client, return_to)) = read(&shared.client, body) else {
        return refusal(StatusCode::BAD_REQUEST, "bad_request");
    };
    let cookie = |kind| shared.cookies.get(headers, kind);
    let binding = cookie(Kind::Attempt)
        .and_then(|value| BindingSecret::parse(&value))
        .unwrap_or_else(BindingSecret::generate);
    // It is not sent to the callback, which another site leads to.
    let previous = cookie(Kind::Session).and_then(|value| SessionSecret::parse(&value));
    let now = shared.connections.now();
    let request = authorization_request(&client, &entropy(), return_to, now);
    let begun = shared
        .connections
        .begin(&request.pending, &binding, previous.as_ref());
    match begun.await {
        Ok(()) => {}
        Err(BeginError::TooMany) => return retry_after(too_many(), PAUSE),
        Err(error) => {
            let response = refusal(StatusCode::SERVICE_UNAVAILABLE, error.code());
            return retry_after(response, StoreError::PAUSE);
        }
    }
    let answer = json!({ "authorization_uri": request.expose_uri() });
    let mut response = json_answer(StatusCode::OK, &answer);
    // The same secret for all attempts of this browser, and long enough for the latest one.
    let cookie = shared.cookies.set(Kind::Attempt, binding.expose());
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// The client, asking for the scope that the page wishes, and the page to come back to.
fn read(client: &Client, body: &[u8]) -> Option<(Client, ReturnTo)> {
    let wish: Wish = match body {
        [] => Wish::default(),
        body => serde_json::from_slice(body).ok()?,
    };
    let return_to = match wish.return_to {
        None => ReturnTo::START,
        Some(path) => ReturnTo::parse(path.strip_prefix('/')?)?,
    };
    let client = client.clone();
    let client = match wish.scope {
        None => client,
        Some(scope) => {
            let scope = Scope::parse(&scope).ok()?;
            let is_within = scope.without(client.scope()).is_empty();
            is_within.then(|| client.with_scope(scope))?
        }
    };
    Some((client, return_to))
}
