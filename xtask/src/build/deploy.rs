//! The hosts' files for one build.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cc_connect_hosting::{File, Host, README, Site};

/// Writes a folder for each host into `folder`, replacing what is there.
pub(super) fn write(site: &Site, index_html: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("could not clear {}", folder.display()))?;
    }
    let put = |path: &Path, text: &str| -> std::io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)
    };
    let write = |path: &Path, text: &str| {
        put(path, text).with_context(|| format!("could not write {}", path.display()))
    };
    write(&folder.join("README.md"), README)?;
    for host in Host::ALL {
        let folder = folder.join(host.folder());
        write(&folder.join("README.md"), host.readme())?;
        let files = host.render(site);
        for File { path, text } in files.into_iter().chain(host.documents(site, index_html)) {
            write(&folder.join(path), &text)?;
        }
    }
    Ok(())
}
