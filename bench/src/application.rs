//! The two applications.

use cc_connect_e2e::{Dist, Grant, Setup};
use std::path::PathBuf;

/// An application, built.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// What to call it.
    pub(crate) name: &'static str,
    /// Whether it is what the other one is measured against.
    pub(crate) is_peer: bool,
    /// The folder with its build.
    pub(crate) folder: PathBuf,
    /// Where it keeps the connection in sessionStorage.
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

    /// What it is measured against.
    pub(crate) fn peer(folder: PathBuf) -> Self {
        Self {
            name: "the peer",
            is_peer: true,
            folder,
            session_key: "peer/session",
        }
    }

    /// The application on its host with the sandbox, and a browser with a fresh profile.
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
