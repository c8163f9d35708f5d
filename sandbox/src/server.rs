//! The server: sockets, routes, and the handle that tests hold.

use crate::{
    authorize::{self, transactions::Transactions},
    codes::Codes,
    connections::Connections,
    contents::Contents,
    data::Directory,
    faults::{ApiFault, ApiFaults, KeysFault, TokenFault},
    http,
    keys::{self, KeyRing, SigningKey},
    options::{
        API_PATH, ATTACKER_PATH, AUTHORIZE_PATH, Addresses, Client, KEYS_PATH, OAuth2Setting,
        Options, RefreshTokens, TOKEN_PATH, new_secret, setting_of,
    },
    pages,
    rate_limit::{RateLimiter, TokenRateLimiter},
    recorder::{self, RecordedRequest},
    resources,
    scenario::Scenario,
    state::{Inner, Shared},
    token_endpoint,
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    middleware,
    response::Response,
    routing::{any, get, post},
};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// How many ports are tried to find one that is free on both loopback addresses.
const PORT_TRIES: usize = 20;

/// A running sandbox. Dropping it shuts it down.
pub struct Sandbox {
    shared: Arc<Shared>,
    shutdown: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// Binds the loopback interface and serves in the background.
///
/// # Errors
///
/// If the port cannot be bound, for example [`ErrorKind::AddrInUse`].
pub async fn start(options: Options) -> io::Result<Sandbox> {
    let (listeners, port) = bind(options.port).await?;
    let (current, older) = tokio::join!(key(SigningKey::generate), key(SigningKey::older));
    let directory = Directory::generate(options.seed);
    let contents = directory.accounts().iter().map(Contents::of).collect();
    let shared = Arc::new(Shared {
        addresses: Addresses::new(port, &options),
        seed: options.seed,
        directory,
        contents: Mutex::new(contents),
        recorder: Arc::default(),
        inner: Mutex::new(Inner {
            passed: 0,
            clients: options
                .clients
                .into_iter()
                .map(Client::with_secret)
                .collect(),
            token_lifetime: options.token_lifetime,
            pkce_token_lifetime: options.pkce_token_lifetime,
            scenario: Scenario::Normal,
            keys: KeyRing::new(current?, older?),
            api_faults: ApiFaults::default(),
            token_fault: None,
            authorization_error: None,
            transactions: Transactions::default(),
            codes: Codes::default(),
            connections: Connections::default(),
            token_rate_limiter: TokenRateLimiter::new(options.requests_per_second != 0),
            rate_limiter: RateLimiter::new(options.requests_per_second),
        }),
    });
    let (shutdown, _) = watch::channel(false);
    let servers = listeners
        .into_iter()
        .map(|listener| {
            let mut stop = shutdown.subscribe();
            let router = router(Arc::clone(&shared));
            tokio::spawn(async move {
                let served = axum::serve(listener, router).with_graceful_shutdown(async move {
                    // An error means that the sender was dropped, which is a reason to stop as well.
                    let _ = stop.wait_for(|stop| *stop).await;
                });
                // It does not return errors: those of single connections are handled by axum.
                let _ = served.await;
            })
        })
        .collect();
    Ok(Sandbox {
        shared,
        shutdown,
        servers,
    })
}

/// Makes a key on a thread for blocking work.
async fn key(make: fn() -> Arc<SigningKey>) -> io::Result<Arc<SigningKey>> {
    tokio::task::spawn_blocking(make)
        .await
        .map_err(io::Error::other)
}

/// Listens on both loopback addresses, if the machine has both: `localhost` may resolve to either,
/// and another program on the other one would receive the requests.
async fn bind(port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let mut tries = 0;
    loop {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let bound = four.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, bound)).await {
            Ok(six) => return Ok((vec![four, six], bound)),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                tries += 1;
                if port != 0 || tries == PORT_TRIES {
                    return Err(error);
                }
            }
            Err(_) => return Ok((vec![four], bound)),
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/assets/sandbox.css", get(style))
        .route("/assets/icon.svg", get(icon))
        .route("/assets/bluebird-bakery.svg", get(logo))
        .route(AUTHORIZE_PATH, get(authorize::authorize))
        .route(
            &format!("{AUTHORIZE_PATH}/sign-in"),
            get(authorize::show_sign_in).post(authorize::submit_sign_in),
        )
        .route(
            &format!("{AUTHORIZE_PATH}/permission"),
            get(authorize::show_permission).post(authorize::decide),
        )
        .route(
            TOKEN_PATH,
            post(token_endpoint::serve).options(token_endpoint::preflight),
        )
        .route(KEYS_PATH, get(keys::endpoint::serve))
        .route(
            &format!("{ATTACKER_PATH}/keys"),
            get(keys::endpoint::serve_attacker),
        )
        .route(
            &format!("{ATTACKER_PATH}/token"),
            any(token_endpoint::serve_attacker),
        )
        .route("/oauth2/{*path}", any(no_such_page))
        .route_service(&format!("{API_PATH}/{{*path}}"), resources::router(&shared))
        .fallback(resources::forbidden)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared.recorder),
            recorder::record,
        ))
        .with_state(shared)
}

