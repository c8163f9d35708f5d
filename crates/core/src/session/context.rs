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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The OAuth client.
    pub client: Client,
    /// Requirements for access tokens.
    pub expectations: Expectations,
    /// Requirements for ID tokens.
    pub id_token_expectations: Expectations,
    /// Whether the tokens may be stored.
    pub token_storage: TokenStorage,
    /// Whether to re-authorize automatically.
    pub reauthorize: Reauthorize,
}
