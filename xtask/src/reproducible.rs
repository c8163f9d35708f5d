//! Checks that two builds of the same sources have identical bytes, wherever they are made.
//!
//! The second build is made from a copy of the sources in another folder, with another target folder.
//! It reuses the compiled crates of the registry, whose sources are in the same place for both; every
//! crate of the repository is compiled, linked and optimized again.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use crate::build::{self, Sources, files_below};
use crate::child;
use crate::tools::Tools;
use crate::workspace;

/// The parts of a target folder that a release build for the browser uses.
const COMPILED: [&str; 2] = ["wasm32-unknown-unknown/release", "release"];

/// Makes a second build for `/` and compares it with `first`. Returns why, if that was impossible.
pub(crate) fn check(tools: &Tools, first: &Path) -> Result<Option<String>> {
    let root = workspace::root();
    let Some(names) = sources(&root) else {
        return Ok(Some("it requires git, and a clone".to_owned()));
    };
    let elsewhere = tempfile::tempdir().context("could not create a temporary folder")?;
    let copied = elsewhere.path().join("the same sources");
    for name in names {
        copy(&root.join(&name), &copied.join(&name))?;
    }
    let target = elsewhere.path().join("compiled");
    for part in COMPILED {
        give_dependencies(&root.join("target").join(part), &target.join(part))?;
    }
    let sources = Sources {
        root: &copied,
        target: Some(&target),
        // B20: these must not affect the bytes.
        environment: &[
            ("RUSTFLAGS", "-Copt-level=1"),
            ("CARGO_PROFILE_RELEASE_STRIP", "none"),
        ],
    };
    let second = elsewhere.path().join("dist");
    build::release_from(&sources, tools, &second, "/")?;
    compare(first, &second, &|_| true)?;
    let places = [
        Some(root),
        Some(elsewhere.path().to_owned()),
        home::cargo_home().ok(),
        home::rustup_home().ok(),
    ];
    no_places(&second, &places.into_iter().flatten().collect::<Vec<_>>())?;
    Ok(None)
}

/// Two builds are identical except for index.html, which contains their base path.
pub(crate) fn compare_but_for_the_base(one: &Path, other: &Path) -> Result<()> {
    compare(one, other, &|name| !name.starts_with("index.html"))
}

/// The files that are, or could be, in a commit.
fn sources(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root);
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let names = child::output(&mut git)?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    // Uncommitted deletions are listed as well.
    let names = names.filter(|name| root.join(name).is_file());
    Some(names.map(str::to_owned).collect())
}

/// Copies a file with its modification time, which cargo checks for freshness.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = || -> std::io::Result<()> {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from, to)?;
        let time = fs::metadata(from)?.modified()?;
        File::options().append(true).open(to)?.set_modified(time)
    };
    copied().with_context(|| format!("could not copy {}", from.display()))
}

/// Copies the compiled registry crates: everything not named after a package of the repository.
fn give_dependencies(from: &Path, to: &Path) -> Result<()> {
    for part in ["deps", "build", ".fingerprint"] {
        let Ok(entries) = fs::read_dir(from.join(part)) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or(OsStr::new(""));
            if is_ours(&name.to_string_lossy()) {
                continue;
            }
            copy_all(&path, &to.join(part).join(name))?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    let name = name.strip_prefix("lib").unwrap_or(name).replace('_', "-");
    name.starts_with("cc-connect") || name.starts_with("xtask")
}

/// Copies a folder or a file.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(from)?;
            // Joining an empty path adds a trailing slash, with which no file can be opened.
            let to = match below.as_os_str().is_empty() {
                true => to.to_owned(),
                false => to.join(below),
            };
            copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// Fails with the names of the files that differ between both folders.
fn compare(one: &Path, other: &Path, counts: &dyn Fn(&str) -> bool) -> Result<()> {
    // Precompressed files are derived from the others and have their own tests.
    let is_derived = |name: &str| name.ends_with(".br") || name.ends_with(".gz");
    let names = |folder: &Path| -> Result<Vec<String>> {
        let mut names = files_below(folder)?;
        names.retain(|name| counts(name) && !is_derived(name));
        Ok(names)
    };
    let (names, others) = (names(one)?, names(other)?);
    if names != others {
        bail!("two builds have files with different names: {names:?} and {others:?}");
    }
    let read = |folder: &Path, name: &str| {
        fs::read(folder.join(name)).with_context(|| format!("could not read {name}"))
    };
    for name in names {
        if read(one, &name)? != read(other, &name)? {
            bail!("{name} differs between two builds of the same sources");
        }
    }
    Ok(())
}

/// Fails if a file contains one of these paths.
fn no_places(folder: &Path, places: &[PathBuf]) -> Result<()> {
    for name in files_below(folder)? {
        let content = fs::read(folder.join(&name))?;
        for place in places {
            let place = place.to_string_lossy();
            let bytes = place.as_bytes();
            if !bytes.is_empty() && content.windows(bytes.len()).any(|window| window == bytes) {
                bail!("{name} contains a path of this machine: {place}");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("it can be written");
        }
        folder
    }

    #[test]
    fn what_differs_is_named() {
        let one = folder(&[("index.html", "/"), ("a.js", "a"), ("a.js.br", "x")]);
        let same = folder(&[("index.html", "/"), ("a.js", "a")]);
        let below = folder(&[("index.html", "/app/"), ("a.js", "a")]);
        let other = folder(&[("index.html", "/"), ("a.js", "b")]);
        let renamed = folder(&[("index.html", "/"), ("b.js", "a")]);
        let compare = |other: &tempfile::TempDir| compare(one.path(), other.path(), &|_| true);
        let problem = |other| compare(other).expect_err("it differs").to_string();
        compare(&same).expect("it is the same");
        assert!(problem(&below).contains("index.html"));
        assert!(problem(&other).contains("a.js"));
        assert!(problem(&renamed).contains("b.js"));
        compare_but_for_the_base(one.path(), below.path()).expect("it is the same");
        compare_but_for_the_base(one.path(), other.path()).expect_err("it differs");
    }

    #[test]
    fn a_place_is_found_in_any_file() {
        let build = folder(&[("a.wasm", "\0\u{1}/home/me/.cargo/registry/src/a.rs\0")]);
        let places = |place: &str| no_places(build.path(), &[PathBuf::from(place)]);
        places("/home/you").expect("it is not there");
        let problem = places("/home/me/.cargo").expect_err("it is there");
        assert!(problem.to_string().contains("a.wasm"), "{problem}");
    }

    #[test]
    fn only_the_registrys_crates_are_given() {
        for name in [
            "libcc_connect-0123.rlib",
            "cc-connect-0123",
            "cc_connect.d",
            "xtask-0123",
        ] {
            assert!(is_ours(name), "{name}");
        }
        for name in ["libleptos-0123.rlib", "serde-0123", "libc-0123"] {
            assert!(!is_ours(name), "{name}");
        }
    }

    #[test]
    fn a_copy_has_the_time_of_what_was_copied() {
        let folder = folder(&[("a", "a")]);
        let path = |name: &str| folder.path().join(name);
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000);
        let file = File::options()
            .append(true)
            .open(path("a"))
            .expect("it is there");
        file.set_modified(long_ago).expect("it is ours");
        copy(&path("a"), &path("below/b")).expect("it can be copied");
        let copied = fs::metadata(path("below/b")).expect("it is there");
        assert_eq!(copied.modified().expect("it has one"), long_ago);
    }
}
