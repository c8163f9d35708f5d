//! Requests to the V3 API. The bearer token goes into one header of a request to the configured API;
//! redirects are refused, so it goes nowhere else.

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
/// Before the one repetition of a request that was throttled, in milliseconds.
const THROTTLED_PAUSE_MILLIS: u32 = 1_100;

thread_local! {
    static PACE: RefCell<Pace> = RefCell::new(Pace::default());
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum SendError {
    /// There was no token to send it with: it was not sent.
    NoToken,
    /// The API's answer, or the lack of one.
    Api(ApiError),
}

impl From<ApiError> for SendError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Sends a request and reads its answer. Requests keep the API's pace among themselves; one that is
/// throttled all the same (another tab shares the limit) is repeated once. The `token` is asked for
/// at the last moment, each time.
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

/// Status and body of the answer to a GET request.
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
