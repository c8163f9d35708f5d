//! Packages from the npm registry: tools for the build and the checks. None of them is part of the
//! product.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use semver::{Version, VersionReq};

use crate::child;
use crate::programs::{find, path_in, printed_version, version};
use crate::say;
use crate::workspace;

/// An npm package in the version this repository is tested with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// The download size.
    pub(crate) size: &'a str,
    /// Extra arguments for npm.
    pub(crate) arguments: &'a [&'a str],
}

/// wasm-opt, in the version named by Trunk.toml.
pub(crate) const BINARYEN: Package = Package {
    name: "binaryen",
    version: "",
    size: "30 MB",
    arguments: &[],
};

/// <https://github.com/dequelabs/axe-core>
const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    size: "3 MB",
    arguments: &[],
};
const AXE_FILE: &str = "CC_CONNECT_AXE";

/// Cloudflare Pages' own server: <https://developers.cloudflare.com/workers/wrangler/>
pub(crate) const WRANGLER: Package = Package {
    name: "wrangler",
    version: "4.86.0",
    size: "60 MB",
    arguments: &[],
};

/// Firebase Hosting's own server: <https://github.com/firebase/superstatic>
pub(crate) const SUPERSTATIC: Package = Package {
    name: "superstatic",
    version: "10.0.0",
    size: "3 MB",
    // re2 would take two minutes to compile; without it, JavaScript's own regular expressions are
    // used.
    arguments: &["--omit=optional"],
};

impl Package<'_> {
    /// The package's folder in the cache, installed if necessary.
    fn folder(self) -> Result<PathBuf> {
        let Self {
            name,
            version,
            size,
            arguments,
        } = self;
        let directory = workspace::tool_directory(name, version)?;
        let folder = directory.join("node_modules").join(name);
        if folder.is_dir() {
            return Ok(folder);
        }
        let npm = find("npm")
            .with_context(|| format!("installing {name} requires npm, which was not found"))?;
        say::step(format!(
            "Installing {name} {version} with npm, once; a download of about {size}"
        ));
        say::note(format!("into {}", directory.display()));
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("could not create {}", directory.display()))?;
        let mut install = workspace::command(npm);
        install
            .args(["install", "--no-audit", "--no-fund"])
            .args(arguments);
        install.arg("--prefix").arg(&directory);
        install.arg(format!("{name}@{version}"));
        child::run(&mut install)
            .with_context(|| format!("could not install {name} {version} with npm"))?;
        Ok(folder)
    }

    /// The folder with the package's programs.
    pub(crate) fn programs(self) -> Result<PathBuf> {
        let folder = self.folder()?;
        let modules = folder.parent().context("a package lies in a folder")?;
        Ok(modules.join(".bin"))
    }
}

/// axe-core: the variable that names its file, and the file, which is in the cache unless the
/// variable is set.
pub(crate) fn axe() -> Result<(&'static str, PathBuf)> {
    if let Some(file) = path_in(AXE_FILE)? {
        return Ok((AXE_FILE, file));
    }
    let folder = AXE.folder().with_context(|| {
        format!("axe-core is needed; you can also set {AXE_FILE} to the path of its axe.min.js")
    })?;
    Ok((AXE_FILE, folder.join("axe.min.js")))
}

/// Required by Vite.
const NODE: [&str; 2] = ["^20.19", ">=22.12"];
const ADVICE: &str = "Install Node.js 22.12 or newer, which brings npm, from https://nodejs.org/ or \
                      with your system's packages";

/// npm, next to a Node.js that can build the benchmark's peer.
pub(crate) fn beside_node() -> Result<PathBuf> {
    let node = find("node").with_context(|| format!("there is no Node.js. {ADVICE}"))?;
    let printed = printed_version(&node).unwrap_or_default();
    let found = version(&printed)
        .with_context(|| format!("{} does not print its version", node.display()))?;
    if !can_build_the_peer(&found) {
        bail!("{} is {found}. {ADVICE}", node.display());
    }
    find("npm").with_context(|| format!("there is a Node.js but no npm. {ADVICE}"))
}

fn can_build_the_peer(found: &Version) -> bool {
    let mut wanted = NODE
        .iter()
        .filter_map(|wanted| VersionReq::parse(wanted).ok());
    wanted.any(|wanted| wanted.matches(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_vite_wants_it() {
        for (printed, expected) in [
            ("v18.20.0", false),
            ("v20.18.3", false),
            ("v20.19.0", true),
            ("v21.7.3", false),
            ("v22.11.0", false),
            ("v22.12.0", true),
            ("v24.1.0", true),
        ] {
            let found = version(printed).expect("it is a version");
            assert_eq!(can_build_the_peer(&found), expected, "{printed}");
        }
    }
}
