//! The second listener, for whoever runs the server: health, readiness, metrics. Nothing on it is
//! for browsers.

use crate::{
    app::Shared,
    metrics::MEDIA_TYPE,
    web::answer::{answer, json_answer},
};
use axum::{Router, extract::State, response::Response, routing::get};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::sync::Arc;

/// `healthz`, `readyz` and `metrics`.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

/// The process answers.
async fn health() -> Response {
    json_answer(StatusCode::OK, &json!({ "healthy": true }))
}

/// Whether to send requests here. Constant Contact is not asked: if it is down, the page has to say
/// so, and cannot if it is not served.
async fn readiness(State(shared): State<Arc<Shared>>) -> Response {
    let code = match shared.is_stopping() {
        true => Some("stopping"),
        false => shared
            .connections
            .is_ready()
            .await
            .err()
            .map(|error| error.code()),
    };
    match code {
        None => json_answer(StatusCode::OK, &json!({ "ready": true })),
        Some(code) => {
            let why = json!({ "ready": false, "reason": code });
            json_answer(StatusCode::SERVICE_UNAVAILABLE, &why)
        }
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let mut response = answer(StatusCode::OK, shared.metrics.render());
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    response
}
