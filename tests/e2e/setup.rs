//! The circumstances of a test, and how it runs in them.

use crate::browser::Browser;
use crate::dist::Dist;
use crate::failure;
use crate::host::{Config, Dated, Host};
use crate::kind::Kind;
use crate::pool::Traits;
use crate::world::{Grant, World};
use cc_connect_sandbox::{Options, Scenario};
use cc_connect_servers::Program;
use futures_util::FutureExt;
use serde_json::Value;
use std::any::{Any, type_name_of_val};
use std::env;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};
use std::thread;
use tokio::sync::Semaphore;

/// The default scope of the implicit grant. The code grant's default also requests refresh tokens.
const WITHOUT_RENEWAL: &str = "account_read campaign_data contact_data";

/// The maximum number of concurrent browsers: `CC_CONNECT_E2E_BROWSERS`, or 2. libtest would start
/// one for each core unless every command had `--test-threads`.
static BROWSERS: LazyLock<(Semaphore, u32)> = LazyLock::new(|| {
    let number = env::var("CC_CONNECT_E2E_BROWSERS").ok();
    let number = number.and_then(|number| number.parse().ok()).unwrap_or(2);
    (Semaphore::new(number as usize), number)
});

/// What a failed attempt leaves.
struct Failed {
    panic: Box<dyn Any + Send>,
    report: String,
}

/// The circumstances of a test.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    kind: Kind,
    grant: Grant,
    has_own_server: bool,
    without_renewal: bool,
    recording: bool,
    dated: Dated,
    below_app: bool,
    dist: Option<Dist>,
    program: Option<Program>,
    keys_through_the_host: bool,
    config: Option<Config>,
    settings: Vec<(String, Value)>,
    token_lifetime: Option<u64>,
    requests_per_second: u32,
    fails_on_purpose: bool,
    scenario: Option<Scenario>,
    authorization_query: &'static str,
    sandbox_port: u16,
    languages: Option<&'static str>,
    retries: Option<PathBuf>,
}

