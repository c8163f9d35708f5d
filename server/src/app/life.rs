//! From start to stop.

use super::{routes, shared::Shared, start_error::StartError};
use crate::{
    config::{Config, Environment, Mistakes},
    connections::{Connections, ConnectionsConfig},
    ops,
    web::listener::{self, PATIENCE},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time};

/// How often what is only kept in memory is tidied.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// A running server. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    admin: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the database, and serves the page in the background.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(config: Config, environment: Environment<'_>) -> Result<Self, StartError> {
        let connections = config.connections(environment)?;
        Self::start_with(config, connections).await
    }

    /// Like [`start`](Self::start), with other connections than the configuration's.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start_with(
        config: Config,
        connections: ConnectionsConfig,
    ) -> Result<Self, StartError> {
        // First, so that nothing is changed by a server that cannot be reached.
        let listener = listen(config.listen).await?;
        let admin_listener = listen(config.admin).await?;
        let address = local_address(&listener, config.listen);
        let admin = local_address(&admin_listener, config.admin);
        let shared = Arc::new(Shared::open(config, connections).await?);
        let (stop, stopping) = watch::channel(false);
        let (stop_admin, admin_stopping) = watch::channel(false);
        let router = routes::router(Arc::clone(&shared));
        let admin_router = ops::router(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            listener::serve(listener, router, stopping).await;
            // It says that the server is not ready until the last request has been answered.
            stop_admin.send_replace(true);
        });
        let keeping_house = {
            let connections = shared.connections.clone();
            async move { connections.keep_house().await }
        };
        let others = vec![
            tokio::spawn(listener::serve(
                admin_listener,
                admin_router,
                admin_stopping,
            )),
            tokio::spawn(keeping_house),
            tokio::spawn(tidy(Arc::clone(&shared))),
        ];
        tracing::info!(%address, %admin, "serving");
        Ok(Self {
            shared,
            address,
            admin,
            stop,
            serving,
            others,
        })
    }

    /// Where the page is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where health and metrics are served.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// What is below HTTP.
    pub fn connections(&self) -> &Connections {
        &self.shared.connections
    }

    /// Lets time pass for the tests, which do not wait.
    #[doc(hidden)]
    pub fn pass(&self, seconds: i64) {
        self.shared.connections.pass(seconds);
    }

    /// Reads the secrets again. If something is wrong with them, those of before stay.
    ///
    /// # Errors
    ///
    /// [`Mistakes`].
    pub fn reload_secrets(&self) -> Result<(), Mistakes> {
        self.shared.reload()
    }

    /// Accepts no connection any more, lets what runs finish for 25 seconds at most, renewals
    /// first, and ends.
    pub async fn stop(mut self) {
        self.shared.stop();
        self.stop.send_replace(true);
        let finished = async {
            let connections = self.shared.connections.clone();
            // The only possible error is a panic in the server, which has been logged.
            let _ = tokio::join!(connections.finish(), &mut self.serving);
            // Last: a request that waited for a renewal still reads from it.
            connections.close().await;
        };
        if time::timeout(PATIENCE, finished).await.is_err() {
            tracing::warn!("not everything could be finished in time");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        self.serving.abort();
        for task in &self.others {
            task.abort();
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

/// With the port in use, if any free one was asked for.
fn local_address(listener: &TcpListener, configured: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(configured)
}

async fn tidy(shared: Arc<Shared>) {
    loop {
        time::sleep(TIDY_EVERY).await;
        shared.inbound.forget_the_quiet();
        shared.metrics.keep_house();
    }
}
