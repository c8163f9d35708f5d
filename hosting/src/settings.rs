//! The part of the deployer's `config.json` that matters to a host: where the page connects to.
//!
//! The application reads the file strictly and explains every mistake; this module reads only what
//! the hosts' files need.

use serde_json::{Map, Value};
use url::Url;

use crate::base::Base;

const ISSUER: &str = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8";
const JWKS_URI: &str = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys";
const API_BASE_URL: &str = "https://api.cc.email/v3";
const TOKEN_ENDPOINT: &str = "https://authz.constantcontact.com/oauth2/default/v1/token";

/// The settings that the hosts' files depend on. The defaults are the real service's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The application's API key, if one has been entered.
    pub client_id: Option<String>,
    /// Where authorization responses arrive, if set: at the page's own origin.
    pub redirect_uri: Option<Url>,
    /// The issuer of the tokens.
    pub issuer: Url,
    /// Where the page fetches the issuer's keys.
    pub jwks_uri: Url,
    /// The API, where the page uses the token.
    pub api_base_url: Url,
    /// Where the page exchanges a code for a token, if `response_type` is `code`.
    pub token_endpoint: Option<Url>,
    /// Whether the page's own origin holds the tokens (`cc-connect-server`), so that the page
    /// connects to nothing else.
    pub has_server: bool,
}

/// Why a `config.json` cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// With the parser's message.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// An array, a string or a number.
    #[error("it is JSON, but not an object")]
    NotAnObject,
    /// The value of this key is not a string.
    #[error("{0} is not a text")]
    NotText(&'static str),
    /// The path of redirect_uri has characters that are special in some of the hosts' files.
    #[error(
        "the path of redirect_uri has to consist of letters, digits and -._~ between single slashes, \
         so that the hosts' files can name it: {0:?}"
    )]
    RedirectPath(String),
    /// The value of this key is not a usable http or https URL.
    #[error("{key} is not an absolute http or https URL without user name and query: {value:?}")]
    NotAUrl {
        /// The key in `config.json`.
        key: &'static str,
        /// Its value.
        value: String,
    },
}

impl Default for Settings {
    /// The real service, with nothing set.
    fn default() -> Self {
        Self::read(&Map::new()).expect("the real service's addresses are URLs")
    }
}

impl Settings {
    /// Parses the text of a `config.json`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], the first one found.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: Value = serde_json::from_str(text)
            .map_err(|problem| SettingsError::NotJson(problem.to_string()))?;
        match value {
            Value::Object(object) => Self::read(&object),
            _ => Err(SettingsError::NotAnObject),
        }
    }

    /// The settings of a page whose own origin, that of `redirect_uri`, holds the tokens and passes
    /// requests on to the API at `api_base_url`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], the first one found.
    pub fn for_server(redirect_uri: &str, api_base_url: &str) -> Result<Self, SettingsError> {
        let object = serde_json::json!({
            "redirect_uri": redirect_uri,
            "api_base_url": api_base_url,
            "server": true,
        });
        Self::read(object.as_object().expect("it is written as one"))
    }

    fn read(object: &Map<String, Value>) -> Result<Self, SettingsError> {
        let code = text(object, "response_type")?.is_some_and(|kind| kind == "code");
        Ok(Self {
            client_id: text(object, "client_id")?.filter(|id| !id.is_empty()),
            redirect_uri: redirect_uri(object)?,
            issuer: url_or(object, "issuer", ISSUER)?,
            jwks_uri: url_or(object, "jwks_uri", JWKS_URI)?,
            api_base_url: url_or(object, "api_base_url", API_BASE_URL)?,
            token_endpoint: if code {
                let own = text(object, "token_endpoint")?;
                let own = own.as_deref().unwrap_or(TOKEN_ENDPOINT);
                // It may have a query, which does not matter to a host.
                let own = own.split_once('?').map_or(own, |(url, _)| url);
                Some(web_url("token_endpoint", own)?)
            } else {
                None
            },
            has_server: object.get("server") == Some(&Value::Bool(true)),
        })
    }
}

fn text(object: &Map<String, Value>, key: &'static str) -> Result<Option<String>, SettingsError> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(SettingsError::NotText(key)),
    }
}

/// Its path appears in every host's file, so it must be as plain as a [`Base`].
fn redirect_uri(object: &Map<String, Value>) -> Result<Option<Url>, SettingsError> {
    let uri = url(object, "redirect_uri")?;
    match uri {
        Some(uri) if uri.path().parse::<Base>().is_err() => {
            Err(SettingsError::RedirectPath(uri.path().to_owned()))
        }
        uri => Ok(uri),
    }
}

fn url(object: &Map<String, Value>, key: &'static str) -> Result<Option<Url>, SettingsError> {
    text(object, key)?
        .map(|text| web_url(key, &text))
        .transpose()
}

