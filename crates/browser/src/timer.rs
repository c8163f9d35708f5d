//! Timers.

use gloo_timers::{callback::Interval, future::TimeoutFuture};

/// Waits for `millis` milliseconds; 0 returns immediately.
pub async fn sleep(millis: u32) {
    if millis > 0 {
        TimeoutFuture::new(millis).await;
    }
}

/// Calls `tick` every `millis` milliseconds while the page lives. In a hidden or sleeping page the
/// calls are late, so `tick` reads the clock instead of counting calls.
pub fn every(millis: u32, tick: impl FnMut() + 'static) {
    Interval::new(millis, tick).forget();
}
