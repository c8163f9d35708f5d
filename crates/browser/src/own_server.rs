//! Requests to the page's own server, which keeps the connection. All go to the page's origin.

use crate::{
    Clock, address, body,
    deadline::Deadline,
    locked_down::{exchange, to_own_server},
    page, timer,
};
use cc_connect_core::{
    ReturnTo,
    oauth::Scope,
    session::server::{
        Answer, AuthorizationUri, MAX_BYTES, ServerFailure, connect_body, read_authorization_uri,
    },
    v3::{ApiBaseUrl, ApiError, ProxyError, Request},
};
use gloo_net::http::{Request as HttpRequest, RequestBuilder, Response};

const DEADLINE_MILLIS: u32 = 20_000;
/// The server may hold a request back until it is its turn, in milliseconds.
const PASSED_ON_MILLIS: u32 = 40_000;
/// Pause before the single retry of a throttled request, in milliseconds, unless the server says how
/// long.
const THROTTLED_PAUSE_MILLIS: u32 = 1_100;
/// The longest pause that is waited for, in seconds.
const LONGEST_PAUSE: u32 = 10;

/// The page's own server.
#[derive(Clone, Debug)]
pub(crate) struct OwnServer {
    /// With a slash at the end.
    base_url: String,
}

/// A response to a request that was passed on, or an error in its place.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// In seconds.
    retry_after: Option<u32>,
}

impl Passed {
    /// The server's own error, if it is one.
    pub(crate) fn error(&self) -> Option<ApiError> {
        let failed = self.status >= 400;
        failed.then(|| ApiError::of_proxy(&self.body)).flatten()
    }

    /// How long to wait before sending the request again, in milliseconds, if it came too early.
    fn pause(&self) -> Option<u32> {
        let throttled = self.status == 429
            && match self.error() {
                Some(error) => error == ApiError::Proxy(ProxyError::BudgetWait),
                None => ApiError::read(429, &self.body, false) == ApiError::Throttled,
            };
        let pause = self.retry_after.map_or(THROTTLED_PAUSE_MILLIS, |seconds| {
            seconds.clamp(1, LONGEST_PAUSE) * 1000
        });
        throttled.then_some(pause)
    }
}

impl OwnServer {
    /// The server of the application below `base_path`.
    pub(crate) fn new(base_path: &str) -> Self {
        Self {
            // Not relative to the page, whose address may contain a user name and password.
            base_url: format!("{}{base_path}", address::origin()),
        }
    }

    /// Asks whether there is a connection, and sets the clock from the answer.
    pub(crate) async fn ask(&self, clock: &Clock) -> Result<Answer, ServerFailure> {
        let deadline = Deadline::after_millis(DEADLINE_MILLIS);
        let asked = Clock::read();
        let request = HttpRequest::get(&self.url("auth/session"));
        let result = match to_own_server(request, &deadline).send().await {
            Err(_) => Err(unanswered()),
            Ok(response) => {
                let answered = Clock::read();
                let body = read(&response).await;
                let answer = body.and_then(|body| Answer::read(response.status(), &body));
                answer.inspect(|answer| clock.told(answer.server_time, asked, answered))
            }
        };
        if result.is_err() {
            clock.not_told();
        }
        result
    }

    /// Asks the server to begin an authorization.
    pub(crate) async fn begin(
        &self,
        return_to: &ReturnTo,
        scope: Option<&Scope>,
    ) -> Result<AuthorizationUri, ServerFailure> {
        let body = connect_body(return_to, scope);
        let (status, answer) = self.post("auth/connect", &body).await?;
        read_authorization_uri(status, &answer)
    }

    /// Asks the server to end the connection, if there is one.
    pub(crate) async fn disconnect(&self) -> Result<(), ServerFailure> {
        let (status, answer) = self.post("auth/disconnect", "{}").await?;
        match status {
            204 => Ok(()),
            status => Err(ServerFailure::read(status, &answer)),
        }
    }

    async fn post(&self, path: &str, body: &str) -> Result<(u16, Vec<u8>), ServerFailure> {
        let deadline = Deadline::after_millis(DEADLINE_MILLIS);
        let request = to_own_server(HttpRequest::post(&self.url(path)), &deadline)
            .header("Content-Type", "application/json")
            .body(body)
            .map_err(|_| unanswered())?;
        let response = request.send().await.map_err(|_| unanswered())?;
        Ok((response.status(), read(&response).await?))
    }

    /// Has a request passed on to the API. One that came too early is sent once more.
    pub(crate) async fn pass_on(&self, request: &Request) -> Result<Passed, ApiError> {
        let passed = self.pass_on_once(request).await?;
        match passed.pause() {
            None => Ok(passed),
            Some(pause) => {
                timer::sleep(pause).await;
                self.pass_on_once(request).await
            }
        }
    }

    async fn pass_on_once(&self, request: &Request) -> Result<Passed, ApiError> {
        let deadline = Deadline::after_millis(PASSED_ON_MILLIS);
        let base = ApiBaseUrl::new(self.url("api/v3"));
        let builder = RequestBuilder::new(&request.url(&base)).method(request.method().clone());
        let builder = to_own_server(builder, &deadline).header("Accept", "application/json");
        let (response, body) = exchange(request, builder).await?;
        let retry_after = response.headers().get("retry-after");
        Ok(Passed {
            status: response.status(),
            body,
            retry_after: retry_after.and_then(|seconds| seconds.parse().ok()),
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

async fn read(response: &Response) -> Result<Vec<u8>, ServerFailure> {
    let status = response.status();
    let body = body::read_bytes(response.body(), MAX_BYTES).await;
    body.map_err(|error| match error {
        body::BodyError::Broken => ServerFailure::Unreachable,
        body::BodyError::TooLong | body::BodyError::NotUtf8 => ServerFailure::Unexpected { status },
    })
}

/// The browser's guess about the network is only a hint, so the request was sent regardless.
fn unanswered() -> ServerFailure {
    match page::is_online() {
        true => ServerFailure::Unreachable,
        false => ServerFailure::Offline,
    }
}
