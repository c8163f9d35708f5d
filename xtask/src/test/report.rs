//! The results of the steps, as a table.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::interrupt::{self, Interrupted};
use crate::say;

/// The results of the steps.
pub(super) struct Report {
    keep_going: bool,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    duration: Duration,
}

/// The result of a step.
enum Outcome {
    Passed,
    Failed,
    /// It passed, or was not possible, with a word on it.
    Remarked(Remark),
}

/// What the table says of a step that did not fail.
#[derive(Clone, Debug)]
pub(super) enum Remark {
    /// It was impossible for this reason.
    NotDone(String),
    /// These tests passed only the second time.
    Retried(Vec<String>),
}

impl Report {
    /// With `keep_going`, a failed step does not end the run.
    pub(super) fn new(keep_going: bool) -> Self {
        Self {
            keep_going,
            rows: Vec::new(),
        }
    }

    /// The number of steps so far.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Runs one step. Returns an error only if it should end the whole run.
    pub(super) fn step(
        &mut self,
        name: &'static str,
        text: impl AsRef<str>,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.step_with_remark(name, text, || work().map(|()| None))
    }

    /// Runs one step that may be impossible here, and then returns why.
    pub(super) fn step_if_possible(
        &mut self,
        name: &'static str,
        text: impl AsRef<str>,
        work: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<()> {
        self.step_with_remark(name, text, || Ok(work()?.map(Remark::NotDone)))
    }

    /// Runs one step of which there may be something to say although it did not fail.
    pub(super) fn step_with_remark(
        &mut self,
        name: &'static str,
        text: impl AsRef<str>,
        work: impl FnOnce() -> Result<Option<Remark>>,
    ) -> Result<()> {
        if !text.as_ref().is_empty() {
            say::step(text.as_ref());
        }
        let start = Instant::now();
        let result = work();
        self.rows.push(Row {
            name,
            outcome: match &result {
                Ok(None) => Outcome::Passed,
                Ok(Some(remark)) => Outcome::Remarked(remark.clone()),
                Err(_) => Outcome::Failed,
            },
            duration: start.elapsed(),
        });
        match result {
            Err(problem) if self.keep_going && !problem.is::<Interrupted>() => {
                say::error(&problem);
                interrupt::check()?;
                Ok(())
            }
            result => result.map(|_| ()),
        }
    }

    /// Whether no step was skipped.
    pub(super) fn is_whole(&self) -> bool {
        let not_done = |row: &Row| matches!(row.outcome, Outcome::Remarked(Remark::NotDone(_)));
        !self.rows.iter().any(not_done)
    }

    pub(super) fn last_passed(&self) -> bool {
        let last = self.rows.last();
        last.is_none_or(|row| !matches!(row.outcome, Outcome::Failed))
    }

    pub(super) fn failed(&self) -> usize {
        let failed = |row: &&Row| matches!(row.outcome, Outcome::Failed);
        self.rows.iter().filter(failed).count()
    }

    pub(super) fn table(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let outcome = match &row.outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed => "FAILED".to_owned(),
                Outcome::Remarked(Remark::NotDone(why)) => format!("NOT DONE {why}"),
                Outcome::Remarked(Remark::Retried(tests)) => {
                    format!("passed, FLAKY {}", tests.join(", "))
                }
            };
            vec![row.name.to_owned(), duration(row.duration), outcome]
        });
        say::table(rows, 1..2)
    }
}

/// `0.4 s`, `12 s`, `3 min 05 s`
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_first_failure_ends_the_run() {
        let mut report = Report::new(false);
        report.step("a", "", || Ok(())).expect("it passes");
        report
            .step("b", "", || bail!("no"))
            .expect_err("it ends the run");
        assert_eq!(report.failed(), 1);
        assert!(!report.last_passed());
    }

    #[test]
    fn keep_going_keeps_count() {
        let mut report = Report::new(true);
        report.step("a", "", || bail!("no")).expect("it goes on");
        report.step("bcd", "", || Ok(())).expect("it passes");
        assert_eq!(report.failed(), 1);
        let table = report.table();
        let lines: Vec<_> = table.lines().collect();
        assert!(
            lines[0].starts_with(" a ") && lines[0].ends_with(" FAILED"),
            "{table}"
        );
        assert!(
            lines[1].starts_with(" bcd ") && lines[1].ends_with(" passed"),
            "{table}"
        );
    }

    #[test]
    fn an_impossible_step_is_shown_and_is_not_a_failure() {
        let mut report = Report::new(false);
        report
            .step_if_possible("a", "", || Ok(Some("no network".to_owned())))
            .expect("it goes on");
        assert_eq!(report.failed(), 0);
        assert!(!report.is_whole());
        let table = report.table();
        assert!(table.ends_with("NOT DONE no network"), "{table}");
    }

    #[test]
    fn a_retried_test_is_named() {
        let mut report = Report::new(false);
        let retried = || Ok(Some(Remark::Retried(vec!["a::b".to_owned()])));
        report
            .step_with_remark("a", "", retried)
            .expect("it passed");
        assert_eq!(report.failed(), 0);
        assert!(report.is_whole() && report.last_passed());
        let table = report.table();
        assert!(table.ends_with("passed, FLAKY a::b"), "{table}");
    }

    #[test]
    fn an_interruption_always_ends_the_run() {
        let mut report = Report::new(true);
        let problem = report
            .step("a", "", || Err(Interrupted.into()))
            .expect_err("it ends the run");
        assert!(problem.is::<Interrupted>());
    }

    #[test]
    fn durations_are_short_to_read() {
        let cases = [
            (400, "0.4 s"),
            (9_900, "9.9 s"),
            (12_700, "12 s"),
            (185_000, "3 min 05 s"),
        ];
        for (milliseconds, expected) in cases {
            assert_eq!(duration(Duration::from_millis(milliseconds)), expected);
        }
    }
}
