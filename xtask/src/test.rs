//! `cargo xtask test`: every check, and a table of how they went.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cc_connect_hosting::Base;
use serde_json::json;

use crate::arguments::Test;
use crate::browser::Browser;
use crate::build;
use crate::child;
use crate::deny;
use crate::firefox::Firefox;
use crate::interrupt::{self, Interrupted};
use crate::npm::AXE;
use crate::reproducible;
use crate::say;
use crate::servers::Servers;
use crate::setup;
use crate::steps::Step;
use crate::toolchain;
use crate::workspace;

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
const APP: [&str; 2] = ["--package", "cc-connect"];
/// What of the benchmark is WebAssembly.
const VERIFY: [&str; 2] = ["--package", "cc-connect-bench-verify"];

/// Runs the chosen checks.
pub(crate) fn run(options: &Test) -> Result<()> {
    let mut report = Report {
        keep_going: options.keep_going,
        rows: Vec::new(),
    };
    let outcome = checks(options, &mut report);
    say::block(report.table());
    outcome?;
    let failed = report.failed();
    if failed > 0 {
        bail!("{failed} of {} steps failed", report.rows.len());
    }
    say::step(if report.is_whole() {
        "All passed."
    } else {
        "All passed that could be done here."
    });
    Ok(())
}

/// An error only when the rest is not to be tried.
fn checks(options: &Test, report: &mut Report) -> Result<()> {
    let chosen = |step| options.steps.contains(&step);
    let browser_needed = [Step::Web, Step::E2e, Step::Servers]
        .into_iter()
        .any(chosen);

    // What is quick to see to comes first: it would be a pity to learn of it at the end.
    let mut browser = None;
    let mut firefox = None;
    let mut servers = Servers::default();
    let mut builds = Builds::default();
    report.step("set-up", "", || {
        if chosen(Step::Fmt) || chosen(Step::Clippy) {
            toolchain::components()?;
        }
        if chosen(Step::Clippy) || browser_needed {
            toolchain::wasm_target()?;
        }
        if browser_needed {
            browser = Some(Browser::need()?);
        }
        if chosen(Step::E2e) {
            firefox = Some(Firefox::need()?);
            AXE.need()?;
        }
        if chosen(Step::Servers) {
            servers = Servers::need()?;
        }
        Ok(())
    })?;

    for step in &options.steps {
        match step {
            Step::Fmt => report.step("fmt", "Checking the format", || {
                child::run(workspace::cargo("fmt").args(["--all", "--check"]))?;
                let fuzz = ["--manifest-path", "fuzz/Cargo.toml", "--check"];
                child::run(workspace::cargo("fmt").args(fuzz))
            })?,
            Step::Deny => deny_step(report)?,
            Step::Clippy => clippy(report)?,
            Step::Native => report.step("native", "Running the native tests", || {
                let tools = ["xtask", "cc-connect-hosting", "cc-connect-bench"];
                let tools = tools.map(|package| ["--package", package]).concat();
                let packages = [&APP[..], &tools].concat();
                cargo_test(&[packages.as_slice(), &["--tests"]].concat(), options)
            })?,
            Step::Sandbox => report.step("sandbox", "Running the sandbox's tests", || {
                cargo_test(&["--package", "cc-connect-sandbox", "--tests"], options)
            })?,
            Step::Docs => docs(report)?,
            Step::Web => web(options, browser.as_ref(), report)?,
            Step::E2e => {
                builds.need(report)?;
                e2e(options, browser.as_ref(), firefox.as_ref(), &builds, report)?;
            }
            Step::Servers => {
                builds.need(report)?;
                behind_servers(&servers, browser.as_ref(), &builds, report)?;
            }
            Step::Reproducible => {
                builds.need(report)?;
                reproducible_step(&builds, report)?;
            }
        }
    }
    Ok(())
}

