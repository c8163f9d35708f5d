//! What an application sets, with Constant Contact's values as defaults.

use crate::ClockSource;
#[cfg(target_arch = "wasm32")]
use crate::runtime::link::StartServer;
use cc_connect_core::{
    ReturnTo,
    constant_contact::{self, API_BASE_URL, JWKS_URI},
    jose::Expectations,
    oauth::{Client, ClientError, Registration, ResponseType, Scope},
    session::{Context, Reauthorize, TokenStorage},
    v3::ApiBaseUrl,
};

/// An application's settings.
///
/// ```
/// use cc_connect::Settings;
///
/// let settings = Settings::new("00000000-0000-0000-0000-000000000000")
///     .redirect_path("callback")
///     .scope("account_read contact_data offline_access");
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    registration: Registration,
    expectations: Expectations,
    id_token_expectations: Expectations,
    token_storage: TokenStorage,
    reauthorize: Reauthorize,
    pub(crate) jwks_uri: String,
    pub(crate) api_base_url: ApiBaseUrl,
    pub(crate) base_path: String,
    /// Relative to the base path; `None` if the registration has the whole URI.
    redirect_path: Option<ReturnTo>,
    pub(crate) redirects_to_page: bool,
    pub(crate) application: String,
    pub(crate) clock: ClockSource,
    kept_pages: Vec<ReturnTo>,
    /// Set if a server keeps the connection.
    #[cfg(target_arch = "wasm32")]
    pub(crate) server: Option<StartServer>,
}

impl Settings {
    /// The settings of a public client registered at Constant Contact for the authorization code
    /// grant with PKCE. `client_id` is the API key.
    pub fn new(client_id: &str) -> Self {
        Self {
            registration: constant_contact::registration(client_id, "", ResponseType::Code),
            expectations: constant_contact::access_token_expectations(),
            id_token_expectations: constant_contact::id_token_expectations(client_id),
            token_storage: TokenStorage::default(),
            reauthorize: Reauthorize::default(),
            jwks_uri: JWKS_URI.to_owned(),
            api_base_url: ApiBaseUrl::new(API_BASE_URL.to_owned()),
            base_path: "/".to_owned(),
            redirect_path: ReturnTo::parse("callback"),
            redirects_to_page: false,
            application: "cc-connect".to_owned(),
            clock: ClockSource::default(),
            kept_pages: Vec::new(),
            #[cfg(target_arch = "wasm32")]
            server: None,
        }
    }

    /// Settings for a client that was checked elsewhere, perhaps of another authorization server
    /// than Constant Contact's.
    pub fn for_client(context: Context, jwks_uri: String, api_base_url: ApiBaseUrl) -> Self {
        Self {
            registration: context.client.registration().clone(),
            expectations: context.expectations,
            id_token_expectations: context.id_token_expectations,
            token_storage: context.token_storage,
            reauthorize: context.reauthorize,
            jwks_uri,
            api_base_url,
            redirect_path: None,
            ..Self::new("")
        }
    }

    /// The implicit grant, for a registration that allows nothing else. It has no refresh token:
    /// the user re-authorizes when the token ends.
    pub fn implicit(mut self) -> Self {
        self.registration.response_type = ResponseType::Token;
        let scope = &self.registration.scope;
        self.registration.scope = scope.retaining(|word| word != "offline_access");
        self
    }

    /// The page of this application that is registered as the redirect URI, relative to the base
    /// path. `callback` by default.
    ///
    /// # Panics
    ///
    /// If it is not a relative path ([`ReturnTo::parse`]).
    pub fn redirect_path(mut self, path: &str) -> Self {
        let page = ReturnTo::parse(path.trim_start_matches('/'));
        let page = page.unwrap_or_else(|| panic!("{path:?} is no relative path"));
        self.redirects_to_page |= page == ReturnTo::START;
        self.redirect_path = Some(page);
        self
    }

    /// The redirect URI is the address of a page that shows something else when it is opened
    /// without a response. Otherwise, whoever opens it is told that nothing was returned.
    pub fn redirects_to_page(mut self) -> Self {
        self.redirects_to_page = true;
        self
    }

    /// The scope to request.
    ///
    /// # Panics
    ///
    /// If it is not a scope ([`Scope::parse`]).
    pub fn scope(mut self, scope: &str) -> Self {
        self.registration.scope =
            Scope::parse(scope).unwrap_or_else(|_| panic!("{scope:?} is no scope"));
        self
    }

    /// Keeps the tokens in memory only: a reload ends the connection.
    pub fn in_memory(mut self) -> Self {
        self.token_storage = TokenStorage::Memory;
        self
    }

    /// Never leaves for the authorization server automatically.
    pub fn prompt(mut self) -> Self {
        self.reauthorize = Reauthorize::Prompt;
        self
    }

    /// The path below which the application is deployed, with a slash at both ends. `/` by default.
    ///
    /// # Panics
    ///
    /// If it has no slash at an end.
    pub fn base_path(mut self, path: &str) -> Self {
        let is_folder = path.starts_with('/') && path.ends_with('/');
        assert!(is_folder, "{path:?} does not begin and end with a slash");
        self.base_path = path.to_owned();
        self
    }

    /// The prefix of every name in the browser's storage. Two applications of one origin need
    /// different ones. `cc-connect` by default.
    ///
    /// # Panics
    ///
    /// Unless it consists of lower-case letters, digits and hyphens.
    pub fn application(mut self, name: &str) -> Self {
        let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        assert!(
            !name.is_empty() && name.bytes().all(is_plain),
            "{name:?} is no name for an application"
        );
        self.application = name.to_owned();
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, source: ClockSource) -> Self {
        self.clock = source;
        self
    }

    /// A page that nobody is led away from automatically, such as one that explains what is wrong.
    pub fn keep_on(mut self, page: ReturnTo) -> Self {
        self.kept_pages.push(page);
        self
    }

    /// The project's sandbox at this origin, in place of Constant Contact.
    pub fn sandbox(mut self, origin: &str) -> Self {
        let issuer = format!("{origin}/oauth2/aus1lm3ry9mF7x2Ja0h8");
        self.jwks_uri = format!("{issuer}/v1/keys");
        self.expectations.audience = format!("{origin}/v3");
        self.api_base_url = ApiBaseUrl::new(self.expectations.audience.clone());
        self.registration.authorization_endpoint = format!("{origin}/oauth2/default/v1/authorize");
        self.registration.token_endpoint = format!("{origin}/oauth2/default/v1/token");
        self.expectations.issuer.clone_from(&issuer);
        self.id_token_expectations.issuer.clone_from(&issuer);
        self.registration.issuer = issuer;
        self
    }

    /// What the session needs to know, on a page of this origin.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(crate) fn context_at(&self, origin: &str) -> Result<Context, ClientError> {
        let mut registration = self.registration.clone();
        if let Some(page) = &self.redirect_path {
            registration.redirect_uri = format!("{origin}{}", page.path_below(&self.base_path));
        }
        Ok(Context {
            client: Client::new(registration)?,
            expectations: self.expectations.clone(),
            id_token_expectations: self.id_token_expectations.clone(),
            token_storage: self.token_storage,
            reauthorize: self.reauthorize,
        })
    }

    /// Whether the user may be led away from this page automatically.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(crate) fn may_leave(&self, page: &ReturnTo) -> bool {
        !self.kept_pages.contains(page)
    }
}
