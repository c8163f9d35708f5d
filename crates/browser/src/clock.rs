//! The page's clock: the host's time, advanced by `performance.now()`, or the computer's own.

use crate::{ClockSource, deadline::Deadline};
use cc_connect_core::{
    clock::{self, Deviation, HostTime, Look, Reading},
    time::Timestamp,
};
use gloo_net::http::{Request, Response};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use web_sys::{RequestCache, RequestCredentials, RequestRedirect};

/// Timeout for asking the host for the time, in milliseconds.
const DEADLINE_MILLIS: u32 = 5_000;

/// The clock of a page. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Clock(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    source: ClockSource,
    clock: RefCell<clock::Clock>,
    /// Whether the source has been asked, with whatever success.
    settled: Cell<bool>,
}

impl Clock {
    /// A clock that believes the computer until its source is asked.
    pub fn new(source: ClockSource) -> Self {
        Self(Rc::new(Inner {
            settled: Cell::new(source == ClockSource::Device),
            source,
            clock: RefCell::new(clock::Clock::new(Self::read())),
        }))
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

    /// The time as counted since the host last told it, even if it is in doubt.
    pub fn now(&self) -> Timestamp {
        self.0.clock.borrow().now(Self::read())
    }

    /// Which clock is wrong, if that is known and large enough to mention.
    pub fn deviation(&self) -> Option<Deviation> {
        self.0.clock.borrow().deviation(Self::read())
    }

    /// Whether the time comes from the host.
    pub fn is_certain(&self) -> bool {
        self.0.clock.borrow().is_certain()
    }

    /// Whether the time is beyond doubt right now.
    pub fn is_settled(&self) -> bool {
        self.0.settled.get() && !self.is_postponed() && matches!(self.look(), Look::Time(_))
    }

    /// Requests a file of the page's own host and takes the time from the response. `None` without
    /// a response.
    pub async fn fetch(&self, url: &str, deadline: &Deadline) -> Option<Response> {
        self.request(url, deadline)
            .await
            .map(|(response, _)| response)
    }

    /// The response, and whether it told the time.
    async fn request(&self, url: &str, deadline: &Deadline) -> Option<(Response, bool)> {
        let asked = Self::read();
        let response = Request::get(url)
            .abort_signal(deadline.signal().as_ref())
            // A cached response would carry an old time.
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::SameOrigin)
            .redirect(RequestRedirect::Error)
            .send()
            .await
            .ok()?;
        let told = self.hear(&response, asked, Self::read());
        Some((response, told))
    }

    /// Takes the time from a response of the page's own host. Returns whether it had a usable
    /// `Date`. `asked` and `answered` are the readings when the request was sent and when the
    /// response began to arrive.
    pub fn hear(&self, response: &Response, asked: Reading, answered: Reading) -> bool {
        self.0.settled.set(true);
        let headers = response.headers();
        let host = HostTime::read(
            headers.get("date").as_deref(),
            headers.get("age").as_deref(),
        );
        if let Some(host) = host {
            self.0.clock.borrow_mut().correct(host, asked, answered);
        }
        host.is_some()
    }

    /// Takes the time from what the page's own server says. `asked` and `answered` are the readings
    /// when the server was asked and when its response began to arrive.
    pub(crate) fn told(&self, time: Timestamp, asked: Reading, answered: Reading) {
        self.0.settled.set(true);
        if let Some(host) = HostTime::at(time) {
            self.0.clock.borrow_mut().correct(host, asked, answered);
        }
    }

    /// The page's own server did not say what time it is. Unless the time is beyond doubt, it is
    /// asked again later.
    pub(crate) fn not_told(&self) {
        if self.look() == Look::Ask {
            self.0.clock.borrow_mut().postpone(Self::read());
        }
        self.0.settled.set(true);
    }

    /// The current time, or that the source has to be asked for it.
    pub(crate) fn look(&self) -> Look {
        match self.0.settled.get() {
            true => self.0.clock.borrow().look(Self::read()),
            false => Look::Ask,
        }
    }

    /// Whether the last attempt to ask the host failed and another is due later.
    pub(crate) fn is_postponed(&self) -> bool {
        self.0.clock.borrow().is_postponed()
    }

    /// Records the issue time of a token that has just been received.
    pub(crate) fn witness(&self, issued_at: Timestamp) {
        let mut clock = self.0.clock.borrow_mut();
        clock.witness(issued_at, Self::read());
    }

    /// Asks the source for the time. Even on failure the clock is settled for a while afterwards.
    pub(crate) async fn ask(&self) {
        let clock = &self.0.clock;
        if let ClockSource::HostDate(url) = &self.0.source {
            let deadline = Deadline::after_millis(DEADLINE_MILLIS);
            match self.request(url, &deadline).await {
                Some((_, true)) => {}
                Some((_, false)) => clock.borrow_mut().give_up(Self::read()),
                None => clock.borrow_mut().postpone(Self::read()),
            }
        } else {
            clock.borrow_mut().give_up(Self::read());
        }
        self.0.settled.set(true);
    }
}
