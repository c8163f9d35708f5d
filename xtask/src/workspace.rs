//! Where things are: the repository, the cache of tools, cargo.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // Cargo says where it found this package; the place it was compiled at is the fallback.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().unwrap_or(Path::new(".")).to_owned()
}

/// A file of the repository, as text.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("could not read {path}"))
}

/// A program to be run in the repository, without what cargo tells this program about itself:
/// those variables would make cargo think that build scripts have to run again.
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

/// `--locked` in CI, where a Cargo.lock that does not fit is a mistake; a person's is brought up to
/// date.
pub(crate) fn locked() -> &'static [&'static str] {
    match env::var("CI") {
        Ok(value) if !value.is_empty() && value != "false" => &["--locked"],
        _ => &[],
    }
}

/// Where a tool of ours is kept: one folder for each version, so that repositories and branches do
/// not get in each other's way.
pub(crate) fn tool_directory(name: &str, version: &str) -> Result<PathBuf> {
    let caches = caches(env::consts::OS, |name| env::var_os(name)).context(
        "there is no place for the tools: neither a home folder nor XDG_CACHE_HOME is set",
    )?;
    Ok(caches
        .join("cc-connect")
        .join("tools")
        .join(format!("{name}-{version}")))
}

/// What `cargo xtask` stands for, in words that mean this repository wherever they are used.
pub(crate) fn compiled_xtask() -> String {
    let root = root();
    format!(
        "run --quiet --manifest-path {} --target-dir {} --package xtask --",
        root.join("Cargo.toml").display(),
        root.join("target").display()
    )
}

/// The variable that names the home folder.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// Where cargo keeps the sources of the dependencies.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let path = |name| env::var_os(name).map(PathBuf::from);
    path("CARGO_HOME").or_else(|| Some(path(HOME)?.join(".cargo")))
}

/// Where rustup keeps the toolchains.
pub(crate) fn rustup_home() -> Option<PathBuf> {
    let path = |name| env::var_os(name).map(PathBuf::from);
    path("RUSTUP_HOME").or_else(|| Some(path(HOME)?.join(".rustup")))
}

/// The place that the operating system gives to caches.
fn caches(os: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| !path.as_os_str().is_empty())
    };
    match os {
        "windows" => path("LOCALAPPDATA"),
        "macos" => Some(path("HOME")?.join("Library").join("Caches")),
        // The XDG specification: a relative path counts as none.
        _ => path("XDG_CACHE_HOME")
            .filter(|path| path.has_root())
            .or_else(|| Some(path("HOME")?.join(".cache"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_lie_where_each_system_wants_them() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: [Case<'_>; 7] = [
            ("linux", &[("HOME", "/home/a")], Some("/home/a/.cache")),
            (
                "linux",
                &[("HOME", "/home/a"), ("XDG_CACHE_HOME", "/var/c")],
                Some("/var/c"),
            ),
            (
                "linux",
                &[("HOME", "/home/a"), ("XDG_CACHE_HOME", "c")],
                Some("/home/a/.cache"),
            ),
            (
                "linux",
                &[("HOME", "/home/a"), ("XDG_CACHE_HOME", "")],
                Some("/home/a/.cache"),
            ),
            (
                "macos",
                &[("HOME", "/Users/a"), ("XDG_CACHE_HOME", "/var/c")],
                Some("/Users/a/Library/Caches"),
            ),
            ("windows", &[("LOCALAPPDATA", "/local")], Some("/local")),
            ("linux", &[], None),
        ];
        for (os, variables, expected) in cases {
            let found = caches(os, |name| {
                let (_, value) = variables.iter().find(|(found, _)| *found == name)?;
                Some(OsString::from(value))
            });
            assert_eq!(found, expected.map(PathBuf::from), "{os} {variables:?}");
        }
    }

    /// B17: whatever a clone's Git is set to, it has the line ends that are committed.
    #[test]
    fn no_clone_changes_a_line_end() {
        let mut git = Command::new("git");
        git.current_dir(root()).args(["ls-files", "--eol"]);
        // A copy of the sources without Git has nothing to change them with.
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

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
