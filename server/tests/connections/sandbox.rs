//! A person with a browser, at the sandbox.

use cc_connect_core::{
    ReturnTo, constant_contact,
    oauth::{
        CapturedResponse, Client, ClientSecret, Registration, ResponseType, Scope,
        authorization_request,
    },
    session::Grant,
};
use cc_connect_sandbox::{Options, RecordedRequest, Sandbox, Scenario, start};
use cc_connect_server::{
    BindingSecret, Connections, ConnectionsConfig, KeyRing, Limits, Look, MasterKey, NotConnected,
    SessionSecret, entropy,
};
use reqwest::{RequestBuilder, Response, header, redirect::Policy};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

pub(crate) const CLIENT_ID: &str = Options::CONFIDENTIAL_CLIENT_ID;
pub(crate) const SCOPE: &str = "account_read campaign_data contact_data offline_access";
/// A day, which is how long a token lasts.
pub(crate) const DAY: i64 = 86_400;

/// The sandbox, and one instance of the server.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) connections: Connections,
    pub(crate) config: ConnectionsConfig,
    /// Before the token endpoint.
    pub(crate) gate: Gate,
    http: reqwest::Client,
    folder: Arc<tempfile::TempDir>,
    /// In seconds.
    passed: AtomicI64,
}

impl World {
    /// With SQLite.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With a setting changed.
    pub(crate) async fn with(change: impl FnOnce(&mut ConnectionsConfig)) -> Self {
        let sandbox = start(Options {
            port: 0,
            requests_per_second: 0,
            ..Options::default()
        });
        let sandbox = sandbox.await.unwrap();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let database = format!("sqlite:{}", folder.path().join("cc.db").display());
        let port = sandbox.origin().rsplit(':').next().unwrap().parse();
        let gate = Gate::new(port.unwrap()).await;
        let mut config = config(&sandbox, &gate, &database);
        change(&mut config);
        let connections = Connections::open(config.clone()).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build();
        Self {
            sandbox,
            connections,
            config,
            gate,
            http: http.unwrap(),
            folder,
            passed: AtomicI64::new(0),
        }
    }

    /// On PostgreSQL, if it is installed.
    pub(crate) async fn on_postgres() -> Option<Self> {
        let address = crate::cluster::postgres().await?;
        Some(Self::with(|config| config.database = address.parse().unwrap()).await)
    }

    /// Another instance of the server on the same database.
    pub(crate) async fn another_instance(&self) -> Connections {
        let other = Connections::open(self.config.clone()).await.unwrap();
        other.pass(self.passed.load(Ordering::Relaxed));
        other
    }

    /// The same instance, started again with a setting changed.
    pub(crate) async fn restarted(mut self, change: impl FnOnce(&mut ConnectionsConfig)) -> Self {
        self.connections.finish().await;
        self.connections.close().await;
        change(&mut self.config);
        self.connections = self.another_instance().await;
        self
    }

