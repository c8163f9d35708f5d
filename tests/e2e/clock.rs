//! Moving the browser's clock.

use crate::browser::Browser;
use serde_json::json;

/// Replaces `Date` by one that is `__clockShift` milliseconds ahead.
const SHIFTED_DATE: &str = "
    if (!('__clockShift' in window)) {
        window.__clockShift = 0;
        const Real = Date;
        const now = () => Real.now() + window.__clockShift;
        window.Date = new Proxy(Real, {
            construct: (target, given, newTarget) =>
                Reflect.construct(target, given.length ? given : [now()], newTarget),
            apply: () => new Real(now()).toString(),
            get: (target, name, receiver) =>
                name === 'now' ? now : Reflect.get(target, name, receiver),
        });
    }
";

impl Browser {
    /// Sets the clock of every document opened from now on `seconds` ahead of the true time.
    /// Returns an identifier for [`Browser::forget_script`].
    pub async fn shift_clock_from_start(&self, seconds: i64) -> String {
        let source = format!("{SHIFTED_DATE} window.__clockShift = {seconds} * 1000;");
        self.at_document_start(&source).await
    }

    /// Sets the page's clock `seconds` ahead of the true time, in this document only, and lets the
    /// page notice at once, as it does when a machine wakes up.
    pub async fn shift_clock(&self, seconds: i64) {
        let body = format!(
            "{SHIFTED_DATE}
             window.__clockShift = arguments[0] * 1000;
             window.dispatchEvent(new Event('focus'));
             document.dispatchEvent(new Event('visibilitychange'));"
        );
        self.script(&body, vec![json!(seconds)]).await;
    }
}
