//! The browser console's entries.

use serde_json::Value;
use std::fmt;

/// One line of the console, or a message from the browser itself.
#[derive(Clone, Debug)]
pub struct ConsoleEntry {
    /// `SEVERE`, `WARNING`, `INFO` or `DEBUG`.
    pub level: String,
    /// Where it comes from: `console-api`, `network`, `security`, `javascript`, …
    pub source: String,
    /// The text, prefixed with its location.
    pub message: String,
}

impl ConsoleEntry {
    pub(crate) fn from_json(entry: &Value) -> Self {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        Self {
            level: text("level"),
            source: text("source"),
            message: text("message"),
        }
    }

    /// Whether a test that did not expect this entry should fail.
    pub(crate) fn is_trouble(&self) -> bool {
        self.level == "SEVERE"
            || self.source == "security"
            || self.message.contains("Content Security Policy")
            || self.message.contains("panicked at")
    }
}

impl fmt::Display for ConsoleEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.level, self.source, self.message)
    }
}
