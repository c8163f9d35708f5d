//! Three instances, what is in front of them, and what is behind.

use crate::{
    browser::Browser,
    cluster::{Cluster, postgres},
    process::{PATIENCE, Process, find, free_port},
};
use cc_connect_sandbox::{Options, RefreshTokens, Sandbox, start};
use sqlx::{Executor as _, PgPool, postgres::PgPoolOptions};
use std::{
    env,
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// Nothing listens there: tests send to haproxy.
const ORIGIN: &str = "http://localhost:8080";
const CLIENT_ID: &str = Options::CONFIDENTIAL_CLIENT_ID;
/// In an answer: which instance gave it.
pub(crate) const INSTANCE: &str = "x-instance";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) instances: Vec<Instance>,
    database: PgPool,
    front: SocketAddr,
    haproxy: Process,
    _folder: TempDir,
}

/// A process of the program. It can be started again at the same address.
pub(crate) struct Instance {
    pub(crate) address: SocketAddr,
    admin: SocketAddr,
    config: PathBuf,
    log: PathBuf,
    process: Mutex<Option<Process>>,
}

impl World {
    /// `None`, and a word about it, if something is not installed.
    pub(crate) async fn new(refresh_tokens: RefreshTokens) -> Option<Self> {
        let database = require(postgres().await)?;
        Self::on(&database, refresh_tokens).await
    }

    /// With a cluster of its own.
    pub(crate) async fn with_cluster(refresh_tokens: RefreshTokens) -> Option<(Self, Cluster)> {
        let cluster = require(Cluster::begin())?;
        let world = Self::on(&cluster.database().await, refresh_tokens).await?;
        Some((world, cluster))
    }

    async fn on(database: &str, refresh_tokens: RefreshTokens) -> Option<Self> {
        let haproxy = find("haproxy");
        if haproxy.is_none() {
            eprintln!("skipped: haproxy is not installed");
        }
        let haproxy = require(haproxy)?;
        let options = Options {
            port: 0,
            requests_per_second: 0,
            ..Options::default()
        };
        let sandbox = start(options).await.expect("a free port");
        sandbox.register_redirect_uri(CLIENT_ID, &format!("{ORIGIN}/callback"));
        sandbox.set_refresh_tokens(CLIENT_ID, refresh_tokens);
        let folder = tempfile::tempdir().expect("a folder");
        write_common(folder.path(), &sandbox);
        // One after another: the first makes the tables.
        let mut instances = Vec::new();
        for number in 1..=3 {
            let instance = Instance::new(number, folder.path(), &sandbox, database);
            instance.start().await;
            instances.push(instance);
        }
        let front = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let config = folder.path().join("haproxy.cfg");
        write(&config, &haproxy_config(front, &instances));
        let config = config.to_str().expect("UTF-8");
        let log = folder.path().join("haproxy.log");
        let haproxy = Process::start(&haproxy, &["-db", "-f", config], &log);
        let database = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(database)
            .expect("an address");
        let mut world = Self {
            sandbox,
            instances,
            database,
            front,
            haproxy,
            _folder: folder,
        };
        world.haproxy_listens().await;
        Some(world)
    }

    async fn haproxy_listens(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(self.front).await.is_err() {
            let is_running = self.haproxy.is_running();
            assert!(is_running && began.elapsed() < PATIENCE, "haproxy");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A browser before haproxy.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.front, ORIGIN, self.sandbox.origin())
    }

    /// A browser that is connected.
    pub(crate) async fn connected(&self) -> Browser {
        let mut browser = self.browser();
        browser.connect().await;
        browser
    }

    /// How often a refresh token was presented, all in all.
    pub(crate) fn refreshes(&self) -> u32 {
        self.sandbox.refresh_token_uses().iter().sum()
    }