impl Setup {
    /// The app at `/`, configured for a well-behaved sandbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// The browser to run in; the default is Chromium.
    pub fn browser(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The authorization code grant with PKCE, and refresh tokens.
    pub fn with_code(mut self) -> Self {
        self.grant = Grant::Code;
        self
    }

    /// The page's own server, which connects with its secret and keeps the tokens.
    pub fn on_its_own_server(mut self) -> Self {
        self.grant = Grant::Code;
        self.has_own_server = true;
        self
    }

    /// Requests no refresh token, so that a connection ends with its token in either grant.
    pub fn without_renewal(mut self) -> Self {
        self.without_renewal = true;
        self
    }

    /// Uses the code grant with `openid`, so that ID tokens accompany the access tokens.
    pub fn asking_for_id_tokens(self) -> Self {
        match self.grant {
            Grant::Implicit => self,
            Grant::Code => {
                let scope = "account_read campaign_data contact_data offline_access openid";
                self.setting("scope", scope)
            }
        }
    }

    /// Records every request the browser sends, for
    /// [`Browser::sent_requests`](crate::Browser::sent_requests).
    pub fn recording_requests(mut self) -> Self {
        self.recording = true;
        self
    }

    /// The time headers of the host's responses.
    pub fn dated(mut self, dated: Dated) -> Self {
        self.dated = dated;
        self
    }

    /// Serves the app under the base path `/app/`.
    pub fn below_app(mut self) -> Self {
        self.below_app = true;
        self
    }

    /// Serves a different folder than the release build.
    pub fn dist(mut self, dist: Dist) -> Self {
        self.dist = Some(dist);
        self
    }

    /// Serves the app from a real server with the file rendered for it, instead of from the
    /// harness's own host.
    pub fn hosted_by(mut self, program: Program) -> Self {
        self.program = Some(program);
        self
    }

    /// Makes the page fetch the issuer's keys through its own host, a server that proxies them.
    pub fn keys_through_the_host(mut self) -> Self {
        self.keys_through_the_host = true;
        self
    }

    /// Sets one member of `config.json`; `null` removes it.
    pub fn setting(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// Serves this as `config.json` instead of the sandbox's settings.
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// The lifetime of the sandbox's tokens, in seconds.
    pub fn token_lifetime(mut self, seconds: u64) -> Self {
        self.token_lifetime = Some(seconds);
        self
    }

    /// The sandbox's limit of API requests per second; unlimited by default.
    pub fn requests_per_second(mut self, number: u32) -> Self {
        self.requests_per_second = number;
        self
    }

    /// The test is expected to fail and leaves no report.
    pub fn failing_on_purpose(mut self) -> Self {
        self.fails_on_purpose = true;
        self
    }

    /// Runs a failed test a second time, and records it in this file if it then passes. The default
    /// is the file named by `CC_CONNECT_E2E_RETRIES`, and no retry without one.
    pub fn recording_retries(mut self, file: PathBuf) -> Self {
        self.retries = Some(file);
        self
    }

    /// How the sandbox misbehaves.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// A query of the authorization endpoint, without which the sandbox rejects a request.
    pub fn authorization_query(mut self, query: &'static str) -> Self {
        self.authorization_query = query;
        self
    }

    /// The port of the sandbox; any free one by default.
    pub fn sandbox_port(mut self, port: u16) -> Self {
        self.sandbox_port = port;
        self
    }

    /// The browser's preferred languages, most preferred first; the default is American English.
    pub fn preferring(mut self, languages: &'static str) -> Self {
        self.languages = Some(languages);
        self
    }

    /// Starts everything, runs `test`, and checks what every test must keep.
    ///
    /// A failure leaves a screenshot, named after the test, and a report. Where
    /// [retries are recorded](Self::recording_retries), a failed test runs once more, alone.
    pub async fn run<T: AsyncFnMut(&World)>(self, mut test: T) {
        let name = test_name(&test);
        let (browsers, number) = &*BROWSERS;
        let place = browsers.acquire().await.expect("it is never closed");
        let Err(failed) = self.clone().attempt(&mut test, &name).await else {
            return;
        };
        drop(place);
        let file = self.retries.clone().or_else(failure::retries_file);
        let Some(file) = file.filter(|_| !self.fails_on_purpose) else {
            resume_unwind(failed.panic);
        };
        let _alone = browsers.acquire_many(*number).await;
        match self.attempt(&mut test, &name).await {
            Ok(()) => failure::record_retry(&file, &name, &failed.report),
            Err(failed) => resume_unwind(failed.panic),
        }
    }

    async fn attempt<T: AsyncFnMut(&World)>(self, test: &mut T, name: &str) -> Result<(), Failed> {
        let reports = !self.fails_on_purpose;
        failure::forget(name);
        let world = self.start().await;
        let outcome = AssertUnwindSafe(async {
            test(&world).await;
            world.assert_kept_secret().await;
            world.assert_calm_console().await;
        })
        .catch_unwind()
        .await;
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(panic) => {
                let report = match reports {
                    true => failure::report(&world, name, &*panic).await,
                    false => String::new(),
                };
                Err(Failed { panic, report })
            }
        };
        world.browser.close(outcome.is_ok()).await;
        outcome
    }

    async fn start(self) -> World {
        let dist = self.dist.unwrap_or_else(|| match self.below_app {
            true => Dist::at_app(),
            false => Dist::at_root(),
        });
        let mut options = Options {
            port: self.sandbox_port,
            // Tests are faster than users: only tests about throttling set a limit.
            requests_per_second: self.requests_per_second,
            authorization_query: self.authorization_query.to_owned(),
            ..Options::default()
        };
        if let Some(seconds) = self.token_lifetime {
            options.token_lifetime = seconds;
            options.pkce_token_lifetime = seconds;
        }
        let token_lifetime = match self.grant {
            Grant::Implicit => options.token_lifetime,
            Grant::Code => options.pkce_token_lifetime,
        };
        let sandbox = cc_connect_sandbox::start(options)
            .await
            .expect("the sandbox starts on its port");
        let client_id = match self.has_own_server {
            true => Options::CONFIDENTIAL_CLIENT_ID,
            false => self.grant.client_id(),
        };
        let config = self.config.unwrap_or_else(|| {
            let settings = sandbox.config_json(client_id);
            Config::Json(serde_json::from_str(&settings).expect("the sandbox writes JSON"))
        });
        let config = match self.without_renewal {
            true => with_settings(config, vec![("scope".to_owned(), WITHOUT_RENEWAL.into())]),
            false => config,
        };
        let config = with_settings(config, self.settings);
        let host = match self.program {
            _ if self.has_own_server => Host::own_server(dist, &sandbox, client_id).await,
            Some(program) => Host::behind(program, dist, config, self.keys_through_the_host),
            None => {
                let host = Host::start(dist, &sandbox.origin(), config).await;
                host.set_dated(self.dated);
                host
            }
        };
        sandbox.register_redirect_uri(client_id, &host.redirect_uri());
        if let Some(scenario) = self.scenario {
            sandbox.use_scenario(scenario);
        }
        World {
            grant: self.grant,
            sandbox,
            host,
            browser: Browser::start(Traits {
                kind: self.kind,
                recording: self.recording,
                languages: self.languages.unwrap_or("en-US,en"),
            })
            .await,
            token_lifetime,
            expected_on_console: Mutex::default(),
        }
    }
}

fn with_settings(config: Config, settings: Vec<(String, Value)>) -> Config {
    let Config::Json(Value::Object(mut members)) = config else {
        return config;
    };
    for (name, value) in settings {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    Config::Json(Value::Object(members))
}

/// The test's name: that of its thread, or, if all tests share one, of the function that contains
/// `test`.
fn test_name<T>(test: &T) -> String {
    match thread::current().name() {
        Some(name) if name.contains("::") => name.to_owned(),
        _ => {
            let name = type_name_of_val(test).replace("::{{closure}}", "");
            name.strip_prefix("e2e::").unwrap_or(&name).to_owned()
        }
    }
}
