//! The browser console's entries.

use serde_json::Value;
use std::fmt;

/// SHA-384 of nothing, in Base64.
const HASH_OF_NOTHING: &str = "OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";

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
    pub(crate) fn is_error_or_warning(&self) -> bool {
        let bad = self.level == "SEVERE"
            || self.source == "security"
            || self.message.contains("Content Security Policy")
            || self.message.contains("panicked at");
        bad && !self.is_canceled_script()
    }

    /// Whether a navigation canceled a script's request before any of it had arrived: Firefox then
    /// reports that nothing does not match the script's `integrity`.
    fn is_canceled_script(&self) -> bool {
        self.message.contains("integrity") && self.message.contains(HASH_OF_NOTHING)
    }
}

impl fmt::Display for ConsoleEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.level, self.source, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(hash: &str) -> ConsoleEntry {
        ConsoleEntry {
            level: "SEVERE".to_owned(),
            source: "javascript".to_owned(),
            message: format!(
                "None of the hashes in the integrity attribute match: \u{201c}{hash}\u{201d}"
            ),
        }
    }

    #[test]
    fn only_a_script_of_which_nothing_arrived_counts_as_canceled() {
        assert!(!reported(HASH_OF_NOTHING).is_error_or_warning());
        assert!(
            reported("H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO")
                .is_error_or_warning()
        );
    }
}
