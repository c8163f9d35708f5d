//! The settings as values.

use super::{
    mistake::{Mistake, Mistakes},
    secret_source::{Environment, SecretSources, Secrets},
};
use crate::{connections::ConnectionsConfig, limits::Limits, store::Database};
use cc_connect_core::{
    jose::Expectations,
    oauth::{Client, ClientError, ClientSecret, Registration},
    v3::ApiBaseUrl,
};
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

/// Validated settings, without the secrets that they refer to.
#[derive(Clone, Debug)]
pub struct Config {
    /// The page's origin.
    pub origin: Origin,
    /// The client, with its redirect URI, scope and endpoints.
    pub registration: Registration,
    /// Whether the code is bound to a code verifier.
    pub uses_pkce: bool,
    /// What an access token must contain.
    pub expectations: Expectations,
    /// What an ID token must contain.
    pub id_token_expectations: Expectations,
    /// Where the issuer's keys are.
    pub jwks_uri: String,
    /// The only place that access tokens are sent to.
    pub api_base_url: ApiBaseUrl,
    /// Where the secrets are.
    pub secrets: SecretSources,
    /// Where sessions are kept.
    pub database: Database,
    /// How long a session lives without being used.
    pub idle: Duration,
    /// How long a session lives at most.
    pub absolute: Duration,
    /// How many requests a day the API accepts from this client.
    pub requests_per_day: u32,
    /// How many proxies in front add themselves to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// How much one address may ask for; `None` for any amount.
    pub inbound: Option<Inbound>,
    /// Where the page is served.
    pub listen: SocketAddr,
    /// Where health and metrics are served.
    pub admin: SocketAddr,
    /// The folder of the build.
    pub dist: PathBuf,
}

/// The origin of the page, as a browser spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub(super) text: String,
    pub(super) is_plain_loopback: bool,
}

impl Origin {
    /// `https://connect.example.com`
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is plain `http`, which only this machine may use, for development.
    pub fn is_plain_loopback(&self) -> bool {
        self.is_plain_loopback
    }
}

/// How much one address may ask of `auth`, `api` and the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// Requests a second, over a longer time.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Config {
    /// The client.
    fn client(&self, secret: &ClientSecret) -> Result<Client, ClientError> {
        let client = Client::new(self.registration.clone())?;
        Ok(match self.uses_pkce {
            true => client,
            false => client.without_pkce(secret),
        })
    }

    /// What the connections are made with. This reads the secrets.
    ///
    /// # Errors
    ///
    /// [`Mistakes`] in the secrets, if they have changed since they were checked.
    pub fn connections(&self, environment: Environment<'_>) -> Result<ConnectionsConfig, Mistakes> {
        let Secrets { client, keys } = self.secrets.read(environment)?;
        Ok(ConnectionsConfig {
            client: self.client(&client).map_err(mistaken_client)?,
            secret: client,
            expectations: self.expectations.clone(),
            id_token_expectations: self.id_token_expectations.clone(),
            jwks_uri: self.jwks_uri.clone(),
            database: self.database.clone(),
            keys,
            idle: self.idle,
            absolute: self.absolute,
            limits: Limits {
                per_day: self.requests_per_day,
                ..Limits::default()
            },
        })
    }

    /// The path of the redirection endpoint.
    pub fn callback(&self) -> &str {
        let uri = &self.registration.redirect_uri;
        uri.strip_prefix(self.origin.as_str()).unwrap_or(uri)
    }
}

/// What the core refuses has been reported by then, in more detail.
fn mistaken_client(error: ClientError) -> Mistakes {
    Mistakes(vec![Mistake::new("client_id", error.to_string())])
}
