//! What Firefox tells and does otherwise than over plain WebDriver: its console and the violations
//! of the policy over WebDriver BiDi, its history from outside the page.

use crate::browser::Browser;
use crate::console::ConsoleEntry;
use crate::socket::Socket;
use crate::wait::eventually;
use http::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// What tells of violations of the Content-Security-Policy: BiDi's log leaves them out.
const TELL_VIOLATIONS: &str =
    "tell => addEventListener('securitypolicyviolation', violation => tell({
    directive: violation.effectiveDirective,
    blocked: violation.blockedURI,
    at: `${violation.sourceFile}:${violation.lineNumber}`,
}))";

const VIOLATIONS: &str = "violations";

impl Socket {
    /// Lets the browser tell what happens from now on.
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
        let script = json!({"functionDeclaration": TELL_VIOLATIONS, "arguments": [channel]});
        self.command("script.addPreloadScript", script).await;
    }
}

impl Browser {
    /// The console of every tab, and the violations of the policy, in the order they came.
    pub(crate) async fn console_of_firefox(&self) -> Vec<ConsoleEntry> {
        let bidi = self.bidi().expect("Firefox is driven with it");
        self.hear_the_page_out(bidi).await;
        let events = bidi.events();
        events.iter().filter_map(entry).collect()
    }

    /// What a page says arrives in order: once its last word is here, so is everything before it.
    async fn hear_the_page_out(&self, bidi: &Socket) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let word = format!("{LAST_WORD}{}", LAST.fetch_add(1, Ordering::Relaxed));
        let say = "console.debug(arguments[0])";
        if self.try_script(say, vec![json!(word)]).await.is_err() {
            // A page that is being left says nothing more.
            return;
        }
        eventually("the page's last word", async || {
            let heard = bidi.events().iter().any(|event| text(event) == word);
            heard.then_some(()).ok_or_else(String::new)
        })
        .await;
    }

    /// Runs the body of a function in the page and returns its value, by way of JSON.
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
        let answer = bidi.try_command("script.callFunction", parameters).await?;
        if answer["type"] == "exception" {
            return Err(answer["exceptionDetails"]["text"].to_string());
        }
        match answer["result"]["value"].as_str() {
            Some(json) => serde_json::from_str(json).map_err(|error| error.to_string()),
            // `JSON.stringify(undefined)` is no JSON.
            None => Ok(Value::Null),
        }
    }

    /// Runs the body of a function outside the page, with the rights of the browser itself.
    pub(crate) async fn privileged_script(&self, body: &str) -> Value {
        self.set_context("chrome").await;
        let answer = self.webdriver_script(body).await;
        self.set_context("content").await;
        answer.unwrap_or_else(|error| panic!("script failed: {error}\n{body}"))
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

/// What Firefox itself says, once for each start script, when a tab opens: the empty document that a
/// new tab begins with does not let them in. No script of a page is without a stack.
const OF_AN_EMPTY_TAB: &str = "Error: Permission denied to access property \"length\"";

const LAST_WORD: &str = "that is all for now: ";

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
    if event["method"] != "log.entryAdded" || text(event).starts_with(LAST_WORD) {
        return None;
    }
    if text(event) == OF_AN_EMPTY_TAB && parameters["stackTrace"].is_null() {
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
