//! What comes from the npm registry: tools of the checks, none of which is part of what is delivered.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::browser;
use crate::child;
use crate::say;
use crate::tools::find;
use crate::workspace;

/// A package of npm in the version that this repository is checked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    name: &'static str,
    version: &'static str,
    /// The file that is used of it.
    file: &'static str,
    size: &'static str,
    /// Names another file in its place.
    variable: &'static str,
}

/// <https://github.com/dequelabs/axe-core>
pub(crate) const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    file: "axe.min.js",
    size: "3 MB",
    variable: "CC_CONNECT_AXE",
};

/// <https://github.com/GoogleChrome/lighthouse>
pub(crate) const LIGHTHOUSE: Package = Package {
    name: "lighthouse",
    version: "12.8.2",
    file: "cli/index.js",
    size: "100 MB",
    variable: "CC_CONNECT_LIGHTHOUSE",
};

impl Package {
    /// The file that its variable names, else the one in the cache, else that of a fresh install.
    pub(crate) fn need(self) -> Result<PathBuf> {
        let Self { name, version, .. } = self;
        if let Some(named) = browser::named(self.variable)? {
            return Ok(named);
        }
        let directory = workspace::tool_directory(name, version)?;
        let file = directory.join("node_modules").join(name).join(self.file);
        if file.is_file() {
            return Ok(file);
        }
        let by_hand = format!(
            "`npm install {name}@{version}` somewhere and name node_modules/{name}/{} with {}",
            self.file, self.variable
        );
        let npm = find("npm")
            .with_context(|| format!("there is no npm to install {name} with; {by_hand}"))?;
        say::step(format!(
            "Installing {name} {version} with npm, once; a download of some {}",
            self.size
        ));
        install(&npm, &directory, &format!("{name}@{version}")).with_context(|| {
            format!("could not install {name} {version}. You can also {by_hand}")
        })?;
        Ok(file)
    }

    /// Tells a program where it is.
    pub(crate) fn name_to(self, command: &mut Command) -> Result<()> {
        command.env(self.variable, self.need()?);
        Ok(())
    }
}

/// Installs a package of npm into a folder of its own.
pub(crate) fn install(npm: &Path, directory: &Path, package: &str) -> Result<()> {
    say::note(format!("into {}", directory.display()));
    std::fs::create_dir_all(directory)
        .with_context(|| format!("could not make {}", directory.display()))?;
    let mut install = workspace::command(npm);
    install
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(directory)
        .arg(package);
    child::run(&mut install)
}
