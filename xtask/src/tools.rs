//! Trunk, wasm-bindgen, wasm-opt and the tools for the checks: taken from the PATH if the version
//! is right, otherwise from the cache, otherwise installed into the cache.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use semver::VersionReq;
use toml::Table;

use crate::child;
use crate::interrupt;
use crate::npm::{BINARYEN, Package};
use crate::programs::{find, printed_version, version};
use crate::say;
use crate::workspace;

/// A tool used by a check, in the version this repository is tested with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checker {
    /// The package and its program.
    name: &'static str,
    version: &'static str,
    duration: &'static str,
}

/// <https://embarkstudios.github.io/cargo-deny/>
pub(crate) const CARGO_DENY: Checker = Checker {
    name: "cargo-deny",
    version: "0.20.2",
    duration: "2 minutes",
};

/// <https://firefox-source-docs.mozilla.org/testing/geckodriver/>
pub(crate) const GECKODRIVER: Checker = Checker {
    name: "geckodriver",
    version: "0.37.1",
    duration: "2 minutes",
};

/// Folders of the tools that are not on the PATH.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    directories: Vec<PathBuf>,
}

impl Tools {
    /// The PATH with the tools' folders first.
    pub(crate) fn path(&self) -> Result<OsString> {
        let path = env::var_os("PATH").unwrap_or_default();
        let directories = self.directories.iter().cloned();
        env::join_paths(directories.chain(env::split_paths(&path)))
            .context("a folder of the tools has a name that PATH cannot hold")
    }

    /// The path of a tool.
    fn find(&self, program: &str) -> Option<PathBuf> {
        which::which_in(program, Some(self.path().ok()?), workspace::root()).ok()
    }

    /// A command that finds the tools, as do its own children.
    pub(crate) fn command(&self, program: &str) -> Result<Command> {
        // On some systems our own PATH decides which program is run.
        let found = self.find(program).unwrap_or_else(|| program.into());
        let mut command = workspace::command(found);
        command.env("PATH", self.path()?);
        Ok(command)
    }

    /// The start of every Trunk command.
    pub(crate) fn trunk(&self) -> Result<Command> {
        let mut trunk = self.command("trunk")?;
        trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
        // Trunk parses NO_COLOR as a switch of its own and fails on any value but true and false.
        trunk.env_remove("NO_COLOR");
        if say::no_color() {
            trunk.env("TRUNK_COLOR", "never");
        }
        Ok(trunk)
    }

    /// Adds the folder of a tool that is not on the PATH.
    pub(crate) fn add(&mut self, directory: Option<PathBuf>) {
        self.directories.extend(directory);
    }

    /// Ensures that Trunk is installed, in a version that Trunk.toml allows.
    pub(crate) fn ensure_trunk(&mut self) -> Result<()> {
        let wanted = trunk_version()?;
        let required = VersionReq::parse(&wanted).context("trunk-version in Trunk.toml")?;
        self.add(cargo_tool(&CargoTool {
            name: "trunk",
            version: &wanted,
            programs: &["trunk"],
            fits: &|text| version(text).is_some_and(|found| required.matches(&found)),
            duration: "2 and a half minutes",
            // Its lockfile is the tested set.
            locked: true,
            optimized: &[],
        })?);
        Ok(())
    }

    /// Ensures that wasm-bindgen is installed: generator and library must have exactly the same
    /// version.
    pub(crate) fn ensure_wasm_bindgen(&mut self) -> Result<()> {
        let wanted = locked_version("wasm-bindgen")?;
        self.add(cargo_tool(&CargoTool {
            name: "wasm-bindgen-cli",
            version: &wanted,
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            fits: &|text| version(text).is_some_and(|found| found.to_string() == wanted),
            duration: "a minute",
            // The lockfiles of some releases name yanked versions.
            locked: false,
            optimized: &WASM_BINDGEN_PARSERS,
        })?);
        Ok(())
    }

    /// Ensures that a tool for the checks is installed.
    pub(crate) fn ensure(&mut self, checker: Checker) -> Result<()> {
        let required = VersionReq::parse(checker.version)?;
        self.add(cargo_tool(&CargoTool {
            name: checker.name,
            version: checker.version,
            programs: &[checker.name],
            fits: &|text| version(text).is_some_and(|found| required.matches(&found)),
            duration: checker.duration,
            locked: true,
            optimized: &[],
        })?);
        Ok(())
    }

