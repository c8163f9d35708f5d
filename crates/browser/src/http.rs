//! Requests to the V3 API. The bearer token is sent in one header, to the configured API only;
//! redirects are rejected, so it cannot go anywhere else.

use crate::{
    Clock,
    deadline::Deadline,
    locked_down::{exchange, locked_down},
    timer,
};
use cc_connect_core::{
    oauth::AccessToken,
    v3::{ApiBaseUrl, ApiError, Operation, Pace, Request, authorization},
};
use gloo_net::http::RequestBuilder;
use std::cell::RefCell;

const DEADLINE_MILLIS: u32 = 20_000;
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
    pub(crate) async fn send<T>(
        &self,
        operation: &Operation<T>,
        token: impl AsyncFn() -> Option<AccessToken>,
    ) -> Option<Result<T, ApiError>> {
        let read = |(status, body): (u16, String)| operation.read(status, &body);
        let result = self.attempt(operation.request(), &token).await?;
        let result = result.and_then(read);
        if !matches!(result, Err(ApiError::Throttled)) {
            return Some(result);
        }
        timer::sleep(THROTTLED_PAUSE_MILLIS).await;
        let result = self.attempt(operation.request(), &token).await?;
        Some(result.and_then(read))
    }

    async fn attempt(
        &self,
        request: &Request,
        token: &impl AsyncFn() -> Option<AccessToken>,
    ) -> Option<Result<(u16, String), ApiError>> {
        let wait = self.pace.borrow_mut().reserve(self.clock.now());
        timer::sleep(wait).await;
        let token = token().await?;
        Some(self.fetch(request, &token).await)
    }

    /// The status and body of the response.
    async fn fetch(
        &self,
        request: &Request,
        token: &AccessToken,
    ) -> Result<(u16, String), ApiError> {
        let deadline = Deadline::after_millis(DEADLINE_MILLIS);
        let url = request.url(&self.base);
        let builder = RequestBuilder::new(&url).method(request.method().clone());
        let builder =
            locked_down(builder, &deadline).header("Authorization", &authorization(token));
        let (response, body) = exchange(request, builder).await?;
        Ok((response.status(), body))
    }
}
