//! The names of checks, claims and permissions.

use crate::words::{self, CHECK_NAMES, CLAIM_NAMES, PERMISSION_NAMES};
use cc_connect_core::report::{CheckName, Outcome};

/// The name of a permission, and why it is requested.
pub fn permission(scope: &str) -> Option<(&'static str, &'static str)> {
    let name = PERMISSION_NAMES.find(scope, "")?;
    let why = PERMISSION_NAMES.find(scope, ".why")?;
    Some((name.text(), why.text()))
}

/// What a verification check establishes.
pub fn check(name: CheckName, of_id_token: bool) -> &'static str {
    let name = name.as_str();
    let own = CHECK_NAMES.find(name, ".of-id-token");
    own.filter(|_| of_id_token)
        .or_else(|| CHECK_NAMES.find(name, ""))
        .unwrap_or(words::CHECK_ANOTHER)
        .text()
}

/// What is absent when a check had nothing to look at.
pub fn nothing_to_check(name: CheckName) -> &'static str {
    let word = CHECK_NAMES.find(name.as_str(), ".none");
    word.map_or("", words::Word::text)
}

/// The outcome of a check, as text.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => words::CHECKS_PASSED,
        Outcome::Failed => words::CHECKS_FAILED,
        Outcome::NotApplicable => words::CHECKS_NOT_NEEDED,
        Outcome::NotReached => words::CHECKS_NOT_REACHED,
    }
    .text()
}

/// What a claim means; empty for one that is not known.
pub fn claim(name: &str) -> &'static str {
    CLAIM_NAMES.find(name, "").map_or("", words::Word::text)
}
