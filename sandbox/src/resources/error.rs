//! The API's error bodies, in the shapes recorded from the real service: an object from the gateway, an
//! array from the services behind it.

use crate::http;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

#[derive(Debug)]
pub(super) enum ApiError {
    /// With the message.
    BadRequest(String),
    Unauthorized,
    Forbidden,
    /// With the kind of resource.
    NotFound(&'static str),
    MethodNotAllowed,
    /// With the message.
    Conflict(String),
    UnsupportedMediaType,
    Throttled,
    QuotaExceeded,
    Internal,
    Unavailable,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let object = |status, key: &str, message: &str| {
            http::json(
                status,
                &json!({ "error_key": key, "error_message": message }),
            )
        };
        let array = |status, key: &str, message: &str| {
            http::json(
                status,
                &json!([{ "error_key": key, "error_message": message }]),
            )
        };
        match self {
            Self::BadRequest(message) => array(
                StatusCode::BAD_REQUEST,
                "contacts.api.validation.error",
                &message,
            ),
            Self::Unauthorized => {
                let mut response = object(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized");
                response.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=api.cc.email"),
                );
                response
            }
            Self::Forbidden => object(
                StatusCode::FORBIDDEN,
                "access_denied",
                "Request forbidden due to insufficient user privileges.",
            ),
            Self::NotFound(what) => array(
                StatusCode::NOT_FOUND,
                "contacts.api.not_found",
                &format!("The {what} was not found."),
            ),
            // The router adds `Allow`.
            Self::MethodNotAllowed => array(
                StatusCode::METHOD_NOT_ALLOWED,
                "contacts.api.method_not_allowed",
                "The resource does not support this method.",
            ),
            Self::Conflict(message) => {
                array(StatusCode::CONFLICT, "contacts.api.conflict", &message)
            }
            Self::UnsupportedMediaType => array(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "contacts.api.unsupported_media_type",
                "The content type must be application/json.",
            ),
            Self::Throttled => object(
                StatusCode::TOO_MANY_REQUESTS,
                "throttled",
                "Too Many Requests",
            ),
            Self::QuotaExceeded => object(
                StatusCode::TOO_MANY_REQUESTS,
                "quota_exceeded",
                "Limit Exceeded",
            ),
            Self::Internal => array(
                StatusCode::INTERNAL_SERVER_ERROR,
                "contacts.api.internal_error",
                "There was a problem with our internal service.",
            ),
            Self::Unavailable => array(
                StatusCode::SERVICE_UNAVAILABLE,
                "contacts.api.unavailable",
                "Our internal service is temporarily unavailable.",
            ),
        }
    }
}
