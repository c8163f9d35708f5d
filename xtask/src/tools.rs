//! Trunk, wasm-bindgen, wasm-opt and the tools of the checks: what is on the PATH in the right
//! version, else what an earlier run left in the cache, else a fresh install into the cache.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::child;
use crate::lockfile;
use crate::npm;
use crate::say;
use crate::trunk_toml;
use crate::version::{Version, binaryen};
use crate::workspace;

/// A tool that is itself a check, or a part of one, in the version that this repository is checked
/// with.
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
    duration: "about 2 minutes on two cores",
};

/// <https://rust-fuzz.github.io/book/cargo-fuzz.html>
pub(crate) const CARGO_FUZZ: Checker = Checker {
    name: "cargo-fuzz",
    version: "0.13.2",
    duration: "half a minute on two cores",
};

/// <https://mutants.rs/>
pub(crate) const CARGO_MUTANTS: Checker = Checker {
    name: "cargo-mutants",
    version: "27.1.0",
    duration: "about a minute on two cores",
};

/// <https://firefox-source-docs.mozilla.org/testing/geckodriver/>
pub(crate) const GECKODRIVER: Checker = Checker {
    name: "geckodriver",
    version: "0.37.1",
    duration: "about 2 minutes on two cores",
};

/// Where the tools that are not on the PATH lie.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    directories: Vec<PathBuf>,
}

impl Tools {
    /// The PATH with the tools before everything else.
    pub(crate) fn path(&self) -> Result<OsString> {
        let path = env::var_os("PATH").unwrap_or_default();
        let directories = self.directories.iter().cloned();
        env::join_paths(directories.chain(env::split_paths(&path)))
            .context("a folder of the tools has a name that PATH cannot hold")
    }

    /// A command that finds the tools, and whose own commands do.
    pub(crate) fn command(&self, program: &str) -> Result<Command> {
        let mut command = workspace::command(program);
        // Where the program itself is found is decided by our own PATH on some systems.
        if let Some(found) = self
            .directories
            .iter()
            .find_map(|directory| executable(directory, program))
        {
            command = workspace::command(found);
        }
        command.env("PATH", self.path()?);
        Ok(command)
    }

    /// Trunk: the first words of every use of it.
    pub(crate) fn trunk(&self) -> Result<Command> {
        let mut trunk = self.command("trunk")?;
        trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
        // Trunk takes NO_COLOR for a switch of its own and stops at any value but true and false.
        trunk.env_remove("NO_COLOR");
        if say::no_color() {
            trunk.env("TRUNK_COLOR", "never");
        }
        Ok(trunk)
    }

    fn add(&mut self, place: Place) {
        if let Place::Cache(directory) = place {
            self.directories.push(directory);
        }
    }

    /// Sees to Trunk, in a version that Trunk.toml allows.
    pub(crate) fn need_trunk(&mut self) -> Result<()> {
        let wanted = trunk_setting("trunk-version")?;
        let wanted_version =
            Version::parse(&wanted).context("trunk-version in Trunk.toml is no version")?;
        let fits = |text: &str| {
            Version::find(text).is_some_and(|version| version.satisfies(wanted_version))
        };
        self.add(cargo_tool(&CargoTool {
            name: "trunk",
            version: &wanted,
            programs: &["trunk"],
            fits: &fits,
            duration: "about 7 minutes on two cores",
            // Its lockfile is what was tested together.
            locked: true,
            profile: Profile::Debug,
        })?);
        Ok(())
    }

    /// Sees to wasm-bindgen: generator and library have to be of the very same version.
    pub(crate) fn need_wasm_bindgen(&mut self) -> Result<()> {
        let wanted = lockfile::version_of(&workspace::read("Cargo.lock")?, "wasm-bindgen")
            .context("Cargo.lock does not say which wasm-bindgen is used")?;
        let fits = |text: &str| text.split_whitespace().nth(1) == Some(wanted.as_str());
        self.add(cargo_tool(&CargoTool {
            name: "wasm-bindgen-cli",
            version: &wanted,
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            fits: &fits,
            duration: "about 3 minutes on two cores",
            // The lockfile of some releases names versions that have been withdrawn.
            locked: false,
            profile: Profile::Debug,
        })?);
        Ok(())
    }

    /// Sees to a tool of the checks.
    pub(crate) fn need(&mut self, checker: Checker) -> Result<()> {
        let wanted = Version::parse(checker.version).context("the version asked for is none")?;
        let fits =
            |text: &str| Version::find(text).is_some_and(|version| version.satisfies(wanted));
        self.add(cargo_tool(&CargoTool {
            name: checker.name,
            version: checker.version,
            programs: &[checker.name],
            fits: &fits,
            duration: checker.duration,
            locked: true,
            profile: Profile::Debug,
        })?);
        Ok(())
    }

