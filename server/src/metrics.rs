//! What an operator can count and time. Labels name routes, statuses and codes: never an account, a
//! session, an address or anything else that came from a request.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{borrow::Cow, sync::OnceLock, time::Duration};

/// The media type of what [`Metrics::render`] returns.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// From a millisecond to 32 seconds.
const BUCKETS: [f64; 16] = [
    0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0, 2.0, 4.0, 8.0, 16.0,
    32.0,
];

/// The metrics of this process.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to record, unless this process does already.
    pub fn install() -> Self {
        static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS);
            let recorder = builder.expect("there are buckets").build_recorder();
            let handle = recorder.handle();
            // It fails only if another recorder is installed, which then has the numbers.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        });
        Self(handle.clone())
    }

    /// All of them as text, in the format that Prometheus reads.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Bounds the memory that is used for numbers not asked for yet: to be called regularly.
    pub fn keep_house(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    describe_counter!("cc_connect_requests_total", "Requests answered");
    describe_histogram!(
        "cc_connect_request_seconds",
        "From the head of a request to that of its response"
    );
    describe_gauge!("cc_connect_requests_running", "Requests not answered yet");
    describe_histogram!(
        "cc_connect_upstream_seconds",
        "Requests to the API, from sending to the end of the response"
    );
    describe_counter!(
        "cc_connect_attempts_total",
        "Authorizations that came back, by outcome"
    );
    describe_histogram!(
        "cc_connect_budget_wait_seconds",
        "How long requests waited for their turn at the API"
    );
    describe_gauge!(
        "cc_connect_budget_left",
        "Requests that the API accepts until midnight UTC, as last known here"
    );
}

/// A request was answered. `code` is that of an error of this server, or empty.
pub(crate) fn request(
    route: Cow<'static, str>,
    method: &'static str,
    status: u16,
    code: &'static str,
    took: Duration,
) {
    let status = status.to_string();
    counter!(
        "cc_connect_requests_total",
        "route" => route.clone(), "method" => method, "status" => status, "code" => code,
    )
    .increment(1);
    histogram!("cc_connect_request_seconds", "route" => route, "method" => method).record(took);
}

/// A request to the API ended with this status, or without one.
pub(crate) fn upstream(
    endpoint: &'static str,
    method: &'static str,
    status: Option<u16>,
    took: Duration,
) {
    let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
    histogram!(
        "cc_connect_upstream_seconds",
        "endpoint" => endpoint, "method" => method, "status" => status,
    )
    .record(took);
}

/// An authorization came back: `connected`, or the code of its error.
pub(crate) fn attempt(outcome: &'static str) {
    counter!("cc_connect_attempts_total", "outcome" => outcome).increment(1);
}

/// A request waited for its turn, after which this many are left today.
pub(crate) fn turn(waited: Duration, left_today: u32) {
    histogram!("cc_connect_budget_wait_seconds").record(waited);
    gauge!("cc_connect_budget_left").set(left_today);
}

/// Counts a request as running until the value is dropped.
pub(crate) fn running() -> Running {
    gauge!("cc_connect_requests_running").increment(1);
    Running(())
}

/// A request that is not answered yet.
#[derive(Debug)]
pub(crate) struct Running(());

impl Drop for Running {
    fn drop(&mut self) {
        gauge!("cc_connect_requests_running").decrement(1);
    }
}
