//! The files of a build.

use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Every file below `folder`, relative to it, with forward slashes, sorted.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.with_context(|| format!("could not read {}", folder.display()))?;
        if !entry.file_type().is_dir() {
            let name = entry.path().strip_prefix(folder)?;
            names.push(name.to_string_lossy().replace('\\', "/"));
        }
    }
    names.sort();
    Ok(names)
}
