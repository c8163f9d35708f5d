//! What an application sets, with Constant Contact's values as defaults.

use cc_connect_core::{
    ReturnTo,
    constant_contact::{
        API_BASE_URL, AUDIENCE, AUTHORIZATION_ENDPOINT, ISSUER, JWKS_URI, TOKEN_ENDPOINT,
        default_scope,
    },
    jose::{ACCESS_TOKEN_TYPES, Expectations, ID_TOKEN_TYPES, verify::MAX_LIFETIME},
    oauth::{Client, ResponseType, Scope, pending_authorization::MAX_AGE},
    session::{Context, Reauthorize, TokenStorage},
    v3::ApiBaseUrl,
    web_url::WebUrl,
};

/// Where the time comes from, by which tokens are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// The computer's own clock. The default. If it is wrong, genuine tokens are rejected.
    #[default]
    Device,
    /// The `Date` of the response to a request for this file of the page's own host, however wrong
    /// the computer's clock is.
    HostDate(String),
}

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
    pub(crate) context: Context,
    pub(crate) jwks_uri: String,
    pub(crate) api_base_url: ApiBaseUrl,
    pub(crate) base_path: String,
    pub(crate) redirect_path: Option<ReturnTo>,
    pub(crate) redirects_to_page: bool,
    pub(crate) application: String,
    pub(crate) clock: ClockSource,
    pub(crate) kept_pages: Vec<ReturnTo>,
}

impl Settings {
    /// The settings of a public client registered at Constant Contact for the authorization code
    /// grant with PKCE. `client_id` is the API key.
    pub fn new(client_id: &str) -> Self {
        Self {
            context: Context {
                client: Client {
                    client_id: client_id.to_owned(),
                    redirect_uri: String::new(),
                    authorization_endpoint: AUTHORIZATION_ENDPOINT.to_owned(),
                    response_type: ResponseType::Code,
                    token_endpoint: TOKEN_ENDPOINT.to_owned(),
                    issuer: ISSUER.to_owned(),
                    scope: known_scope(default_scope(ResponseType::Code)),
                    max_authorization_time: MAX_AGE,
                },
                expectations: Expectations {
                    types: ACCESS_TOKEN_TYPES,
                    issuer: ISSUER.to_owned(),
                    audience: AUDIENCE.to_owned(),
                    max_lifetime: MAX_LIFETIME,
                },
                id_token_expectations: Expectations {
                    types: ID_TOKEN_TYPES,
                    issuer: ISSUER.to_owned(),
                    audience: client_id.to_owned(),
                    max_lifetime: MAX_LIFETIME,
                },
                token_storage: TokenStorage::default(),
                reauthorize: Reauthorize::default(),
            },
            jwks_uri: JWKS_URI.to_owned(),
            api_base_url: ApiBaseUrl::new(API_BASE_URL.to_owned()),
            base_path: "/".to_owned(),
            redirect_path: ReturnTo::parse("callback"),
            redirects_to_page: false,
            application: "cc-connect".to_owned(),
            clock: ClockSource::default(),
            kept_pages: Vec::new(),
        }
    }

    /// Settings that were validated elsewhere, for another authorization server than Constant
    /// Contact's.
    pub fn with_context(context: Context, jwks_uri: String, api_base_url: ApiBaseUrl) -> Self {
        Self {
            redirect_path: None,
            jwks_uri,
            api_base_url,
            context,
            ..Self::new("")
        }
    }

    /// The implicit grant, for a registration that allows nothing else. It has no refresh token:
    /// the user re-authorizes when the token ends.
    pub fn implicit(mut self) -> Self {
        self.context.client.response_type = ResponseType::Token;
        let offline = "offline_access";
        let scope = self.context.client.scope.only(|word| word != offline);
        self.context.client.scope = scope;
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
        self.redirect_path = Some(page.expect("the redirect path is relative"));
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
        self.context.client.scope = known_scope(scope);
        self
    }

    /// Keeps the tokens in memory only: a reload ends the connection.
    pub fn in_memory(mut self) -> Self {
        self.context.token_storage = TokenStorage::Memory;
        self
    }

    /// Never leaves for the authorization server by itself.
    pub fn prompt(mut self) -> Self {
        self.context.reauthorize = Reauthorize::Prompt;
        self
    }

    /// The path below which the application is deployed, with a slash at both ends. `/` by default.
    pub fn base_path(mut self, path: &str) -> Self {
        self.base_path = path.to_owned();
        self
    }

    /// The prefix of every name in the browser's storage. Two applications of one origin need
    /// different ones. `cc-connect` by default.
    pub fn application(mut self, name: &str) -> Self {
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

    /// Uses other servers than Constant Contact's: a sandbox, or a test. The paths are those of the
    /// project's sandbox.
    ///
    /// # Panics
    ///
    /// If it is not an absolute URL.
    pub fn sandbox(mut self, origin: &str) -> Self {
        assert!(WebUrl::parse(origin).is_some(), "the sandbox has a URL");
        let origin = origin.trim_end_matches('/');
        let issuer = format!("{origin}/oauth2/aus1lm3ry9mF7x2Ja0h8");
        let authorization = format!("{origin}/oauth2/default/v1");
        self.jwks_uri = format!("{issuer}/v1/keys");
        self.api_base_url = ApiBaseUrl::new(format!("{origin}/v3"));
        let client = &mut self.context.client;
        client.authorization_endpoint = format!("{authorization}/authorize");
        client.token_endpoint = format!("{authorization}/token");
        client.issuer.clone_from(&issuer);
        self.context.expectations.issuer.clone_from(&issuer);
        self.context.id_token_expectations.issuer = issuer;
        self
    }

    /// These settings for a page of this origin.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(crate) fn at_origin(mut self, origin: &str) -> Self {
        if let Some(page) = self.redirect_path.take() {
            self.redirects_to_page |= page == ReturnTo::START;
            self.context.client.redirect_uri = format!("{origin}{}", page.below(&self.base_path));
        }
        self
    }

    /// Whether the user may be led away from this page automatically.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(crate) fn may_leave(&self, page: &ReturnTo) -> bool {
        !self.kept_pages.contains(page)
    }
}

fn known_scope(text: &str) -> Scope {
    Scope::parse(text).unwrap_or_else(|_| panic!("{text:?} is no scope"))
}
