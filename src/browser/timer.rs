//! Waiting.

use gloo_timers::{callback::Interval, future::TimeoutFuture};

/// Waits, not at all if `millis` is 0.
pub async fn sleep(millis: u32) {
    if millis > 0 {
        TimeoutFuture::new(millis).await;
    }
}

/// Calls `tick` every `millis` milliseconds for as long as the page lives. A hidden or sleeping page
/// is called late: `tick` reads the clock and never counts its calls.
pub fn every(millis: u32, tick: impl FnMut() + 'static) {
    Interval::new(millis, tick).forget();
}
