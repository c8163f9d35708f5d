//! What the connections are made with. Plain data: whoever reads the settings has checked them.

use crate::{limits::Limits, seal::KeyRing, store::Database};
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
