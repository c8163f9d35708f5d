//! What the functions of the resources take and return.

use super::{error::ApiError, query::Query};
use crate::{
    contents::Contents,
    data::{Account, User},
    state::Shared,
};
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// What a resource's function works with.
pub(super) struct Context<'a> {
    pub(super) shared: &'a Shared,
    pub(super) user: &'static User,
    pub(super) account: &'a Account,
    pub(super) contents: &'a mut Contents,
    /// Unix time.
    pub(super) now: i64,
    pub(super) query: Query,
    /// The id in the path, or an empty string.
    pub(super) id: &'a str,
}

pub(super) type ApiResult = Result<Value, ApiError>;

/// What a request wants to write.
pub(super) struct Input<'a> {
    /// The media type, without parameters.
    media_type: &'a str,
    body: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next());
        Self {
            media_type: media_type.unwrap_or_default().trim(),
            body,
        }
    }

    /// The members of the JSON object in the body.
    pub(super) fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if !self.media_type.eq_ignore_ascii_case("application/json") {
            return Err(ApiError::UnsupportedMediaType);
        }
        serde_json::from_slice(self.body)
            .map_err(|_| ApiError::BadRequest("The body is not a JSON object.".to_owned()))
    }
}
