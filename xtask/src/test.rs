//! `cargo xtask test`: the checks, and a table of their results.
//!
//! cargo-nextest was considered and rejected. A process per test costs more than it gains here: the
//! native tests take 16.0 s instead of 14.3 s, the sandbox's 16.6 s instead of 11.8 s since each
//! process generates its keys again, and the end-to-end tests share browsers within one process.
//! Compiling it adds two minutes to the first run.
//!
//! With `--all`, an end-to-end test that fails runs once more, alone. If it then passes, the table
//! names it and its first report is printed: it is an error to find, which should not also cost a
//! run of half an hour. Without `--all` nothing is retried.

mod report;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cc_connect_hosting::Base;
use serde_json::json;

use crate::arguments::{Step, Test};
use crate::browser::Browser;
use crate::build;
use crate::child;
use crate::deny;
use crate::npm;
use crate::reproducible;
use crate::say;
use crate::servers::{self, Servers};
use crate::setup;
use crate::toolchain;
use crate::workspace;
use report::{Remark, Report};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
const APP: [&str; 4] = ["--package", "cc-connect-app", "--package", "cc-connect"];
/// The WebAssembly part of the benchmark.
const VERIFY: [&str; 2] = ["--package", "cc-connect-bench-verify"];

/// Runs the chosen checks.
pub(crate) fn run(options: &Test) -> Result<()> {
    let mut run = Run {
        options,
        prerequisites: Prerequisites::default(),
        builds: None,
        report: Report::new(options.keep_going),
    };
    let outcome = run.checks();
    let report = run.report;
    say::block(report.table());
    outcome?;
    let failed = report.failed();
    if failed > 0 {
        bail!("{failed} of {} steps failed", report.len());
    }
    say::step(if report.is_whole() {
        "All passed."
    } else {
        "All checks that are possible here passed."
    });
    Ok(())
}

/// The prerequisites of the chosen steps.
#[derive(Default)]
struct Prerequisites {
    chromium: Option<Browser>,
    firefox: Option<Browser>,
    servers: Servers,
    /// What the server's tests leave out, if anything.
    without_postgres: Option<String>,
}

impl Prerequisites {
    /// Installs what is missing first, so that a missing tool fails in seconds rather than after an
    /// hour.
    fn ensure(options: &Test) -> Result<Self> {
        let steps = options.steps();
        let is_chosen = |wanted: &[Step]| steps.iter().any(|step| wanted.contains(step));
        let mut prerequisites = Self::default();
        let browser = is_chosen(&[Step::Web, Step::E2e, Step::Servers]);
        if is_chosen(&[Step::Fmt, Step::Clippy]) {
            toolchain::components()?;
        }
        if browser || is_chosen(&[Step::Clippy]) {
            toolchain::wasm_target()?;
        }
        if browser {
            prerequisites.chromium = Some(Browser::chromium()?);
        }
        if is_chosen(&[Step::E2e]) {
            npm::axe()?;
            if options.all {
                prerequisites.firefox = Some(Browser::firefox()?);
            }
        }
        if is_chosen(&[Step::Server]) {
            prerequisites.without_postgres = servers::ensure_postgres(options.all)?;
        }
        if is_chosen(&[Step::Servers]) {
            prerequisites.servers = Servers::ensure()?;
        }
        Ok(prerequisites)
    }

    fn chromium(&self) -> Result<&Browser> {
        self.chromium.as_ref().context("no browser was prepared")
    }
}

/// A run of the checks.
struct Run<'a> {
    options: &'a Test,
    prerequisites: Prerequisites,
    /// Whether the release builds shared by several steps succeeded, once made.
    builds: Option<bool>,
    report: Report,
}

