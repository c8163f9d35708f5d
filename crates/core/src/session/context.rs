//! The settings of a session, which stay the same for the life of the page.

use crate::{jose::Expectations, oauth::Client};

/// Where the tokens are kept while the connection lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenStorage {
    /// In sessionStorage: a reload keeps the connection. The default.
    #[default]
    Session,
    /// In memory only: a reload ends the connection.
    Memory,
}

/// What happens when a connection expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reauthorize {
    /// A countdown, then a new authorization. The default.
    #[default]
    Automatic,
    /// A button to re-authorize.
    Prompt,
}

/// The settings, which stay the same for the life of the page.
///
/// ```
/// use cc_connect_core::{
///     constant_contact,
///     oauth::{Client, ResponseType},
///     session::{Context, Reauthorize, TokenStorage},
/// };
///
/// let redirect_uri = "https://app.example/callback";
/// let registration =
///     constant_contact::registration("the API key", redirect_uri, ResponseType::Code);
/// let client = Client::new(registration)?;
/// let context = Context {
///     expectations: constant_contact::access_token_expectations(),
///     id_token_expectations: constant_contact::id_token_expectations(client.client_id()),
///     client,
///     token_storage: TokenStorage::default(),
///     reauthorize: Reauthorize::default(),
/// };
/// # Ok::<(), cc_connect_core::oauth::ClientError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Whose authorizations these are, and at which authorization server.
    pub client: Client,
    /// What an access token must contain, as
    /// [`access_token_expectations`](crate::constant_contact::access_token_expectations) says.
    pub expectations: Expectations,
    /// What an ID token must contain, as
    /// [`id_token_expectations`](crate::constant_contact::id_token_expectations) says.
    pub id_token_expectations: Expectations,
    /// Whether the tokens may be stored.
    pub token_storage: TokenStorage,
    /// Whether to re-authorize automatically.
    pub reauthorize: Reauthorize,
}
