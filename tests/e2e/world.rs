//! The app, the sandbox and a browser, assembled for one test.

use crate::browser::Browser;
use crate::host::Host;
use crate::secrecy::{looks_like_a_token, redact};
use cc_connect_sandbox::{OAuth2Setting, Options, RefreshTokens, Sandbox};
use std::sync::Mutex;

/// The sandbox's predefined client for the implicit grant.
pub const CLIENT_ID: &str = Options::DEFAULT_CLIENT_ID;

/// The app on its host, the sandbox, and a browser with a fresh profile.
pub struct World {
    /// How the app asks for tokens.
    pub grant: Grant,
    /// Constant Contact's stand-in.
    pub sandbox: Sandbox,
    /// The host of the release build.
    pub host: Host,
    /// The browser.
    pub browser: Browser,
    pub(crate) token_lifetime: u64,
    pub(crate) expected_on_console: Mutex<Vec<String>>,
}

/// How the app asks for tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grant {
    /// `response_type=token`.
    #[default]
    Implicit,
    /// `response_type=code`, with PKCE.
    Code,
}

impl Grant {
    /// The sandbox's predefined client for this grant.
    pub fn client_id(self) -> &'static str {
        match self {
            Self::Implicit => Options::DEFAULT_CLIENT_ID,
            Self::Code => Options::PKCE_CLIENT_ID,
        }
    }

    /// The OAuth2 setting of that client.
    pub fn setting(self) -> OAuth2Setting {
        match self {
            Self::Implicit => OAuth2Setting::Implicit,
            Self::Code => OAuth2Setting::Pkce {
                refresh_tokens: RefreshTokens::default(),
            },
        }
    }
}

impl World {
    /// The lifetime of the sandbox's tokens, in seconds.
    pub fn lifetime(&self) -> i64 {
        self.token_lifetime.cast_signed()
    }

    /// Permits console errors that contain `text`.
    pub fn expect_on_console(&self, text: &str) {
        let mut expected = self.expected_on_console.lock().expect("no holder panics");
        expected.push(text.to_owned());
    }

    /// Permits the browser's own console messages about blocked and failed requests.
    pub fn expect_failed_requests(&self) {
        self.expect_on_console("Failed to load resource");
        self.expect_on_console("net::ERR_");
        self.expect_on_console("blocked by CORS policy");
    }

    pub(crate) async fn assert_calm_console(&self) {
        let console = self.browser.console().await;
        let expected = self.expected_on_console.lock().expect("no holder panics");
        let problems: Vec<String> = console
            .iter()
            .filter(|entry| entry.is_error_or_warning())
            .filter(|entry| !expected.iter().any(|text| entry.message.contains(text)))
            .map(|entry| redact(&entry.to_string()))
            .collect();
        assert!(problems.is_empty(), "on the console: {problems:#?}");
    }

    /// No token in any address that was requested or shown, in the history or on the console; and
    /// no code, except in the request for the document that it is meant for.
    pub async fn assert_kept_secret(&self) {
        let mut places: Vec<String> = Vec::new();
        for request in self.host.requests() {
            let (path, query) = request
                .target
                .split_once('?')
                .unwrap_or((&request.target, ""));
            let of_document = !path.rsplit('/').next().unwrap_or_default().contains('.');
            if !of_document {
                assert!(!holds_code(query), "a code is in a request for {path}");
            }
            places.push(request.target);
        }
        for request in self.sandbox.requests() {
            let path = &request.path;
            assert!(!holds_code(&request.query), "a code is in a query: {path}");
            places.push(format!("{path} {:?}", request.query));
        }
        let (mut lasting, _) = self.browser.history().await;
        lasting.push(self.browser.url().await.to_string());
        let console = self.browser.console().await;
        lasting.extend(console.into_iter().map(|entry| entry.message));
        for place in &lasting {
            assert!(!holds_code(place), "a code is in: {}", redact(place));
        }
        places.extend(lasting);
        for place in places {
            let secret = looks_like_a_token(&place) || place.contains("access_token=");
            assert!(!secret, "a token is in: {}", redact(&place));
        }
    }
}

/// Whether a query, or an address in a text, has a parameter `code`.
fn holds_code(text: &str) -> bool {
    text.starts_with("code=")
        || ["?code=", "&code=", "#code="]
            .iter()
            .any(|at| text.contains(at))
}
