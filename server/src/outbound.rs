//! Requests to the authorization server and to the issuer's keys. Addresses are `https`, or on this
//! machine; redirects are not followed; answers are read up to a limit.

use crate::clock::Clock;
use cc_connect_core::{
    oauth::{TokenEndpointError, TokenRequest, TokenResponse, token_response},
    session::KeySetFailure,
};
use reqwest::{
    Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
    redirect::Policy,
};
use std::time::Duration;

/// How long to wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take, from the connection to the last octet.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// The longest key set, in bytes.
const MAX_KEYS: usize = 256 * 1024;

/// A client for requests to the service: no redirects, no proxy from the environment, no cookies.
/// The API's requests have time limits of their own.
///
/// # Errors
///
/// The system's certificates cannot be loaded.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .build()
}

/// Why there is no token response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There was no connection: nothing was sent.
    NotSent,
    /// Everything else.
    Answer(TokenEndpointError),
}

impl Fault {
    /// How long to wait before the same request, which certainly was not processed; `None` if it
    /// may have been.
    pub(crate) fn pause(&self) -> Option<Duration> {
        match self {
            Self::NotSent => Some(Duration::from_secs(2)),
            Self::Answer(error) => {
                let seconds = error.unprocessed_pause()?;
                Some(Duration::from_secs(seconds.unsigned_abs()))
            }
        }
    }

    /// The core's words for it.
    pub(crate) fn into_error(self) -> TokenEndpointError {
        match self {
            Self::NotSent => TokenEndpointError::Unreachable,
            Self::Answer(error) => error,
        }
    }
}

/// The requests to the authorization server.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    http: reqwest::Client,
    clock: Clock,
}

impl Outbound {
    pub(crate) fn new(http: reqwest::Client, clock: Clock) -> Self {
        Self { http, clock }
    }

    /// Sends a token request, once.
    pub(crate) async fn token(
        &self,
        endpoint: &str,
        request: &TokenRequest,
    ) -> Result<TokenResponse, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(authorization) = request.expose_authorization() {
            let mut value = HeaderValue::from_str(authorization)
                .expect("Base64 and the name of the scheme are visible ASCII");
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let sent = self
            .http
            .post(endpoint)
            .timeout(TIMEOUT)
            .headers(headers)
            .body(request.expose_body().to_owned())
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Err(Fault::NotSent),
            Err(_) => return Err(Fault::Answer(TokenEndpointError::Unreachable)),
        };
        self.read_token(response).await.map_err(Fault::Answer)
    }

    async fn read_token(&self, response: Response) -> Result<TokenResponse, TokenEndpointError> {
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let retry_after = response.headers().get(header::RETRY_AFTER);
            let retry_after = retry_after.and_then(|value| value.to_str().ok());
            let now = self.clock.now();
            return Err(TokenEndpointError::throttled(retry_after, now));
        }
        // One more octet than is accepted: the core says that it is too long.
        let body = read(response, token_response::MAX_BYTES + 1)
            .await
            .map_err(|_| TokenEndpointError::Unreachable)?;
        TokenResponse::read(status.as_u16(), &body)
    }

    /// Fetches the issuer's keys: the document and its `Cache-Control`.
    pub(crate) async fn keys(&self, url: &str) -> Result<(String, Option<String>), KeySetFailure> {
        let unreachable = |_| KeySetFailure::Unreachable;
        let request = self.http.get(url).timeout(TIMEOUT);
        let response = request
            .header(header::ACCEPT, "application/json")
            .send()
            .await
            .map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(KeySetFailure::Status(response.status().as_u16()));
        }
        let cache_control = response.headers().get(header::CACHE_CONTROL);
        let cache_control = cache_control.and_then(|value| value.to_str().ok());
        let cache_control = cache_control.map(str::to_owned);
        let body = read(response, MAX_KEYS).await.map_err(unreachable)?;
        // What is no text is no key set either.
        let document = String::from_utf8(body).unwrap_or_default();
        Ok((document, cache_control))
    }
}

/// Reads at most `limit` octets of an answer.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == limit {
            break;
        }
    }
    Ok(body)
}
