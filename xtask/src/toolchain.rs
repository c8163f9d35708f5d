//! The Rust toolchain: the WebAssembly target and the components for the checks.
//!
//! A rust-toolchain.toml would replace this file, 60 lines of code. It was rejected: a Rust
//! without rustup ignores it, and with it any cargo command in the repository, even of somebody who
//! only builds the sandbox, first downloads what only the checks need.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::say;
use crate::workspace;

const WASM: &str = "wasm32-unknown-unknown";

/// Ensures that the standard library for WebAssembly is installed.
pub(crate) fn wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    let by_hand = format!("rustup target add {WASM}");
    if !has_rustup() {
        bail!(
            "this Rust has no standard library for {WASM}, and there is no rustup to add it: \
             install your distribution's package for it (Debian: libstd-rust-dev-wasm32, Fedora: \
             rust-std-static-{WASM}, Arch: rust-wasm), or Rust by https://rustup.rs"
        );
    }
    say::step(format!(
        "Adding Rust's standard library for {WASM}, once; a download of about 20 MB"
    ));
    child::run(workspace::command("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("run `{by_hand}` yourself"))?;
    if !has_wasm_target() {
        bail!(
            "rustup has it, but the rustc in use still finds no {WASM}: is there another Rust on \
             the PATH before rustup's?"
        );
    }
    Ok(())
}

fn has_wasm_target() -> bool {
    let mut rustc = workspace::command(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    child::output(&mut rustc).is_some_and(|directory| {
        std::fs::read_dir(Path::new(directory.trim())).is_ok_and(|mut files| files.next().is_some())
    })
}

/// Ensures that rustfmt and clippy are installed.
pub(crate) fn components() -> Result<()> {
    let mut missing = Vec::new();
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if child::output(workspace::cargo(subcommand).arg("--version")).is_none() {
            missing.push(component);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("rustup component add {}", missing.join(" "));
    if !has_rustup() {
        bail!(
            "{} missing, and there is no rustup to add it: install your distribution's packages, \
             or Rust by https://rustup.rs",
            missing.join(" and ")
        );
    }
    say::step(format!(
        "Adding {} to the Rust toolchain, once",
        missing.join(" and ")
    ));
    let mut rustup = workspace::command("rustup");
    rustup.args(["component", "add"]).args(&missing);
    child::run(&mut rustup).with_context(|| format!("run `{by_hand}` yourself"))
}

fn has_rustup() -> bool {
    child::output(Command::new("rustup").arg("--version")).is_some()
}
