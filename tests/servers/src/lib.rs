//! Web servers on local ports, each with the files that `hosting` renders for it: nginx, Caddy,
//! Apache, and the local servers of Cloudflare Pages and Firebase. Used by the tests of the doctor
//! and by the end-to-end tests.
//!
//! The files are changed only where a test cannot match a deployment: the host name, its
//! certificate, and the location of the build. The same-origin proxy for the key set is enabled,
//! except for Firebase, where it takes more than a web server.
//!
//! Netlify's own server is not included: it replaces every `Cache-Control`, and takes 420 MB.

mod configuration;
mod process;

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use cc_connect_hosting::{Base, File, Host};
use tempfile::TempDir;

use process::Process;

/// A server, as packaged by Debian or npm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// nginx, which serves the `.gz` files.
    Nginx,
    /// nginx with a module that serves the `.br` files.
    NginxWithBrotli,
    /// Caddy.
    Caddy,
    /// Apache.
    Apache,
    /// `wrangler pages dev`, which is Cloudflare Pages' own code.
    Wrangler,
    /// The server in Firebase's Hosting emulator.
    Superstatic,
}

impl Program {
    /// The host whose rendered file it uses.
    pub fn host(self) -> Host {
        match self {
            Self::Nginx | Self::NginxWithBrotli => Host::Nginx,
            Self::Caddy => Host::Caddy,
            Self::Apache => Host::Apache,
            Self::Wrangler => Host::CloudflarePages,
            Self::Superstatic => Host::Firebase,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nginx | Self::NginxWithBrotli => "nginx",
            Self::Caddy => "caddy",
            Self::Apache => "apache2",
            Self::Wrangler => "wrangler",
            Self::Superstatic => "superstatic",
        }
    }

    fn installed_by(self) -> &'static str {
        match self {
            Self::Nginx => "apt-get install nginx-light",
            Self::NginxWithBrotli => "apt-get install nginx-light libnginx-mod-http-brotli-static",
            Self::Caddy => "apt-get install caddy",
            Self::Apache => "apt-get install apache2",
            Self::Wrangler => "npm install wrangler",
            Self::Superstatic => "npm install --omit=optional superstatic",
        }
    }

    /// The path of the program: from `PATH`, or from Debian's administrator directories.
    ///
    /// # Panics
    ///
    /// If it is not installed: a test must not pass by doing nothing.
    fn require(self) -> PathBuf {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join(self.name()))
            .find(|program| program.is_file());
        found.unwrap_or_else(|| {
            panic!(
                "{} IS MISSING: nothing was tested. `{}`, and put it on the PATH",
                self.name(),
                self.installed_by()
            )
        })
    }
}

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

    fn root(&self) -> PathBuf {
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
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("it can be written");
        path
    }

    /// Starts a server with the files rendered for its host, and waits until it responds.
    ///
    /// # Panics
    ///
    /// If the program or a file is missing, or if it exits or does not respond.
    pub fn start(self, program: Program, files: &[File]) -> Server {
        let found = program.require();
        let command = match program {
            Program::Nginx => configuration::nginx(&self, found, files, false),
            Program::NginxWithBrotli => configuration::nginx(&self, found, files, true),
            Program::Caddy => configuration::caddy(&self, found, files),
            Program::Apache => configuration::apache(&self, found, files),
            Program::Wrangler => configuration::wrangler(&self, found, files),
            Program::Superstatic => configuration::superstatic(&self, found, files),
        };
        let process = Process::start(command, &self, program.name());
        Server {
            _process: process,
            program,
            stage: self,
        }
    }
}

/// A running server, stopped on drop.
#[derive(Debug)]
pub struct Server {
    // Declared first, so that it ends before the folder is removed.
    _process: Process,
    program: Program,
    /// The files it serves.
    pub stage: Stage,
}

/// Lets the servers' workers, which run as other users, read the folder.
#[cfg(unix)]
fn readable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[cfg(not(unix))]
fn readable(_folder: &Path) {}

impl Server {
    /// The program that serves.
    pub fn program(&self) -> Program {
        self.program
    }

    /// The name of the program.
    pub fn name(&self) -> &'static str {
        self.program.name()
    }
}

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
