//! The two applications.

use cc_connect_e2e::{Dist, Grant, Setup};
use std::path::PathBuf;

/// A built application.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// The name in the table and in progress messages.
    pub(crate) name: &'static str,
    /// Whether this is the peer, which CC Connect is measured against.
    pub(crate) is_peer: bool,
    /// The folder that contains its build.
    pub(crate) folder: PathBuf,
    /// The sessionStorage key under which it keeps the connection.
    pub(crate) session_key: &'static str,
}

impl Application {
    /// CC Connect.
    pub(crate) fn ours(folder: PathBuf) -> Self {
        Self {
            name: "this application",
            is_peer: false,
            folder,
            session_key: "cc-connect/session",
        }
    }

    /// The JavaScript peer.
    pub(crate) fn peer(folder: PathBuf) -> Self {
        Self {
            name: "the peer",
            is_peer: true,
            folder,
            session_key: "peer/session",
        }
    }

    /// The application on its host, with the sandbox and a browser with a fresh profile.
    pub(crate) fn setup(&self, grant: Grant) -> Setup {
        let setup = Setup::new().dist(Dist {
            folder: self.folder.clone(),
            base: "/",
        });
        match grant {
            Grant::Implicit => setup,
            Grant::Code => setup.with_code(),
        }
    }
}
