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
mod stage;

use std::path::PathBuf;

use cc_connect_hosting::{File, Host};

use process::Process;
pub use stage::Stage;

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

impl Stage {
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
