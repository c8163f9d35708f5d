//! Query parameters, and paging by an opaque cursor.

use super::error::ApiError;
use crate::{
    http::{self, Parameters},
    time,
};
use axum::http::Uri;
use base64::{Engine, engine::general_purpose::URL_SAFE};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

/// The page size without a `limit`.
const DEFAULT_LIMIT: usize = 50;
/// The parameter inside a cursor that says where the next page begins.
const NEXT: &str = "next";

pub(super) struct Query {
    path: String,
    parameters: Parameters,
    /// Where the page begins.
    offset: usize,
}

impl Query {
    /// Reads the query of a request. A cursor holds the whole query of the first page, so that it
    /// can be followed as it is given.
    pub(super) fn parse(uri: &Uri) -> Result<Self, ApiError> {
        let mut parameters = http::parameters(uri.query().unwrap_or_default());
        let mut offset = 0;
        if let Some(cursor) = http::parameter(&parameters, "cursor") {
            let invalid = || ApiError::BadRequest("The cursor is not valid.".to_owned());
            let inner = URL_SAFE.decode(cursor).map_err(|_| invalid())?;
            parameters = http::parameters(&String::from_utf8(inner).map_err(|_| invalid())?);
            offset = http::parameter(&parameters, NEXT)
                .and_then(|next| next.parse().ok())
                .ok_or_else(invalid)?;
            parameters.retain(|(name, _)| name != NEXT);
        }
        Ok(Self {
            path: uri.path().to_owned(),
            parameters,
            offset,
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        http::parameter(&self.parameters, name).filter(|value| !value.is_empty())
    }

    /// Comma-separated values.
    pub(super) fn csv(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .map(|value| value.split(',').map(str::trim).collect())
            .unwrap_or_default()
    }

    /// Comma-separated values out of a fixed set.
    pub(super) fn csv_of(&self, name: &str, known: &[&str]) -> Result<Vec<&str>, ApiError> {
        let values = self.csv(name);
        match values.iter().find(|value| !known.contains(value)) {
            None => Ok(values),
            Some(value) => Err(ApiError::BadRequest(format!(
                "{name}: {value:?} is not one of {}.",
                known.join(", ")
            ))),
        }
    }

    /// One value out of a fixed set.
    pub(super) fn one_of(&self, name: &str, known: &[&str]) -> Result<Option<&str>, ApiError> {
        let values = self.csv_of(name, known)?;
        match values.as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(ApiError::BadRequest(format!("{name} takes one value."))),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.one_of(name, &["true", "false"])? == Some("true"))
    }

    /// An ISO 8601 date or time, as seconds since 1970.
    pub(super) fn time(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.get(name)
            .map(|value| {
                time::parse_iso(value).ok_or_else(|| {
                    ApiError::BadRequest(format!("{name}: {value:?} is not an ISO-8601 date."))
                })
            })
            .transpose()
    }

    /// The items of this page, and the `_links` member if there is another.
    pub(super) fn page<'a, T>(
        &self,
        items: &'a [T],
        largest: usize,
    ) -> Result<(&'a [T], Option<Value>), ApiError> {
        let limit = match self.get("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=largest).contains(limit))
                .ok_or_else(|| {
                    ApiError::BadRequest(format!("limit must be a number from 1 to {largest}."))
                })?,
        };
        let start = self.offset.min(items.len());
        let end = start.saturating_add(limit).min(items.len());
        let links = (end < items.len()).then(|| {
            let next = Serializer::new(String::new())
                .extend_pairs(&self.parameters)
                .append_pair(NEXT, &end.to_string())
                .finish();
            let href = format!("{}?cursor={}", self.path, URL_SAFE.encode(next));
            json!({ "next": { "href": href } })
        });
        Ok((&items[start..end], links))
    }
}

/// Adds `_links` to a response that has more pages.
pub(super) fn with_links(mut body: Value, links: Option<Value>) -> Value {
    if let (Some(links), Some(object)) = (links, body.as_object_mut()) {
        object.insert("_links".to_owned(), links);
    }
    body
}
