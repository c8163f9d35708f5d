//! Error responses of the API.

use super::proxy_error::ProxyError;
use serde_json::Value;

/// How much of a message from the API is kept, in characters.
const MAX_MESSAGE: usize = 500;

/// Why a request failed. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// 401: the token is not accepted, or no longer.
    #[error("access token not accepted")]
    Unauthorized,
    /// 403: a scope, a privilege of the user, or the application's own permission is missing. The
    /// API does not tell these apart.
    #[error("scope, privilege or permission missing")]
    Forbidden,
    /// 404: there is no such resource.
    #[error("no such resource")]
    NotFound,
    /// 400 to a request with a body: the API rejects what is in it.
    #[error("request rejected as invalid")]
    Invalid {
        /// The API's own message, truncated. It is shown as text, never as markup.
        message: Option<String>,
    },
    /// 409: the name or address exists already, or the resource was changed at the same time.
    #[error("conflict with an existing resource or a simultaneous change")]
    Conflict {
        /// The API's own message, truncated. It is shown as text, never as markup.
        message: Option<String>,
    },
    /// 429 `throttled`: over four requests a second.
    #[error("too many requests a second")]
    Throttled,
    /// 429 `quota_exceeded`: over 10,000 requests today; the day ends at midnight UTC.
    #[error("too many requests today")]
    QuotaExceeded,
    /// 500 to 599: the API is down or overloaded.
    #[error("API unavailable: status {status}")]
    Unavailable {
        /// The status, from 500 to 599.
        status: u16,
    },
    /// No readable response: no network, or a gateway's response without CORS headers.
    #[error("no readable response")]
    Unreachable,
    /// The server that passes requests on to the API did not.
    #[error("the server did not pass it on")]
    Proxy(#[source] ProxyError),
    /// A status or a body that is not in the API's description.
    #[error("unexpected response: status {status}")]
    Unexpected {
        /// The status, which may be that of a success if the body has another shape.
        status: u16,
    },
}

impl ApiError {
    /// The stable name of the reason.
    ///
    /// ```
    /// use cc_connect_core::v3::ApiError;
    ///
    /// assert_eq!(ApiError::Throttled.code(), "api_throttled");
    /// assert_eq!(ApiError::Throttled.to_string(), "too many requests a second");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "api_unauthorized",
            Self::Forbidden => "api_forbidden",
            Self::NotFound => "api_not_found",
            Self::Invalid { .. } => "api_invalid",
            Self::Conflict { .. } => "api_conflict",
            Self::Throttled => "api_throttled",
            Self::QuotaExceeded => "api_quota_exceeded",
            Self::Unavailable { .. } => "api_unavailable",
            Self::Unreachable => "api_unreachable",
            Self::Proxy(error) => error.code(),
            Self::Unexpected { .. } => "api_unexpected",
        }
    }

    /// Classifies by status and, if that is ambiguous, by the body's `error_key`. A 400 is the
    /// user's to correct only if the request `takes_body`; otherwise this crate has sent something
    /// wrong.
    ///
    /// ```
    /// use cc_connect_core::v3::ApiError;
    ///
    /// let body = r#"[{"error_key":"quota_exceeded","error_message":"Limit Exceeded"}]"#;
    /// assert_eq!(ApiError::read(429, body, false), ApiError::QuotaExceeded);
    /// assert_eq!(ApiError::read(400, "", false), ApiError::Unexpected { status: 400 });
    /// assert_eq!(ApiError::read(400, "", true), ApiError::Invalid { message: None });
    /// ```
    pub fn read(status: u16, body: &str, takes_body: bool) -> Self {
        let message = || {
            let message = member(body, "error_message")?;
            Some(message.chars().take(MAX_MESSAGE).collect())
        };
        match status {
            400 if takes_body => Self::Invalid { message: message() },
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::Conflict { message: message() },
            429 if member(body, "error_key").as_deref() == Some("quota_exceeded") => {
                Self::QuotaExceeded
            }
            429 => Self::Throttled,
            500..=599 => Self::Unavailable { status },
            _ => Self::Unexpected { status },
        }
    }

    /// The error of a server that passes requests on, in the body of a response that is no success;
    /// `None` if the response is the API's.
    ///
    /// ```
    /// use cc_connect_core::v3::{ApiError, ProxyError};
    ///
    /// let body = r#"{"error_key":"server.budget_wait"}"#;
    /// assert_eq!(ApiError::of_proxy(body), Some(ApiError::Proxy(ProxyError::BudgetWait)));
    /// ```
    pub fn of_proxy(body: &str) -> Option<Self> {
        let key = member(body, "error_key")?;
        ProxyError::of_key(&key).map(Self::Proxy)
    }
}

/// A string of an error object, or of the first one in an array: the API uses both shapes.
fn member(body: &str, name: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    let object = match &value {
        Value::Array(errors) => errors.first()?,
        other => other,
    };
    object.get(name)?.as_str().map(str::to_owned)
}
