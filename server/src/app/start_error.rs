//! Why the server did not start.

use crate::{config::Mistakes, failure::OpenError, site::SiteError};
use std::{io, net::SocketAddr};

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] Mistakes),
    /// The build cannot be served.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The API's client cannot be made.
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
    /// An address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The signals that stop it cannot be received.
    #[error("signals cannot be received")]
    Signals(#[source] io::Error),
}
