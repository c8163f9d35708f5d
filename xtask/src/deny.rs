//! cargo-deny: where the dependencies come from, under which licenses, and what is known against
//! them. Its rules, and the exceptions with their reasons, are in deny.toml.

use std::env;
use std::process::Command;

use anyhow::{Result, bail};

use crate::child;
use crate::say;
use crate::tools::{CARGO_DENY, Tools};
use crate::workspace;

/// The workspaces: the main one, and that of the fuzz targets.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "fuzz/Cargo.toml"];

/// What needs no more than the manifests and the crates: it is always checked.
pub(crate) fn sources_and_licenses(tools: &Tools) -> Result<()> {
    for manifest in MANIFESTS {
        let mut deny = command(tools, manifest)?;
        deny.args(["--workspace", "check", "--hide-inclusion-graph"]);
        deny.args(["--allow", "duplicate", "bans", "licenses", "sources"]);
        child::run(&mut deny)?;
    }
    // What goes to the browser has each crate once.
    let mut deny = command(tools, MANIFESTS[0])?;
    deny.args(["--target", "wasm32-unknown-unknown", "--exclude-dev"]);
    deny.args(["check", "--hide-inclusion-graph", "bans"]);
    child::run(&mut deny)
}

/// Whether something is known against a dependency. Returns why that was not checked, if it could
/// not be.
pub(crate) fn advisories(tools: &Tools) -> Result<Option<String>> {
    let mut fetch = command(tools, MANIFESTS[0])?;
    fetch.args(["fetch", "db"]);
    if !child::status(&mut fetch)?.success() {
        let why = "the database at https://github.com/rustsec/advisory-db could not be fetched";
        if required(env::var("CC_CONNECT_REQUIRE_ADVISORIES").ok().as_deref()) {
            bail!("{why}, and CC_CONNECT_REQUIRE_ADVISORIES says that it must be");
        }
        say::step("NOT CHECKED: whether there are known vulnerabilities in the dependencies");
        say::note(format!("{why}."));
        return Ok(Some(why.to_owned()));
    }
    for manifest in MANIFESTS {
        let mut deny = command(tools, manifest)?;
        deny.args([
            "--workspace",
            "check",
            "--hide-inclusion-graph",
            "advisories",
        ]);
        child::run(&mut deny)?;
    }
    Ok(None)
}

fn command(tools: &Tools, manifest: &str) -> Result<Command> {
    let root = workspace::root();
    let mut deny = workspace::command(tools.program(CARGO_DENY)?);
    deny.args(workspace::locked());
    deny.arg("--manifest-path").arg(root.join(manifest));
    deny.arg("--config").arg(root.join("deny.toml"));
    Ok(deny)
}

fn required(value: Option<&str>) -> bool {
    value.is_some_and(|value| !matches!(value, "" | "0" | "false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advisories_are_required_on_demand() {
        for (value, expected) in [
            (None, false),
            (Some(""), false),
            (Some("0"), false),
            (Some("1"), true),
            (Some("yes"), true),
        ] {
            assert_eq!(required(value), expected, "{value:?}");
        }
    }

    #[test]
    fn every_workspace_with_a_lock_file_is_checked() {
        for manifest in MANIFESTS {
            let lock = workspace::root().join(manifest).with_extension("lock");
            assert!(lock.is_file(), "{}", lock.display());
        }
    }
}
