//! `cargo xtask mutants`: cargo-mutants on the core, and the score.

use std::ffi::OsString;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::arguments::Mutants;
use crate::child;
use crate::say;
use crate::tools::{CARGO_MUTANTS, Tools};
use crate::workspace;

/// Where its folder mutants.out is put.
const OUTPUT: &str = "target/mutants";
/// Under this score the command fails, in percent.
const WANTED: f64 = 95.0;

/// Some mutants were missed, or ran for ever: that is a result.
const MISSED: i32 = 2;
const TIMEOUT: i32 = 3;

/// Runs it and judges the outcome.
pub(crate) fn run(options: &Mutants) -> Result<()> {
    let mut tools = Tools::default();
    tools.need(CARGO_MUTANTS)?;

    let output = workspace::root().join(OUTPUT);
    std::fs::create_dir_all(&output)
        .with_context(|| format!("could not make {}", output.display()))?;
    let start = SystemTime::now();
    let mut mutants = workspace::command(tools.program(CARGO_MUTANTS)?);
    mutants.args(["mutants", "--package", "cc-connect", "--output", OUTPUT]);
    if !sets_jobs(&options.arguments) {
        mutants.args(["--jobs", "2"]);
    }
    mutants.args(&options.arguments);
    // Nobody debugs a mutant: that a test failed is enough.
    mutants.env("CARGO_PROFILE_DEV_DEBUG", "0");
    // The tests take longer than the builds.
    mutants.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    mutants.env("RUST_BACKTRACE", "0");
    mutants.env("PROPTEST_MAX_SHRINK_ITERS", "0");
    // Each job builds in a folder of its own.
    mutants.env_remove("CARGO_TARGET_DIR");
    let status = child::status(&mut mutants)?;
    if !status.success() && !matches!(status.code(), Some(MISSED | TIMEOUT)) {
        bail!("{} failed ({status})", child::shown(&mutants));
    }

    let outcomes = output.join("mutants.out").join("outcomes.json");
    let written = outcomes.metadata().and_then(|file| file.modified());
    if !written.is_ok_and(|written| written >= start) {
        // Asked for a list, or for mutants that there are none of.
        return Ok(());
    }
    let text = std::fs::read_to_string(&outcomes)
        .with_context(|| format!("could not read {}", outcomes.display()))?;
    let score = Score::read(&text).context("outcomes.json is not what cargo-mutants writes")?;
    say::block(format!("    {score}"));
    if score.percent() < WANTED {
        bail!(
            "the score is under {WANTED} %; what no test noticed is listed in {OUTPUT}/mutants.out/\
             missed.txt"
        );
    }
    Ok(())
}

fn sets_jobs(arguments: &[OsString]) -> bool {
    arguments.iter().any(|word| {
        let word = word.to_string_lossy();
        word.starts_with("--jobs") || (word.starts_with("-j") && !word.starts_with("--"))
    })
}

/// How many mutants met which end.
#[derive(Debug, PartialEq, Eq)]
struct Score {
    caught: u64,
    missed: u64,
    timeout: u64,
    unviable: u64,
}

impl Score {
    fn read(outcomes: &str) -> Option<Self> {
        let outcomes: Value = serde_json::from_str(outcomes).ok()?;
        let count = |name: &str| outcomes.get(name)?.as_u64();
        Some(Self {
            caught: count("caught")?,
            missed: count("missed")?,
            timeout: count("timeout")?,
            unviable: count("unviable")?,
        })
    }

    /// Of those that a test could notice, how many one did.
    fn percent(&self) -> f64 {
        let tested = self.caught + self.missed;
        if tested == 0 {
            return 100.0;
        }
        100.0 * self.caught as f64 / tested as f64
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Mutation score: {:.1} % ({} of {} noticed; not counted: {} ran for ever, {} did not \
             compile)",
            self.percent(),
            self.caught,
            self.caught + self.missed,
            self.timeout,
            self.unviable
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(caught: u64, missed: u64) -> Score {
        Score {
            caught,
            missed,
            timeout: 3,
            unviable: 40,
        }
    }

    #[test]
    fn the_score_is_read_from_the_outcomes() {
        let text = r#"{"outcomes": [], "total_mutants": 443, "missed": 20, "caught": 380,
            "timeout": 3, "unviable": 40, "success": 0}"#;
        assert_eq!(Score::read(text), Some(score(380, 20)));
        assert_eq!(Score::read("{}"), None);
        assert_eq!(Score::read(""), None);
    }

    #[test]
    fn only_what_a_test_could_notice_counts() {
        assert_eq!(score(380, 20).percent(), 95.0);
        assert!(score(379, 21).percent() < WANTED);
        assert_eq!(score(0, 0).percent(), 100.0);
        assert_eq!(
            score(380, 20).to_string(),
            "Mutation score: 95.0 % (380 of 400 noticed; not counted: 3 ran for ever, 40 did not \
             compile)"
        );
    }

    #[test]
    fn a_persons_jobs_come_first() {
        let sets = |words: &str| {
            let words: Vec<_> = words.split_whitespace().map(OsString::from).collect();
            sets_jobs(&words)
        };
        assert!(sets("-j 1") && sets("-j4") && sets("--jobs=1") && sets("--re x --jobs 8"));
        assert!(!sets("--re src/json.rs") && !sets(""));
    }

    /// A file that the settings name has to be there, or nothing of it is mutated.
    #[test]
    fn the_settings_name_files_that_exist() {
        let settings = workspace::read(".cargo/mutants.toml").expect("they are there");
        let paths = settings
            .lines()
            .filter_map(|line| line.trim().strip_prefix("\"src/")?.strip_suffix("\","));
        let mut count = 0;
        for path in paths {
            let path = path.trim_end_matches("/**");
            assert!(workspace::root().join("src").join(path).exists(), "{path}");
            count += 1;
        }
        assert!(count > 5, "{count} paths");
    }
}