impl Run<'_> {
    /// Returns an error only if the remaining steps should not run.
    fn checks(&mut self) -> Result<()> {
        let options = self.options;
        let prerequisites = &mut self.prerequisites;
        self.report.step("set-up", "", || {
            *prerequisites = Prerequisites::ensure(options)?;
            Ok(())
        })?;
        for step in options.steps() {
            match step {
                Step::Fmt => self.fmt()?,
                Step::Deny => self.deny()?,
                Step::Clippy => self.clippy()?,
                Step::Native => {
                    let words = [
                        "cc-connect-app",
                        "cc-connect",
                        "cc-connect-core",
                        "xtask",
                        "cc-connect-hosting",
                        "cc-connect-bench",
                    ];
                    let text = "Running the native tests";
                    self.cargo_test("native", text, &words)?;
                }
                Step::Sandbox => {
                    let text = "Running the sandbox's tests";
                    self.cargo_test("sandbox", text, &["cc-connect-sandbox"])?;
                }
                Step::Server => self.server()?,
                Step::Docs => self.docs()?,
                Step::Web => self.web()?,
                Step::E2e => self.e2e()?,
                Step::Servers => self.servers()?,
                Step::Reproducible => self.reproducible()?,
            }
        }
        Ok(())
    }

    fn fmt(&mut self) -> Result<()> {
        self.report.step("fmt", "Checking the format", || {
            child::run(workspace::cargo("fmt").args(["--all", "--check"]))?;
            let fuzz = ["--manifest-path", "fuzz/Cargo.toml", "--check"];
            child::run(workspace::cargo("fmt").args(fuzz))
        })
    }

    fn deny(&mut self) -> Result<()> {
        self.report.step(
            "licenses and sources",
            "Checking the sources and licenses of the dependencies",
            || deny::sources_and_licenses(&setup::for_deny()?),
        )?;
        self.report.step_if_possible(
            "advisories",
            "Checking the dependencies for known vulnerabilities",
            || deny::advisories(&setup::for_deny()?),
        )
    }

    fn clippy(&mut self) -> Result<()> {
        let clippy = |words: &[&str]| {
            let mut clippy = workspace::cargo("clippy");
            clippy.args(workspace::locked()).args(words);
            clippy.args(["--all-targets", "--", "--deny", "warnings"]);
            // Nothing is linked here, so libFuzzer need not be compiled.
            let library = workspace::root().join("target/libfuzzer.a");
            child::run(clippy.env("CUSTOM_LIBFUZZER_PATH", library))
        };
        let fuzz = ["--manifest-path", "fuzz/Cargo.toml"];
        let elsewhere = ["--target-dir", "target/fuzz-check"];
        for (name, words) in [
            ("clippy, native", vec!["--workspace"]),
            ("clippy, WebAssembly", [&APP[..], &VERIFY, &WASM].concat()),
            ("clippy, fuzz targets", [fuzz, elsewhere].concat()),
        ] {
            let text = format!("Running {name}; the first time takes some minutes");
            self.report.step(name, text, || clippy(&words))?;
        }
        Ok(())
    }

    fn cargo_test(&mut self, name: &'static str, text: &str, packages: &[&str]) -> Result<()> {
        let options = self.options;
        self.report.step(name, text, || {
            let packages = packages.iter().flat_map(|package| ["--package", package]);
            let words: Vec<_> = packages.chain(["--tests"]).collect();
            child::run(&mut test_command(&words, options))
        })
    }

    fn server(&mut self) -> Result<()> {
        let (options, without) = (self.options, self.prerequisites.without_postgres.clone());
        let text = "Running the server's tests; the first build takes some minutes";
        self.report.step_if_possible("server", text, || {
            let words = ["--package", "cc-connect-server", "--tests"];
            child::run(&mut test_command(&words, options))?;
            Ok(without)
        })
    }

    fn docs(&mut self) -> Result<()> {
        let examples = "Running the examples in the documentation";
        self.report.step("doc tests", examples, || {
            let mut test = workspace::cargo("test");
            test.args(workspace::locked());
            child::run(test.args(["--workspace", "--doc"]))
        })?;
        let building = "Building the documentation";
        self.report.step("documentation", building, || {
            let mut doc = workspace::cargo("doc");
            doc.args(workspace::locked());
            doc.args(["--workspace", "--no-deps", "--document-private-items"]);
            child::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
        })
    }

    fn web(&mut self) -> Result<()> {
        let (options, prerequisites) = (self.options, &self.prerequisites);
        self.report.step(
            "in-browser tests",
            "Running the in-browser tests in headless Chromium; the first build takes some minutes",
            || {
                let browser = prerequisites.chromium()?;
                let tools = setup::for_web_tests()?;
                let capabilities = workspace::root().join("target/webdriver.json");
                std::fs::create_dir_all(workspace::root().join("target"))?;
                std::fs::write(&capabilities, webdriver_json(&browser.program))
                    .with_context(|| format!("could not write {}", capabilities.display()))?;

                let words = [&APP[..], &WASM, &["--test", "web", "--lib"]].concat();
                let mut test = test_command(&words, options);
                // A bare name: cargo splits this variable at spaces, which the folder may contain.
                test.env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                    "wasm-bindgen-test-runner",
                );
                test.env("PATH", tools.path()?);
                test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
                // On a busy machine the driver takes more than five seconds to start.
                test.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
                test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
                // The runner would prefer these to Chromium's.
                for driver in [
                    "GECKODRIVER",
                    "SAFARIDRIVER",
                    "CHROMEDRIVER",
                    "MSEDGEDRIVER",
                ] {
                    test.env_remove(driver)
                        .env_remove(format!("{driver}_REMOTE"));
                }
                browser.set_variables(&mut test);
                child::run(&mut test)
            },
        )
    }

    /// Makes the release builds once and records the result in `builds`.
    fn ensure_builds(&mut self) -> Result<()> {
        if self.builds.is_some() {
            return Ok(());
        }
        self.builds = Some(false);
        for (name, base, dist) in [
            ("release build for /", Base::root(), AT_ROOT),
            ("release build for /app/", "/app/".parse()?, AT_APP),
        ] {
            let text = format!("Making the {name}; the first time takes some minutes");
            self.report.step(name, text, || {
                let (root, tools) = (workspace::root(), setup::for_trunk(true)?);
                build::release(&tools, Path::new(dist), base.as_str())?;
                let deploy = root.join(format!("{dist}-deploy"));
                build::finish(&root.join(dist), &deploy, &base).map(drop)
            })?;
            if !self.report.last_passed() {
                return Ok(());
            }
        }
        let text = "Building the example of an application that uses the library";
        self.report.step("example", text, || {
            let dist = Path::new(EXAMPLE);
            build::example(&setup::for_trunk(true)?, dist, EXAMPLES_SANDBOX)
        })?;
        self.builds = Some(self.report.last_passed());
        Ok(())
    }

    fn e2e(&mut self) -> Result<()> {
        self.ensure_builds()?;
        let (options, prerequisites, builds) = (self.options, &self.prerequisites, self.builds);
        self.report.step_with_remark(
            "end-to-end tests",
            "Running the end-to-end tests in headless browsers on the release builds",
            || {
                let words = ["--package", "cc-connect-e2e", "--tests", "--no-fail-fast"];
                let mut test = test_command(&words, options);
                set_build_variables(&mut test, builds)?;
                prerequisites.chromium()?.set_variables(&mut test);
                let (variable, axe) = npm::axe()?;
                test.env(variable, axe);
                if let Some(firefox) = &prerequisites.firefox {
                    firefox.set_variables(&mut test);
                }
                if !options.all {
                    return child::run(&mut test).map(|()| None);
                }
                if options.arguments.is_empty() {
                    test.arg("--");
                }
                test.arg("--include-ignored");
                test.args(ON_REQUEST.iter().flat_map(|tests| ["--skip", tests]));
                let retries = Retries::record(&mut test)?;
                child::run(&mut test)?;
                retries.report()
            },
        )
    }

    /// Runs the doctor and a browser against the release builds behind the installed servers.
    fn servers(&mut self) -> Result<()> {
        self.ensure_builds()?;
        let (prerequisites, builds) = (&self.prerequisites, self.builds);
        self.report.step_if_possible(
            "real servers",
            "Running the doctor and headless Chromium against nginx, Caddy, Apache, wrangler and \
             superstatic",
            || {
                for package in ["xtask", "cc-connect-e2e"] {
                    let mut test = workspace::cargo("test");
                    test.args(workspace::locked());
                    test.args(["--package", package, "--tests", "--"]);
                    prerequisites.servers.choose_tests(&mut test)?;
                    set_build_variables(&mut test, builds)?;
                    prerequisites.chromium()?.set_variables(&mut test);
                    child::run(&mut test)?;
                }
                Ok(prerequisites.servers.not_done())
            },
        )
    }

    fn reproducible(&mut self) -> Result<()> {
        self.ensure_builds()?;
        let builds = self.builds;
        self.report.step_if_possible(
            "the same build twice",
            "Making a second release build in another folder, and comparing",
            || {
                require_builds(builds)?;
                let root = workspace::root();
                let first = root.join(AT_ROOT);
                reproducible::compare_but_for_the_base(&first, &root.join(AT_APP))?;
                reproducible::check(&setup::for_trunk(true)?, &first)
            },
        )
    }
}