async fn index(State(shared): State<Arc<Shared>>) -> Response {
    http::page(StatusCode::OK, pages::index(&shared), None)
}

async fn style() -> Response {
    http::asset(
        "text/css; charset=utf-8",
        include_str!("../assets/sandbox.css"),
    )
}

async fn icon() -> Response {
    http::asset("image/svg+xml", include_str!("../assets/icon.svg"))
}

async fn logo() -> Response {
    http::asset(
        "image/svg+xml",
        include_str!("../assets/bluebird-bakery.svg"),
    )
}

/// There is no discovery document.
async fn no_such_page() -> Response {
    http::page(StatusCode::NOT_FOUND, pages::not_found(), None)
}

impl Sandbox {
    /// `http://localhost:PORT`
    pub fn origin(&self) -> String {
        self.shared.addresses.origin()
    }

    /// The authorization endpoint's URL, with the query if there is one.
    pub fn authorization_endpoint(&self) -> String {
        self.shared.addresses.authorization_endpoint()
    }

    /// The token endpoint's URL.
    pub fn token_endpoint(&self) -> String {
        self.shared.addresses.token_endpoint()
    }

    /// The `iss` of every token.
    pub fn issuer(&self) -> String {
        self.shared.addresses.issuer()
    }

    /// The JWK Set's URL.
    pub fn jwks_uri(&self) -> String {
        self.shared.addresses.jwks_uri()
    }

    /// The API's base URL, which is also the `aud` of every access token.
    pub fn api_base_url(&self) -> String {
        self.shared.addresses.api_base_url()
    }

    /// The app's `config.json` for this sandbox, for the flow that a browser can use with the
    /// application's setting.
    pub fn config_json(&self, client_id: &str) -> String {
        let setting = setting_of(&self.shared.inner().clients, client_id);
        self.shared.addresses.config_json(client_id, setting)
    }

    /// The keys of a server's configuration that name this sandbox and the application, as TOML,
    /// without the secret.
    pub fn config_toml(&self, client_id: &str) -> String {
        self.shared.addresses.config_toml(client_id)
    }

    /// The secret of an application that has one.
    pub fn client_secret(&self, client_id: &str) -> Option<String> {
        let inner = self.shared.inner();
        inner
            .clients
            .iter()
            .find(|client| client.client_id == client_id)?
            .client_secret
            .clone()
    }

    /// Replaces the secret of an application that has one and returns the new one. The previous one is
    /// no longer accepted.
    pub fn regenerate_client_secret(&self, client_id: &str) -> Option<String> {
        let mut inner = self.shared.inner();
        let secret = inner
            .clients
            .iter_mut()
            .find(|client| client.client_id == client_id)?
            .client_secret
            .as_mut()?;
        *secret = new_secret();
        Some(secret.clone())
    }

    /// Preselects a scenario for future authorizations. It has no effect on an application that it
    /// does not apply to ([`Scenario::applies_to`]).
    pub fn use_scenario(&self, scenario: Scenario) {
        self.shared.inner().scenario = scenario;
    }