    /// The program of a tool that was seen to.
    pub(crate) fn program(&self, checker: Checker) -> Result<PathBuf> {
        self.directories
            .iter()
            .find_map(|directory| executable(directory, checker.name))
            .or_else(|| find(checker.name))
            .with_context(|| format!("{} is not there any more", checker.name))
    }

    /// Sees to wasm-opt, in the release that Trunk.toml names.
    pub(crate) fn need_wasm_opt(&mut self) -> Result<()> {
        let wanted = trunk_setting("wasm_opt")?;
        let release = wanted
            .strip_prefix("version_")
            .and_then(|release| release.parse().ok())
            .context("wasm_opt in Trunk.toml is not of the form version_N")?;
        let fits = |text: &str| binaryen(text) == Some(release);
        self.add(wasm_opt(release, &fits)?);
        Ok(())
    }
}

/// Where a tool was found.
enum Place {
    Path,
    Cache(PathBuf),
    /// Trunk will fetch it.
    Nowhere,
}

struct CargoTool<'a> {
    name: &'a str,
    version: &'a str,
    programs: &'a [&'a str],
    fits: &'a dyn Fn(&str) -> bool,
    duration: &'a str,
    locked: bool,
    profile: Profile,
}

/// How a tool is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Release,
    /// In a quarter of the time. The work of such a tool is done by others: compilers, a browser.
    Debug,
}

fn cargo_tool(tool: &CargoTool<'_>) -> Result<Place> {
    if tool
        .programs
        .iter()
        .all(|program| on_path(program, tool.fits))
    {
        return Ok(Place::Path);
    }
    let directory = workspace::tool_directory(tool.name, tool.version)?;
    let programs = directory.join("bin");
    let complete = || {
        tool.programs
            .iter()
            .all(|program| executable(&programs, program).is_some())
    };
    if complete() {
        return Ok(Place::Cache(programs));
    }
    say::step(format!(
        "Installing {} {} with cargo, once; {}",
        tool.name, tool.version, tool.duration
    ));
    say::note(format!("into {}", directory.display()));
    let mut install = workspace::cargo("install");
    install.args([tool.name, "--version", tool.version]);
    if tool.locked {
        install.arg("--locked");
    }
    if tool.profile == Profile::Debug {
        install.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    let by_hand = child::shown(&install);
    install.arg("--root").arg(&directory);
    child::run(&mut install).with_context(|| {
        format!(
            "could not install {} {}. It takes a connection to crates.io and a C compiler; when \
             both are there, try {by_hand} by hand, or put {} on your PATH from another source",
            tool.name,
            tool.version,
            tool.programs.join(" and ")
        )
    })?;
    Ok(Place::Cache(programs))
}

fn wasm_opt(release: u64, fits: &dyn Fn(&str) -> bool) -> Result<Place> {
    if on_path("wasm-opt", fits) {
        return Ok(Place::Path);
    }
    let directory = workspace::tool_directory("binaryen", &release.to_string())?;
    let programs = directory.join("node_modules").join(".bin");
    if executable(&programs, "wasm-opt").is_some() {
        return Ok(Place::Cache(programs));
    }
    let by_hand = format!(
        "put wasm-opt on your PATH from \
         https://github.com/WebAssembly/binaryen/releases/tag/version_{release}"
    );
    let Some(npm) = find("npm") else {
        say::step(format!(
            "There is no npm to install wasm-opt {release} with; Trunk will fetch it from GitHub"
        ));
        say::note(format!("Should that fail, {by_hand}."));
        return Ok(Place::Nowhere);
    };
    say::step(format!(
        "Installing wasm-opt {release} with npm, once; a download of some 30 MB"
    ));
    npm::install(&npm, &directory, &format!("binaryen@{release}.0.0"))
        .with_context(|| format!("could not install wasm-opt {release}. You can also {by_hand}"))?;
    Ok(Place::Cache(programs))
}

fn trunk_setting(key: &str) -> Result<String> {
    trunk_toml::value(&workspace::read("Trunk.toml")?, key)
        .with_context(|| format!("Trunk.toml has no {key}"))
}

/// Whether the PATH has `program` in a version that fits.
fn on_path(program: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    find(program).is_some_and(|found| {
        child::output(Command::new(found).arg("--version")).is_some_and(|text| fits(&text))
    })
}

/// The first `program` on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|directory| executable(&directory, program))
}

fn executable(directory: &Path, program: &str) -> Option<PathBuf> {
    let suffixes: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd", ".bat"]
    } else {
        &[""]
    };
    suffixes
        .iter()
        .map(|suffix| directory.join(format!("{program}{suffix}")))
        .find(|path| path.is_file())
}
