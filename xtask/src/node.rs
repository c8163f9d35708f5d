//! Node.js and npm in the versions that the benchmark's peer is built with.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::tools::find;
use crate::version::Version;

/// What Vite asks for: 20.19, or 22.12 and newer.
const WANTED: [(u64, u64); 2] = [(20, 19), (22, 12)];

const ADVICE: &str = "Install Node.js 22.12 or newer, which brings npm, from https://nodejs.org/ or \
                      with your system's packages";

/// npm, beside a Node.js that can build the peer.
pub(crate) fn npm() -> Result<PathBuf> {
    let node = find("node").with_context(|| format!("there is no Node.js. {ADVICE}"))?;
    let text = child::output(Command::new(&node).arg("--version")).unwrap_or_default();
    let version = Version::find(&text)
        .with_context(|| format!("{} does not say its version", node.display()))?;
    if !is_enough(version) {
        bail!("{} is {version}. {ADVICE}", node.display());
    }
    find("npm").with_context(|| format!("there is a Node.js but no npm. {ADVICE}"))
}

fn is_enough(found: Version) -> bool {
    let [old, new] = WANTED;
    let found = (found.major, found.minor);
    found >= new || (found.0 == old.0 && found >= old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_vite_wants_it() {
        for (version, expected) in [
            ("v18.20.0", false),
            ("v20.18.3", false),
            ("v20.19.0", true),
            ("v21.7.3", false),
            ("v22.11.0", false),
            ("v22.12.0", true),
            ("v24.1.0", true),
        ] {
            let found = Version::find(version).expect("it is a version");
            assert_eq!(is_enough(found), expected, "{version}");
        }
    }
}
