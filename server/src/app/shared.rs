//! What every request may use.

use super::start_error::StartError;
use crate::{
    config::{Config, Mistakes, SecretSources, Secrets, process_environment},
    connections::{Connections, ConnectionsConfig},
    cookies::Cookies,
    metrics::Metrics,
    proxy::Upstream,
    site::StaticSite,
    web::{
        client_address::{Peer, client_address, shared_by},
        inbound::InboundLimits,
    },
};
use cc_connect_core::oauth::Client;
use http::HeaderMap;
use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// What every request may use.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) connections: Connections,
    pub(crate) client: Client,
    /// The page's.
    pub(crate) origin: String,
    pub(crate) cookies: Cookies,
    pub(crate) site: StaticSite,
    pub(crate) upstream: Upstream,
    pub(crate) inbound: InboundLimits,
    pub(crate) trusted_proxies: usize,
    /// The API's requests a day.
    pub(crate) per_day: u32,
    pub(crate) metrics: Metrics,
    secrets: SecretSources,
    stopping: AtomicBool,
}

impl Shared {
    /// Reads the build, and opens the database.
    pub(super) async fn open(
        config: Config,
        connections: ConnectionsConfig,
    ) -> Result<Self, StartError> {
        let redirect_uri = &config.registration.redirect_uri;
        let api_base_url = config.api_base_url.as_str();
        let site = StaticSite::load(&config.dist, redirect_uri, api_base_url)?;
        let client = connections.client.clone();
        let per_day = connections.limits.per_day;
        let attempt_age = u64::try_from(client.max_authorization_time()).unwrap_or_default();
        Ok(Self {
            cookies: Cookies::new(
                config.origin.is_plain_loopback(),
                config.absolute,
                Duration::from_secs(attempt_age),
            ),
            upstream: Upstream::new(config.api_base_url)?,
            connections: Connections::open(connections).await?,
            client,
            origin: config.origin.as_str().to_owned(),
            site,
            inbound: InboundLimits::new(config.inbound),
            trusted_proxies: config.trusted_proxies,
            per_day,
            metrics: Metrics::install(),
            secrets: config.secrets,
            stopping: AtomicBool::new(false),
        })
    }

    /// Whether the server is about to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The server is about to stop.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The address that limits are counted for.
    pub(crate) fn address_of(&self, peer: Option<&Peer>, headers: &HeaderMap) -> Option<IpAddr> {
        let Peer(peer) = *peer?;
        Some(shared_by(client_address(
            peer,
            headers,
            self.trusted_proxies,
        )))
    }

    /// Reads the secrets again.
    pub(super) fn reload(&self) -> Result<(), Mistakes> {
        let Secrets { client, keys } = self.secrets.read(&process_environment)?;
        self.connections.replace_secrets(client, keys);
        Ok(())
    }
}
