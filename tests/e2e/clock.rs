//! Moving the page's clocks: somebody sets the computer's clock, or time goes by.

use crate::browser::Browser;
use crate::world::World;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a page that shows that it waits is looked at.
const POLL: Duration = Duration::from_millis(50);
/// More than the app leaves between two requests to the API.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(600);

/// How far the page's clocks are from the true time, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageClock {
    /// By how much somebody set the computer's clock forward.
    set: i64,
    /// How much time a test let pass.
    passed: i64,
    /// For how much of it `performance.now()` counted on.
    counted: i64,
}

impl PageClock {
    /// Replaces `Date` and `performance.now` by ones that go by `__clock`, in milliseconds.
    fn source(self) -> String {
        let Self {
            set,
            passed,
            counted,
        } = self;
        format!(
            "if (!('__clock' in window)) {{
                const clock = {{ahead: 0, counted: 0}};
                Object.defineProperty(window, '__clock', {{value: clock}});
                const Real = Date;
                const now = () => Real.now() + clock.ahead;
                window.Date = new Proxy(Real, {{
                    construct: (target, given, newTarget) =>
                        Reflect.construct(target, given.length ? given : [now()], newTarget),
                    apply: () => new Real(now()).toString(),
                    get: (target, name, receiver) =>
                        name === 'now' ? now : Reflect.get(target, name, receiver),
                }});
                const counter = Performance.prototype.now;
                Performance.prototype.now = function () {{
                    return counter.call(this) + clock.counted;
                }};
            }}
            window.__clock.ahead = {} * 1000;
            window.__clock.counted = {counted} * 1000;",
            set + passed,
        )
    }
}

/// What a page hears when somebody looks at it again, as after sleep.
const ATTENTION: &str = "window.dispatchEvent(new Event('focus'));
    document.dispatchEvent(new Event('visibilitychange'));";

impl Browser {
    /// Somebody has set the computer's clock `seconds` ahead of the true time, as every document
    /// finds it that this tab opens from now on. The document that is open now does not see it.
    pub async fn shift_clock_from_start(&self, seconds: i64) {
        self.change_clock(|clock| clock.set = seconds).await;
    }

    /// Somebody sets the computer's clock `seconds` ahead of the true time, now, and looks at the
    /// page. True time goes on as before, and so does the host's clock.
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
    /// Time goes by while the machine sleeps: its wall clock, the host's and the sandbox's move on,
    /// what a page counts by itself (`performance.now`) does not, and then somebody looks at the
    /// page. It goes by in every tab, and nobody looks at any but the one that is driven now.
    pub async fn let_time_pass(&self, seconds: i64) {
        self.pass(seconds, 0).await;
    }

    /// As [`World::let_time_pass`], on a machine that was awake or counts its sleep: the page's own
    /// count moves on as well.
    pub async fn let_time_pass_awake(&self, seconds: i64) {
        self.pass(seconds, seconds).await;
    }

    /// As [`World::let_time_pass`], while the tabs were closed or discarded: the documents that are
    /// open now do not see it.
    pub async fn let_time_pass_unseen(&self, seconds: i64) {
        self.let_requests_end().await;
        self.host.let_time_pass(seconds);
        self.sandbox.let_time_pass(seconds);
        let passed = |clock: &mut PageClock| clock.passed += seconds;
        self.browser.change_clock(passed).await;
    }

    /// A request that is under way while the clocks move would meet a token of another time. The
    /// Overview shows what it waits for; any other page with a connection is given the time in which
    /// the next request would have come. A page that waits for good is not waited for.
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

    async fn pass(&self, seconds: i64, counted: i64) {
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
