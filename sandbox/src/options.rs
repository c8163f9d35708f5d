//! The options, and the URLs that depend on them.

use crate::random;

/// The developer portal's refresh token method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshTokens {
    /// Single use: every refresh issues a new one and invalidates the previous one.
    #[default]
    Rotating,
    /// The value stays the same.
    LongLived,
}

/// The developer portal's OAuth2 setting of an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OAuth2Setting {
    /// "Authorization Code Flow and Implicit Flow", of an application that runs in the browser. The
    /// code flow of this setting is for those that can keep a secret; without one,
    /// `response_type=token` is all it may use.
    #[default]
    Implicit,
    /// "Authorization Code Flow and Implicit Flow", of an application that runs on a server and has
    /// a [secret](Client::client_secret).
    CodeAndImplicit {
        /// The refresh token method.
        refresh_tokens: RefreshTokens,
    },
    /// "Proof Key for Code Exchange (PKCE) Flow".
    Pkce {
        /// The refresh token method.
        refresh_tokens: RefreshTokens,
    },
}

impl OAuth2Setting {
    /// The refresh token method, if the setting has refresh tokens.
    pub(crate) fn refresh_tokens(&mut self) -> Option<&mut RefreshTokens> {
        match self {
            Self::Implicit => None,
            Self::CodeAndImplicit { refresh_tokens } | Self::Pkce { refresh_tokens } => {
                Some(refresh_tokens)
            }
        }
    }
}

/// An application registered with this authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The API key.
    pub client_id: String,
    /// The secret, for [`OAuth2Setting::CodeAndImplicit`] only; `None` makes one up at the start.
    pub client_secret: Option<String>,
    /// The name shown on the permission page.
    pub name: String,
    /// Compared character by character.
    pub redirect_uris: Vec<String>,
    /// Which flow it may use.
    pub oauth2_setting: OAuth2Setting,
}

impl Client {
    fn new(client_id: &str, name: &str, oauth2_setting: OAuth2Setting) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: None,
            name: name.to_owned(),
            redirect_uris: vec!["http://localhost:8080/callback".to_owned()],
            oauth2_setting,
        }
    }

    /// With a secret if the setting has one: the given one or a new one.
    pub(crate) fn with_secret(mut self) -> Self {
        self.client_secret = match self.oauth2_setting {
            OAuth2Setting::CodeAndImplicit { .. } => {
                Some(self.client_secret.unwrap_or_else(new_secret))
            }
            OAuth2Setting::Implicit | OAuth2Setting::Pkce { .. } => None,
        };
        self
    }
}

/// A secret as the developer portal generates them: short, and no UUID.
pub(crate) fn new_secret() -> String {
    random::text(16)
}

/// How to run the sandbox; the default is what development uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The port on the loopback interface; 0 takes any free one.
    pub port: u16,
    /// How long an access token of the implicit flow is valid, in seconds.
    pub token_lifetime: u64,
    /// How long an access token of the code flow is valid, in seconds.
    pub pkce_token_lifetime: u64,
    /// The registered applications.
    pub clients: Vec<Client>,
    /// A query in the authorization endpoint's URL, such as `resource=x`, as some servers have it
    /// (RFC 6749 §3.1). Requests without it get an error page. Empty for no query.
    pub authorization_query: String,
    /// The seed of the data: the same seed gives the same contacts.
    pub seed: u64,
    /// How many requests a second one client_id may make under `/v3`; 0 for any number, at the
    /// token endpoint as well.
    pub requests_per_second: u32,
}

impl Options {
    /// The client_id of the application registered by default.
    pub const DEFAULT_CLIENT_ID: &'static str = "7f0c2a4e-5b1d-4c8e-9a3f-2d6b8e1c4a70";

    /// The client_id of the application with PKCE that is registered by default.
    pub const PKCE_CLIENT_ID: &'static str = "3c9e5b72-0a4d-4f18-8b6e-d71f2c05a9e4";

    /// The client_id of the application with a secret that is registered by default.
    pub const CONFIDENTIAL_CLIENT_ID: &'static str = "b81d4f06-93e7-4a2c-8f5d-60c7e2a91b3f";