    /// Asks all instances in turn for a session's token, a hundred times at once. Returns whether
    /// every answer was the same token.
    pub(crate) async fn a_hundred_get_one_token(
        instances: &[&Connections],
        secret: &SessionSecret,
    ) -> bool {
        let requests = (0..100).map(|number| {
            let connections = instances[number % instances.len()].clone();
            let secret = secret.clone();
            tokio::spawn(async move { connections.access_token(&secret, None).await })
        });
        let mut tokens = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            tokens.push(request.await.unwrap().unwrap());
        }
        let first = tokens[0].access_token();
        tokens.iter().all(|token| token.is_same_token(first))
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Lets time pass for everybody.
    pub(crate) fn pass(&self, seconds: i64) {
        self.sandbox.let_time_pass(seconds);
        self.connections.pass(seconds);
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Begins an attempt and lets the person allow it; what the browser brings back.
    pub(crate) async fn authorize(
        &self,
        binding: &BindingSecret,
        scenario: Scenario,
        previous: Option<&SessionSecret>,
    ) -> CapturedResponse {
        let client = &self.config.client;
        let return_to = ReturnTo::parse("contacts?list=7").unwrap();
        let now = self.connections.now();
        let request = authorization_request(client, &entropy(), return_to, now);
        let begun = self.connections.begin(&request.pending, binding, previous);
        begun.await.unwrap();
        let location = self.allow(request.expose_uri(), scenario).await;
        // A fragment does not get to a server.
        let (_, query) = location.split_once('?').unwrap_or_default();
        CapturedResponse {
            query: query.to_owned(),
            ..CapturedResponse::default()
        }
    }

    /// Connects an account.
    pub(crate) async fn connect(&self, scenario: Scenario) -> SessionSecret {
        let binding = BindingSecret::generate();
        let response = self.authorize(&binding, scenario, None).await;
        let completed = self.connections.complete(&response, Some(&binding)).await;
        completed.unwrap().secret
    }

    /// What the page is told.
    pub(crate) async fn look(&self, secret: &SessionSecret) -> Look {
        self.connections.look(Some(secret), None).await.unwrap()
    }

    pub(crate) async fn grant(&self, secret: &SessionSecret) -> Arc<Grant> {
        match self.look(secret).await {
            Look::Connected { grant, .. } => grant,
            other => panic!("{other:?}"),
        }
    }

    /// Why there is no connection.
    pub(crate) async fn reason(&self, secret: &SessionSecret) -> Option<NotConnected> {
        match self.look(secret).await {
            Look::NotConnected { reason, .. } => reason,
            other => panic!("{other:?}"),
        }
    }

    /// The token requests with this grant type.
    pub(crate) fn token_requests(&self, grant_type: &str) -> Vec<RecordedRequest> {
        let requests = self.sandbox.requests().into_iter();
        let is_one = |request: &RecordedRequest| {
            request.path.ends_with("/token")
                && request.body.contains(&format!("grant_type={grant_type}"))
        };
        requests.filter(is_one).collect()
    }

    /// Until so many renewals have reached the token endpoint.
    pub(crate) async fn refreshes_reach(&self, count: usize) {
        while self.refreshes() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.token_requests("refresh_token").len()
    }

    /// Signs in and allows everything, as a new browser; where it is sent then.
    async fn allow(&self, uri: &str, scenario: Scenario) -> String {
        let page = self.http.get(uri).send().await.unwrap();
        let page = page.text().await.unwrap();
        let fields = ["transaction", "username", "password"].map(|name| (name, field(&page, name)));
        let signed_in = self.post("sign-in", "", &fields).await;
        let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let next = self.absolute(&location(&signed_in));
        let page = self.http.get(next).header(header::COOKIE, &cookie).send();
        let page = page.await.unwrap().text().await.unwrap();
        let mut fields = vec![
            ("transaction", field(&page, "transaction")),
            ("decision", "allow".to_owned()),
            ("scenario", scenario.as_str().to_owned()),
        ];
        let scopes = self.config.client.scope().iter();
        fields.extend(scopes.map(|scope| ("scope", scope.to_owned())));
        location(&self.post("permission", &cookie, &fields).await)
    }

    async fn post(&self, step: &str, cookie: &str, fields: &[(&str, String)]) -> Response {
        let url = format!("{}/{step}", self.sandbox.authorization_endpoint());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request: RequestBuilder = self.http.post(url).header(header::COOKIE, cookie);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(form.finish()).send().await.unwrap()
    }

    fn absolute(&self, location: &str) -> String {
        match location.starts_with('/') {
            true => self.sandbox.origin() + location,
            false => location.to_owned(),
        }
    }
}

fn location(response: &Response) -> String {
    let location = response.headers().get(header::LOCATION);
    let location = location.unwrap_or_else(|| panic!("{} leads nowhere", response.status()));
    location.to_str().unwrap().to_owned()
}

/// The value of a field in a page.
fn field(page: &str, name: &str) -> String {
    let named = format!("name=\"{name}\"");
    let (_, rest) = page
        .split_once(&named)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    let tag = &rest[..rest.find('>').unwrap()];
    let (_, value) = tag.split_once("value=\"").unwrap();
    value[..value.find('"').unwrap()].to_owned()
}

pub(crate) fn master_key(id: &str) -> MasterKey {
    let mut bytes = [7; 32];
    bytes[..id.len()].copy_from_slice(id.as_bytes());
    MasterKey::new(id.to_owned(), &bytes).unwrap()
}

fn config(sandbox: &Sandbox, gate: &Gate, database: &str) -> ConnectionsConfig {
    let redirect_uri = "http://localhost:8080/callback";
    let token_endpoint = sandbox.token_endpoint();
    let gated = format!("http://127.0.0.1:{}", gate.port);
    let token_endpoint = token_endpoint.replace(&sandbox.origin(), &gated);
    let client = Client::new(Registration {
        authorization_endpoint: sandbox.authorization_endpoint(),
        token_endpoint,
        issuer: sandbox.issuer(),
        scope: Scope::parse(SCOPE).unwrap(),
        ..constant_contact::registration(CLIENT_ID, redirect_uri, ResponseType::Code)
    });
    let expectations = cc_connect_core::jose::Expectations {
        issuer: sandbox.issuer(),
        audience: sandbox.api_base_url(),
        ..constant_contact::access_token_expectations()
    };
    ConnectionsConfig {
        client: client.unwrap(),
        secret: ClientSecret::new(sandbox.client_secret(CLIENT_ID).unwrap()),
        id_token_expectations: cc_connect_core::jose::Expectations {
            issuer: sandbox.issuer(),
            ..constant_contact::id_token_expectations(CLIENT_ID)
        },
        expectations,
        jwks_uri: sandbox.jwks_uri(),
        database: database.parse().unwrap(),
        keys: KeyRing::new(vec![master_key("a")]).unwrap(),
        idle: Duration::from_secs(30 * 86_400),
        absolute: Duration::from_secs(180 * 86_400),
        limits: Limits::default(),
    }
}

/// Stands between the server and the token endpoint, and keeps answers back.
pub(crate) struct Gate {
    port: u16,
    open: watch::Sender<bool>,
}

impl Gate {
    /// Before a sandbox that listens on this port.
    async fn new(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, is_open) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let is_open = is_open.clone();
                tokio::spawn(async move {
                    let far = TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
                    let (near_in, near_out) = near.into_split();
                    let (far_in, far_out) = far.into_split();
                    tokio::join!(
                        pass_on(near_in, far_out, None),
                        pass_on(far_in, near_out, Some(is_open)),
                    );
                });
            }
        });
        Self { port, open }
    }

    /// From now on requests get through, and their answers do not.
    pub(crate) fn close(&self) {
        self.open.send_replace(false);
    }

    /// What was kept back gets through.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut is_open: Option<watch::Receiver<bool>>,
) {
    let mut buffer = [0; 8_192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if let Some(is_open) = &mut is_open {
            let _ = is_open.wait_for(|is_open| *is_open).await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
