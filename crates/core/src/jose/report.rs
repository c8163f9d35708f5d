//! What was checked and how it ended, for developers to read on the *Connection* page.

use crate::time::Timestamp;

/// A section of a standard, with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, such as `RFC 7519 §4.1.4`.
    pub label: &'static str,
    /// The link to it.
    pub url: &'static str,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The token passed.
    Passed,
    /// The token failed and was rejected here.
    Failed,
    /// The token has nothing to check, and need not have.
    NotApplicable,
    /// An earlier check failed.
    NotReached,
}

/// One check of the verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its stable name, such as `signature` or `exp`.
    pub name: &'static str,
    /// The section that requires it.
    pub section: Section,
    /// How it ended.
    pub outcome: Outcome,
    /// The value found, unless it is secret.
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

    /// `iat`, if the signature over it was verified, whatever the outcome of the other checks.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    pub(super) fn signed_at(&mut self, issued_at: Option<Timestamp>) {
        self.issued_at = issued_at;
    }

    /// Whether no check failed and all were reached.
    pub fn is_complete(&self) -> bool {
        self.checks
            .iter()
            .all(|check| matches!(check.outcome, Outcome::Passed | Outcome::NotApplicable))
    }

    /// Records a check's outcome and returns its error, so that the first failure ends the
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

    /// This report, but failed at the check `name`, with later checks not reached: a report that
    /// accompanies an error shows where it occurred.
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

    /// Adds the checks of `all` that were not reached, so that a failed report is as long as a
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