fn deny_step(report: &mut Report) -> Result<()> {
    report.step(
        "licences and sources",
        "Checking where the dependencies come from, and their licences",
        || deny::sources_and_licences(&setup::for_deny()?),
    )?;
    report.step_if_possible(
        "advisories",
        "Checking whether anything is known against a dependency",
        || deny::advisories(&setup::for_deny()?),
    )
}

fn clippy(report: &mut Report) -> Result<()> {
    let clippy = |words: &[&str]| {
        let mut clippy = workspace::cargo("clippy");
        clippy.args(workspace::locked()).args(words);
        clippy.args(["--all-targets", "--", "--deny", "warnings"]);
        child::run(&mut clippy)
    };
    report.step(
        "clippy, native",
        "Running clippy on everything; the first time takes some minutes",
        || clippy(&["--workspace"]),
    )?;
    report.step(
        "clippy, WebAssembly",
        "Running clippy on the app as it is compiled for the browser; the first time takes some \
         minutes",
        || clippy(&[APP, VERIFY, WASM].concat()),
    )?;
    report.step(
        "clippy, fuzz targets",
        "Running clippy on the fuzz targets",
        || {
            let mut clippy = workspace::cargo("clippy");
            clippy.args(workspace::locked());
            clippy.args(["--manifest-path", "fuzz/Cargo.toml"]);
            clippy.args(["--target-dir", "target/fuzz-check"]);
            clippy.args(["--all-targets", "--", "--deny", "warnings"]);
            // Nothing is linked here, so libFuzzer need not be compiled.
            clippy.env(
                "CUSTOM_LIBFUZZER_PATH",
                workspace::root().join("target/libfuzzer.a"),
            );
            child::run(&mut clippy)
        },
    )
}

fn docs(report: &mut Report) -> Result<()> {
    report.step(
        "doc tests",
        "Running the examples in the documentation",
        || {
            let mut test = workspace::cargo("test");
            test.args(workspace::locked())
                .args(["--workspace", "--doc"]);
            child::run(&mut test)
        },
    )?;
    report.step("documentation", "Building the documentation", || {
        let mut doc = workspace::cargo("doc");
        doc.args(workspace::locked());
        doc.args(["--workspace", "--no-deps", "--document-private-items"]);
        doc.env("RUSTDOCFLAGS", "--deny warnings");
        child::run(&mut doc)
    })
}

fn web(options: &Test, browser: Option<&Browser>, report: &mut Report) -> Result<()> {
    report.step(
        "in-browser tests",
        "Running the tests that need a browser, in headless Chromium; the first build takes some \
         minutes",
        || {
            let browser = browser.context("there is no browser")?;
            let tools = setup::for_web_tests()?;
            let capabilities = workspace::root().join("target/webdriver.json");
            std::fs::create_dir_all(workspace::root().join("target"))?;
            std::fs::write(&capabilities, webdriver_json(&browser.chrome))
                .with_context(|| format!("could not write {}", capabilities.display()))?;

            let words = [&APP[..], &WASM, &["--test", "web"]].concat();
            let mut test = test_command(&words, options);
            // A bare name: cargo splits this variable at spaces, and the folder may have some.
            test.env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                "wasm-bindgen-test-runner",
            );
            test.env("PATH", tools.path()?);
            test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
            // On a busy machine five seconds pass before the driver is up.
            test.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
            test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
            // The runner would take these before Chromium's.
            for driver in [
                "GECKODRIVER",
                "SAFARIDRIVER",
                "CHROMEDRIVER",
                "MSEDGEDRIVER",
            ] {
                test.env_remove(driver)
                    .env_remove(format!("{driver}_REMOTE"));
            }
            with_browser(&mut test, browser);
            child::run(&mut test)
        },
    )
}

/// What `CC_CONNECT_E2E=short` leaves out of the code grant: what passes the same way with either, and runs
/// with the implicit one.
const ONE_GRANT_IS_ENOUGH: [&str; 20] = [
    "accounts",
    "announcements",
    "back_forward_cache",
    "base_path",
    "deployment",
    "disconnect",
    "expiry",
    "first_page",
    "framed",
    "integrity",
    "keyboard",
    "keys",
    "language",
    "offline",
    "overview",
    "pages",
    "storage",
    "tabs",
    "verification",
    "wrong_clock",
];

