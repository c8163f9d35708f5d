//! The deployer's settings: `config.json`, read at startup. All mistakes are reported at once, each
//! with what to write instead. Every key decides something
//! ([the rule](cc_connect_core::json#what-decides-and-what-does-not)).

mod file;

pub use file::{Flaw, Line, MAX_BYTES, Malformed};

use crate::route::Route;
use cc_connect::{ClockSource, Settings};
use cc_connect_core::{
    constant_contact,
    jose::{ACCESS_TOKEN_TYPES, Expectations, ID_TOKEN_TYPES, verify::MAX_LIFETIME},
    json,
    oauth::{
        Client, ResponseType, Scope, authorization_request, pending_authorization::MAX_AGE,
        token_request,
    },
    session::{Context, Reauthorize, TokenStorage},
    v3::ApiBaseUrl,
    web_url::{Spelling, WebUrl},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Every key that `config.json` may have.
pub const KEYS: [&str; 15] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "authorization_endpoint",
    "token_endpoint",
    "issuer",
    "id_token_issuer",
    "jwks_uri",
    "audience",
    "api_base_url",
    "token_storage",
    "reauthorize",
    "max_token_lifetime",
    "max_authorization_time",
];

/// Valid values of `max_token_lifetime`, in seconds: a minute to a year.
const TOKEN_LIFETIMES: RangeInclusive<i64> = 60..=365 * 24 * 60 * 60;
/// Valid values of `max_authorization_time`, in seconds: a minute to a day.
const AUTHORIZATION_TIMES: RangeInclusive<i64> = 60..=24 * 60 * 60;

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

/// Why the file does not yield settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Larger than [`MAX_BYTES`].
    TooLarge,
    /// Nothing but white space.
    Empty,
    /// Not UTF-8, but probably this encoding; and the first line that shows it, if one does.
    Encoding(&'static str, Option<Line>),
    /// Not one JSON object with unique members.
    Malformed(Malformed),
    /// Valid, but no client_id has been entered yet.
    NotSetUp,
    /// All mistakes, at least one.
    Mistakes(Vec<Mistake>),
}

/// A key and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key, as written in the file.
    pub key: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a setting. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such key; perhaps this one was meant.
    UnknownKey(Option<&'static str>),
    /// Not a JSON string.
    NotText,
    /// The empty string.
    Empty,
    /// Not an absolute URL.
    NotAUrl,
    /// `http` to another host than this machine.
    NotHttps,
    /// A user name or password in a URL.
    HasUserinfo,
    /// A query where none is allowed.
    HasQuery,
    /// A fragment, where the response itself will be.
    HasFragment,
    /// An endpoint's query has a parameter that requests add and that may occur only once
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)).
    HasParameter(&'static str),
    /// A browser spells the redirect_uri differently, so it would match no response.
    OtherSpelling {
        /// The browser's spelling.
        instead: String,
    },
    /// A slash at the end of a URL that paths are appended to.
    TrailingSlash,
    /// The redirect_uri does not have the origin of this page.
    OtherOrigin {
        /// The origin of the page.
        page: String,
    },
    /// The scope has separators other than single spaces.
    ScopeSeparators {
        /// The same scope, separated properly.
        instead: String,
    },
    /// A character that is not allowed in a scope.
    MalformedScope,
    /// Neither of these values.
    NotOneOf(&'static [&'static str; 2]),
    /// Not a whole number of seconds within these bounds.
    NotSeconds {
        /// The smallest value allowed.
        least: i64,
        /// The largest value allowed.
        most: i64,
        /// The value if the key is absent.
        default: i64,
    },
    /// White space around the value.
    Whitespace,
}

