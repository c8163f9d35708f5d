//! The page's one clock: the host's time, counted on by `performance.now()`.

use super::{config_file, deadline::Deadline};
use crate::{
    clock::{Clock, Deviation, HostTime, Look, Reading},
    time::Timestamp,
};
use gloo_net::http::Response;
use std::cell::RefCell;

/// How long the host may take to say the time, in milliseconds.
const DEADLINE_MILLIS: u32 = 5_000;

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::new(Clock::new(read()));
}

/// Both of this computer's clocks, now.
pub fn read() -> Reading {
    let performance = web_sys::window().and_then(|window| window.performance());
    Reading {
        wall: Timestamp::from_unix_millis(js_sys::Date::now() as i64),
        // A browser without one counts by the wall clock alone.
        monotonic: performance.map_or_else(js_sys::Date::now, |clock| clock.now()) as i64,
    }
}

/// Now, as far as it was counted.
pub fn now() -> Timestamp {
    CLOCK.with_borrow(|clock| clock.now(read()))
}

/// Whether the time has to be asked for.
pub fn look() -> Look {
    CLOCK.with_borrow(|clock| clock.look(read()))
}

/// Whether the host is still to be asked.
pub fn is_postponed() -> bool {
    CLOCK.with_borrow(Clock::is_postponed)
}

/// Whether the time is known from the host.
pub fn is_certain() -> bool {
    CLOCK.with_borrow(|clock| clock.is_certain())
}

/// Whose clock is wrong, if that is known and worth mentioning.
pub fn deviation() -> Option<Deviation> {
    CLOCK.with_borrow(|clock| clock.deviation(read()))
}

/// Takes in when a token was issued that came just now.
pub(super) fn witness(issued_at: Timestamp) {
    CLOCK.with_borrow_mut(|clock| clock.witness(issued_at, read()));
}

/// Takes the time from an answer of the application's own host, to a question of `asked`.
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

/// Asks the host for the time. Whatever comes of it, there is no doubt for a while.
pub(super) async fn ask() {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    match config_file::ask(&deadline).await {
        Ok((response, asked, answered)) if hear(&response, asked, answered) => {}
        Ok(_) => CLOCK.with_borrow_mut(|clock| clock.give_up(read())),
        Err(_) => CLOCK.with_borrow_mut(|clock| clock.postpone(read())),
    }
}
