//! Error responses of the API.

use serde_json::Value;

/// Why a request failed. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the token is not accepted, or no longer.
    Unauthorized,
    /// 403: a scope, a privilege of the user, or the application's own permission is missing. The
    /// API does not tell these apart.
    Forbidden,
    /// 404: there is no such resource.
    NotFound,
    /// 429 `throttled`: over four requests a second.
    Throttled,
    /// 429 `quota_exceeded`: over 10,000 requests today; the day ends at midnight UTC.
    QuotaExceeded,
    /// 500 to 599: the API is down or overloaded.
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// No readable response: no network, or a gateway's response without CORS headers.
    Unreachable,
    /// A status or a body that is not in the API's description.
    Unexpected {
        /// The HTTP status.
        status: u16,
    },
}

impl ApiError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "api_unauthorized",
            Self::Forbidden => "api_forbidden",
            Self::NotFound => "api_not_found",
            Self::Throttled => "api_throttled",
            Self::QuotaExceeded => "api_quota_exceeded",
            Self::Unavailable { .. } => "api_unavailable",
            Self::Unreachable => "api_unreachable",
            Self::Unexpected { .. } => "api_unexpected",
        }
    }

    /// Classifies by status and, if that is ambiguous, by the body's `error_key`.
    pub fn read(status: u16, body: &str) -> Self {
        match status {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 if error_key(body).as_deref() == Some("quota_exceeded") => Self::QuotaExceeded,
            429 => Self::Throttled,
            500..=599 => Self::Unavailable { status },
            _ => Self::Unexpected { status },
        }
    }
}

/// `error_key` of an error object, or of the first one in an array: the API uses both shapes.
fn error_key(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    let object = match &value {
        Value::Array(errors) => errors.first()?,
        other => other,
    };
    object.get("error_key")?.as_str().map(str::to_owned)
}