impl Problem {
    /// The stable name of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => "unknown_key",
            Self::NotText => "not_text",
            Self::Empty => "empty",
            Self::NotAUrl => "not_a_url",
            Self::NotHttps => "not_https",
            Self::HasUserinfo => "has_userinfo",
            Self::HasQuery => "has_query",
            Self::HasFragment => "has_fragment",
            Self::HasParameter(_) => "has_parameter",
            Self::OtherSpelling { .. } => "other_spelling",
            Self::TrailingSlash => "trailing_slash",
            Self::OtherOrigin { .. } => "other_origin",
            Self::ScopeSeparators { .. } => "scope_separators",
            Self::MalformedScope => "malformed_scope",
            Self::NotOneOf(_) => "not_one_of",
            Self::NotSeconds { .. } => "not_seconds",
            Self::Whitespace => "whitespace",
        }
    }
}

impl Config {
    /// Parses `config.json`. `base_url` is the application's own URL, with a trailing slash.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], with all mistakes.
    pub fn parse(bytes: &[u8], base_url: &str) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            object: file::read(bytes)?,
            mistakes: Vec::new(),
        };
        reader.unknown_keys();

        let client_id = reader.text("client_id", "");
        let redirect_uri = reader.redirect_uri(base_url);
        let response_type = match reader.one_of("response_type", &["token", "code"]) {
            1 => ResponseType::Code,
            _ => ResponseType::Token,
        };
        let scope = reader.scope(constant_contact::default_scope(response_type));
        let authorization_endpoint = reader.endpoint(
            "authorization_endpoint",
            constant_contact::AUTHORIZATION_ENDPOINT,
            &authorization_request::PARAMETERS,
        );
        let token_endpoint = reader.endpoint(
            "token_endpoint",
            constant_contact::TOKEN_ENDPOINT,
            &token_request::PARAMETERS,
        );
        let issuer = reader.url("issuer", constant_contact::ISSUER);
        // Do not report a mistake in `issuer` for `id_token_issuer`, too.
        let default = if reader.wrong("issuer") {
            constant_contact::ISSUER.to_owned()
        } else {
            issuer.clone()
        };
        let id_token_issuer = reader.url("id_token_issuer", &default);
        let jwks_uri = reader.url("jwks_uri", constant_contact::JWKS_URI);
        let audience = reader.text("audience", constant_contact::AUDIENCE);
        let api_base_url = reader.url("api_base_url", constant_contact::API_BASE_URL);
        if api_base_url.ends_with('/') {
            reader.mistake("api_base_url", Problem::TrailingSlash);
        }
        let token_storage = reader.one_of("token_storage", &["session", "memory"]);
        let reauthorize = reader.one_of("reauthorize", &["automatic", "prompt"]);
        let max_lifetime = reader.seconds("max_token_lifetime", TOKEN_LIFETIMES, MAX_LIFETIME);
        let max_authorization_time =
            reader.seconds("max_authorization_time", AUTHORIZATION_TIMES, MAX_AGE);

        let not_set_up = client_id.is_empty() && !reader.wrong("client_id");
        match (reader.mistakes.is_empty(), not_set_up) {
            (true, true) => return Err(ConfigError::NotSetUp),
            (false, true) => reader.mistake("client_id", Problem::Empty),
            _ => {}
        }
        if !reader.mistakes.is_empty() {
            return Err(ConfigError::Mistakes(reader.mistakes));
        }
        let context = Context {
            client: Client {
                client_id: client_id.clone(),
                redirect_uri,
                authorization_endpoint,
                response_type,
                token_endpoint,
                issuer: issuer.clone(),
                scope,
                max_authorization_time,
            },
            expectations: Expectations {
                types: ACCESS_TOKEN_TYPES,
                issuer,
                audience,
                max_lifetime,
            },
            id_token_expectations: Expectations {
                types: ID_TOKEN_TYPES,
                issuer: id_token_issuer,
                audience: client_id,
                max_lifetime,
            },
            token_storage: match token_storage {
                1 => TokenStorage::Memory,
                _ => TokenStorage::Session,
            },
            reauthorize: match reauthorize {
                1 => Reauthorize::Prompt,
                _ => Reauthorize::Automatic,
            },
        };
        Ok(Self {
            context,
            jwks_uri,
            api_base_url: ApiBaseUrl::new(api_base_url),
        })
    }

    /// The library's settings for the application at this base URL, with a trailing slash.
    pub fn settings(&self, base_url: &str) -> Settings {
        let base_path = path_of(base_url);
        let context = self.context.clone();
        let redirect_path = path_of(&context.client.redirect_uri).to_owned();
        let settings =
            Settings::with_context(context, self.jwks_uri.clone(), self.api_base_url.clone())
                .base_path(base_path)
                .clock(ClockSource::HostDate(file_url(base_url)))
                // This page may explain whatever is wrong.
                .keep_on(Route::SetUp.page());
        match Route::at(&redirect_path, base_path) {
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
        WebUrl::parse(&self.context.client.authorization_endpoint)
            .is_some_and(|url| url.is_loopback())
    }
}

