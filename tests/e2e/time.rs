//! Moving the page's clocks: the computer's clock is set, or time passes.

use crate::browser::Browser;
use crate::clock::PageClock;
use crate::world::World;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often to poll a page that is loading.
const POLL: Duration = Duration::from_millis(50);
/// More than the app's interval between two API requests.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(600);

/// The events of a page that becomes visible again, as after sleep.
const ATTENTION: &str = "window.dispatchEvent(new Event('focus'));
    document.dispatchEvent(new Event('visibilitychange'));";

impl Browser {
    /// Sets the computer's clock `seconds` ahead of the true time for every document that this tab
    /// opens from now on, but not for the current one.
    pub async fn shift_clock_from_start(&self, seconds: i64) {
        self.change_clock(|clock| clock.set = seconds).await;
    }

    /// Sets the computer's clock `seconds` ahead of the true time now, and makes the page look.
    /// True time and the host's clock are unaffected.
    pub async fn shift_clock(&self, seconds: i64) {
        let clock = self.change_clock(|clock| clock.set = seconds).await;
        let body = format!("{} {ATTENTION}", clock.source());
        self.script(&body, vec![]).await;
    }

    async fn change_clock(&self, change: impl FnOnce(&mut PageClock)) -> PageClock {
        let clock = {
            let mut clock = self.clock.lock().expect("no holder panics");
            change(&mut clock);
            *clock
        };
        self.replace_clock_script(clock.source()).await;
        clock
    }
}

impl World {
    /// Lets time pass while the machine sleeps: its wall clock, the host's and the sandbox's
    /// advance, `performance.now` does not, and then the user looks at the page. Time passes in
    /// every tab, but only the current one is looked at.
    pub async fn let_time_pass(&self, seconds: i64) {
        self.pass_time(seconds, 0).await;
    }

    /// Like [`World::let_time_pass`], on a machine that was awake or counts its sleep:
    /// `performance.now` advances too.
    pub async fn let_time_pass_awake(&self, seconds: i64) {
        self.pass_time(seconds, seconds).await;
    }

    /// Like [`World::let_time_pass`], while the tabs were closed or discarded: the open documents
    /// do not notice.
    pub async fn let_time_pass_unseen(&self, seconds: i64) {
        self.let_requests_end().await;
        self.host.let_time_pass(seconds);
        self.sandbox.let_time_pass(seconds);
        let passed = |clock: &mut PageClock| clock.passed += seconds;
        self.browser.change_clock(passed).await;
    }

    /// A request in flight while the clocks move would carry a token of another time. The Overview
    /// shows when it is loading; any other connected page is given the time in which its next
    /// request would start. A page that never finishes loading is not waited for.
    async fn let_requests_end(&self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut known = None;
        while Instant::now() < deadline {
            let look = "return [
                document.querySelector('[aria-busy=true]') !== null,
                document.documentElement.dataset.session === 'connected'
                    && document.querySelector('h1')?.innerText.trim() !== 'Overview',
            ]";
            let look = self.browser.script(look, vec![]).await;
            let (busy, silent) = (look[0] == true, look[1] == true);
            let asked = self.api_requests().len();
            if !busy && (!silent || known == Some(asked)) {
                return;
            }
            known = Some(asked);
            sleep(if busy { POLL } else { BETWEEN_REQUESTS }).await;
        }
    }

    async fn pass_time(&self, seconds: i64, counted: i64) {
        self.let_requests_end().await;
        self.host.let_time_pass(seconds);
        self.sandbox.let_time_pass(seconds);
        let passed = |clock: &mut PageClock| {
            clock.passed += seconds;
            clock.counted += counted;
        };
        let clock = self.browser.change_clock(passed).await;
        let driven = self.browser.tab().await;
        for tab in self.browser.tabs().await {
            if tab != driven {
                self.browser.switch_to(tab).await;
                self.browser.script(&clock.source(), vec![]).await;
            }
        }
        self.browser.switch_to(driven).await;
        let body = format!("{} {ATTENTION}", clock.source());
        self.browser.script(&body, vec![]).await;
    }
}
