//! The JWK Set endpoint.

use super::SigningKey;
use crate::{
    faults::{KeysFault, SLOW},
    http,
    state::Shared,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use std::sync::Arc;

/// How long a client may keep the set, in seconds.
const MAX_AGE: u32 = 3600;
/// The size of the set of [`KeysFault::TooLarge`].
const TOO_LARGE: usize = 2 * 1024 * 1024;

/// `GET /oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys`
pub(crate) async fn serve(State(shared): State<Arc<Shared>>) -> Response {
    let (fault, body, media_type) = {
        let keys = &mut shared.inner().keys;
        (keys.next_fault(), keys.jwk_set(), keys.media_type())
    };
    match fault {
        None => keys(body, media_type),
        Some(KeysFault::Unreachable) => http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Some(KeysFault::Status(status)) => readable(http::json_text(
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            r#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#.to_owned(),
        )),
        Some(KeysFault::Html) => readable(http::html_page(StatusCode::OK)),
        Some(KeysFault::Empty) => {
            readable(http::json_text(StatusCode::OK, r#"{"keys":[]}"#.to_owned()))
        }
        Some(KeysFault::TooLarge) => readable(http::json_text(
            StatusCode::OK,
            format!(r#"{{"padding":"{}",{}"#, "x".repeat(TOO_LARGE), &body[1..]),
        )),
        Some(KeysFault::NoCors) => {
            let mut response = http::json_text(StatusCode::OK, body);
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Some(KeysFault::Slow) => {
            tokio::time::sleep(SLOW).await;
            keys(body, media_type)
        }
        Some(KeysFault::Silent) => std::future::pending().await,
        Some(KeysFault::Redirect) => {
            readable(http::redirect(StatusCode::FOUND, "/oauth2/default/v1/keys"))
        }
    }
}

/// `GET /attacker/keys`: the URL in the headers of two scenarios. A client that requests it has trusted
/// a token before verifying it.
pub(crate) async fn serve_attacker(State(shared): State<Arc<Shared>>) -> Response {
    let key = {
        let inner = shared.inner();
        SigningKey::attacker().jwk_named(inner.keys.current.kid())
    };
    readable(http::json_text(
        StatusCode::OK,
        format!("{{\"keys\":[{key}]}}"),
    ))
}

fn keys(body: String, media_type: &'static str) -> Response {
    let mut response = readable(http::json_text(StatusCode::OK, body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_str(&format!("max-age={MAX_AGE}, must-revalidate"))
            .expect("the value is ASCII"),
    );
    response
}

/// Readable across origins, not to be stored.
fn readable(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
