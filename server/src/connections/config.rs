//! What the connections are made with. Plain data: whoever reads the settings has checked them.

use crate::{seal::KeyRing, store::Database};
use cc_connect_core::{
    jose::Expectations,
    oauth::{Client, ClientSecret},
    session::{Context, Reauthorize, TokenStorage},
};
use std::time::Duration;

/// What the connections are made with.
#[derive(Clone, Debug)]
pub struct ConnectionsConfig {
    /// The client, without PKCE if that is configured.
    pub client: Client,
    /// Its secret.
    pub secret: ClientSecret,
    /// Requirements for access tokens.
    pub expectations: Expectations,
    /// Requirements for ID tokens.
    pub id_token_expectations: Expectations,
    /// Where the issuer's keys are.
    pub jwks_uri: String,
    /// Where the sessions are stored.
    pub database: Database,
    /// The master keys.
    pub keys: KeyRing,
    /// How long a session lasts without a request.
    pub idle: Duration,
    /// How long a session lasts in any case.
    pub absolute: Duration,
    /// The limits.
    pub limits: Limits,
}

impl ConnectionsConfig {
    /// For the core. The last two decide about browsers only.
    pub(super) fn context(&self) -> Context {
        Context {
            client: self.client.clone(),
            expectations: self.expectations.clone(),
            id_token_expectations: self.id_token_expectations.clone(),
            token_storage: TokenStorage::Memory,
            reauthorize: Reauthorize::Prompt,
        }
    }
}

/// What is limited, per instance unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts to connect that are stored at once, of all browsers and instances.
    pub attempts: u32,
    /// Token requests at once.
    pub renewals: usize,
    /// Requests to the API at once, for each session.
    pub in_flight: usize,
    /// Requests to the API that wait at once.
    pub waiting: usize,
    /// How long a request to the API may wait.
    pub longest_wait: Duration,
    /// The time between two requests to the API, over all instances.
    pub interval: Duration,
    /// Requests to the API a day, which begins at 00:00 UTC, over all instances.
    pub per_day: u32,
}

/// What one API key may do: 4 requests a second and 10,000 a day.
impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 10_000,
            renewals: 8,
            in_flight: 2,
            waiting: 110,
            longest_wait: Duration::from_secs(30),
            interval: Duration::from_millis(260),
            per_day: 10_000,
        }
    }
}