/// The URL of `config.json`, next to the application at this base URL.
pub fn file_url(base_url: &str) -> String {
    format!("{base_url}config.json")
}

/// The path of an absolute URL without query and fragment.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

struct Reader {
    object: Map<String, Value>,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, key: &str, problem: Problem) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            problem,
        });
    }

    fn wrong(&self, key: &str) -> bool {
        self.mistakes.iter().any(|mistake| mistake.key == key)
    }

    fn unknown_keys(&mut self) {
        let unknown: Vec<String> = self
            .object
            .keys()
            .filter(|key| !KEYS.contains(&key.as_str()))
            .cloned()
            .collect();
        for key in unknown {
            let nearest = KEYS.into_iter().find(|known| similar(known, &key));
            self.mistake(&key, Problem::UnknownKey(nearest));
        }
    }

    /// A string without white space around it, or the default. It may be empty only if the default
    /// is.
    fn text(&mut self, key: &str, default: &str) -> String {
        match self.object.get(key).cloned() {
            None => default.to_owned(),
            Some(Value::String(text)) => {
                if text.is_empty() && !default.is_empty() {
                    self.mistake(key, Problem::Empty);
                } else if text.trim() != text {
                    self.mistake(key, Problem::Whitespace);
                }
                text
            }
            Some(_) => {
                self.mistake(key, Problem::NotText);
                default.to_owned()
            }
        }
    }

    /// An absolute URL without userinfo, query or fragment: `https`, or `http` to this machine.
    fn url(&mut self, key: &str, default: &str) -> String {
        let text = self.text(key, default);
        if !self.wrong(key) {
            self.problems(key, WebUrl::parse(&text).as_ref(), true);
        }
        text
    }

    /// Like [`url`](Self::url), but it may have a query
    /// ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1),
    /// [§3.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)), without any of the
    /// parameters in `sent`.
    fn endpoint(&mut self, key: &str, default: &str, sent: &[&'static str]) -> String {
        let text = self.text(key, default);
        if !self.wrong(key) {
            let url = WebUrl::parse(&text);
            self.problems(key, url.as_ref(), false);
            let query = url.as_ref().and_then(WebUrl::query).unwrap_or_default();
            for (name, _) in form_urlencoded::parse(query.as_bytes()) {
                if let Some(name) = sent.iter().find(|sent| **sent == name) {
                    self.mistake(key, Problem::HasParameter(name));
                }
            }
        }
        text
    }

    fn problems(&mut self, key: &str, url: Option<&WebUrl<'_>>, without_query: bool) {
        let Some(url) = url else {
            return self.mistake(key, Problem::NotAUrl);
        };
        for (found, problem) in [
            (url.is_plain(), Problem::NotHttps),
            (url.has_userinfo(), Problem::HasUserinfo),
            (without_query && url.has_query(), Problem::HasQuery),
            (url.has_fragment(), Problem::HasFragment),
        ] {
            if found {
                self.mistake(key, problem);
            }
        }
    }

    /// The redirect_uri is compared with the address bar, so it must be spelled as a browser does.
    fn redirect_uri(&mut self, base_url: &str) -> String {
        let key = "redirect_uri";
        let text = self.text(key, &Config::default_redirect_uri(base_url));
        if self.wrong(key) {
            return text;
        }
        let page = WebUrl::parse(base_url).map_or_else(String::new, |page| page.origin());
        let spelling = Spelling::of(&text).filter(|spelling| {
            let origin = spelling.origin.as_ref();
            origin.is_none_or(|origin| *origin == page)
        });
        match (spelling, WebUrl::parse(&text)) {
            (Some(spelling), _) => self.spelled(key, &text, &spelling, &page),
            (None, None) => self.mistake(key, Problem::NotAUrl),
            (None, Some(url)) => {
                self.problems(key, Some(&url), true);
                self.mistake(key, Problem::OtherOrigin { page });
            }
        }
        text
    }

    /// Checks that an address at this page's origin is spelled as a browser does.
    fn spelled(&mut self, key: &str, text: &str, spelling: &Spelling, page: &str) {
        let instead = format!("{page}{}", spelling.path);
        let plain = WebUrl::parse(&instead).is_some_and(|url| url.is_plain());
        for (found, problem) in [
            (plain, Problem::NotHttps),
            (spelling.has_userinfo, Problem::HasUserinfo),
            (spelling.has_query, Problem::HasQuery),
            (spelling.has_fragment, Problem::HasFragment),
        ] {
            if found {
                self.mistake(key, problem);
            }
        }
        if !self.wrong(key) && instead != text {
            self.mistake(key, Problem::OtherSpelling { instead });
        }
    }

    fn scope(&mut self, default: &str) -> Scope {
        let key = "scope";
        let text = self.text(key, default);
        if self.wrong(key) {
            return Scope::default();
        }
        let words: Vec<&str> = text
            .split(|c: char| c == ',' || c == ';' || c == '+' || c.is_whitespace())
            .filter(|word| !word.is_empty())
            .collect();
        let instead = words.join(" ");
        match Scope::parse(&text) {
            Ok(scope) if text == instead => scope,
            _ if text != instead => {
                self.mistake(key, Problem::ScopeSeparators { instead });
                Scope::default()
            }
            _ => {
                self.mistake(key, Problem::MalformedScope);
                Scope::default()
            }
        }
    }

    /// The index of the value among `values`; the first is the default.
    fn one_of(&mut self, key: &str, values: &'static [&'static str; 2]) -> usize {
        let text = self.text(key, values[0]);
        values
            .iter()
            .position(|value| *value == text)
            .unwrap_or_else(|| {
                if !self.wrong(key) {
                    self.mistake(key, Problem::NotOneOf(values));
                }
                0
            })
    }

    /// A whole number of seconds within `bounds`.
    fn seconds(&mut self, key: &str, bounds: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(value) = self.object.get(key) else {
            return default;
        };
        let seconds = json::whole(value).and_then(|seconds| i64::try_from(seconds).ok());
        match seconds.filter(|seconds| bounds.contains(seconds)) {
            Some(seconds) => seconds,
            None => {
                let (least, most) = (*bounds.start(), *bounds.end());
                self.mistake(
                    key,
                    Problem::NotSeconds {
                        least,
                        most,
                        default,
                    },
                );
                default
            }
        }
    }
}

/// Whether `written` is probably a typo of `known`: the same letters except for case and
/// punctuation, or one edit apart.
fn similar(known: &str, written: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let (known, written) = (letters(known), letters(written));
    let shared_start = known
        .iter()
        .zip(&written)
        .take_while(|(a, b)| a == b)
        .count();
    let shared_end = known
        .iter()
        .rev()
        .zip(written.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = known.len().max(written.len());
    known.len().abs_diff(written.len()) <= 1 && shared_start + shared_end + 1 >= longer
}
