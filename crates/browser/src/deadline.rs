//! A time limit on a request.

use gloo_timers::callback::Timeout;
use web_sys::{AbortController, AbortSignal};

/// Aborts whatever holds its signal when the time is up. Dropping it lifts the limit.
#[derive(Debug)]
pub struct Deadline {
    controller: Option<AbortController>,
    _timeout: Option<Timeout>,
}

impl Deadline {
    /// The time is up in `millis` milliseconds.
    pub fn after_millis(millis: u32) -> Self {
        let controller = AbortController::new().ok();
        let timeout = controller
            .clone()
            .map(|controller| Timeout::new(millis, move || controller.abort()));
        Self {
            controller,
            _timeout: timeout,
        }
    }

    /// For the request that it limits; `None` where the browser cannot abort.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}
