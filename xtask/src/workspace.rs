//! Locations: the repository, the tool cache, cargo.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the package's folder; the folder at compile time is the fallback.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().unwrap_or(Path::new(".")).to_owned()
}

/// A file of the repository, as text.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("could not read {path}"))
}

/// A program to run in the repository, without the variables cargo set for this program, which
/// would make cargo rerun build scripts.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs us.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.arg(subcommand);
    command
}

/// `--locked` in CI, where an outdated Cargo.lock is an error; elsewhere cargo updates it.
pub(crate) fn locked() -> &'static [&'static str] {
    match env::var("CI") {
        Ok(value) if !value.is_empty() && value != "false" => &["--locked"],
        _ => &[],
    }
}

/// The folder of a cached tool, one per version, so that repositories and branches do not
/// interfere.
pub(crate) fn tool_directory(name: &str, version: &str) -> Result<PathBuf> {
    let caches = dirs::cache_dir().context(
        "there is no folder for the tools: neither a home folder nor XDG_CACHE_HOME is set",
    )?;
    let tools = caches.join("cc-connect").join("tools");
    Ok(tools.join(format!("{name}-{version}")))
}

/// An HTTP client that returns a response for any status.
pub(crate) fn http(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(timeout))
        .build()
        .new_agent()
}

/// The command behind `cargo xtask`, in a form that works in any folder.
pub(crate) fn compiled_xtask() -> String {
    let root = root();
    format!(
        "run --quiet --manifest-path {} --target-dir {} --package xtask --",
        root.join("Cargo.toml").display(),
        root.join("target").display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B17: whatever the Git settings, a clone has the committed line endings.
    #[test]
    fn no_clone_changes_a_line_end() {
        let mut git = Command::new("git");
        git.current_dir(root()).args(["ls-files", "--eol"]);
        // A copy of the sources without Git cannot change them.
        let Some(files) = crate::child::output(&mut git) else {
            return;
        };
        for line in files.lines() {
            let (ends, path) = line.split_once('\t').expect("a tab before the path");
            let are_bytes = ends.contains("attr/-text");
            assert!(are_bytes || ends.contains("eol=lf"), "{path}: {ends}");
            assert!(
                are_bytes || !(ends.starts_with("i/crlf") || ends.starts_with("i/mixed")),
                "{path}: {ends}"
            );
        }
    }

    /// A file in the settings that does not exist would silently not be mutated.
    #[test]
    fn what_is_mutated_exists() {
        let settings = read(".cargo/mutants.toml").expect("they are there");
        let settings: toml::Table = settings.parse().expect("they can be read");
        let globs = settings["examine_globs"].as_array().expect("it is a list");
        assert!(globs.len() > 5, "{globs:?}");
        for glob in globs.iter().filter_map(|glob| glob.as_str()) {
            let path = root().join(glob.trim_end_matches("/**"));
            assert!(path.exists(), "{glob}");
        }
    }

    #[test]
    fn every_fuzz_target_has_its_corpus_and_its_dictionary() {
        let fuzz = root().join("fuzz");
        let targets =
            crate::build::files_below(&fuzz.join("fuzz_targets")).expect("they are there");
        assert!(targets.contains(&"jwt.rs".to_owned()), "{targets:?}");
        for target in targets {
            let target = target.trim_end_matches(".rs");
            assert!(fuzz.join("corpus").join(target).is_dir(), "{target}");
            let dictionary = fuzz.join("dictionaries").join(format!("{target}.dict"));
            assert!(dictionary.is_file(), "{target}");
        }
    }

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
