//! Requests. A request has a path but no host: the bearer token goes to the configured API and
//! nowhere else.

use super::ApiError;
use crate::oauth::AccessToken;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use zeroize::Zeroizing;

/// The API's base URL: an origin and a path, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBaseUrl(String);

impl ApiBaseUrl {
    /// From a URL that the configuration has validated.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A GET request whose response is parsed as `T`.
#[derive(Debug)]
pub struct Request<T> {
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Request<T> {}

impl<T: DeserializeOwned> Request<T> {
    pub(super) const fn get(
        path: &'static str,
        query: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            path,
            query,
            answer: PhantomData,
        }
    }

    /// The absolute URL to fetch, without its query.
    pub fn url(&self, base: &ApiBaseUrl) -> String {
        format!("{}{}", base.0, self.path)
    }

    /// The query's parameters, not encoded yet.
    pub fn query(&self) -> &'static [(&'static str, &'static str)] {
        self.query
    }

    /// Parses the response.
    ///
    /// # Errors
    ///
    /// [`ApiError`] by status and error key; [`ApiError::Unexpected`] if a 200 has another shape.
    pub fn read(&self, status: u16, body: &str) -> Result<T, ApiError> {
        if status != 200 {
            return Err(ApiError::read(status, body));
        }
        // serde would read a struct from an array, too; the API sends objects.
        let object = body.trim_start().starts_with('{');
        let answer = object.then(|| serde_json::from_str(body).ok()).flatten();
        answer.ok_or(ApiError::Unexpected { status })
    }
}

/// The `Authorization` header's value
/// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)): the one place where
/// an access token is put into a request.
pub fn authorization(token: &AccessToken) -> Zeroizing<String> {
    Zeroizing::new(format!("Bearer {}", token.expose()))
}
