//! The page's clock: the host's time, advanced by `performance.now()`.

use super::{config_file, deadline::Deadline};
use crate::{
    clock::{Clock, Deviation, HostTime, Look, Reading},
    time::Timestamp,
};
use gloo_net::http::Response;
use std::cell::RefCell;

/// Timeout for asking the host for the time, in milliseconds.
const DEADLINE_MILLIS: u32 = 5_000;

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::new(Clock::new(read()));
}

/// Reads both of this computer's clocks.
pub fn read() -> Reading {
    let performance = web_sys::window().and_then(|window| window.performance());
    Reading {
        wall: Timestamp::from_unix_millis(js_sys::Date::now() as i64),
        // Without `performance`, the wall clock serves as both.
        monotonic: performance.map_or_else(js_sys::Date::now, |clock| clock.now()) as i64,
    }
}

/// The current time, as advanced since the last correction.
pub fn now() -> Timestamp {
    CLOCK.with_borrow(|clock| clock.now(read()))
}

/// The current time, or that the host has to be asked for it.
pub fn look() -> Look {
    CLOCK.with_borrow(|clock| clock.look(read()))
}

/// Whether the last attempt to ask the host failed and another is due later.
pub fn is_postponed() -> bool {
    CLOCK.with_borrow(Clock::is_postponed)
}

/// Whether the time comes from the host.
pub fn is_certain() -> bool {
    CLOCK.with_borrow(|clock| clock.is_certain())
}

/// Which clock is wrong, if that is known and large enough to mention.
pub fn deviation() -> Option<Deviation> {
    CLOCK.with_borrow(|clock| clock.deviation(read()))
}

/// Records the issue time of a token that has just been received.
pub(super) fn witness(issued_at: Timestamp) {
    CLOCK.with_borrow_mut(|clock| clock.witness(issued_at, read()));
}

/// Sets the clock from a response of the application's own host. Returns whether it had a usable
/// `Date`. `asked` and `answered` are the readings when the request was sent and when the response
/// began to arrive.
pub(super) fn hear(response: &Response, asked: Reading, answered: Reading) -> bool {
    let headers = response.headers();
    let host = HostTime::read(
        headers.get("date").as_deref(),
        headers.get("age").as_deref(),
    );
    match host {
        Some(host) => {
            CLOCK.with_borrow_mut(|clock| clock.correct(host, asked, answered));
            true
        }
        None => false,
    }
}

/// Asks the host for the time. Even on failure the clock is settled for a while afterwards.
pub(super) async fn ask() {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    match config_file::ask(&deadline).await {
        Ok((response, asked, answered)) if hear(&response, asked, answered) => {}
        Ok(_) => CLOCK.with_borrow_mut(|clock| clock.give_up(read())),
        Err(_) => CLOCK.with_borrow_mut(|clock| clock.postpone(read())),
    }
}
