//! `cargo xtask mutants`: cargo-mutants on the core, and the score.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
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

/// The tests that take as long as all others together. Nearly every mutant is noticed by one of the
/// others; these see what those missed.
const THOROUGH: [&str; 4] = [
    "promises::every_step_that_can_be_reached_keeps_every_promise",
    "promises::so_does_every_step_of_the_code_grant",
    "properties::the_session_keeps_its_promises",
    "corpus::signed_jwt",
];

/// Runs it and judges the outcome.
pub(crate) fn run(options: &Mutants) -> Result<()> {
    let mut tools = Tools::default();
    tools.need(CARGO_MUTANTS)?;
    let program = tools.program(CARGO_MUTANTS)?;

    let output = workspace::root().join(OUTPUT);
    std::fs::create_dir_all(&output)
        .with_context(|| format!("could not make {}", output.display()))?;
    let Some(mut score) = pass(&program, &quick(&options.arguments))? else {
        // Asked for a list, or for mutants that there are none of.
        return Ok(());
    };
    if score.missed + score.timeout > 0 {
        say::step("All tests, on the mutants that the quick ones did not notice");
        let mut again = vec!["--iterate".into()];
        again.extend_from_slice(&options.arguments);
        if let Some(thorough) = pass(&program, &again)? {
            score = score.followed_by(&thorough);
        }
    }
    say::block(format!("    {score}"));
    if score.percent() < WANTED {
        bail!(
            "the score is under {WANTED} %; what no test noticed is listed in {OUTPUT}/mutants.out/\
             missed.txt"
        );
    }
    Ok(())
}

/// These arguments, and those for the test program that leave out the thorough tests.
fn quick(arguments: &[OsString]) -> Vec<OsString> {
    let mut quick = arguments.to_vec();
    // Two of them: what follows the first is cargo's, what follows the second the test program's.
    for _ in arguments.iter().filter(|word| *word == "--").count()..2 {
        quick.push("--".into());
    }
    for test in THOROUGH {
        quick.extend(["--skip".into(), test.into()]);
    }
    quick
}

/// Runs cargo-mutants once. `None` if it tried no mutants.
fn pass(program: &Path, arguments: &[OsString]) -> Result<Option<Score>> {
    let start = SystemTime::now();
    let mut mutants = workspace::command(program);
    mutants.args(["mutants", "--package", "cc-connect", "--output", OUTPUT]);
    if !sets_jobs(arguments) {
        mutants.args(["--jobs", "2"]);
    }
    if has_nextest() {
        // It stops at the first test that notices, where cargo's own runner finishes.
        mutants.args(["--test-tool", "nextest"]);
    }
    mutants.args(arguments);
    // Nobody debugs a mutant: that a test failed is enough.
    mutants.env("CARGO_PROFILE_DEV_DEBUG", "0");
    mutants.env("RUST_BACKTRACE", "0");
    mutants.env("PROPTEST_MAX_SHRINK_ITERS", "0");
    // Each job builds in a folder of its own.
    mutants.env_remove("CARGO_TARGET_DIR");
    let status = child::status(&mut mutants)?;
    if !status.success() && !matches!(status.code(), Some(MISSED | TIMEOUT)) {
        bail!("{} failed ({status})", child::shown(&mutants));
    }

    let outcomes = workspace::root()
        .join(OUTPUT)
        .join("mutants.out/outcomes.json");
    let written = outcomes.metadata().and_then(|file| file.modified());
    if !written.is_ok_and(|written| written >= start) {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&outcomes)
        .with_context(|| format!("could not read {}", outcomes.display()))?;
    Score::read(&text)
        .context("outcomes.json is not what cargo-mutants writes")
        .map(Some)
}

/// Whether there is cargo-nextest on this machine: it is not needed, and not installed for this.
fn has_nextest() -> bool {
    workspace::cargo("nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
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

    /// With what came of a second pass over the mutants that were missed or ran for ever.
    fn followed_by(&self, second: &Self) -> Self {
        Self {
            caught: self.caught + second.caught,
            missed: second.missed,
            timeout: second.timeout,
            unviable: self.unviable + second.unviable,
        }
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
    fn the_second_pass_is_about_what_the_first_missed() {
        assert_eq!(
            score(380, 20).followed_by(&Score {
                caught: 15,
                missed: 4,
                timeout: 1,
                unviable: 0
            }),
            Score {
                caught: 395,
                missed: 4,
                timeout: 1,
                unviable: 40,
            }
        );
    }

    #[test]
    fn the_quick_pass_leaves_tests_out() {
        let quick = |words: &str| {
            let words: Vec<_> = words.split_whitespace().map(OsString::from).collect();
            let quick = super::quick(&words);
            let upto = quick
                .iter()
                .position(|word| word == "--skip")
                .expect("some");
            assert_eq!(quick.len() - upto, 2 * THOROUGH.len());
            quick[..upto]
                .join(&OsString::from(" "))
                .into_string()
                .expect("text")
        };
        assert_eq!(quick(""), "-- --");
        assert_eq!(quick("--re x"), "--re x -- --");
        assert_eq!(quick("-- --release"), "-- --release --");
        assert_eq!(quick("-- -- --test-threads 1"), "-- -- --test-threads 1");
    }

    /// A name that is no test's would leave nothing out.
    #[test]
    fn the_thorough_tests_exist() {
        for test in THOROUGH {
            let (module, name) = test.split_once("::").expect("it has both");
            let text = workspace::read(&format!("tests/native/{module}.rs")).expect("it is there");
            assert!(text.contains(name), "{test}");
        }
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
