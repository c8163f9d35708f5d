//! Where a server runs: its folder, its ports, and the build that it serves.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use cc_connect_hosting::Base;
use tempfile::TempDir;

/// A folder readable by the server, two ports, and a build in its place below the root.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    base: Base,
    /// The port of the site.
    pub port: u16,
    /// The plain http port that nginx redirects from.
    pub plain_port: u16,
}

impl Stage {
    /// Creates a stage for a build made for `base`.
    ///
    /// # Panics
    ///
    /// If no temporary folder or port is available.
    pub fn new(base: Base) -> Self {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        readable(folder.path());
        let stage = Self {
            folder,
            base,
            port: free_port(),
            plain_port: free_port(),
        };
        fs::create_dir_all(stage.dist()).expect("it can be made");
        stage
    }

    /// The base path of the build.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// A path inside the stage's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// The folder for the build.
    pub fn dist(&self) -> PathBuf {
        self.root().join(self.base.folder())
    }

    /// Copies a build there.
    ///
    /// # Panics
    ///
    /// If copying fails.
    pub fn copy_build(&self, build: &Path) {
        copy(build, &self.dist());
    }

    /// Writes a file into the stage's own folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("it can be written");
        path
    }
}

/// Lets the servers' workers, which run as other users, read the folder.
#[cfg(unix)]
fn readable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[cfg(not(unix))]
fn readable(_folder: &Path) {}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let to = to.join(path.file_name().unwrap_or(OsStr::new("")));
        if path.is_dir() {
            fs::create_dir_all(&to).expect("it can be made");
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("it can be copied");
        }
    }
}
