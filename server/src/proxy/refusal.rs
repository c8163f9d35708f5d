//! Why a request did not get an answer of the API.

use super::upstream::UpstreamError;
use crate::{
    budget::BudgetRefusal,
    failure::TokenFailure,
    web::answer::{api_refusal, retry_after},
};
use axum::response::Response;
use http::StatusCode;

/// Why a request did not get an answer of the API.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Not in the table of endpoints.
    NotAllowed,
    /// More than the table allows.
    BodyTooLarge {
        /// In bytes.
        limit: usize,
    },
    /// There is no cookie.
    NoSession,
    /// There is no token to send.
    Token(TokenFailure),
    /// It is not its turn.
    Budget(BudgetRefusal),
    /// It was sent, perhaps, and nothing usable came back.
    Upstream(UpstreamError),
}

impl From<TokenFailure> for Refusal {
    fn from(failure: TokenFailure) -> Self {
        Self::Token(failure)
    }
}

impl From<BudgetRefusal> for Refusal {
    fn from(refusal: BudgetRefusal) -> Self {
        Self::Budget(refusal)
    }
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl Refusal {
    /// The response, in the form of the API's own errors.
    pub(super) fn into_response(self) -> Response {
        match self {
            Self::NotAllowed => api_refusal(
                StatusCode::FORBIDDEN,
                "not_allowed",
                "This server passes on no such request.",
            ),
            Self::BodyTooLarge { limit } => api_refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "request_too_large",
                &format!("This request takes a body of at most {limit} bytes."),
            ),
            Self::NoSession => api_refusal(
                StatusCode::UNAUTHORIZED,
                "session_missing",
                "There is no connection.",
            ),
            Self::Token(failure) => {
                let message = failure.to_string();
                match failure.retry_after() {
                    None => api_refusal(StatusCode::UNAUTHORIZED, failure.code(), &message),
                    Some(wait) => {
                        let status = StatusCode::SERVICE_UNAVAILABLE;
                        retry_after(api_refusal(status, failure.code(), &message), wait)
                    }
                }
            }
            Self::Budget(refusal) => {
                let status = match refusal {
                    BudgetRefusal::Store { .. } => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::TOO_MANY_REQUESTS,
                };
                let response = api_refusal(status, refusal.code(), &refusal.to_string());
                retry_after(response, refusal.retry_after())
            }
            Self::Upstream(error) => {
                let message = error.to_string();
                api_refusal(StatusCode::BAD_GATEWAY, error.code(), &message)
            }
        }
    }
}