fn url_or(
    object: &Map<String, Value>,
    key: &'static str,
    default: &str,
) -> Result<Url, SettingsError> {
    web_url(key, text(object, key)?.as_deref().unwrap_or(default))
}

/// As in the application: http or https, without user name, query or fragment. Moreover, only
/// characters that are not special in any of the hosts' files.
fn web_url(key: &'static str, value: &str) -> Result<Url, SettingsError> {
    Url::parse(value)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .filter(|url| {
            let plain = |c: u8| c.is_ascii_alphanumeric() || b":/.-_~%[]@".contains(&c);
            url.username().is_empty() && url.password().is_none() && url.as_str().bytes().all(plain)
        })
        .ok_or_else(|| SettingsError::NotAUrl {
            key,
            value: value.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cc_connect_core::constant_contact;

    #[test]
    fn without_a_setting_it_is_the_real_service() {
        assert_eq!(ISSUER, constant_contact::ISSUER);
        assert_eq!(JWKS_URI, constant_contact::JWKS_URI);
        assert_eq!(API_BASE_URL, constant_contact::API_BASE_URL);
        let settings = Settings::parse("\u{feff}{\"client_id\": \"\"}").expect("it is right");
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.client_id, None);
        assert_eq!(settings.token_endpoint, None);
    }

    #[test]
    fn what_is_set_counts() {
        let settings = Settings::parse(
            r#"{"client_id": "k", "jwks_uri": "http://localhost:8081/keys", "token_storage": 5,
                "redirect_uri": "https://a.example/callback"}"#,
        )
        .expect("it is right");
        assert_eq!(settings.client_id.as_deref(), Some("k"));
        assert_eq!(settings.jwks_uri.as_str(), "http://localhost:8081/keys");
        assert!(settings.redirect_uri.is_some());
    }

    #[test]
    fn a_token_endpoint_counts_for_the_code_alone() {
        let endpoint = |text| Settings::parse(text).expect("it is right").token_endpoint;
        let own = r#"{"response_type": "code", "token_endpoint": "https://t.example/token"}"#;
        let own_for_nothing = r#"{"token_endpoint": "https://t.example/token"}"#;
        let default = r#"{"response_type": "code"}"#;
        assert_eq!(
            endpoint(own).map(String::from).as_deref(),
            Some("https://t.example/token")
        );
        assert_eq!(
            endpoint(default).map(String::from).as_deref(),
            Some(TOKEN_ENDPOINT)
        );
        assert_eq!(
            TOKEN_ENDPOINT,
            cc_connect_core::constant_contact::TOKEN_ENDPOINT
        );
        // S2: a query is the page's business alone.
        let with_query =
            r#"{"response_type": "code", "token_endpoint": "https://t.example/token?a=$b;c"}"#;
        assert_eq!(endpoint(with_query), endpoint(own));
        assert_eq!(endpoint(own_for_nothing), None);
    }

    #[test]
    fn a_server_is_said_to_be_there() {
        let with_server = Settings::parse(r#"{"server": true}"#).expect("it is right");
        assert!(with_server.has_server);
        assert!(!Settings::default().has_server);
        let own = Settings::for_server("https://a.example/callback", "https://b.example/v3");
        let own = own.expect("they are URLs");
        assert!(own.has_server);
        assert_eq!(own.api_base_url.as_str(), "https://b.example/v3");
        assert!(Settings::for_server("https://a.example/a b", "https://b.example/v3").is_err());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, expected) in [
            ("{", "not JSON"),
            ("[]", "not an object"),
            (r#"{"jwks_uri": 5}"#, "jwks_uri is not a text"),
            (r#"{"jwks_uri": "/keys"}"#, "jwks_uri is not an absolute"),
            (
                r#"{"api_base_url": "ftp://a/"}"#,
                "api_base_url is not an absolute",
            ),
            (
                r#"{"api_base_url": "https://u@a/"}"#,
                "api_base_url is not an absolute",
            ),
            (
                r#"{"api_base_url": "https://a/?b"}"#,
                "api_base_url is not an absolute",
            ),
            (
                r#"{"jwks_uri": "https://a;b/keys"}"#,
                "jwks_uri is not an absolute",
            ),
            (
                r#"{"jwks_uri": "https://a/$b"}"#,
                "jwks_uri is not an absolute",
            ),
            (
                r#"{"redirect_uri": "https://a/%63allback"}"#,
                "the path of redirect_uri",
            ),
            (
                r#"{"redirect_uri": "https://a/a//callback"}"#,
                "the path of redirect_uri",
            ),
        ] {
            let problem = Settings::parse(text).expect_err("it is wrong").to_string();
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }
}