/// What `CC_CONNECT_E2E=short` leaves out of Firefox: all but the journey, the callback with Back, the pages
/// kept for Back, and expiry.
const CHROMIUM_IS_ENOUGH: [&str; 12] = [
    "accounts",
    "base_path",
    "canary",
    "deployment",
    "disconnect",
    "framed",
    "harness",
    "integrity",
    "language",
    "storage",
    "tabs",
    "wrong_clock",
];

/// The release builds that several steps take, made once.
#[derive(Default)]
struct Builds {
    /// Whether that went well.
    made: Option<bool>,
}

impl Builds {
    const ROOT: &str = "target/dist";
    const APP: &str = "target/dist-app";

    fn need(&mut self, report: &mut Report) -> Result<()> {
        if self.made.is_some() {
            return Ok(());
        }
        self.made = Some(false);
        for (name, base, dist) in [
            ("release build for /", Base::root(), Self::ROOT),
            ("release build for /app/", "/app/".parse()?, Self::APP),
        ] {
            report.step(
                name,
                format!("Making the {name}; the first time takes some minutes"),
                || {
                    let (root, tools) = (workspace::root(), setup::for_trunk(true)?);
                    build::release(&tools, Path::new(dist), base.as_str())?;
                    let deploy = root.join(format!("{dist}-deploy"));
                    build::finish(&root.join(dist), &deploy, &base).map(drop)
                },
            )?;
            if !report.last_passed() {
                return Ok(());
            }
        }
        self.made = Some(true);
        Ok(())
    }

    fn expect(&self) -> Result<()> {
        if self.made != Some(true) {
            bail!("without the release builds there is nothing to test");
        }
        Ok(())
    }

    /// Tells the tests where they are.
    fn name_to(test: &mut Command) {
        let root = workspace::root();
        test.env("CC_CONNECT_DIST", root.join(Self::ROOT));
        test.env("CC_CONNECT_DIST_APP", root.join(Self::APP));
    }
}

fn e2e(
    options: &Test,
    browser: Option<&Browser>,
    firefox: Option<&Firefox>,
    builds: &Builds,
    report: &mut Report,
) -> Result<()> {
    report.step(
        "end-to-end tests",
        "Running the end-to-end tests in headless Chromium and Firefox on the release builds",
        || {
            builds.expect()?;
            let browser = browser.context("there is no browser")?;
            let firefox = firefox.context("there is no Firefox")?;
            // All of them run, also after a failure: only then is it known which have to run again.
            let words = ["--package", "cc-connect-e2e", "--tests", "--no-fail-fast"];
            let mut test = test_command(&words, options);
            Builds::name_to(&mut test);
            with_browser(&mut test, browser);
            firefox.name_to(&mut test);
            AXE.name_to(&mut test)?;
            if std::env::var_os("CC_CONNECT_E2E").is_some_and(|value| value == "short") {
                if options.arguments.is_empty() {
                    test.arg("--");
                }
                let firefox = CHROMIUM_IS_ENOUGH.map(|module| format!("{module}::firefox"));
                let code = ONE_GRANT_IS_ENOUGH.map(|module| format!("{module}::code"));
                for tests in firefox.iter().chain(&code) {
                    test.args(["--skip", tests]);
                }
            }
            let mut failed = Vec::new();
            let mut counted = 0;
            let status = child::status_seen(&mut test, |line| {
                failed.extend(failed_test(line));
                counted += failures(line);
            })?;
            if status.success() {
                return Ok(());
            }
            // A test program that came to no end has not counted.
            if failed.is_empty() || failed.len() > UNSTEADY || failed.len() != counted {
                bail!("`{}` failed ({status})", child::shown(&test));
            }
            // Two browsers on a busy machine: one that stumbled gets a second chance, alone.
            say::step(format!(
                "Once more, one after the other: {}",
                failed.join(", ")
            ));
            let mut again = workspace::cargo("test");
            again.args(workspace::locked());
            again.args(["--package", "cc-connect-e2e", "--tests", "--"]);
            again.args(["--exact", "--test-threads", "1"]).args(&failed);
            Builds::name_to(&mut again);
            with_browser(&mut again, browser);
            firefox.name_to(&mut again);
            AXE.name_to(&mut again)?;
            child::run(&mut again)?;
            say::note(format!(
                "Passed the second time only: {}.",
                failed.join(", ")
            ));
            Ok(())
        },
    )
}

