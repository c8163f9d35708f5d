//! `GET /auth/session` and `POST /auth/disconnect`.

use crate::{
    app::Shared,
    connections::Look,
    cookies::Kind,
    secrets::{BindingSecret, SessionSecret},
    store::StoreError,
    web::{
        answer::{answer, coded, json_answer, refusal, retry_after},
        observe::routed,
    },
};
use axum::{body::Body, extract::State, response::Response};
use cc_connect_core::session::{Grant, stored};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::{json, value::RawValue};
use std::{sync::Arc, time::Duration};

/// What the page may know of a connection.
#[derive(Serialize)]
struct Connected {
    connected: bool,
    grant: Box<RawValue>,
    renews: bool,
    budget: Budget,
    server_time: i64,
}

/// Requests to the API that are left today, for everybody who uses this application.
#[derive(Serialize)]
struct Budget {
    left: u32,
    of: u32,
}

/// Whether this browser is connected: always 200, since neither is an error, unless there is no
/// telling.
pub(crate) async fn session(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    routed(look(&shared, &headers).await, "/auth/session")
}

async fn look(shared: &Shared, headers: &HeaderMap) -> Response {
    let cookie = |kind| shared.cookies.get(headers, kind);
    let session = cookie(Kind::Session).and_then(|value| SessionSecret::parse(&value));
    let binding = cookie(Kind::Attempt).and_then(|value| BindingSecret::parse(&value));
    let server_time = || shared.connections.now().unix_millis();
    match shared
        .connections
        .look(session.as_ref(), binding.as_ref())
        .await
    {
        Ok(Look::Connected { grant, renews }) => {
            let Ok(left) = shared.connections.left_today().await else {
                return unavailable("store_unavailable", StoreError::PAUSE);
            };
            let connected = Connected {
                connected: true,
                grant: write(&grant),
                renews,
                budget: Budget {
                    left,
                    of: shared.per_day,
                },
                server_time: server_time(),
            };
            let text = serde_json::to_string(&connected).expect("numbers and JSON");
            let mut response = answer(StatusCode::OK, text);
            let media_type = http::HeaderValue::from_static("application/json");
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, media_type);
            response
        }
        Ok(Look::NotConnected { reason, outcome }) => json_answer(
            StatusCode::OK,
            &json!({
                "connected": false,
                "reason": reason.as_ref().map(|reason| reason.reason()),
                "error": outcome,
                "server_time": server_time(),
            }),
        ),
        Err(failure) => {
            let wait = failure.retry_after().unwrap_or(StoreError::PAUSE);
            unavailable(failure.code(), wait)
        }
    }
}

fn write(grant: &Grant) -> Box<RawValue> {
    let text = stored::write_grant(grant);
    RawValue::from_string(text).expect("the record is JSON")
}

fn unavailable(code: &'static str, wait: Duration) -> Response {
    retry_after(refusal(StatusCode::SERVICE_UNAVAILABLE, code), wait)
}

/// Ends the session of this browser, if there is one. Constant Contact has no way to be told.
pub(crate) async fn disconnect(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let session = shared.cookies.get(&headers, Kind::Session);
    let session = session.and_then(|value| SessionSecret::parse(&value));
    let ended = match &session {
        Some(secret) => shared.connections.end(secret).await,
        None => Ok(()),
    };
    let response = match ended {
        Ok(()) => {
            let mut response = answer(StatusCode::NO_CONTENT, Body::empty());
            let cookie = shared.cookies.clear(Kind::Session);
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        // The cookie stays, so that the page can try again.
        Err(error) => coded(unavailable(error.code(), StoreError::PAUSE), error.code()),
    };
    routed(response, "/auth/disconnect")
}
