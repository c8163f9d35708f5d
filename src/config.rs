//! The deployer's settings: `config.json`, read at startup. All mistakes are reported at once, each
//! with what to write instead. Every key decides something
//! ([the rule](cc_connect_core::json#what-decides-and-what-does-not)).

mod file;
mod mistake;
mod reader;

pub use file::MAX_BYTES;
pub use mistake::{ConfigError, ConfigFileError, Flaw, Line, Malformed, Mistake, Problem};
pub use reader::KEYS;

use crate::route::Route;
use cc_connect::{ClockSource, Settings};
use cc_connect_core::{
    constant_contact,
    jose::{Expectations, verify::MAX_LIFETIME},
    oauth::{
        Client, ClientError, Registration, ResponseType, parameters, pending_authorization::MAX_AGE,
    },
    session::{Context, Reauthorize, TokenStorage},
    v3::ApiBaseUrl,
    web_url::WebUrl,
};
use reader::{AnyMistake, Mistakes, Reader};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Valid values of `max_token_lifetime`, in seconds: a minute to a year.
const TOKEN_LIFETIMES: RangeInclusive<i64> = 60..=365 * 24 * 60 * 60;
/// Valid values of `max_authorization_time`, in seconds: a minute to a day.
const AUTHORIZATION_TIMES: RangeInclusive<i64> = 60..=24 * 60 * 60;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setup {
    /// This browser makes the connection and keeps the tokens.
    Direct(Box<Config>),
    /// The page's server does (`{"server": true}`), and has the settings.
    Server,
}

/// Validated settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The OAuth client, and how its tokens are judged and kept.
    pub context: Context,
    /// Where the issuer's keys are.
    pub jwks_uri: String,
    /// The only place the access token is sent to.
    pub api_base_url: ApiBaseUrl,
}

impl Setup {
    /// Parses `config.json`. `base_url` is the application's own URL, with a trailing slash.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], with all mistakes.
    pub fn parse(bytes: &[u8], base_url: &str) -> Result<Self, ConfigError> {
        let object = file::read(bytes)?;
        match reader::server::<Vec<Mistake>>(&object) {
            None => Config::check(object, base_url).map(|config| Self::Direct(Box::new(config))),
            Some(mistakes) if mistakes.is_empty() => Ok(Self::Server),
            Some(mistakes) => Err(ConfigError::Mistakes(mistakes)),
        }
    }

    /// Parses what [`parse`](Self::parse) accepts, for a caller that has nothing to say about
    /// mistakes: the code that explains them is not linked.
    pub fn parse_if_right(bytes: &[u8], base_url: &str) -> Option<Self> {
        let object = file::read_if_right(bytes)?;
        match reader::server::<AnyMistake>(&object) {
            None => {
                let (draft, mistake): (_, AnyMistake) = read(object, base_url);
                let config = (!mistake.0).then(|| draft.check().ok()).flatten()?;
                Some(Self::Direct(Box::new(config)))
            }
            Some(mistake) => (!mistake.0).then_some(Self::Server),
        }
    }
}

impl Config {
    fn check(object: Map<String, Value>, base_url: &str) -> Result<Self, ConfigError> {
        let (draft, mut mistakes): (_, Vec<Mistake>) = read(object, base_url);
        let client_id = "client_id";
        if draft.registration.client_id.is_empty() && !mistakes.has(client_id) {
            if mistakes.is_empty() {
                return Err(ConfigError::NotSetUp);
            }
            mistakes.add(client_id, || vec![Problem::Empty]);
        }
        if !mistakes.is_empty() {
            return Err(ConfigError::Mistakes(mistakes));
        }
        draft.check().map_err(|error| {
            // What the core rejects has been reported above, in more detail.
            let key = match error {
                ClientError::Address { name, .. } => name,
                _ => client_id,
            };
            ConfigError::Mistakes(vec![Mistake {
                key: key.to_owned(),
                problem: Problem::NotAUrl,
            }])
        })
    }

    /// The library's settings for the application at this base URL, with a trailing slash.
    pub fn into_settings(self, base_url: &str) -> Settings {
        let base_path = path_of(base_url);
        let redirect_path = path_of(self.context.client.redirect_uri()).to_owned();
        let settings = Settings::for_client(self.context, self.jwks_uri, self.api_base_url)
            .base_path(base_path)
            .clock(ClockSource::HostDate(file_url(base_url)))
            // This page may explain whatever is wrong.
            .keep_on(Route::SetUp.page());
        match Route::at_path(&redirect_path, base_path) {
            Some(_) => settings.redirects_to_page(),
            None => settings,
        }
    }