/// How many end-to-end tests may pass the second time only.
const UNSTEADY: usize = 3;

/// The test that this line of libtest's says has failed.
fn failed_test(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.to_owned())
}

/// How many failures this line counts, if it is the last one of a test program.
fn failures(line: &str) -> usize {
    let counts = line.strip_prefix("test result: ").unwrap_or_default();
    let failed = counts
        .split("; ")
        .find_map(|count| count.strip_suffix(" failed"));
    failed.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The doctor and a browser look at the release builds behind the servers that are here.
fn behind_servers(
    servers: &Servers,
    browser: Option<&Browser>,
    builds: &Builds,
    report: &mut Report,
) -> Result<()> {
    report.step_if_possible(
        "nginx, Caddy and Apache",
        "Running the doctor and headless Chromium against nginx, Caddy and Apache",
        || {
            builds.expect()?;
            let browser = browser.context("there is no browser")?;
            if servers.tests.is_empty() {
                return Ok(servers.not_done());
            }
            for package in ["xtask", "cc-connect-e2e"] {
                let mut test = workspace::cargo("test");
                test.args(workspace::locked());
                test.args(["--package", package, "--tests", "--", "--ignored"]);
                test.args(&servers.tests);
                if let Some(skipped) = servers.skipped {
                    test.args(["--skip", skipped]);
                }
                Builds::name_to(&mut test);
                with_browser(&mut test, browser);
                child::run(&mut test)?;
            }
            Ok(servers.not_done())
        },
    )
}

fn reproducible_step(builds: &Builds, report: &mut Report) -> Result<()> {
    report.step_if_possible(
        "the same build twice",
        "Making the release build once more, elsewhere, and comparing",
        || {
            builds.expect()?;
            let root = workspace::root();
            let first = root.join(Builds::ROOT);
            reproducible::compare_but_for_the_base(&first, &root.join(Builds::APP))?;
            reproducible::check(&setup::for_trunk(true)?, &first)
        },
    )
}

fn cargo_test(words: &[&str], options: &Test) -> Result<()> {
    child::run(&mut test_command(words, options))
}

fn test_command(words: &[&str], options: &Test) -> Command {
    let mut test = workspace::cargo("test");
    test.args(workspace::locked()).args(words);
    if !options.arguments.is_empty() {
        test.arg("--").args(&options.arguments);
    }
    test
}

fn with_browser(command: &mut Command, browser: &Browser) {
    command.env("CHROME", &browser.chrome);
    command.env("CHROMEDRIVER", &browser.chromedriver);
}

/// The capabilities for wasm-bindgen's test runner, which adds `headless` and `no-sandbox` itself.
fn webdriver_json(chrome: &Path) -> String {
    let options = json!({
        "binary": chrome,
        "args": ["disable-gpu", "window-size=1280,900"],
    });
    json!({ "goog:chromeOptions": options }).to_string()
}

/// How the steps went.
struct Report {
    keep_going: bool,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    duration: Duration,
}

/// How a step went.
enum Outcome {
    Passed,
    Failed,
    /// It could not be done, for this reason, and that is no failure.
    NotDone(String),
}

impl Report {
    /// Runs one step. An error ends the whole run, and is returned only when it should.
    fn step(
        &mut self,
        name: &'static str,
        text: impl AsRef<str>,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.step_if_possible(name, text, || work().map(|()| None))
    }

    /// Runs one step that may turn out to be impossible here, and then returns why.
    fn step_if_possible(
        &mut self,
        name: &'static str,
        text: impl AsRef<str>,
        work: impl FnOnce() -> Result<Option<String>>,
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
                Ok(Some(why)) => Outcome::NotDone(why.clone()),
                Err(_) => Outcome::Failed,
            },
            duration: start.elapsed(),
        });
        match result {
            Err(problem) if self.keep_going && !problem.is::<Interrupted>() => {
                say::problem(&problem);
                interrupt::check()?;
                Ok(())
            }
            result => result.map(|_| ()),
        }
    }

    /// Whether nothing was left out.
    fn is_whole(&self) -> bool {
        let not_done = |row: &Row| matches!(row.outcome, Outcome::NotDone(_));
        !self.rows.iter().any(not_done)
    }

    fn last_passed(&self) -> bool {
        let last = self.rows.last();
        last.is_none_or(|row| matches!(row.outcome, Outcome::Passed))
    }

    fn failed(&self) -> usize {
        let failed = |row: &&Row| matches!(row.outcome, Outcome::Failed);
        self.rows.iter().filter(failed).count()
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max();
        let width = width.unwrap_or(0);
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                let (result, why) = match &row.outcome {
                    Outcome::Passed => ("passed", ""),
                    Outcome::Failed => ("FAILED", ""),
                    Outcome::NotDone(why) => ("NOT DONE", why.as_str()),
                };
                let duration = duration(row.duration);
                let line = format!("    {:width$}  {result:8}  {duration:>10}  {why}", row.name);
                line.trim_end().to_owned()
            })
            .collect();
        rows.join("\n")
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
    use super::*;

    #[test]
    fn a_test_that_failed_is_known_by_its_line() {
        let name = failed_test("test tabs::code::four_tabs ... FAILED");
        assert_eq!(name.as_deref(), Some("tabs::code::four_tabs"));
        for other in [
            "test tabs::one ... ok",
            "test result: FAILED. 1 passed",
            "FAILED",
        ] {
            assert_eq!(failed_test(other), None, "{other}");
        }
        let end = "test result: FAILED. 428 passed; 12 failed; 11 ignored; 0 measured";
        assert_eq!(failures(end), 12);
        assert_eq!(failures("test tabs::one ... FAILED"), 0);
    }

    fn report(keep_going: bool) -> Report {
        Report {
            keep_going,
            rows: Vec::new(),
        }
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        let mut report = report(false);
        report.step("a", "", || Ok(())).expect("it passes");
        report
            .step("b", "", || bail!("no"))
            .expect_err("it ends the run");
        assert_eq!(report.failed(), 1);
        assert!(!report.last_passed());
    }

    #[test]
    fn keep_going_keeps_count() {
        let mut report = report(true);
        report.step("a", "", || bail!("no")).expect("it goes on");
        report.step("bcd", "", || Ok(())).expect("it passes");
        assert_eq!(report.failed(), 1);
        let table = report.table();
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[0].starts_with("    a    FAILED"), "{table}");
        assert!(lines[1].starts_with("    bcd  passed"), "{table}");
    }

    #[test]
    fn what_could_not_be_done_is_said_and_is_no_failure() {
        let mut report = report(false);
        report
            .step_if_possible("a", "", || Ok(Some("no network".to_owned())))
            .expect("it goes on");
        assert_eq!(report.failed(), 0);
        assert!(!report.is_whole());
        let table = report.table();
        assert!(table.starts_with("    a  NOT DONE"), "{table}");
        assert!(table.ends_with("no network"), "{table}");
    }

    #[test]
    fn an_interruption_ends_it_in_any_case() {
        let mut report = report(true);
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

    #[test]
    fn the_browser_is_named_to_the_driver() {
        let json: serde_json::Value =
            serde_json::from_str(&webdriver_json(Path::new("/usr/bin/chromium")))
                .expect("it is JSON");
        assert_eq!(json["goog:chromeOptions"]["binary"], "/usr/bin/chromium");
    }
}