    /// The app's `config.json` for a sandbox with these options, for the flow that a browser can use
    /// with the application's setting.
    pub fn config_json(&self, client_id: &str) -> String {
        let setting = setting_of(&self.clients, client_id);
        Addresses::new(self.port, self).config_json(client_id, setting)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 8081,
            token_lifetime: 28_800,
            pkce_token_lifetime: 86_400,
            clients: vec![
                Client::new(
                    Self::DEFAULT_CLIENT_ID,
                    "CC Connect (sandbox)",
                    OAuth2Setting::Implicit,
                ),
                Client::new(
                    Self::PKCE_CLIENT_ID,
                    "CC Connect (sandbox, PKCE)",
                    OAuth2Setting::Pkce {
                        refresh_tokens: RefreshTokens::Rotating,
                    },
                ),
                Client::new(
                    Self::CONFIDENTIAL_CLIENT_ID,
                    "CC Connect (sandbox, server)",
                    OAuth2Setting::CodeAndImplicit {
                        refresh_tokens: RefreshTokens::Rotating,
                    },
                ),
            ],
            authorization_query: String::new(),
            seed: 2026,
            requests_per_second: 4,
        }
    }
}

/// The path of the authorization endpoint, as on authz.constantcontact.com.
pub(crate) const AUTHORIZE_PATH: &str = "/oauth2/default/v1/authorize";
/// The path of the token endpoint, on the same host.
pub(crate) const TOKEN_PATH: &str = "/oauth2/default/v1/token";
/// The path of the issuer, as on identity.constantcontact.com.
pub(crate) const ISSUER_PATH: &str = "/oauth2/aus1lm3ry9mF7x2Ja0h8";
/// The path of the JWK Set.
pub(crate) const KEYS_PATH: &str = "/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys";
/// The path that the attacker's URLs start with.
pub(crate) const ATTACKER_PATH: &str = "/attacker";
/// The path of the API, as on api.cc.email.
pub(crate) const API_PATH: &str = "/v3";

/// The scope with refresh tokens.
const CODE_SCOPE: &str = "account_read campaign_data contact_data offline_access";

/// The setting of an application; an unknown one would be registered with the default.
pub(crate) fn setting_of(clients: &[Client], client_id: &str) -> OAuth2Setting {
    clients
        .iter()
        .find(|client| client.client_id == client_id)
        .map(|client| client.oauth2_setting)
        .unwrap_or_default()
}

/// The URLs of a sandbox. The real service has three hosts; here one origin plays them all.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) port: u16,
    /// Without the question mark; empty for no query.
    pub(crate) authorization_query: String,
}

impl Addresses {
    /// With the port that is in use.
    pub(crate) fn new(port: u16, options: &Options) -> Self {
        Self {
            port,
            authorization_query: options.authorization_query.clone(),
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn authorization_endpoint(&self) -> String {
        let mark = if self.authorization_query.is_empty() {
            ""
        } else {
            "?"
        };
        self.origin() + AUTHORIZE_PATH + mark + &self.authorization_query
    }

    pub(crate) fn token_endpoint(&self) -> String {
        self.origin() + TOKEN_PATH
    }

    pub(crate) fn issuer(&self) -> String {
        self.origin() + ISSUER_PATH
    }

    pub(crate) fn jwks_uri(&self) -> String {
        self.origin() + KEYS_PATH
    }

    pub(crate) fn api_base_url(&self) -> String {
        self.origin() + API_PATH
    }

    /// The base of the attacker's URLs, which the sandbox serves as well.
    pub(crate) fn attacker(&self) -> String {
        self.origin() + ATTACKER_PATH
    }

    pub(crate) fn config_json(&self, client_id: &str, setting: OAuth2Setting) -> String {
        let mut members = self.members(client_id);
        if let OAuth2Setting::Pkce { .. } = setting {
            members.insert(1, ("response_type", "code".to_owned()));
            members.insert(3, ("token_endpoint", self.token_endpoint()));
            members.push(("scope", CODE_SCOPE.to_owned()));
        }
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("  \"{name}\": {}", serde_json::Value::from(value)))
            .collect();
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }

    pub(crate) fn config_toml(&self, client_id: &str) -> String {
        let mut members = self.members(client_id);
        members.insert(2, ("token_endpoint", self.token_endpoint()));
        members.push(("scope", CODE_SCOPE.to_owned()));
        members
            .into_iter()
            // A string of JSON is a basic string of TOML.
            .map(|(name, value)| format!("{name} = {}\n", serde_json::Value::from(value)))
            .collect()
    }

    /// What every configuration has.
    fn members(&self, client_id: &str) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", client_id.to_owned()),
            ("authorization_endpoint", self.authorization_endpoint()),
            ("issuer", self.issuer()),
            ("jwks_uri", self.jwks_uri()),
            ("audience", self.api_base_url()),
            ("api_base_url", self.api_base_url()),
        ]
    }
}
