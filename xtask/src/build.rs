//! `cargo xtask build`

use std::path::Path;

use anyhow::{Context, Result};

use crate::arguments::Build;
use crate::child;
use crate::say;
use crate::setup;
use crate::sizes;
use crate::tools::Tools;
use crate::workspace;

const DIST: &str = "dist";

/// Makes the release build in dist/.
pub(crate) fn run(options: &Build) -> Result<()> {
    let tools = setup::for_trunk(true)?;
    say::step("Building the app for release; the first time takes some minutes");
    release(&tools, Path::new(DIST), &options.public_url)?;
    say::block(sizes::table(&workspace::root().join(DIST))?);
    say::note(format!(
        "The build is in {DIST}/, to be served at {} with index.html in the place of unknown paths.",
        options.public_url
    ));
    say::note("Its settings are in dist/config.json.");
    Ok(())
}

/// A release build in the folder `dist`, which may be relative to the repository.
pub(crate) fn release(tools: &Tools, dist: &Path, public_url: &str) -> Result<()> {
    let mut trunk = tools.trunk()?;
    trunk
        .args(["build", "--release", "--public-url", public_url, "--dist"])
        .arg(dist)
        .args(workspace::locked());
    child::run(&mut trunk).context("the app could not be built; what went wrong stands above")
}
