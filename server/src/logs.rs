//! One line of JSON for each request, with a trace id. No line has a query, a cookie, a body, an
//! address of a client, or any other header's value.

use std::fmt;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Sends this process's log lines to standard error, as JSON. Those of other crates are left out
/// unless they are warnings: whoever wrote them does not know what is secret here.
pub fn install(level: LevelFilter) {
    let own = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("cc_connect_server", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    // It fails only if there is a subscriber already, which then gets the lines.
    let _ = tracing_subscriber::registry()
        .with(own)
        .with(lines)
        .try_init();
}

/// Names one request in the logs, and in the header of its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// From random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The one in a `traceparent` header that a proxy in front has added
    /// ([W3C Trace Context §3.2.2](https://www.w3.org/TR/trace-context/#traceparent-header-field-values)).
    ///
    /// ```
    /// use cc_connect_server::logs::TraceId;
    ///
    /// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let id = TraceId::read(header).expect("an id");
    /// assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    /// assert!(TraceId::read("00-4bf9-00f067aa0ba902b7-01").is_none());
    /// ```
    pub fn read(traceparent: &str) -> Option<Self> {
        let id = traceparent.split('-').nth(1)?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if id.len() != 32 || !id.bytes().all(is_hex) {
            return None;
        }
        let number = u128::from_str_radix(id, 16).ok()?;
        (number != 0).then(|| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
