//! Where Firefox needs more than plain WebDriver: console and policy violations come over WebDriver
//! BiDi, the history from outside the page.

use crate::browser::Browser;
use crate::console::ConsoleEntry;
use crate::socket::Socket;
use crate::wait::eventually;
use http::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// Reports violations of the Content-Security-Policy, which BiDi's log omits.
const REPORT_VIOLATIONS: &str =
    "report => addEventListener('securitypolicyviolation', violation => report({
    directive: violation.effectiveDirective,
    blocked: violation.blockedURI,
    at: `${violation.sourceFile}:${violation.lineNumber}`,
}))";

const VIOLATIONS: &str = "violations";

impl Socket {
    /// Subscribes to the browser's events.
    pub(crate) async fn listen(&self, recording: bool) {
        let mut events = vec!["log.entryAdded", "script.message"];
        if recording {
            events.push("network.beforeRequestSent");
        }
        let events = json!({"events": events});
        self.command("session.subscribe", events).await;
        let channel = json!({"type": "channel", "value": {
            "channel": VIOLATIONS, "serializationOptions": {"maxObjectDepth": 1},
        }});
        let script = json!({"functionDeclaration": REPORT_VIOLATIONS, "arguments": [channel]});
        self.command("script.addPreloadScript", script).await;
    }
}

impl Browser {
    /// The console of every tab and the policy violations, in order.
    pub(crate) async fn console_of_firefox(&self) -> Vec<ConsoleEntry> {
        let bidi = self.bidi().expect("Firefox is driven with it");
        self.wait_for_page_events(bidi).await;
        let events = bidi.events();
        events.iter().filter_map(entry).collect()
    }

    /// Events of a page arrive in order: after a final marker, everything before it has arrived.
    async fn wait_for_page_events(&self, bidi: &Socket) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let marker = format!("{MARKER}{}", LAST.fetch_add(1, Ordering::Relaxed));
        let log = "console.debug(arguments[0])";
        if self.try_script(log, vec![json!(marker)]).await.is_err() {
            // A page that is being left reports nothing more.
            return;
        }
        eventually("the marker in the page's console", async || {
            let arrived = bidi.events().iter().any(|event| text(event) == marker);
            arrived.then_some(()).ok_or_else(String::new)
        })
        .await;
    }

    /// Runs the body of a function in the page and returns its value as JSON.
    pub(crate) async fn script_of_firefox(
        &self,
        bidi: &Socket,
        body: &str,
        arguments: &[Value],
    ) -> Result<Value, String> {
        let function = format!(
            "async given => JSON.stringify(await (function () {{ {body}
            }}).apply(null, JSON.parse(given)))"
        );
        let given = json!({"type": "string", "value": Value::from(arguments).to_string()});
        let parameters = json!({
            "functionDeclaration": function,
            "arguments": [given],
            "target": {"context": String::from(self.tab().await)},
            "awaitPromise": true,
        });
        let response = bidi.try_command("script.callFunction", parameters).await?;
        if response["type"] == "exception" {
            return Err(response["exceptionDetails"]["text"].to_string());
        }
        match response["result"]["value"].as_str() {
            Some(json) => serde_json::from_str(json).map_err(|error| error.to_string()),
            // `JSON.stringify(undefined)` is not JSON.
            None => Ok(Value::Null),
        }
    }

    /// Runs the body of a function outside the page, with the browser's own privileges.
    pub(crate) async fn privileged_script(&self, body: &str) -> Value {
        self.set_context("chrome").await;
        let response = self.webdriver_script(body).await;
        self.set_context("content").await;
        response.unwrap_or_else(|error| panic!("script failed: {error}\n{body}"))
    }

    async fn set_context(&self, context: &str) {
        let body = json!({"context": context});
        self.command(Method::POST, "moz/context", Some(body))
            .await
            .expect("geckodriver was started with access to the system");
    }

    pub(crate) async fn history_of_firefox(&self) -> Value {
        let history = "const {sessionHistory} = gBrowser.selectedBrowser.browsingContext;
            const entries = [];
            for (let index = 0; index < sessionHistory.count; index += 1) {
                const entry = sessionHistory.getEntryAtIndex(index);
                entries.push({url: entry.URI.spec, title: entry.title});
            }
            return {entries, currentIndex: sessionHistory.index};";
        self.privileged_script(history).await
    }
}

/// Reported by Firefox itself when a tab opens, once per start script: a new tab's empty document
/// does not let them run. Errors of page scripts always have a stack.
const EMPTY_TAB_ERROR: &str = "Error: Permission denied to access property \"length\"";

const MARKER: &str = "all events so far: ";

fn text(event: &Value) -> &str {
    event["params"]["text"].as_str().unwrap_or_default()
}

fn entry(event: &Value) -> Option<ConsoleEntry> {
    let parameters = &event["params"];
    if event["method"] == "script.message" {
        let of_violation = parameters["channel"] == VIOLATIONS;
        return of_violation.then(|| ConsoleEntry {
            level: "SEVERE".into(),
            source: "security".into(),
            message: format!("Content Security Policy: {}", parameters["data"]["value"]),
        });
    }
    if event["method"] != "log.entryAdded" || text(event).starts_with(MARKER) {
        return None;
    }
    if text(event) == EMPTY_TAB_ERROR && parameters["stackTrace"].is_null() {
        return None;
    }
    let level = match parameters["level"].as_str() {
        Some("error") => "SEVERE",
        Some("warn") => "WARNING",
        Some("debug") => "DEBUG",
        _ => "INFO",
    };
    let frames = &parameters["stackTrace"]["callFrames"];
    let place = frames[0]["url"].as_str().unwrap_or_default();
    Some(ConsoleEntry {
        level: level.into(),
        source: parameters["type"].as_str().unwrap_or_default().into(),
        message: format!("{place} {}", text(event)),
    })
}
