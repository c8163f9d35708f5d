//! A time limit on a request.

use gloo_timers::callback::Timeout;
use web_sys::{AbortController, AbortSignal};

/// Aborts whatever holds its signal when the time is up. Dropping it lifts the limit.
pub(super) struct Deadline {
    controller: Option<AbortController>,
    _timeout: Option<Timeout>,
}

impl Deadline {
    pub(super) fn after_millis(millis: u32) -> Self {
        let controller = AbortController::new().ok();
        let timeout = controller
            .clone()
            .map(|controller| Timeout::new(millis, move || controller.abort()));
        Self {
            controller,
            _timeout: timeout,
        }
    }

    pub(super) fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}
