//! Requests. A request has a path but no host: the bearer token goes to the configured API and
//! nowhere else.

use super::{
    endpoint::{CURSOR, Endpoint},
    error::ApiError,
    proxy_error::ProxyError,
};
use crate::oauth::{AccessToken, parameters::Parameters};
use http::Method;
use serde_json::Value;
use std::fmt;
use zeroize::Zeroizing;

/// The API's base URL: an origin and a path, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBaseUrl(String);

impl ApiBaseUrl {
    /// From a URL that the configuration has validated.
    ///
    /// ```
    /// use cc_connect_core::v3::ApiBaseUrl;
    ///
    /// let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
    /// assert_eq!(base.as_str(), "https://api.cc.email/v3");
    /// ```
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The URL, without a trailing slash.
    ///
    /// ```
    /// # use cc_connect_core::v3::ApiBaseUrl;
    /// let base = ApiBaseUrl::new("http://localhost:8081/v3".to_owned());
    /// assert!(base.as_str().ends_with("/v3"));
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request to an [`Endpoint`], without host and access token. `Debug` shows neither the values of
/// the query nor the body: they are personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    endpoint: &'static Endpoint,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Request {
    pub(super) fn new(endpoint: &'static Endpoint, parameters: &[&dyn fmt::Display]) -> Self {
        Self {
            endpoint,
            path: endpoint.fill(parameters),
            query: Vec::new(),
            body: None,
        }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    pub(super) fn with_json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self
    }

    /// A request whose path was matched already; `None` if the query has an unknown key, a key
    /// twice or without a value, or is encoded wrongly.
    pub(super) fn matched(endpoint: &'static Endpoint, path: String, query: &str) -> Option<Self> {
        let query = pairs(query)?
            .map(|(name, value)| {
                let key = endpoint.query_key(&name)?;
                (!value.is_empty()).then(|| (key, value.into_owned()))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            endpoint,
            path,
            query,
            body: None,
        })
    }

    /// The request for the next page, whose link has this query; `None` if the link has no cursor,
    /// a key twice, or the query of this very request. Keys that the endpoint does not have are
    /// left out: the cursor decides what the page holds.
    pub(super) fn next(&self, query: &str) -> Option<Self> {
        let query: Vec<_> = pairs(query)?
            .filter_map(|(name, value)| Some((self.endpoint.query_key(&name)?, value.into_owned())))
            .collect();
        let has_cursor = query
            .iter()
            .any(|(key, value)| *key == CURSOR && !value.is_empty());
        (has_cursor && query != self.query).then(|| Self {
            query,
            ..self.clone()
        })
    }

    /// What the API's description says about it.
    ///
    /// ```
    /// use cc_connect_core::v3::{account, endpoints::GET_ACCOUNT_SUMMARY};
    ///
    /// assert_eq!(account::summary().request().endpoint(), &GET_ACCOUNT_SUMMARY);
    /// ```
    pub fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// The method to send it with: that of its [`endpoint`](Self::endpoint).
    ///
    /// ```
    /// use cc_connect_core::v3::{account, Method};
    ///
    /// assert_eq!(account::summary().request().method(), Method::GET);
    /// ```
    pub fn method(&self) -> &'static Method {
        &self.endpoint.method
    }

    /// The path below the API's base URL, with its parameters filled in.
    ///
    /// ```
    /// use cc_connect_core::v3::{contact_lists, Uuid};
    ///
    /// let list_id: Uuid = "06526938-56dd-11e9-932a-fa163ea075fa".parse()?;
    /// assert_eq!(
    ///     contact_lists::delete(list_id).request().path(),
    ///     "/contact_lists/06526938-56dd-11e9-932a-fa163ea075fa"
    /// );
    /// # Ok::<(), cc_connect_core::v3::uuid::InvalidUuid>(())
    /// ```
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query's keys and values, not encoded yet.
    ///
    /// ```
    /// use cc_connect_core::v3::campaigns;
    ///
    /// assert_eq!(campaigns::latest().request().query(), [("limit", "5".to_owned())]);
    /// ```
    pub fn query(&self) -> &[(&'static str, String)] {
        &self.query
    }

    /// The absolute URL to send it to, with its query.
    ///
    /// ```
    /// use cc_connect_core::v3::{account, ApiBaseUrl};
    ///
    /// let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
    /// assert_eq!(
    ///     account::summary().request().url(&base),
    ///     "https://api.cc.email/v3/account/summary?extra_fields=physical_address%2Ccompany_logo"
    /// );
    /// ```
    pub fn url(&self, base: &ApiBaseUrl) -> String {
        let url = format!("{}{}", base.0, self.path);
        if self.query.is_empty() {
            return url;
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.query)
            .finish();
        format!("{url}?{query}")
    }

    /// The body, to be sent as `application/json`; `None` if there is none.
    ///
    /// ```
    /// use cc_connect_core::v3::contact_lists::{self, ListInput};
    ///
    /// let list = ListInput { name: "Customers".to_owned(), ..ListInput::default() };
    /// assert_eq!(
    ///     contact_lists::create(&list).request().body(),
    ///     Some(r#"{"favorite":false,"name":"Customers"}"#)
    /// );
    /// ```
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// Whether it may be sent again after this error, because it was not carried out or because
    /// carrying it out twice does no harm.
    ///
    /// ```
    /// use cc_connect_core::v3::{ApiError, contact_lists::{self, ListInput}};
    ///
    /// let read = contact_lists::all();
    /// let create = contact_lists::create(&ListInput::default());
    /// assert!(create.request().may_retry_after(&ApiError::Throttled));
    /// // The list may have been created, though no response has arrived.
    /// assert!(!create.request().may_retry_after(&ApiError::Unreachable));
    /// assert!(read.request().may_retry_after(&ApiError::Unreachable));
    /// assert!(!read.request().may_retry_after(&ApiError::Forbidden));
    /// ```
    pub fn may_retry_after(&self, error: &ApiError) -> bool {
        match error {
            // It was not passed on.
            ApiError::Throttled
            | ApiError::Proxy(ProxyError::BudgetWait | ProxyError::StoreUnavailable) => true,
            ApiError::Unavailable { .. }
            | ApiError::Unreachable
            | ApiError::Proxy(ProxyError::UpstreamUnreachable) => self.endpoint.is_idempotent,
            _ => false,
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.query.iter().map(|(key, _)| key).collect();
        f.debug_struct("Request")
            .field("endpoint", &format_args!("{}", self.endpoint))
            .field("query", &keys)
            .field("has_body", &self.body.is_some())
            .finish()
    }
}

/// Decodes a query; `None` if it is encoded wrongly, very long, or has a key twice.
fn pairs(query: &str) -> Option<form_urlencoded::Parse<'_>> {
    Parameters::parse(query).ok()?;
    Some(form_urlencoded::parse(query.as_bytes()))
}

/// The `Authorization` header's value
/// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)): the one place where
/// an access token is put into a request.
///
/// ```
/// use cc_connect_core::{oauth::AccessToken, v3::authorization};
///
/// assert_eq!(*authorization(&AccessToken::new("abc".to_owned())), "Bearer abc");
/// ```
pub fn authorization(token: &AccessToken) -> Zeroizing<String> {
    Zeroizing::new(format!("Bearer {}", token.expose()))
}
