//! Why the server did not do what the page asked it for.

use crate::json;
use serde_json::Value;
use thiserror::Error;

/// Why the server did not do what the page asked it for. All reasons are worth a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServerFailure {
    /// No answer, and the browser reports that it is offline.
    #[error("the browser is offline")]
    Offline,
    /// No answer.
    #[error("the server did not answer")]
    Unreachable,
    /// 400 `bad_request`.
    #[error("the server did not understand the request")]
    BadRequest,
    /// 403 `csrf_refused`: the request did not look like one of the server's own page.
    #[error("the server took the request for another page's")]
    CsrfRefused,
    /// 429 `too_many_attempts`.
    #[error("too many authorizations have been started")]
    TooManyAttempts,
    /// 503 `store_unavailable`.
    #[error("the server cannot reach its store")]
    StoreUnavailable,
    /// Any other answer.
    #[error("unexpected answer: status {status}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
    },
}

impl ServerFailure {
    /// The stable name of the reason.
    ///
    /// ```
    /// use cc_connect_core::session::server::ServerFailure;
    ///
    /// assert_eq!(ServerFailure::StoreUnavailable.code(), "store_unavailable");
    /// ```
    pub fn code(self) -> &'static str {
        match self {
            Self::Offline => "server_offline",
            Self::Unreachable => "server_unreachable",
            Self::BadRequest => "bad_request",
            Self::CsrfRefused => "csrf_refused",
            Self::TooManyAttempts => "too_many_attempts",
            Self::StoreUnavailable => "store_unavailable",
            Self::Unexpected { .. } => "server_unexpected",
        }
    }

    /// Reads an error answer: `{"error":"…"}`.
    ///
    /// ```
    /// use cc_connect_core::session::server::ServerFailure;
    ///
    /// let body = br#"{"error":"too_many_attempts"}"#;
    /// assert_eq!(ServerFailure::read(429, body), ServerFailure::TooManyAttempts);
    /// // A gateway's page.
    /// assert_eq!(ServerFailure::read(502, b"<html>"), ServerFailure::Unexpected { status: 502 });
    /// ```
    pub fn read(status: u16, body: &[u8]) -> Self {
        let object = json::parse_object(body).ok();
        let code = object.as_ref().and_then(|object| object.get("error"));
        match (status, code.and_then(Value::as_str)) {
            (400, Some("bad_request")) => Self::BadRequest,
            (403, Some("csrf_refused")) => Self::CsrfRefused,
            (429, Some("too_many_attempts")) => Self::TooManyAttempts,
            (503, Some("store_unavailable")) => Self::StoreUnavailable,
            _ => Self::Unexpected { status },
        }
    }
}