/// The release builds.
const AT_ROOT: &str = "target/dist";
const AT_APP: &str = "target/dist-app";

/// The build of `examples/minimal`, and the sandbox that it uses: tests/e2e/library.rs starts it.
const EXAMPLE: &str = "target/dist-minimal";
const EXAMPLES_SANDBOX: &str = "http://localhost:18081";

/// The end-to-end tests that passed only the second time, which they record in a file.
struct Retries(PathBuf);

impl Retries {
    fn record(test: &mut Command) -> Result<Self> {
        let file = workspace::root().join("target/e2e-retries");
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| file.display().to_string());
            }
            _ => {}
        }
        test.env("CC_CONNECT_E2E_RETRIES", &file);
        Ok(Self(file))
    }

    /// Prints why each failed at first.
    fn report(self) -> Result<Option<Remark>> {
        let Self(file) = self;
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let tests = text.lines().filter(|line| !line.starts_with(' '));
        let tests = tests.map(str::to_owned).collect();
        say::block(text);
        Ok(Some(Remark::Retried(tests)))
    }
}

fn require_builds(builds: Option<bool>) -> Result<()> {
    if builds != Some(true) {
        bail!("the release builds failed, so there is nothing to test");
    }
    Ok(())
}

/// Passes the paths of the builds to the tests.
fn set_build_variables(test: &mut Command, builds: Option<bool>) -> Result<()> {
    require_builds(builds)?;
    let root = workspace::root();
    test.env("CC_CONNECT_DIST", root.join(AT_ROOT));
    test.env("CC_CONNECT_DIST_APP", root.join(AT_APP));
    test.env("CC_CONNECT_DIST_MINIMAL", root.join(EXAMPLE));
    Ok(())
}

/// Ignored end-to-end tests that `--all` does not run here either: `servers` runs the last, and
/// the others are commands of their own.
const ON_REQUEST: [&str; 3] = ["gallery::", "lighthouse::", "real_servers::"];

fn test_command(words: &[&str], options: &Test) -> Command {
    let mut test = workspace::cargo("test");
    test.args(workspace::locked()).args(words);
    if !options.arguments.is_empty() {
        test.arg("--").args(&options.arguments);
    }
    test
}

/// The capabilities for wasm-bindgen's test runner, which adds `headless` and `no-sandbox` itself.
fn webdriver_json(chrome: &Path) -> String {
    let options = json!({
        "binary": chrome,
        "args": ["disable-gpu", "window-size=1280,900"],
    });
    json!({ "goog:chromeOptions": options }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_told_the_browser() {
        let json: serde_json::Value =
            serde_json::from_str(&webdriver_json(Path::new("/usr/bin/chromium")))
                .expect("it is JSON");
        assert_eq!(json["goog:chromeOptions"]["binary"], "/usr/bin/chromium");
    }
}
