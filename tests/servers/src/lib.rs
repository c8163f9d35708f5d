//! Web servers on ports of this machine, each with the files that `hosting` renders for it: nginx, Caddy
//! and Apache, and the servers with which Cloudflare Pages and Firebase are tried out before they are
//! deployed to. For the tests of the doctor and for the end-to-end tests.
//!
//! What is changed in the files is what no test can have: the name of the host, its certificate, and the
//! place of the build. The same-origin proxy of the key set is switched on, but for Firebase, where it
//! takes more than a web server.
//!
//! Netlify's own server is not among them: it replaces every `Cache-Control`, and takes 420 MB.

mod configuration;
mod process;

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use cc_connect_hosting::{Base, File, Host};
use tempfile::TempDir;

use process::Process;

/// A server, as Debian or npm packages it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// nginx, which sends the `.gz` files.
    Nginx,
    /// nginx with a module that sends the `.br` files.
    NginxWithBrotli,
    /// Caddy.
    Caddy,
    /// Apache.
    Apache,
    /// `wrangler pages dev`, which is Cloudflare Pages' own code.
    Wrangler,
    /// What answers for Firebase Hosting in its emulator.
    Superstatic,
}

impl Program {
    /// Whose file it takes.
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

    /// Where it is: on the PATH, or where Debian has what only administrators call.
    ///
    /// # Panics
    ///
    /// If it is nowhere: a test that did nothing would be no test.
    fn need(self) -> PathBuf {
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

/// A folder that a server can read, two ports, and a build in its place below the root.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    base: Base,
    /// Where the site is.
    pub port: u16,
    /// Where plain http is redirected from, with nginx.
    pub plain_port: u16,
}

impl Stage {
    /// A stage for a build made for `base`.
    ///
    /// # Panics
    ///
    /// If there is no place for temporary files, or no port.
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

    /// The path that the build is made for.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// A path in the stage's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// The folder that the build belongs into.
    pub fn dist(&self) -> PathBuf {
        self.root().join(self.base.folder())
    }

    /// Puts a build there.
    ///
    /// # Panics
    ///
    /// If it cannot be copied.
    pub fn put(&self, build: &Path) {
        copy(build, &self.dist());
    }

    /// Writes a file into the stage's own folder.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("it can be written");
        path
    }

    /// Starts a server with the files that were rendered for its host, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If the program or a file is missing, or if it ends or does not answer.
    pub fn start(self, program: Program, files: &[File]) -> Server {
        let found = program.need();
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

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    // Ends before the folder goes.
    _process: Process,
    program: Program,
    /// What it serves from.
    pub stage: Stage,
}

/// The servers' workers are other users.
#[cfg(unix)]
fn readable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[cfg(not(unix))]
fn readable(_folder: &Path) {}

impl Server {
    /// What serves.
    pub fn program(&self) -> Program {
        self.program
    }

    /// As its program is called.
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
