//! A static host for the release build, with the headers that a deployment sends.

use crate::Dist;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// What the host answers for `config.json`.
#[derive(Clone, Debug)]
pub enum Config {
    /// This object, as JSON.
    Json(Value),
    /// This text, as it is, with the media type of JSON.
    Text(String),
    /// A page of HTML, as a host does that answers every unknown path with one.
    Html,
    /// 404.
    Missing,
}

/// What the host's answers say about the time.
#[derive(Clone, Debug, Default)]
pub enum Dated {
    /// `Date` is the true time.
    #[default]
    Now,
    /// `Date` is so many seconds ahead: the host's own clock is wrong.
    Ahead(i64),
    /// A cache has kept the answer for so many seconds: `Date` is that old, and `Age` says so.
    Kept(i64),
    /// As [`Dated::Kept`], from a cache that sets `Date` anew all the same.
    KeptAndDatedAnew(i64),
    /// There is no `Date`.
    Missing,
    /// `Date` is this text.
    Text(&'static str),
}

/// One request that the host received.
#[derive(Clone, Debug)]
pub struct HostRequest {
    /// The method.
    pub method: String,
    /// The path, and the query where there is one.
    pub target: String,
    /// The header fields: names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
}

/// The running host; it ends when dropped.
pub struct Host {
    shared: Arc<Shared>,
    origin: String,
    base: &'static str,
    server: JoinHandle<()>,
}

struct Shared {
    dist: Dist,
    content_security_policy: String,
    state: Mutex<Changing>,
    released: Notify,
}

struct Changing {
    config: Config,
    may_be_framed: bool,
    dated: Dated,
    /// How much time a test let pass, in seconds.
    passed: i64,
    held: Option<&'static str>,
    requests: Vec<HostRequest>,
}

impl Shared {
    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.state.lock().expect("no holder of this lock panics")
    }
}

impl Host {
    /// Serves `dist` on a free port of the loopback interface. The Content-Security-Policy lets
    /// the page connect to `api_origin` and nowhere else.
    pub async fn start(dist: Dist, api_origin: &str, config: Config) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port on the loopback interface");
        let port = listener.local_addr().expect("it is bound").port();
        let base = dist.base;
        let shared = Arc::new(Shared {
            dist,
            content_security_policy: content_security_policy(api_origin),
            state: Mutex::new(Changing {
                config,
                may_be_framed: false,
                dated: Dated::Now,
                passed: 0,
                held: None,
                requests: Vec::new(),
            }),
            released: Notify::new(),
        });
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(serve(listener, router));
        Self {
            shared,
            origin: format!("http://localhost:{port}"),
            base,
            server,
        }
    }

    /// `http://localhost:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of `route`, which starts with a slash, below the base path.
    pub fn url(&self, route: &str) -> String {
        let route = route.strip_prefix('/').expect("a route starts with /");
        format!("{}{}{route}", self.origin, self.base)
    }

    /// The redirection endpoint.
    pub fn redirect_uri(&self) -> String {
        self.url("/callback")
    }

    /// Answers `config.json` with this from now on.
    pub fn set_config(&self, config: Config) {
        self.shared.changing().config = config;
    }

    /// Forgets to say from now on that no other page may show this one inside itself.
    pub fn let_itself_be_framed(&self) {
        self.shared.changing().may_be_framed = true;
    }

    /// Says this about the time from now on.
    pub fn set_dated(&self, dated: Dated) {
        self.shared.changing().dated = dated;
    }

    /// Moves the host's clock on, as time does.
    pub(crate) fn let_time_pass(&self, seconds: i64) {
        self.shared.changing().passed += seconds;
    }

    /// Keeps every file with this extension back until [`Host::release`].
    pub fn hold(&self, extension: &'static str) {
        self.shared.changing().held = Some(extension);
    }

    /// Lets go of what is kept back.
    pub fn release(&self) {
        self.shared.changing().held = None;
        self.shared.released.notify_waiters();
    }

    /// Every request since the start.
    pub fn requests(&self) -> Vec<HostRequest> {
        self.shared.changing().requests.clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves a page of somebody else's, on an origin of its own, for as long as the test runs. Returns
/// its address.
pub async fn serve_page(html: String) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port on the loopback interface");
    let port = listener.local_addr().expect("it is bound").port();
    let page = move || async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html) };
    let router = Router::new().fallback(page);
    tokio::spawn(serve(listener, router));
    format!("http://127.0.0.1:{port}/")
}

/// As `axum::serve`, but without the `Date` that hyper adds of its own accord.
async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("the listener is open");
        let service = TowerToHyperService::new(router.clone());
        connections.spawn(async move {
            let served = http1::Builder::new()
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            // A browser may hang up in the middle of an answer.
            drop(served);
        });
    }
}

