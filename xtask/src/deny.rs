//! cargo-deny: the sources, licenses and known vulnerabilities of the dependencies. Its rules, and
//! the exceptions with their reasons, are in deny.toml.

use std::env;
use std::process::Command;

use anyhow::{Result, bail};

use crate::child;
use crate::say;
use crate::tools::{CARGO_DENY, Tools};
use crate::workspace;

/// The workspaces: the main one, and that of the fuzz targets.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "fuzz/Cargo.toml"];

/// Checks the sources and licenses. This needs only the manifests and the crates, so it is always
/// possible.
pub(crate) fn sources_and_licenses(tools: &Tools) -> Result<()> {
    for manifest in MANIFESTS {
        let mut deny = command(tools, manifest)?;
        deny.args(["--workspace", "check", "--hide-inclusion-graph"]);
        deny.args(["--allow", "duplicate", "bans", "licenses", "sources"]);
        child::run(&mut deny)?;
    }
    // The browser build has only one version of each crate.
    let mut deny = command(tools, MANIFESTS[0])?;
    deny.args(["--target", "wasm32-unknown-unknown", "--exclude-dev"]);
    deny.args(["check", "--hide-inclusion-graph", "bans"]);
    child::run(&mut deny)
}

/// Checks the dependencies for known vulnerabilities. Returns why, if that was impossible.
pub(crate) fn advisories(tools: &Tools) -> Result<Option<String>> {
    let mut fetch = command(tools, MANIFESTS[0])?;
    fetch.args(["fetch", "db"]);
    if !child::status(&mut fetch)?.success() {
        let why = "the database at https://github.com/rustsec/advisory-db could not be fetched";
        if required(env::var("CC_CONNECT_REQUIRE_ADVISORIES").ok().as_deref()) {
            bail!("{why}, and CC_CONNECT_REQUIRE_ADVISORIES requires it");
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
