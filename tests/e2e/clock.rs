//! The page's clocks, which a test can move.

/// How far the page's clocks are from the true time, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageClock {
    /// How far the computer's clock was set forward.
    pub(crate) set: i64,
    /// How much time the test let pass.
    pub(crate) passed: i64,
    /// How much of that `performance.now()` counted.
    pub(crate) counted: i64,
}

impl PageClock {
    /// Replaces `Date` and `performance.now` by ones that go by `__clock`, in milliseconds.
    pub(crate) fn source(self) -> String {
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
