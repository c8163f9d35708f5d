//! Requests to the V3 API. The bearer token is sent in one header, to the configured API only;
//! redirects are rejected, so it cannot go anywhere else.

use super::{body, clock, deadline::Deadline, timer};
use crate::{
    oauth::AccessToken,
    v3::{ApiBaseUrl, ApiError, Pace, Request, request::authorization},
};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

const DEADLINE_MILLIS: u32 = 20_000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Pause before the single retry of a throttled request, in milliseconds.
const THROTTLED_PAUSE_MILLIS: u32 = 1_100;

thread_local! {
    static PACE: RefCell<Pace> = RefCell::new(Pace::default());
}

/// Why a request has no usable response.
#[derive(Clone, Debug, PartialEq)]
pub enum SendError {
    /// There was no token, so nothing was sent.
    NoToken,
    /// The API responded with an error, or not at all.
    Api(ApiError),
}

impl From<ApiError> for SendError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Sends a request and reads its response. Requests from this page are spaced to respect the API's
/// rate limit; one that is throttled anyway (other tabs share the limit) is retried once. `token`
/// is called as late as possible before each attempt.
///
/// # Errors
///
/// [`SendError`].
pub async fn send<T: DeserializeOwned>(
    base: &ApiBaseUrl,
    request: Request<T>,
    token: impl AsyncFn() -> Option<AccessToken>,
) -> Result<T, SendError> {
    let url = request.url(base);
    let (status, body) = fetch(&url, request.query(), &token).await?;
    match request.read(status, &body) {
        Err(ApiError::Throttled) => {
            timer::sleep(THROTTLED_PAUSE_MILLIS).await;
            let (status, body) = fetch(&url, request.query(), &token).await?;
            Ok(request.read(status, &body)?)
        }
        result => Ok(result?),
    }
}

/// Sends a GET request and returns the status and body of the response.
async fn fetch(
    url: &str,
    query: &[(&str, &str)],
    token: &impl AsyncFn() -> Option<AccessToken>,
) -> Result<(u16, String), SendError> {
    let wait = PACE.with_borrow_mut(|pace| pace.reserve(clock::now()));
    timer::sleep(wait).await;
    let token = token().await.ok_or(SendError::NoToken)?;
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = gloo_net::http::Request::get(url)
        .query(query.iter().copied())
        .abort_signal(deadline.signal().as_ref())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .header("Authorization", &authorization(&token))
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