    /// The redirect_uri if none is configured.
    pub fn default_redirect_uri(base_url: &str) -> String {
        format!("{base_url}callback")
    }

    /// Whether this is the sandbox: the authorization endpoint is on this machine.
    pub fn is_sandbox(&self) -> bool {
        WebUrl::parse(self.context.client.authorization_endpoint())
            .is_some_and(|url| url.is_loopback())
    }
}

/// The library's settings for an application at this base URL whose server keeps the connection.
pub fn server_settings(base_url: &str) -> Settings {
    Settings::server()
        .base_path(path_of(base_url))
        .clock(ClockSource::HostDate(file_url(base_url)))
}

/// The URL of `config.json`, next to the application at this base URL.
pub fn file_url(base_url: &str) -> String {
    format!("{base_url}config.json")
}

/// The path of an absolute URL without query and fragment.
pub fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

/// Settings with something in place of each mistake.
struct Draft {
    registration: Registration,
    expectations: Expectations,
    id_token_expectations: Expectations,
    token_storage: TokenStorage,
    reauthorize: Reauthorize,
    jwks_uri: String,
    api_base_url: String,
}

impl Draft {
    fn check(self) -> Result<Config, ClientError> {
        Ok(Config {
            context: Context {
                client: Client::new(self.registration)?,
                expectations: self.expectations,
                id_token_expectations: self.id_token_expectations,
                token_storage: self.token_storage,
                reauthorize: self.reauthorize,
            },
            jwks_uri: self.jwks_uri,
            api_base_url: ApiBaseUrl::new(self.api_base_url),
        })
    }
}

fn read<M: Mistakes>(object: Map<String, Value>, base_url: &str) -> (Draft, M) {
    let mut reader = Reader::<M>::new(object);
    let client_id = reader.text("client_id", "");
    let default = Config::default_redirect_uri(base_url);
    let redirect_uri = reader.redirect_uri("redirect_uri", &default, base_url);
    let response_types = [("token", ResponseType::Token), ("code", ResponseType::Code)];
    let response_type = reader.one_of("response_type", response_types);
    let scope = reader.scope("scope", constant_contact::default_scope(response_type));
    let authorization_endpoint = reader.endpoint(
        "authorization_endpoint",
        constant_contact::AUTHORIZATION_ENDPOINT,
        &parameters::OF_AUTHORIZATION_REQUEST,
    );
    let token_endpoint = reader.endpoint(
        "token_endpoint",
        constant_contact::TOKEN_ENDPOINT,
        &parameters::OF_TOKEN_REQUEST,
    );
    let issuer = reader.url("issuer", constant_contact::ISSUER);
    // Do not report a mistake in `issuer` for `id_token_issuer`, too.
    let default = match reader.mistakes.has("issuer") {
        true => constant_contact::ISSUER,
        false => &issuer,
    };
    let id_token_issuer = reader.url("id_token_issuer", default);
    let jwks_uri = reader.url("jwks_uri", constant_contact::JWKS_URI);
    let audience = reader.text("audience", constant_contact::AUDIENCE);
    let api_base_url = reader.url("api_base_url", constant_contact::API_BASE_URL);
    if api_base_url.ends_with('/') {
        reader.mistake("api_base_url", Problem::TrailingSlash);
    }
    let token_storages = [
        ("session", TokenStorage::Session),
        ("memory", TokenStorage::Memory),
    ];
    let token_storage = reader.one_of("token_storage", token_storages);
    let reauthorizes = [
        ("automatic", Reauthorize::Automatic),
        ("prompt", Reauthorize::Prompt),
    ];
    let reauthorize = reader.one_of("reauthorize", reauthorizes);
    let max_lifetime = reader.seconds("max_token_lifetime", TOKEN_LIFETIMES, MAX_LIFETIME);
    let max_authorization_time =
        reader.seconds("max_authorization_time", AUTHORIZATION_TIMES, MAX_AGE);

    let draft = Draft {
        expectations: Expectations {
            issuer: issuer.clone(),
            audience,
            max_lifetime,
            ..constant_contact::access_token_expectations()
        },
        id_token_expectations: Expectations {
            issuer: id_token_issuer,
            max_lifetime,
            ..constant_contact::id_token_expectations(&client_id)
        },
        registration: Registration {
            client_id,
            redirect_uri,
            authorization_endpoint,
            response_type,
            token_endpoint,
            issuer,
            scope,
            max_authorization_time,
        },
        token_storage,
        reauthorize,
        jwks_uri,
        api_base_url,
    };
    (draft, reader.mistakes)
}