/// `Date`, and `Age` where there is one.
fn time_headers(dated: &Dated, passed: i64) -> Vec<(HeaderName, HeaderValue)> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970")
        .as_secs()
        .cast_signed()
        + passed;
    let date = |seconds: i64| {
        let since = Duration::from_secs(seconds.max(0).cast_unsigned());
        let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
        (
            header::DATE,
            HeaderValue::try_from(date).expect("a date is ASCII"),
        )
    };
    match dated {
        Dated::Now => vec![date(now)],
        Dated::Ahead(seconds) => vec![date(now + seconds)],
        Dated::Kept(seconds) => vec![
            date(now - seconds),
            (header::AGE, HeaderValue::from(*seconds)),
        ],
        Dated::KeptAndDatedAnew(seconds) => {
            vec![date(now), (header::AGE, HeaderValue::from(*seconds))]
        }
        Dated::Missing => vec![],
        Dated::Text(text) => vec![(header::DATE, HeaderValue::from_static(text))],
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let target = request
        .uri()
        .path_and_query()
        .map_or_else(|| request.uri().path().to_owned(), ToString::to_string);
    // Made before the look at what is held, so that a release in between is not missed.
    let released = shared.released.notified();
    let (config, held, times, may_be_framed) = {
        let mut changing = shared.changing();
        changing.requests.push(HostRequest {
            method: request.method().to_string(),
            target,
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                })
                .collect(),
        });
        let times = time_headers(&changing.dated, changing.passed);
        (
            changing.config.clone(),
            changing.held,
            times,
            changing.may_be_framed,
        )
    };
    if held.is_some_and(|held| request.uri().path().ends_with(held)) {
        released.await;
    }
    let mut response = if request.method() == Method::GET || request.method() == Method::HEAD {
        content(&shared.dist, config, request.uri().path()).await
    } else {
        plain(StatusCode::METHOD_NOT_ALLOWED)
    };
    let headers = response.headers_mut();
    let policy = if may_be_framed {
        let policy = shared.content_security_policy.replace(NOT_FRAMED, "");
        HeaderValue::try_from(policy)
    } else {
        HeaderValue::try_from(&shared.content_security_policy)
    };
    let policy = policy.expect("an origin is visible ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in times {
        headers.insert(name, value);
    }
    for (name, value) in FIXED_HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

const FIXED_HEADERS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

const NOT_FRAMED: &str = "; frame-ancestors 'none'";

fn content_security_policy(api_origin: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: {api_origin}; connect-src 'self' {api_origin}; \
         form-action 'none'; base-uri 'none'{NOT_FRAMED}"
    )
}

async fn content(dist: &Dist, config: Config, path: &str) -> Response {
    let Some(path) = path.strip_prefix(dist.base) else {
        return plain(StatusCode::NOT_FOUND);
    };
    if path == "config.json" {
        return configuration(config);
    }
    // A path with an extension names a file; every other one is a route of the app.
    if Path::new(path).extension().is_some() {
        return match file_below(&dist.folder, path) {
            Some(file) => file_response(&file, cache_control(path)).await,
            None => plain(StatusCode::NOT_FOUND),
        };
    }
    let cache_control = if path == "callback" {
        "no-store"
    } else {
        "no-cache"
    };
    file_response(&dist.folder.join("index.html"), cache_control).await
}

fn configuration(config: Config) -> Response {
    let (media_type, text) = match config {
        Config::Json(value) => ("application/json", value.to_string()),
        Config::Text(text) => ("application/json", text),
        Config::Html => ("text/html", "<!doctype html><title>A page</title>".into()),
        Config::Missing => return plain(StatusCode::NOT_FOUND),
    };
    found(media_type, "no-cache", text.into())
}

/// `path` below `folder`, or nothing if it would lead out of it.
fn file_below(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
        .then(|| folder.join(path))
}

async fn file_response(file: &Path, cache_control: &'static str) -> Response {
    match tokio::fs::read(file).await {
        Ok(bytes) => found(media_type(file), cache_control, bytes.into()),
        Err(_) => plain(StatusCode::NOT_FOUND),
    }
}

fn found(media_type: &'static str, cache_control: &'static str, body: Body) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CACHE_CONTROL, cache_control)
        .body(body)
        .expect("the header fields are constants")
}

fn plain(status: StatusCode) -> Response {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from(status.to_string()))
        .expect("the header fields are constants")
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A file whose name carries a hash of its content never changes.
fn cache_control(path: &str) -> &'static str {
    let hashed = path
        .split(['-', '_', '.', '/'])
        .any(|part| part.len() >= 12 && part.chars().all(|c| c.is_ascii_hexdigit()));
    if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

#[cfg(test)]
mod tests {
    use super::{cache_control, file_below};
    use std::path::Path;

    #[test]
    fn only_a_hashed_name_is_immutable() {
        assert!(cache_control("cc-connect-4f0c2a4e5b1d4c8e_bg.wasm").contains("immutable"));
        assert_eq!(cache_control("first.js"), "no-cache");
        assert_eq!(cache_control("index.html"), "no-cache");
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(file_below(Path::new("dist"), "../secret.txt"), None);
        assert_eq!(file_below(Path::new("dist"), "/etc/hosts.txt"), None);
        assert!(file_below(Path::new("dist"), "a/b.js").is_some());
    }
}
