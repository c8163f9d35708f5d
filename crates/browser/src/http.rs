//! Requests to the V3 API. The bearer token is sent in one header, to the configured API only;
//! redirects are rejected, so it cannot go anywhere else.

use crate::{Clock, body, deadline::Deadline, locked_down::locked_down, timer};
use cc_connect_core::{
    oauth::AccessToken,
    v3::{ApiBaseUrl, ApiError, Pace, Request, request::authorization},
};
use serde::de::DeserializeOwned;
use std::cell::RefCell;

const DEADLINE_MILLIS: u32 = 20_000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Pause before the single retry of a throttled request, in milliseconds.
const THROTTLED_PAUSE_MILLIS: u32 = 1_100;

/// The API as this page uses it.
#[derive(Debug)]
pub(crate) struct Api {
    base: ApiBaseUrl,
    clock: Clock,
    pace: RefCell<Pace>,
}

impl Api {
    pub(crate) fn new(base: ApiBaseUrl, clock: Clock) -> Self {
        Self {
            base,
            clock,
            pace: RefCell::new(Pace::default()),
        }
    }

    /// Sends a request and reads its response. Requests from this page are spaced to respect the
    /// API's rate limit; one that is throttled anyway (other tabs share the limit) is retried once.
    /// `token` is called as late as possible before each attempt; without a token nothing is sent,
    /// and the result is `None`.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        request: &Request<T>,
        token: impl AsyncFn() -> Option<AccessToken>,
    ) -> Option<Result<T, ApiError>> {
        let result = self.attempt(request, &token).await?;
        if !matches!(result, Err(ApiError::Throttled)) {
            return Some(result);
        }
        timer::sleep(THROTTLED_PAUSE_MILLIS).await;
        self.attempt(request, &token).await
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: &Request<T>,
        token: &impl AsyncFn() -> Option<AccessToken>,
    ) -> Option<Result<T, ApiError>> {
        let wait = self.pace.borrow_mut().reserve(self.clock.now());
        timer::sleep(wait).await;
        let token = token().await?;
        let response = fetch(&request.url(&self.base), request.query(), &token).await;
        Some(response.and_then(|(status, body)| request.read(status, &body)))
    }
}

/// Sends a GET request and returns the status and body of the response.
async fn fetch(
    url: &str,
    query: &[(&str, &str)],
    token: &AccessToken,
) -> Result<(u16, String), ApiError> {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let request = gloo_net::http::Request::get(url).query(query.iter().copied());
    let response = locked_down(request, &deadline)
        .header("Authorization", &authorization(token))
        .send()
        .await
        .map_err(|_| ApiError::Unreachable)?;
    let status = response.status();
    let body = body::read(response.body(), MAX_BYTES)
        .await
        .map_err(|error| match error {
            body::BodyError::Broken => ApiError::Unreachable,
            body::BodyError::TooLong | body::BodyError::NotUtf8 => ApiError::Unexpected { status },
        })?;
    Ok((status, body))
}