    /// Until so many refresh tokens have been presented.
    pub(crate) async fn refreshes_reach(&self, count: u32) {
        let began = Instant::now();
        while self.refreshes() < count {
            assert!(began.elapsed() < PATIENCE, "nobody asks for a token");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A statement in the instances' database.
    pub(crate) async fn sql(&self, sql: &str) {
        self.database.execute(sql).await.expect(sql);
    }

    /// All tokens are about to end.
    pub(crate) async fn make_renewals_due(&self) {
        self.sql("UPDATE session SET renew_from = 0").await;
    }

    /// What was asked for under a lock that is gone is known to have no answer: time has passed.
    pub(crate) async fn let_requests_age(&self) {
        self.sql("UPDATE session SET asked = asked - 600000").await;
    }

    /// Until all tokens have ended.
    pub(crate) async fn tokens_end(&self) {
        let sql = "SELECT count(*) FROM session \
                   WHERE token_expires > extract(epoch FROM now()) * 1000 - 1000";
        self.becomes_none(sql).await;
    }

    /// How many sessions live and have not been renewed since renewals were due.
    pub(crate) async fn due(&self) -> i64 {
        let sql = "SELECT count(*) FROM session WHERE ended IS NULL AND renew_from = 0";
        self.count(sql).await
    }

    async fn becomes_none(&self, sql: &str) {
        let began = Instant::now();
        while self.count(sql).await > 0 {
            assert!(began.elapsed() < PATIENCE, "{sql}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn count(&self, sql: &str) -> i64 {
        let count = sqlx::query_scalar(sql).fetch_one(&self.database).await;
        count.expect("a number")
    }

    /// From now on the API takes no request today, so that only the token is found out, at once.
    pub(crate) async fn use_up_budget(&self) {
        let sql = "UPDATE budget SET day = (extract(epoch FROM now()) / 86400)::bigint + 1, \
                   used = 10000";
        self.sql(sql).await;
    }

    /// From now on it takes all of today's again.
    pub(crate) async fn restore_budget(&self) {
        self.sql("UPDATE budget SET day = 0, used = 0").await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let mut logs = String::new();
        for instance in &self.instances {
            let text = fs::read_to_string(&instance.log).unwrap_or_default();
            let _ = writeln!(logs, "\n{}:\n{text}", instance.log.display());
        }
        if std::thread::panicking() {
            let is_telling = |line: &&str| !line.contains("\"level\":\"INFO\"");
            let lines: Vec<_> = logs.lines().filter(is_telling).collect();
            eprintln!("{}", lines[lines.len().saturating_sub(200)..].join("\n"));
        } else {
            assert!(!logs.contains("panicked"), "{logs}");
        }
    }
}

impl Instance {
    fn new(number: usize, folder: &Path, sandbox: &Sandbox, database: &str) -> Self {
        let address = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        let (address, admin) = (address(), address());
        let config = folder.join(format!("instance-{number}.toml"));
        let text = format!(
            "origin = \"{ORIGIN}\"\nclient_secret_file = \"secret\"\n\
             keys = [{{ id = \"one\", file = \"key\" }}]\ndist = \"dist\"\n\
             database = \"{database}\"\nlisten = \"{address}\"\nadmin = \"{admin}\"\n\
             trusted_proxies = 1\ninbound = {{ per_second = 0 }}\n{}",
            sandbox.config_toml(CLIENT_ID)
        );
        write(&config, &text);
        Self {
            address,
            admin,
            config,
            log: folder.join(format!("instance-{number}.log")),
            process: Mutex::new(None),
        }
    }

    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(&self) {
        let program = Path::new(env!("CARGO_BIN_EXE_cc-connect-server"));
        let config = self.config.to_str().expect("UTF-8");
        let process = Process::start(program, &["--config", config], &self.log);
        *self.process.lock().expect("nobody panics") = Some(process);
        self.becomes_ready().await;
    }

    pub(crate) async fn becomes_ready(&self) {
        let began = Instant::now();
        while !self.is_ready().await {
            assert!(began.elapsed() < PATIENCE, "{}", self.log.display());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let client = reqwest::Client::builder().no_proxy().build();
        let client = client.expect("a client");
        let asked = client.get(format!("http://{}/readyz", self.admin)).send();
        asked.await.is_ok_and(|answer| answer.status().is_success())
    }

    pub(crate) fn is_running(&self) -> bool {
        let mut process = self.process.lock().expect("nobody panics");
        process.as_mut().is_some_and(Process::is_running)
    }

    /// `kill -9`.
    pub(crate) fn kill(&self) {
        *self.process.lock().expect("nobody panics") = None;
    }

    /// Sends `SIGTERM`. Returns the process, to wait for its end.
    pub(crate) fn terminate(&self) -> Process {
        let process = self.process.lock().expect("nobody panics").take();
        let process = process.expect("it runs");
        process.terminate();
        process
    }
}

fn haproxy_config(front: SocketAddr, instances: &[Instance]) -> String {
    let mut text = format!(
        "global\n\
         defaults\n    mode http\n    timeout connect 2s\n    timeout client 90s\n    \
         timeout server 90s\n    retries 3\n    option redispatch 1\n    option forwardfor\n\
         frontend page\n    bind {front}\n    default_backend instances\n\
         backend instances\n    balance roundrobin\n    option httpchk GET /readyz\n    \
         default-server inter 100ms fall 1 rise 1\n    \
         http-response set-header {INSTANCE} %[srv_name]\n"
    );
    for (number, instance) in instances.iter().enumerate() {
        let (address, port) = (instance.address, instance.admin.port());
        let _ = writeln!(
            text,
            "    server i{number} {address} check addr 127.0.0.1 port {port}"
        );
    }
    text
}

/// What all instances share.
fn write_common(folder: &Path, sandbox: &Sandbox) {
    let secret = sandbox.client_secret(CLIENT_ID).expect("it has a secret");
    write(&folder.join("secret"), &secret);
    write(&folder.join("key"), &cc_connect_server::config::new_key());
    fs::create_dir(folder.join("dist")).expect("the folder can be made");
    let document = "<!doctype html><title>CC Connect</title>";
    write(&folder.join("dist/index.html"), document);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("it can be written");
}

/// Where everything has to be there, `None` is a failure.
pub(crate) fn require<T>(found: Option<T>) -> Option<T> {
    let is_required = env::var_os("CC_CONNECT_REQUIRE_ALL").is_some();
    assert!(found.is_some() || !is_required, "something is missing");
    found
}
