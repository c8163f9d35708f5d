//! `cargo xtask bench`: builds the application, the peer and a standalone verification, and lets
//! the package in bench/ measure them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::arguments::Bench;
use crate::browser::Browser;
use crate::build;
use crate::child;
use crate::npm;
use crate::say;
use crate::setup;
use crate::tools::Tools;
use crate::workspace;

/// The folder of the builds to measure: `app`, `peer` and `verify`.
const BUILDS: &str = "target/bench";
const TABLE: &str = "target/bench/table.txt";
const README: &str = "bench/README.md";
/// The markers around the table in the README.
const BEGIN: &str = "<!-- The table: cargo xtask bench --write -->\n```text\n";
const END: &str = "```\n<!-- The end of the table -->";

/// Measures, prints the table, and optionally writes it to the README.
pub(crate) fn run(options: &Bench) -> Result<()> {
    let npm = npm::beside_node()?;
    let browser = Browser::chromium()?;
    let tools = setup::for_trunk(true)?;
    let builds = workspace::root().join(BUILDS);

    say::step("Building the app for release; the first time takes some minutes");
    let app = builds.join("app");
    build::release(&tools, &app, "/")?;
    build::compress_files(&app)?;
    say::step("Building its verification alone");
    let verify = builds.join("verify");
    verification(&tools, &verify)?;
    say::step("Building the peer");
    let peer = builds.join("peer");
    build_peer(&npm, &peer, &verify)?;
    build::compress_files(&peer)?;

    say::step(format!(
        "Measuring; each of the {} runs takes about a minute",
        options.runs
    ));
    let table = workspace::root().join(TABLE);
    let mut measure = workspace::cargo("run");
    measure.args(workspace::locked());
    measure.args(["--quiet", "--package", "cc-connect-bench", "--"]);
    measure
        .arg(options.runs.to_string())
        .args([&builds, &table]);
    browser.set_variables(&mut measure);
    child::run(&mut measure)?;
    let table = workspace::read(TABLE)?;
    say::output(&table);
    if options.write {
        let text = with_table(&workspace::read(README)?, &table)?;
        let path = workspace::root().join(README);
        fs::write(path, text).with_context(|| format!("could not write {README}"))?;
        say::step(format!("The table is in {README}."));
    }
    Ok(())
}

/// The page that times a single verification: WebAssembly built the way Trunk builds the app's,
/// plus the page's own files.
fn verification(tools: &Tools, folder: &Path) -> Result<()> {
    let mut cargo = workspace::cargo("build");
    cargo.args(workspace::locked());
    cargo.args(["--release", "--package", "cc-connect-bench-verify"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.args(["--target-dir", "target"]);
    build::make_reproducible(&mut cargo)?;
    child::run(&mut cargo)?;

    let root = workspace::root();
    fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    for file in [
        "bench/verify/page/index.html",
        "bench/verify/page/page.js",
        "style/icon.svg",
    ] {
        let from = root.join(file);
        let name = from.file_name().context("a file has a name")?;
        fs::copy(&from, folder.join(name)).with_context(|| format!("could not copy {file}"))?;
    }
    let mut bindgen = tools.command("wasm-bindgen")?;
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", "verify"]);
    bindgen.arg("--out-dir").arg(folder);
    bindgen.arg("target/wasm32-unknown-unknown/release/cc_connect_bench_verify.wasm");
    child::run(&mut bindgen)?;
    let wasm = folder.join("verify_bg.wasm");
    let mut optimize = tools.command("wasm-opt")?;
    optimize.arg("-Oz").arg(&wasm).arg("-o").arg(&wasm);
    child::run(&mut optimize)
}

/// Builds the peer for production into `folder`, and copies jose, as packaged, next to the page
/// that times a verification.
fn build_peer(npm: &Path, folder: &Path, verify: &Path) -> Result<()> {
    let peer = workspace::root().join("bench/peer");
    let command = |words: &[&str]| {
        let mut command: Command = workspace::command(npm);
        command.current_dir(&peer).args(words);
        command
    };
    child::run(&mut command(&["ci", "--no-audit", "--no-fund"]))
        .context("the peer's packages could not be installed")?;
    let mut build = command(&["run", "build", "--", "--emptyOutDir", "--outDir"]);
    build.arg(folder);
    child::run(&mut build).context("the peer could not be built; see the errors above")?;
    copy(
        &peer.join("node_modules/jose/dist/webapi"),
        &verify.join("jose"),
    )
}

/// Copies a folder recursively.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for name in build::files_below(from)? {
        let target = to.join(&name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(from.join(&name), &target).with_context(|| format!("could not copy {name}"))?;
    }
    Ok(())
}

/// The README with its table replaced by this one.
fn with_table(readme: &str, table: &str) -> Result<String> {
    let place = || {
        let (before, rest) = readme.split_once(BEGIN)?;
        let (_, after) = rest.split_once(END)?;
        Some(format!("{before}{BEGIN}{table}{END}{after}"))
    };
    place().with_context(|| format!("{README} has no markers for the table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_replaces_the_previous_one() {
        let readme = format!("# Title\n\n{BEGIN}old\n{END}\n\nMore.\n");
        let written = with_table(&readme, "new\ntable\n").expect("there is a place");
        assert_eq!(
            written,
            format!("# Title\n\n{BEGIN}new\ntable\n{END}\n\nMore.\n")
        );
        assert!(with_table("# Title\n", "new\n").is_err());
    }

    #[test]
    fn the_readme_has_a_place_for_it() {
        let readme = workspace::read(README).expect("it is there");
        let written = with_table(&readme, "new\n").expect("there is a place");
        assert_eq!(written.matches("```text\nnew\n```").count(), 1);
    }

    #[test]
    fn a_folder_is_copied_whole() {
        let place = tempfile::tempdir().expect("there is a place for temporary files");
        let from = place.path().join("from");
        fs::create_dir_all(from.join("a")).expect("it can be made");
        for name in ["one.js", "a/two.js"] {
            fs::write(from.join(name), name).expect("it can be written");
        }
        let to = place.path().join("to");
        copy(&from, &to).expect("it can be copied");
        for name in ["one.js", "a/two.js"] {
            let text = fs::read_to_string(to.join(name)).expect("it was copied");
            assert_eq!(text, name);
        }
    }
}
