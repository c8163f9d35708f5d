//! Sends requests to the API, and reads what comes back.

use crate::outbound::http_client;
use axum::body::Bytes;
use cc_connect_core::{
    oauth::AccessToken,
    v3::{self, ApiBaseUrl, Request},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Client;
use std::time::Duration;

/// How long a request may take, with its response: a page of 500 contacts has its time.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The API, and the way there.
#[derive(Debug)]
pub(crate) struct Upstream {
    client: Client,
    base: ApiBaseUrl,
}

/// A request to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) request: Request,
    pub(super) accept: Option<HeaderValue>,
    /// JSON.
    pub(super) body: Option<Bytes>,
}

/// A response of the API.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UpstreamError {
    /// No connection, no answer in time, or one that broke off.
    #[error("Constant Contact did not answer.")]
    Unreachable,
    /// The API redirects no request that is in the table.
    #[error("Constant Contact redirected the request.")]
    Redirected,
    /// More than the table allows.
    #[error("Constant Contact's answer is too large.")]
    TooLarge,
}

impl UpstreamError {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "upstream_unreachable",
            Self::Redirected => "upstream_redirected",
            Self::TooLarge => "upstream_too_large",
        }
    }
}

impl Upstream {
    pub(crate) fn new(base: ApiBaseUrl) -> reqwest::Result<Self> {
        let client = http_client()?;
        Ok(Self { client, base })
    }

    pub(super) async fn send(
        &self,
        outgoing: &Outgoing,
        token: &AccessToken,
    ) -> Result<Answer, UpstreamError> {
        let Outgoing {
            request,
            accept,
            body,
        } = outgoing;
        let mut authorization = HeaderValue::from_str(&v3::authorization(token))
            .map_err(|_| UpstreamError::Unreachable)?;
        authorization.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let mut sent = self
            .client
            .request(request.method().clone(), request.url(&self.base))
            .timeout(TIMEOUT)
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, accept.as_ref().unwrap_or(&json));
        if let Some(body) = body {
            sent = sent.header(header::CONTENT_TYPE, json).body(body.clone());
        }
        let unreachable = |error: reqwest::Error| {
            // Without the address, which has the query in it.
            let error = error.without_url();
            tracing::warn!(error = %error, timed_out = error.is_timeout(), "the API did not answer");
            UpstreamError::Unreachable
        };
        let mut response = sent.send().await.map_err(unreachable)?;
        if response.status().is_redirection() {
            return Err(UpstreamError::Redirected);
        }
        let limit = request.endpoint().response_limit;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > limit {
                return Err(UpstreamError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.into(),
        })
    }
}