    /// The path of such a tool.
    pub(crate) fn program(&self, checker: Checker) -> Result<PathBuf> {
        let found = self.find(checker.name);
        found.with_context(|| format!("{} has disappeared", checker.name))
    }

    /// Ensures that wasm-opt is installed, in the release that Trunk.toml names.
    pub(crate) fn ensure_wasm_opt(&mut self) -> Result<()> {
        let release = wasm_opt_release()?;
        let fits = |text: String| binaryen(&text) == Some(release);
        if find("wasm-opt").and_then(printed_version).is_some_and(fits) {
            return Ok(());
        }
        let by_hand = format!(
            "put wasm-opt on your PATH from \
             https://github.com/WebAssembly/binaryen/releases/tag/version_{release}"
        );
        if find("npm").is_none() {
            say::step(format!(
                "npm was not found, so Trunk will download wasm-opt {release} from GitHub"
            ));
            say::note(format!("If that fails, {by_hand}."));
            return Ok(());
        }
        let version = format!("{release}.0.0");
        let package = Package {
            version: &version,
            ..BINARYEN
        };
        let programs = package
            .programs()
            .with_context(|| format!("wasm-opt {release} is required. You can also {by_hand}"))?;
        self.add(Some(programs));
        Ok(())
    }
}

/// The WebAssembly parsers of wasm-bindgen. Unoptimized, they take four seconds of every rebuild in
/// development, optimized one, at the cost of 17 s of installation.
const WASM_BINDGEN_PARSERS: [&str; 5] = [
    "gimli",
    "walrus",
    "wasm-bindgen-cli-support",
    "wasm-encoder",
    "wasmparser",
];

struct CargoTool<'a> {
    name: &'a str,
    version: &'a str,
    programs: &'a [&'a str],
    fits: &'a dyn Fn(&str) -> bool,
    /// The time to compile it, on two cores.
    duration: &'a str,
    locked: bool,
    /// The packages compiled with optimization. All others are compiled without, in a quarter of
    /// the time: these tools leave the work to compilers and browsers.
    optimized: &'a [&'a str],
}

/// The folder of the tool's programs, if they are not on the PATH.
fn cargo_tool(tool: &CargoTool<'_>) -> Result<Option<PathBuf>> {
    let on_path = |program: &&str| {
        let printed = find(program).and_then(printed_version);
        printed.is_some_and(|text| (tool.fits)(&text))
    };
    if tool.programs.iter().all(on_path) {
        return Ok(None);
    }
    let directory = workspace::tool_directory(tool.name, tool.version)?;
    let programs = directory.join("bin");
    let is_complete = || {
        let there = |program: &&str| which::which_in(program, Some(&programs), &directory).is_ok();
        tool.programs.iter().all(there)
    };
    if is_complete() {
        return Ok(Some(programs));
    }
    if find("cargo-binstall").is_some() && prebuilt(tool, &directory)? && is_complete() {
        return Ok(Some(programs));
    }
    say::step(format!(
        "Installing {} {} with cargo, once; about {} on two cores",
        tool.name, tool.version, tool.duration
    ));
    say::note(format!("into {}", directory.display()));
    let mut install = workspace::cargo("install");
    install.args([tool.name, "--version", tool.version]);
    if tool.locked {
        install.arg("--locked");
    }
    let by_hand = child::shown(&install);
    install.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "0");
    for package in tool.optimized {
        let setting = format!("profile.dev.package.{package}.opt-level=1");
        install.arg("--config").arg(setting);
    }
    install.arg("--root").arg(&directory);
    child::run(&mut install).with_context(|| {
        format!(
            "could not install {} {}. It requires a connection to crates.io and a C compiler; with \
             both, run {by_hand} yourself, or put {} on your PATH from another source",
            tool.name,
            tool.version,
            tool.programs.join(" and ")
        )
    })?;
    Ok(Some(programs))
}

/// Timeouts for reaching GitHub at all, and for downloading a release.
const REACHED: Duration = Duration::from_secs(1);
const FETCHED: Duration = Duration::from_secs(90);

