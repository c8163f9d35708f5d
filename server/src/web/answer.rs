//! Answers that are no file of the build: JSON, with headers that keep them from being stored or
//! taken for a page.

use crate::site::header_map;
use axum::{body::Body, response::Response};
use cc_connect_hosting::answer_headers;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::{sync::LazyLock, time::Duration};

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| header_map(&answer_headers()));

/// What metrics and logs say of a response: nothing that came from the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code(pub &'static str);

/// A response with this body.
pub(crate) fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = HEADERS.clone();
    response
}

/// A response with this JSON.
pub(crate) fn json_answer(status: StatusCode, value: &Value) -> Response {
    let mut response = answer(status, value.to_string());
    let media_type = HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    response
}

/// `{"error":"<code>"}`
pub(crate) fn refusal(status: StatusCode, code: &'static str) -> Response {
    coded(json_answer(status, &json!({ "error": code })), code)
}

/// An error of the proxy, in the form of the API's own but with a key that the API does not have.
pub(crate) fn api_refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    let error = json!({ "error_key": format!("server.{code}"), "error_message": message });
    coded(json_answer(status, &error), code)
}

/// The response, with the code by which metrics and logs know it.
pub(crate) fn coded(mut response: Response, code: &'static str) -> Response {
    response.extensions_mut().insert(Code(code));
    response
}

/// The response, with `Retry-After`: rounded up to seconds, at least one.
pub(crate) fn retry_after(mut response: Response, wait: Duration) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let value = HeaderValue::from(seconds.max(1));
    response.headers_mut().insert(header::RETRY_AFTER, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up() {
        for (millis, expected) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2")] {
            let response = retry_after(Response::default(), Duration::from_millis(millis));
            assert_eq!(response.headers()[header::RETRY_AFTER], expected);
        }
    }

    #[test]
    fn no_answer_is_stored_or_shown() {
        let response = api_refusal(StatusCode::FORBIDDEN, "not_allowed", "No.");
        let headers = response.headers();
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = &headers[header::CONTENT_SECURITY_POLICY];
        assert_eq!(policy, "default-src 'none'; sandbox");
    }
}
