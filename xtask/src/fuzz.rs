//! `cargo xtask fuzz`: libFuzzer on every parser. The promises are in fuzz/checks.rs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::arguments::Fuzz;
use crate::child;
use crate::say;
use crate::toolchain;
use crate::tools::{CARGO_FUZZ, Tools};
use crate::workspace;

/// A folder of their own for these builds, which have other flags than all others; and a build in
/// half the time, for programs that are a little slower.
const FLAGS: [&str; 4] = ["--target-dir", "target/fuzz", "--codegen-units", "16"];
/// What a run finds worth keeping for the next one. What is worth keeping for everybody is moved to
/// fuzz/corpus/ by hand.
const FOUND: &str = "target/fuzz-corpus";
/// The inputs that broke a promise.
const ARTIFACTS: &str = "target/fuzz-artifacts";

/// Fuzzes the chosen targets, one after the other.
pub(crate) fn run(options: &Fuzz) -> Result<()> {
    let all = targets()?;
    let chosen = choose(&options.targets, &all)?;
    toolchain::nightly()?;
    let mut tools = Tools::default();
    tools.need(CARGO_FUZZ)?;

    say::step("Building the fuzz targets; the first time takes some minutes");
    let mut build = cargo_fuzz(&tools, "build")?;
    build.args(FLAGS);
    child::run(&mut build)?;

    let mut broken = Vec::new();
    for target in &chosen {
        say::step(format!("Fuzzing {target} for {} s", options.seconds));
        for crash in fuzz(&tools, target, options.seconds)? {
            say_how_to_replay(target, &crash);
            broken.push(crash);
        }
    }
    if broken.is_empty() {
        say::step(format!("No promise was broken: {}.", chosen.join(", ")));
        return Ok(());
    }
    let list: Vec<_> = broken.iter().map(|path| shown(path)).collect();
    bail!("a promise was broken by {}", list.join(" and "))
}

/// Runs one target, and returns the inputs that broke a promise of it.
fn fuzz(tools: &Tools, target: &str, seconds: u32) -> Result<Vec<PathBuf>> {
    let root = workspace::root();
    let found = root.join(FOUND).join(target);
    let artifacts = root.join(ARTIFACTS).join(target);
    for folder in [&found, &artifacts] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
    }
    let before = files(&artifacts)?;

    let mut fuzz = cargo_fuzz(tools, "run")?;
    fuzz.args(FLAGS).arg(target);
    // New inputs go to the first folder; the second is only read.
    fuzz.arg(&found).arg(root.join("fuzz/corpus").join(target));
    fuzz.arg("--").args([
        format!("-max_total_time={seconds}"),
        "-timeout=10".to_owned(),
        // A trailing separator: what follows is the name of the file.
        format!("-artifact_prefix={}/", artifacts.display()),
    ]);
    let dictionary = root
        .join("fuzz/dictionaries")
        .join(format!("{target}.dict"));
    fuzz.arg(format!("-dict={}", dictionary.display()));
    let status = child::status(&mut fuzz)?;

    let new: Vec<_> = files(&artifacts)?.difference(&before).cloned().collect();
    if !status.success() && new.is_empty() {
        bail!("{target} could not be fuzzed ({status}); what went wrong stands above");
    }
    Ok(new)
}

/// `cargo fuzz` of the nightly toolchain, whichever toolchain runs us.
fn cargo_fuzz(tools: &Tools, subcommand: &str) -> Result<Command> {
    let mut command = toolchain::with_nightly("cargo");
    command.args(["fuzz", subcommand]);
    command.env("PATH", tools.path()?);
    Ok(command)
}

/// The targets are the programs in fuzz/fuzz_targets/.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let names = files(&folder)?.into_iter().filter_map(|path| {
        let name = path.file_stem()?.to_str()?.to_owned();
        path.extension()
            .is_some_and(|ending| ending == "rs")
            .then_some(name)
    });
    Ok(names.collect())
}

fn choose(named: &[String], all: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!(
            "there is no fuzz target {unknown:?}; there are {}",
            all.join(", ")
        );
    }
    let chosen = all
        .iter()
        .filter(|name| named.is_empty() || named.contains(name));
    Ok(chosen.cloned().collect())
}

fn say_how_to_replay(target: &str, crash: &Path) {
    let name = crash.file_name().unwrap_or_default().to_string_lossy();
    let kept = name.rsplit('-').next().unwrap_or(&name);
    say::block(format!(
        "    {target} broke on an input, which is kept in\n      {}\n    \
         To replay it, now and from now on in the ordinary tests:\n      \
         cp {} fuzz/corpus/{target}/found.{kept}\n      \
         cargo test --test native corpus::{target}",
        shown(crash),
        shown(crash),
    ));
}

/// A path as seen from the repository.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(workspace::root()).unwrap_or(path);
    path.display().to_string()
}

fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let read = || -> std::io::Result<BTreeSet<PathBuf>> {
        std::fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    read().with_context(|| format!("could not read {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_corpus_and_its_dictionary() {
        let targets = targets().expect("the folder is there");
        assert!(targets.contains(&"jwt".to_owned()), "{targets:?}");
        for target in targets {
            let fuzz = workspace::root().join("fuzz");
            assert!(fuzz.join("corpus").join(&target).is_dir(), "{target}");
            let dictionary = fuzz.join("dictionaries").join(format!("{target}.dict"));
            assert!(dictionary.is_file(), "{target}");
        }
    }

    #[test]
    fn targets_are_chosen_by_name_and_all_by_default() {
        let all = ["config", "json", "jwt"].map(str::to_owned);
        let choose = |named: &[&str]| {
            let named: Vec<_> = named.iter().map(|name| (*name).to_owned()).collect();
            choose(&named, &all)
        };
        assert_eq!(choose(&[]).expect("it is all of them"), all);
        assert_eq!(choose(&["jwt", "json"]).expect("they are there"), all[1..]);
        let problem = choose(&["jws"]).expect_err("there is none").to_string();
        assert!(problem.contains("config, json, jwt"), "{problem}");
    }
}