/// Downloads the release published by the tool's own project, if the user has cargo-binstall. On
/// any failure, cargo compiles it instead.
fn prebuilt(tool: &CargoTool<'_>, directory: &Path) -> Result<bool> {
    let github = workspace::http(REACHED).head("https://github.com/").call();
    if github.is_err() {
        return Ok(false);
    }
    say::step(format!(
        "Fetching {} {} with cargo-binstall, once",
        tool.name, tool.version
    ));
    let mut binstall = workspace::cargo("binstall");
    binstall.args([tool.name, "--version", tool.version, "--no-confirm"]);
    // No third-party builds; compiling happens below.
    binstall.args(["--disable-strategies", "quick-install,compile"]);
    binstall.arg("--disable-telemetry");
    binstall.args(["--maximum-resolution-timeout", "10"]);
    binstall.arg("--root").arg(directory);
    if let Err(problem) = child::run_within(FETCHED, &mut binstall) {
        interrupt::check()?;
        say::note(format!("{problem:#}"));
        return Ok(false);
    }
    Ok(true)
}

/// The release of Binaryen in what `wasm-opt --version` prints: `wasm-opt version 132
/// (version_132)`.
fn binaryen(printed: &str) -> Option<u64> {
    let mut words = printed.split_whitespace();
    words.find(|word| *word == "version")?;
    words.next()?.parse().ok()
}

fn trunk_toml() -> Result<Table> {
    let text = workspace::read("Trunk.toml")?;
    text.parse().context("Trunk.toml cannot be read")
}

/// Read from Trunk.toml, since Trunk itself checks it.
fn trunk_version() -> Result<String> {
    let table = trunk_toml()?;
    let version = table
        .get("trunk-version")
        .and_then(|version| version.as_str());
    Ok(version
        .context("Trunk.toml has no trunk-version")?
        .to_owned())
}

fn wasm_opt_release() -> Result<u64> {
    let table = trunk_toml()?;
    let tools = table
        .get("tools")
        .and_then(|tools| tools.get("wasm_opt")?.as_str());
    tools
        .and_then(|release| release.strip_prefix("version_")?.parse().ok())
        .context("wasm_opt in Trunk.toml is not of the form version_N")
}

/// The version of a package that occurs exactly once in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let lock: Table = workspace::read("Cargo.lock")?
        .parse()
        .context("Cargo.lock cannot be read")?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let is_it =
        |entry: &&toml::Value| entry.get("name").and_then(|name| name.as_str()) == Some(package);
    let mut found = packages.into_iter().flatten().filter(is_it);
    let version = match (found.next(), found.next()) {
        (Some(entry), None) => entry.get("version").and_then(|version| version.as_str()),
        _ => None,
    };
    let version =
        version.with_context(|| format!("Cargo.lock has no {package}, or more than one"))?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A beta of the next release is not the release.
    #[test]
    fn only_a_compatible_version_fits() {
        let required = VersionReq::parse("0.21.14").expect("it is one");
        for (found, expected) in [
            ("0.21.14", true),
            ("0.21.15", true),
            ("0.21.13", false),
            ("0.22.0-beta.1", false),
            ("0.21.15-beta.1", false),
        ] {
            let found = version(found).expect("it is one");
            assert_eq!(required.matches(&found), expected, "{found}");
        }
    }

    #[test]
    fn binaryen_counts_releases() {
        assert_eq!(binaryen("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(
            binaryen("wasm-opt version 108 (version_108-5-gabc)"),
            Some(108)
        );
        assert_eq!(binaryen("wasm-opt"), None);
    }

    #[test]
    fn our_own_files_have_what_set_up_asks_for() {
        let trunk = trunk_version().expect("it is there");
        assert!(VersionReq::parse(&trunk).is_ok(), "{trunk}");
        assert!(wasm_opt_release().expect("it is there") > 100);
        let bindgen = locked_version("wasm-bindgen").expect("it is there");
        assert!(bindgen.starts_with("0.2."), "{bindgen}");
        // Cargo.lock has several versions of this one.
        assert!(locked_version("getrandom").is_err());
    }
}
