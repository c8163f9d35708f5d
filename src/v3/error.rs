//! What the API says when it does not answer.

use serde_json::Value;

/// Why a request was not answered. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the token is not accepted (any more).
    Unauthorized,
    /// 403: a scope, a privilege of the user, or the application's own permission is missing. The
    /// API tells these apart nowhere.
    Forbidden,
    /// 404.
    NotFound,
    /// 429 `throttled`: over four requests a second.
    Throttled,
    /// 429 `quota_exceeded`: over 10,000 requests today; the day ends at midnight UTC.
    QuotaExceeded,
    /// 500 to 599.
    Unavailable {
        /// The status.
        status: u16,
    },
    /// No readable answer: no network, or a gateway's answer without CORS headers.
    Unreachable,
    /// A status or a body that the API's description does not have.
    Unexpected {
        /// The status.
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

    /// By status, and where the status has several meanings by the body's `error_key`.
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
