//! A pool of browsers shared between tests. Starting one takes longer than most tests, so it waits
//! here for the next test afterwards. Each test has a fresh profile, which isolates it from the one
//! before: see [`crate::profile`].

use crate::driver::Driver;
use crate::kind::Kind;
use crate::socket::Socket;
use axum::body::{self, Body};
use fantoccini::wd::{TimeoutConfiguration, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::runtime::{self, Runtime};

/// The window's size unless a test asks for another.
pub(crate) const WINDOW: (u32, u32) = (1280, 900);

/// The maximum number of idle browsers. Two of each kind suffice for two tests at a time.
const WAITING: usize = 4;

/// How many tests a browser serves: leaks must not accumulate.
const TESTS: u32 = 100;

/// How long a browser may take to quit before it is killed.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Properties fixed when a browser starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) kind: Kind,
    /// Whether it records every request it sends.
    pub(crate) recording: bool,
    /// The user's preferred languages, most preferred first.
    pub(crate) languages: &'static str,
}

/// A running browser with its driver.
pub(crate) struct Session {
    pub(crate) traits: Traits,
    pub(crate) client: Client,
    pub(crate) socket: Socket,
    /// The browser's initial tab. It stays empty and open to keep the browser running.
    pub(crate) keeper: WindowHandle,
    driver: Driver,
    tests: u32,
}

static IDLE: Mutex<Vec<Session>> = Mutex::new(Vec::new());

/// Holds the browser connections: a test's own runtime ends with the test.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("browsers")
        .enable_all()
        .build()
        .expect("the system has a thread left")
});

fn idle() -> MutexGuard<'static, Vec<Session>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An idle browser with these traits.
pub(crate) fn take_idle(traits: Traits) -> Option<Session> {
    let mut idle = idle();
    let place = idle.iter().rposition(|session| session.traits == traits)?;
    Some(idle.remove(place))
}

/// A new browser with these traits.
pub(crate) async fn start_browser(traits: Traits) -> Session {
    let started = RUNTIME.spawn(Session::start(traits)).await;
    started.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Returns a browser whose profile has been removed to the pool.
pub(crate) async fn give_back(mut session: Session) {
    session.tests += 1;
    if session.tests >= TESTS {
        return quit(session).await;
    }
    let one_too_many = {
        let mut idle = idle();
        idle.push(session);
        (idle.len() > WAITING).then(|| idle.remove(0))
    };
    if let Some(session) = one_too_many {
        quit(session).await;
    }
}

/// Quits a browser and its driver.
pub(crate) async fn quit(session: Session) {
    // It does not matter how it ends.
    let _ = RUNTIME.spawn(session.end()).await;
}

/// libtest exits without dropping statics, and the browsers would keep running.
#[dtor::dtor(unsafe)]
fn end_all() {
    let sessions = std::mem::take(&mut *idle());
    if sessions.is_empty() {
        return;
    }
    // The runtime needs thread-local values, which the main thread no longer has.
    let ended = thread::Builder::new().spawn(|| {
        let ends: Vec<_> = sessions
            .into_iter()
            .map(|session| RUNTIME.spawn(session.end()))
            .collect();
        RUNTIME.block_on(async {
            for end in ends {
                let _ = end.await;
            }
        });
    });
    if let Ok(ended) = ended {
        let _ = ended.join();
    }
}

impl Session {
    async fn start(traits: Traits) -> Self {
        let kind = traits.kind;
        let driver = Driver::start(kind).await;
        let Value::Object(capabilities) = capabilities(traits) else {
            unreachable!("it is written as an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("{kind} does not start: {error}"));
        let timeouts = TimeoutConfiguration::new(
            Some(Duration::from_secs(30)),
            Some(Duration::from_secs(30)),
            Some(Duration::ZERO),
        );
        client
            .update_timeouts(timeouts)
            .await
            .expect("the driver takes timeouts");
        let socket = Socket::connect(&socket_of(kind, &client).await).await;
        if kind == Kind::Firefox {
            socket.listen(traits.recording).await;
        }
        let keeper = client.window().await.expect("a browser begins with a tab");
        Self {
            traits,
            client,
            socket,
            keeper,
            driver,
            tests: 0,
        }
    }

    async fn end(self) {
        // A browser that no longer responds is killed with its driver.
        let _ = tokio::time::timeout(LAST_WAIT, self.client.close()).await;
        self.driver.stop().await;
    }
}

/// The URL of the browser's socket.
async fn socket_of(kind: Kind, client: &Client) -> String {
    let capabilities = client.capabilities().expect("a session has capabilities");
    match kind {
        Kind::Firefox => {
            let url = capabilities.get("webSocketUrl").and_then(Value::as_str);
            url.expect("geckodriver offers WebDriver BiDi").to_owned()
        }
        Kind::Chromium => {
            let address = capabilities.get("goog:chromeOptions");
            let address = address.and_then(|options| options["debuggerAddress"].as_str());
            let address =
                address.expect("chromedriver reports the address of the DevTools Protocol");
            let url = format!("http://{address}/json/version");
            let version = url.parse().expect("chromedriver names a host and a port");
            let version = legacy::Client::builder(TokioExecutor::new())
                .build_http::<Body>()
                .get(version)
                .await
                .unwrap_or_else(|error| panic!("{url}: {error}"));
            let version = body::to_bytes(Body::new(version.into_body()), usize::MAX).await;
            let version = version.unwrap_or_else(|error| panic!("{url}: {error}"));
            let version: Value = serde_json::from_slice(&version).expect("Chromium writes JSON");
            let url = version["webSocketDebuggerUrl"].as_str();
            url.expect("Chromium names its socket").to_owned()
        }
    }
}

fn capabilities(traits: Traits) -> Value {
    match traits.kind {
        Kind::Chromium => capabilities_of_chromium(traits),
        Kind::Firefox => capabilities_of_firefox(traits.languages),
    }
}

fn capabilities_of_chromium(traits: Traits) -> Value {
    let (width, height) = WINDOW;
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-features=WebUIOmniboxAimPopup,WebUIOmniboxPopup".to_owned(),
        format!("--window-size={width},{height}"),
    ];
    if runs_as_root() {
        // Chromium's own sandbox refuses to run as root, as in many containers.
        arguments.push("--no-sandbox".to_owned());
    }
    let mut options = json!({
        "args": arguments,
        "prefs": {"intl.accept_languages": traits.languages},
    });
    if let Some(chrome) = Kind::Chromium.program() {
        options["binary"] = json!(chrome);
    }
    let mut logs = json!({"browser": "ALL"});
    if traits.recording {
        logs["performance"] = json!("ALL");
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": logs,
    })
}

fn capabilities_of_firefox(languages: &str) -> Value {
    let (width, height) = WINDOW;
    let size = [format!("--width={width}"), format!("--height={height}")];
    let mut options = json!({
        "args": ["-headless", size[0], size[1]],
        "prefs": {
            // Disable the background requests of a fresh profile.
            "app.normandy.enabled": false,
            "app.update.disabledForTesting": true,
            "browser.region.network.url": "",
            "browser.search.update": false,
            "datareporting.policy.dataSubmissionEnabled": false,
            "extensions.getAddons.cache.enabled": false,
            "intl.accept_languages": languages,
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            "services.settings.server": "data:,",
            "toolkit.telemetry.enabled": false,
        },
    });
    if let Some(firefox) = Kind::Firefox.program() {
        options["binary"] = json!(firefox);
    }
    json!({"browserName": "firefox", "webSocketUrl": true, "moz:firefoxOptions": options})
}

#[cfg(unix)]
fn runs_as_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn runs_as_root() -> bool {
    false
}
