//! Why a request has no response.

use cc_connect_core::v3::ApiError;
use thiserror::Error;

/// Why a request has no response.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// There is no connection, or it ended before the response came.
    #[error("there is no connection")]
    NotConnected,
    /// The API responded with an error, or not at all.
    #[error("the API did not do what was asked")]
    Api(#[source] ApiError),
}

impl SendError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Api(error) => error.code(),
        }
    }
}
