//! The proof, check by check: what a developer reads on the *Connection* page.

use crate::time::Timestamp;

/// A section of a standard, with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Such as `RFC 7519 §4.1.4`.
    pub label: &'static str,
    /// Where to read it.
    pub url: &'static str,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not; the token was refused here.
    Failed,
    /// The token carries nothing to check, and need not.
    NotApplicable,
    /// An earlier check failed.
    NotReached,
}

/// One check of the verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its stable name, such as `signature` or `exp`.
    pub name: &'static str,
    /// The section that asks for it.
    pub section: Section,
    /// How it ended.
    pub outcome: Outcome,
    /// The value found, where it is no secret.
    pub found: Option<String>,
}

/// Every check in the order it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    checks: Vec<Check>,
    issued_at: Option<Timestamp>,
}

impl Report {
    /// The checks, in order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// `iat`, if the signature over it was verified, whatever came of the other checks.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    pub(super) fn signed_at(&mut self, issued_at: Option<Timestamp>) {
        self.issued_at = issued_at;
    }

    /// Whether no check failed and none was left out.
    pub fn is_complete(&self) -> bool {
        self.checks
            .iter()
            .all(|check| matches!(check.outcome, Outcome::Passed | Outcome::NotApplicable))
    }

    /// Writes down a check's outcome and hands its error on, so that the first failure ends the
    /// verification.
    ///
    /// `Ok(Some(found))` passed, `Ok(None)` had nothing to check.
    ///
    /// # Errors
    ///
    /// The error given in `result`.
    pub fn record<E>(
        &mut self,
        name: &'static str,
        section: Section,
        result: Result<Option<String>, E>,
    ) -> Result<(), E> {
        let (outcome, found, result) = match result {
            Ok(Some(found)) => (Outcome::Passed, Some(found), Ok(())),
            Ok(None) => (Outcome::NotApplicable, None, Ok(())),
            Err(error) => (Outcome::Failed, None, Err(error)),
        };
        self.checks.push(Check {
            name,
            section,
            outcome,
            found,
        });
        result
    }

    /// The same, but rejected at this check after all; what comes after it counts as not reached. A
    /// report that stands beside an error says where.
    pub fn failed_at(mut self, name: &str) -> Self {
        let checks = self.checks.iter_mut();
        for (index, check) in checks.skip_while(|check| check.name != name).enumerate() {
            check.outcome = match index {
                0 => Outcome::Failed,
                _ => Outcome::NotReached,
            };
            check.found = None;
        }
        self
    }

    /// Lists the checks of `all` that were not reached, so that a failed report is as long as a
    /// passed one.
    pub fn complete_with(&mut self, all: &[(&'static str, Section)]) {
        for &(name, section) in all {
            if !self.checks.iter().any(|check| check.name == name) {
                self.checks.push(Check {
                    name,
                    section,
                    outcome: Outcome::NotReached,
                    found: None,
                });
            }
        }
    }
}
