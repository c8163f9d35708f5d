//! The limits, with what one API key may do as their default.

use std::time::Duration;

/// What is limited, per instance unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts to connect that are stored at once, of all browsers and instances.
    pub attempts: u32,
    /// Token requests at once.
    pub renewals: usize,
    /// Requests to the API at once, for each session.
    pub in_flight: usize,
    /// Requests to the API that wait at once.
    pub waiting: usize,
    /// How long a request to the API may wait.
    pub longest_wait: Duration,
    /// The time between two requests to the API, over all instances.
    pub interval: Duration,
    /// Requests to the API a day, which begins at 00:00 UTC, over all instances.
    pub per_day: u32,
}

/// What one API key may do: 4 requests a second and 10,000 a day.
impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 10_000,
            renewals: 8,
            in_flight: 2,
            waiting: 110,
            longest_wait: Duration::from_secs(30),
            interval: Duration::from_millis(260),
            per_day: 10_000,
        }
    }
}
