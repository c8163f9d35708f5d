//! Locating and installing system programs.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use semver::Version;

use crate::child;
use crate::interrupt;
use crate::say;
use crate::workspace;

/// The first `program` on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    which::which(program).ok()
}

/// The existing ones among these: names on the PATH, then paths.
pub(crate) fn find_any(names: &[&str], places: &[&str]) -> Vec<PathBuf> {
    let on_path = names.iter().filter_map(|name| find(name));
    let elsewhere = places.iter().map(PathBuf::from);
    on_path
        .chain(elsewhere.filter(|path| path.is_file()))
        .collect()
}

/// The path in a variable such as CHROME.
pub(crate) fn path_in(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(path);
    if !path.is_file() {
        bail!("{variable} is {}, which is not a file", path.display());
    }
    Ok(Some(path))
}

/// The output of a program's `--version`; browsers on Windows print nothing.
pub(crate) fn printed_version(program: impl AsRef<std::ffi::OsStr>) -> Option<String> {
    child::output(Command::new(program).arg("--version").stderr(Stdio::null()))
}

/// The first version in what a program prints for `--version`.
pub(crate) fn version(printed: &str) -> Option<Version> {
    let parse = |word: &str| Version::parse(word.trim_start_matches('v')).ok();
    printed.split_whitespace().find_map(parse)
}

/// Installs packages if that needs no consent: as root on a system with apt-get. Otherwise it does
/// nothing.
pub(crate) fn apt_get(what: &str, size: &str, packages: &[&str]) -> Result<()> {
    if !is_root() || find("apt-get").is_none() {
        return Ok(());
    }
    say::step(format!(
        "Installing {what} with apt-get, once; about {size}"
    ));
    let apt = |words: &[&str]| {
        let mut apt = workspace::command("apt-get");
        apt.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        child::run(&mut apt)
    };
    // An outdated package list may still be good enough.
    if let Err(problem) = apt(&["update"]) {
        interrupt::check()?;
        say::note(format!(
            "{problem:#}; continuing with the package list that apt-get has"
        ));
    }
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// How users can install a package: one command each for macOS, Windows, apt-get, dnf, pacman and apk,
/// of which the first that applies is used.
pub(crate) fn advice(how: [&'static str; 6]) -> String {
    let fits = [
        cfg!(target_os = "macos"),
        cfg!(windows),
        find("apt-get").is_some(),
        find("dnf").is_some(),
        find("pacman").is_some(),
        find("apk").is_some(),
    ];
    let how = how.into_iter().zip(fits).find(|(_, fits)| *fits);
    match how {
        Some((command, _)) => format!("Install it with `{command}`"),
        None => "Install it with your system's packages".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_is_printed() {
        for (printed, expected) in [
            ("trunk 0.21.14\n", Some("0.21.14")),
            ("wasm-bindgen 0.2.130 (c35cc9369)", Some("0.2.130")),
            ("v22.12.0", Some("22.12.0")),
            ("trunk 0.22.0-beta.1", Some("0.22.0-beta.1")),
            ("wasm-opt version 132 (version_132)", None),
            ("", None),
        ] {
            let found = version(printed).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{printed:?}");
        }
    }
}