    /// Adds a redirect URI to an application. An unknown application is registered for the implicit
    /// flow.
    pub fn register_redirect_uri(&self, client_id: &str, uri: &str) {
        let mut inner = self.shared.inner();
        match inner
            .clients
            .iter_mut()
            .find(|client| client.client_id == client_id)
        {
            Some(client) => {
                if !client.redirect_uris.iter().any(|known| known == uri) {
                    client.redirect_uris.push(uri.to_owned());
                }
            }
            None => inner.clients.push(Client {
                client_id: client_id.to_owned(),
                client_secret: None,
                name: "Another application".to_owned(),
                redirect_uris: vec![uri.to_owned()],
                oauth2_setting: OAuth2Setting::Implicit,
            }),
        }
    }

    /// Changes the refresh token method of an application, for future refreshes. It has no effect on an
    /// application that has no refresh tokens.
    pub fn set_refresh_tokens(&self, client_id: &str, method: RefreshTokens) {
        let mut inner = self.shared.inner();
        let client = inner
            .clients
            .iter_mut()
            .find(|client| client.client_id == client_id);
        if let Some(known) = client.and_then(|client| client.oauth2_setting.refresh_tokens()) {
            *known = method;
        }
    }

    /// Revokes all refresh tokens issued so far. Access tokens stay valid.
    pub fn revoke_refresh_tokens(&self) {
        self.shared.inner().connections.clear();
    }

    /// Signs with a new key from now on. The previous key stays in the set, the one before it is
    /// removed. The API still accepts tokens signed with any of them.
    pub fn rotate_keys(&self) {
        let new = SigningKey::generate();
        self.shared.inner().keys.rotate(new);
    }

    /// Breaks the JWK Set endpoint, until cleared with `None`.
    pub fn set_keys_fault(&self, fault: Option<KeysFault>) {
        let keys = &mut self.shared.inner().keys;
        keys.fault = fault;
        keys.hiccup = None;
    }

    /// Responds to every authorization request with this error, without any page, until cleared
    /// with `None`.
    pub fn set_authorization_error(&self, error: Option<&str>) {
        self.shared.inner().authorization_error = error.map(str::to_owned);
    }

    /// Breaks the API for all tokens, until cleared with `None`.
    pub fn set_api_fault(&self, fault: Option<ApiFault>) {
        self.shared.inner().api_faults.for_all = fault;
    }

    /// Breaks the token endpoint, until cleared with `None`.
    pub fn set_token_fault(&self, fault: Option<TokenFault>) {
        self.shared.inner().token_fault = fault;
    }

    /// Sets the lifetime of future access tokens, in both flows.
    pub fn set_token_lifetime(&self, seconds: u64) {
        let mut inner = self.shared.inner();
        inner.token_lifetime = seconds;
        inner.pkce_token_lifetime = seconds;
    }

    /// Advances the server's clock: tokens, codes and sign-ins are that much older.
    pub fn let_time_pass(&self, seconds: i64) {
        self.shared.inner().passed += seconds;
    }

    /// The newest 10,000 requests since the start, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.requests()
    }

    /// How often each refresh token was presented to the token endpoint, whatever came of it, in the
    /// order in which they were issued. A rotating one should never be presented twice.
    pub fn refresh_token_uses(&self) -> Vec<u32> {
        self.shared.inner().connections.uses().to_vec()
    }

    /// When each request to the API arrived, as the time since the start: the newest million, oldest
    /// first, including those that were throttled.
    pub fn api_request_times(&self) -> Vec<Duration> {
        self.shared.recorder.api_requests()
    }

    /// How many of them arrived in each second since the start that had any.
    pub fn api_requests_by_second(&self) -> BTreeMap<u64, usize> {
        let mut seconds = BTreeMap::new();
        for time in self.api_request_times() {
            *seconds.entry(time.as_secs()).or_default() += 1;
        }
        seconds
    }

    /// The largest number of them within any second, which need not begin with one of the clock's. The
    /// API admits four.
    pub fn most_api_requests_in_a_second(&self) -> usize {
        recorder::most_in_a_second(&self.api_request_times())
    }

    /// The requests among [`Self::requests`] to the attacker's URLs, which occur only in a token's header
    /// ([`Scenario::KeyUrls`], [`Scenario::AttackerKey`]) or in a redirect
    /// ([`Scenario::TokenRedirect`]).
    pub fn requests_to_the_attacker(&self) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.path.starts_with(ATTACKER_PATH));
        requests
    }

    /// Stops listening and waits for requests in progress.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            // The only possible error is a panic in the server, which has been printed.
            let _ = server.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shutdown.send_replace(true);
    }
}
