//! The server: sockets, routes, and the handle that tests hold.

use crate::{
    authorize::{self, transactions::Transactions},
    codes::Codes,
    connections::Connections,
    data::Directory,
    faults::{ApiFault, ApiFaults, KeysFault, TokenFault},
    http,
    keys::{self, KeyRing, SigningKey},
    options::{
        API_PATH, ATTACKER_PATH, AUTHORIZE_PATH, Addresses, KEYS_PATH, OAuth2Setting, Options,
        RefreshTokens, TOKEN_PATH, setting_of,
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
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// How often a free port is looked for that is free on both loopback addresses.
const PORT_TRIES: usize = 20;

/// A sandbox that is running. Dropping it shuts it down.
pub struct Sandbox {
    shared: Arc<Shared>,
    shutdown: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// Binds the loopback interface and serves in the background.
///
/// # Errors
///
/// When the port cannot be had, [`ErrorKind::AddrInUse`] among others.
pub async fn start(options: Options) -> io::Result<Sandbox> {
    let (listeners, port) = bind(options.port).await?;
    let (current, older) = tokio::join!(key(SigningKey::generate), key(SigningKey::older));
    let shared = Arc::new(Shared {
        addresses: Addresses::new(port, &options),
        seed: options.seed,
        directory: Directory::generate(options.seed),
        recorder: Arc::default(),
        inner: Mutex::new(Inner {
            passed: 0,
            clients: options.clients,
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
                    // An error means that the sender is gone, which is a reason to stop as well.
                    let _ = stop.wait_for(|stop| *stop).await;
                });
                // It has no way to fail: errors of single connections are not its own.
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

/// Makes a key on a thread where that holds nobody up.
async fn key(make: fn() -> Arc<SigningKey>) -> io::Result<Arc<SigningKey>> {
    tokio::task::spawn_blocking(make)
        .await
        .map_err(io::Error::other)
}

/// Listens on both loopback addresses, as far as the machine has both: `localhost` may mean either,
/// and another program on the other one would get the requests.
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
        .fallback(resources::outside)
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

    /// Where the browser is sent to.
    pub fn authorization_endpoint(&self) -> String {
        self.shared.addresses.authorization_endpoint()
    }

    /// Where a code or a refresh token becomes an access token.
    pub fn token_endpoint(&self) -> String {
        self.shared.addresses.token_endpoint()
    }

    /// The `iss` of every token.
    pub fn issuer(&self) -> String {
        self.shared.addresses.issuer()
    }

    /// Where the JWK Set is.
    pub fn jwks_uri(&self) -> String {
        self.shared.addresses.jwks_uri()
    }

    /// Where the API is, and the `aud` of every access token.
    pub fn api_base_url(&self) -> String {
        self.shared.addresses.api_base_url()
    }

    /// The app's `config.json` for this sandbox, after the setting that the application is
    /// registered with.
    pub fn config_json(&self, client_id: &str) -> String {
        let setting = setting_of(&self.shared.inner().clients, client_id);
        self.shared.addresses.config_json(client_id, setting)
    }

    /// Preselects a scenario for the authorizations to come, until changed. Where it means nothing
    /// to the application ([`Scenario::applies_to`]), nothing goes wrong.
    pub fn use_scenario(&self, scenario: Scenario) {
        self.shared.inner().scenario = scenario;
    }

    /// Adds a redirect URI to an application; an application that is not known yet is registered,
    /// for the implicit flow.
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
            None => inner.clients.push(crate::Client {
                client_id: client_id.to_owned(),
                name: "Another application".to_owned(),
                redirect_uris: vec![uri.to_owned()],
                oauth2_setting: OAuth2Setting::Implicit,
            }),
        }
    }

    /// Changes the refresh token method of an application with PKCE, for the refreshes to come. An
    /// application that is not known, or without PKCE, has none: nothing happens.
    pub fn set_refresh_tokens(&self, client_id: &str, method: RefreshTokens) {
        let mut inner = self.shared.inner();
        let client = inner
            .clients
            .iter_mut()
            .find(|client| client.client_id == client_id);
        if let Some(OAuth2Setting::Pkce { refresh_tokens }) =
            client.map(|client| &mut client.oauth2_setting)
        {
            *refresh_tokens = method;
        }
    }

    /// Ends every connection that can be refreshed: no refresh token given out so far is valid any
    /// more. Access tokens live on.
    pub fn revoke_refresh_tokens(&self) {
        self.shared.inner().connections.clear();
    }

    /// Signs with a new key from now on; the key before it stays in the set, the one before that
    /// leaves it. The API goes on accepting what any of them has signed.
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

    /// Answers every authorization request at once with this error, asking nobody, until cleared
    /// with `None`.
    pub fn set_authorization_error(&self, error: Option<&str>) {
        self.shared.inner().authorization_error = error.map(str::to_owned);
    }

    /// Breaks the API, until cleared with `None`.
    pub fn set_api_fault(&self, fault: Option<ApiFault>) {
        self.shared.inner().api_faults.for_everybody = fault;
    }

    /// Breaks the token endpoint for everybody, until cleared with `None`.
    pub fn set_token_fault(&self, fault: Option<TokenFault>) {
        self.shared.inner().token_fault = fault;
    }

    /// How long the access tokens to come are valid, in both flows.
    pub fn set_token_lifetime(&self, seconds: u64) {
        let mut inner = self.shared.inner();
        inner.token_lifetime = seconds;
        inner.pkce_token_lifetime = seconds;
    }

    /// Moves the server's clock on, as time does: tokens, codes and sign-ins are that much older.
    pub fn let_time_pass(&self, seconds: i64) {
        self.shared.inner().passed += seconds;
    }

    /// Every request since the start, the oldest first; of many thousands only the newest 10,000.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.requests()
    }

    /// The requests among them that went to the attacker's addresses, which only a token's header
    /// ([`Scenario::KeyUrls`], [`Scenario::AttackerKey`]) or a redirect
    /// ([`Scenario::TokenRedirect`]) names.
    pub fn requests_to_the_attacker(&self) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.path.starts_with(ATTACKER_PATH));
        requests
    }

    /// Stops listening and waits until the requests under way are answered.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            // Only a panic in the server could be reported here; it has been printed.
            let _ = server.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shutdown.send_replace(true);
    }
}
