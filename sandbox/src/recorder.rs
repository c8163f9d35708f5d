//! Records every request for tests.

use crate::{http, options::API_PATH};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many requests are kept, the newest: a sandbox that runs for days stays small.
const KEPT: usize = 10_000;
/// How many arrivals at the API are kept, the newest.
const TIMES_KEPT: usize = 1_000_000;
/// The largest body that is read.
const MAX_BODY: usize = 64 * 1024;

/// A received request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark; empty if absent.
    pub query: String,
    /// The headers by lower-case name; repeated ones joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}

impl RecordedRequest {
    /// A header's value, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// All recorded requests.
pub(crate) struct Recorder {
    requests: Mutex<VecDeque<RecordedRequest>>,
    /// When each request to the API arrived.
    api_requests: Mutex<VecDeque<Duration>>,
    since: Instant,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            requests: Mutex::default(),
            api_requests: Mutex::default(),
            since: Instant::now(),
        }
    }
}

impl Recorder {
    fn add(&self, request: RecordedRequest) {
        let below_api = request.path.strip_prefix(API_PATH);
        let is_api = below_api.is_some_and(|rest| rest.starts_with('/'));
        if is_api && request.method != "OPTIONS" {
            keep(&self.api_requests, || self.since.elapsed(), TIMES_KEPT);
        }
        keep(&self.requests, || request, KEPT);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        all(&self.requests)
    }

    pub(crate) fn api_requests(&self) -> Vec<Duration> {
        all(&self.api_requests)
    }
}

/// Appends an item to those that are kept, the newest. It is made under the lock, so that times are in
/// order.
fn keep<T>(items: &Mutex<VecDeque<T>>, item: impl FnOnce() -> T, most: usize) {
    let mut items = items.lock().unwrap_or_else(PoisonError::into_inner);
    if items.len() >= most {
        items.pop_front();
    }
    items.push_back(item());
}

fn all<T: Clone>(items: &Mutex<VecDeque<T>>) -> Vec<T> {
    let items = items.lock().unwrap_or_else(PoisonError::into_inner);
    items.iter().cloned().collect()
}

/// The largest number of times within less than a second, like the limit of the API.
pub(crate) fn most_in_a_second(times: &[Duration]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, time) in times.iter().enumerate() {
        while *time - times[first] >= Duration::from_secs(1) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

pub(crate) async fn record(
    State(recorder): State<Arc<Recorder>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return http::text(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
    };
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    recorder.add(RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    next.run(Request::from_parts(parts, Body::from(body))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_begins_at_any_request() {
        let times = |millis: &[u64]| -> Vec<Duration> {
            millis.iter().copied().map(Duration::from_millis).collect()
        };
        for (millis, most) in [
            (&[][..], 0),
            (&[5], 1),
            (&[0, 999], 2),
            (&[0, 1000], 1),
            // Not more than three in any second of the clock.
            (&[0, 700, 800, 900, 1100, 1200, 1699, 1700], 6),
            (&[0, 260, 520, 780, 1040, 1300], 4),
        ] {
            assert_eq!(most_in_a_second(&times(millis)), most, "{millis:?}");
        }
    }
}
