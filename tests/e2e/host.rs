//! A static host for the release build, with the headers of a deployment.

use crate::Dist;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use cc_connect_hosting::{Class, Files, Settings, Site};
use cc_connect_servers::{Program, Server, Stage};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// The host's response for `config.json`.
#[derive(Clone, Debug)]
pub enum Config {
    /// This object, as JSON.
    Json(Value),
    /// This text verbatim, with the media type of JSON.
    Text(String),
    /// An HTML page, like a host that serves one for every unknown path.
    Html,
    /// Status 404.
    Missing,
}

/// The time headers of the host's responses.
#[derive(Clone, Debug, Default)]
pub enum Dated {
    /// `Date` is the true time.
    #[default]
    Now,
    /// `Date` is this many seconds ahead: the host's own clock is wrong.
    Ahead(i64),
    /// A cache has kept the response for this many seconds: `Date` is that old, and `Age` says so.
    Kept(i64),
    /// Like [`Dated::Kept`], but the cache sets the current `Date`.
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
    /// The path, with the query if any.
    pub target: String,
    /// The header fields: names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
}

/// The running host, stopped on drop.
pub struct Host {
    shared: Arc<Shared>,
    origin: String,
    base: &'static str,
    serving: Serving,
}

/// What serves the build.
enum Serving {
    /// This process.
    Here(JoinHandle<()>),
    /// A real server: it serves files and cannot be scripted by a test.
    By(Server),
}

struct Shared {
    dist: Dist,
    site: Site,
    state: Mutex<Changing>,
    released: Notify,
}

struct Changing {
    config: Config,
    may_be_framed: bool,
    /// Paths whose files are altered.
    tampered: Option<fn(&str) -> bool>,
    /// Redirect targets by path.
    redirects: Option<fn(&str) -> Option<&'static str>>,
    /// Files that are missing.
    lost: Option<fn(&str) -> bool>,
    dated: Dated,
    /// How much time the test let pass, in seconds.
    passed: i64,
    held: Option<fn(&str) -> bool>,
    requests: Vec<HostRequest>,
}

impl Shared {
    fn new(dist: Dist, site: Site, config: Config) -> Arc<Self> {
        Arc::new(Self {
            dist,
            site,
            state: Mutex::new(Changing {
                config,
                may_be_framed: false,
                tampered: None,
                redirects: None,
                lost: None,
                dated: Dated::Now,
                passed: 0,
                held: None,
                requests: Vec::new(),
            }),
            released: Notify::new(),
        })
    }

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
        let shared = Shared::new(dist, site(base, api_origin), config);
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(serve(listener, router));
        Self {
            shared,
            origin: format!("http://localhost:{port}"),
            base,
            serving: Serving::Here(server),
        }
    }

    /// Serves `dist` from a real server with these settings and the file rendered for it. With
    /// `own_keys`, the page fetches the issuer's keys from that server.
    pub fn behind(program: Program, dist: Dist, mut config: Config, own_keys: bool) -> Self {
        let base = dist.base;
        let stage = Stage::new(base.parse().expect("a base path"));
        let origin = format!("http://localhost:{}", stage.port);
        let Config::Json(settings) = &mut config else {
            panic!("a server serves a config.json that can be read");
        };
        if own_keys {
            settings["jwks_uri"] = json!(format!("{origin}{base}keys"));
        }
        let text = settings.to_string();
        stage.put(&dist.folder);
        std::fs::write(stage.dist().join("config.json"), &text).expect("it can be written");
        let site = Site {
            base: stage.base().clone(),
            settings: Settings::parse(&text).expect("the sandbox's settings are right"),
            files: Files::Usual,
        };
        let index = std::fs::read_to_string(stage.dist().join("index.html"));
        let index = index.expect("the build has a document");
        let mut files = program.host().render(&site);
        files.extend(program.host().documents(&site, &index));
        Self {
            origin,
            base,
            shared: Shared::new(dist, site, config),
            serving: Serving::By(stage.start(program, &files)),
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

    /// Replaces the response for `config.json`.
    pub fn set_config(&self, config: Config) {
        self.here().config = config;
    }

    /// Omits the headers that forbid framing from now on.
    pub fn let_itself_be_framed(&self) {
        self.here().may_be_framed = true;
    }

    /// Appends something to the files at these paths from now on: they are still valid scripts,
    /// styles and WebAssembly, but not those of the build.
    pub fn tamper_with(&self, which: fn(&str) -> bool) {
        self.here().tampered = Some(which);
    }

    /// Redirects these paths from now on, keeping the query, as hosts do.
    pub fn redirect(&self, to: fn(&str) -> Option<&'static str>) {
        self.here().redirects = Some(to);
    }

    /// Responds with 404 for files at these paths, until [`Host::find`]. Like some hosts, it makes
    /// the 404 as cacheable as the file.
    pub fn lose(&self, which: fn(&str) -> bool) {
        self.here().lost = Some(which);
    }

    /// Serves every file again.
    pub fn find(&self) {
        self.here().lost = None;
    }

    /// Replaces the time headers.
    pub fn set_dated(&self, dated: Dated) {
        self.here().dated = dated;
    }

    /// Advances the host's clock.
    pub(crate) fn let_time_pass(&self, seconds: i64) {
        self.here().passed += seconds;
    }

    /// Holds back the files at these paths until [`Host::release`].
    pub fn hold(&self, which: fn(&str) -> bool) {
        self.here().held = Some(which);
    }

    /// Releases the files held back.
    pub fn release(&self) {
        self.here().held = None;
        self.shared.released.notify_waiters();
    }

    /// The settings of a host in this process.
    fn here(&self) -> MutexGuard<'_, Changing> {
        match &self.serving {
            Serving::Here(_) => self.shared.changing(),
            Serving::By(server) => panic!("{} does as its file says", server.name()),
        }
    }

    /// Every request since the start, except with a real server.
    pub fn requests(&self) -> Vec<HostRequest> {
        self.shared.changing().requests.clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // A real server ends when it is dropped.
        if let Serving::Here(server) = &self.serving {
            server.abort();
        }
    }
}

/// Serves a foreign page on its own origin for the duration of the test. Returns its address.
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

/// Responds to every request with 204: a browser sent there stays where it is. Returns the origin.
pub async fn serve_nothing() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port on the loopback interface");
    let port = listener.local_addr().expect("it is bound").port();
    let router = Router::new().fallback(async || StatusCode::NO_CONTENT);
    tokio::spawn(serve(listener, router));
    format!("http://127.0.0.1:{port}")
}

/// Like `axum::serve`, but without the `Date` that hyper adds automatically.
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
            // A browser may hang up in the middle of a response.
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
    // Created before checking what is held, so that a release in between is not missed.
    let released = shared.released.notified();
    let (config, held, times, may_be_framed, tampered, redirects, lost) = {
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
            changing.tampered,
            changing.redirects,
            changing.lost,
        )
    };
    let tampered = tampered.is_some_and(|which| which(request.uri().path()));
    if held.is_some_and(|which| which(request.uri().path())) {
        released.await;
    }
    let redirect = redirects.and_then(|to| to(request.uri().path()));
    let mut response = if let Some(to) = redirect {
        redirection(to, request.uri().query())
    } else if lost.is_some_and(|which| which(request.uri().path())) {
        lost_file(request.uri().path())
    } else if request.method() == Method::GET || request.method() == Method::HEAD {
        // The precompressed file has the original contents.
        let brotli = !tampered && accepts_brotli(request.headers());
        content(&shared, config, request.uri().path(), brotli, tampered).await
    } else {
        plain(StatusCode::METHOD_NOT_ALLOWED)
    };
    let headers = response.headers_mut();
    for header in shared.site.headers() {
        let mut value = header.value;
        if header.name == "Permissions-Policy" {
            for feature in OF_THE_TESTS {
                value = value.replace(&format!("{feature}=()"), &format!("{feature}=(self)"));
            }
        }
        headers.insert(
            HeaderName::try_from(header.name).expect("the name of a header"),
            HeaderValue::try_from(value).expect("visible ASCII"),
        );
    }
    if may_be_framed {
        let policy = shared.site.content_security_policy();
        let policy = policy.without("frame-ancestors").to_string();
        let policy = HeaderValue::try_from(policy).expect("an origin is visible ASCII");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in times {
        headers.insert(name, value);
    }
    response
}

/// Used by tests in the page, never by the app: reading what a *Copy* button put on the clipboard,
/// and keeping a page out of the back/forward cache.
const OF_THE_TESTS: [&str; 2] = ["clipboard-read", "unload"];

/// The headers of a deployment, as in `deploy/`, with the sandbox instead of Constant Contact.
/// Without HSTS: loopback has no TLS.
fn site(base: &str, api_origin: &str) -> Site {
    let settings = json!({
        "api_base_url": api_origin,
        "jwks_uri": format!("{api_origin}/keys"),
    });
    Site {
        base: base.parse().expect("a base path"),
        settings: Settings::parse(&settings.to_string()).expect("an origin makes proper URLs"),
        files: Files::Usual,
    }
}

async fn content(
    shared: &Shared,
    config: Config,
    path: &str,
    brotli: bool,
    tampered: bool,
) -> Response {
    let class = shared.site.class(path);
    let folder = &shared.dist.folder;
    let file = match class {
        Class::Missing => return plain(StatusCode::NOT_FOUND),
        Class::Config => return configuration(config),
        Class::Document | Class::Callback => Some(folder.join("index.html")),
        Class::Hashed | Class::Other => {
            let name = shared.site.base.strip(path).unwrap_or_default();
            file_below(folder, name)
        }
    };
    match file {
        Some(file) => file_response(&file, class.cache_control(), brotli, tampered).await,
        None => plain(StatusCode::NOT_FOUND),
    }
}

fn configuration(config: Config) -> Response {
    let (media_type, text) = match config {
        Config::Json(value) => ("application/json", value.to_string()),
        Config::Text(text) => ("application/json", text),
        Config::Html => ("text/html", "<!doctype html><title>A page</title>".into()),
        Config::Missing => return plain(StatusCode::NOT_FOUND),
    };
    found(media_type, Class::Config.cache_control(), text.into())
}

/// `path` below `folder`, or `None` if it would escape it.
fn file_below(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
        .then(|| folder.join(path))
}

/// A file, or its precompressed `.br` file if there is one and the browser accepts it.
async fn file_response(
    file: &Path,
    cache_control: &'static str,
    brotli: bool,
    tampered: bool,
) -> Response {
    let twin = match brotli {
        true => tokio::fs::read(twin(file)).await.ok(),
        false => None,
    };
    let encoded = twin.is_some();
    let mut bytes = match twin {
        Some(bytes) => bytes,
        None => match tokio::fs::read(file).await {
            Ok(bytes) => bytes,
            Err(_) => return plain(StatusCode::NOT_FOUND),
        },
    };
    if tampered {
        bytes.extend(addition(file));
    }
    let mut response = found(media_type(file), cache_control, bytes.into());
    let headers = response.headers_mut();
    let vary = HeaderValue::from_static("Accept-Encoding");
    headers.insert(header::VARY, vary);
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// `main.css.br` for `main.css`.
fn twin(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

/// Whether the browser accepts brotli. A weighted `br` counts as no; no browser sends one.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim() == "br")
}

/// Changes a file without breaking it: a newline, or in WebAssembly an empty custom section named
/// `a`.
fn addition(file: &Path) -> &'static [u8] {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("wasm") => &[0, 2, 1, b'a'],
        _ => b"\n",
    }
}

fn found(media_type: &'static str, cache_control: &'static str, body: Body) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CACHE_CONTROL, cache_control)
        .body(body)
        .expect("the header fields are constants")
}

fn redirection(to: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = plain(StatusCode::MOVED_PERMANENTLY);
    let location = HeaderValue::try_from(format!("{to}{query}"));
    let location = location.expect("a path and a query are visible ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    response
}

fn plain(status: StatusCode) -> Response {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, Class::Missing.cache_control())
        .body(Body::from(status.to_string()))
        .expect("the header fields are constants")
}

fn lost_file(path: &str) -> Response {
    let mut response = plain(StatusCode::NOT_FOUND);
    let kept = HeaderValue::from_static(Class::Hashed.cache_control());
    let media_type = HeaderValue::from_static(media_type(Path::new(path)));
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    response
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Class, Config, Host, accepts_brotli, file_below, site};
    use crate::Dist;
    use http::{HeaderMap, HeaderValue, header};
    use std::path::Path;
    use std::{env, fs, process};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// What this host sent while it had a list of its own, word for word; of the permissions it denies
    /// more by now.
    #[test]
    fn the_headers_are_as_strict_as_ever() {
        let site = site("/app/", "http://localhost:8081");
        let headers = site.headers();
        let value = |name: &str| {
            let header = headers.iter().find(|header| header.name == name);
            header.map_or("", |header| header.value.as_str())
        };
        let fixed = [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                 img-src 'self' http://localhost:8081; connect-src 'self' http://localhost:8081; \
                 form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
                 require-trusted-types-for 'script'; trusted-types default",
            ),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
        ];
        for (name, expected) in fixed {
            assert_eq!(value(name), expected);
        }
        let permissions: Vec<_> = value("Permissions-Policy").split(", ").collect();
        for feature in ["camera", "geolocation", "microphone", "payment", "usb"] {
            assert!(
                permissions.contains(&format!("{feature}=()").as_str()),
                "{feature}"
            );
        }
    }

    #[test]
    fn every_path_is_cached_as_ever() {
        let site = site("/app/", "http://localhost:8081");
        for (path, class, cache_control) in [
            ("/app/", Class::Document, "no-cache"),
            ("/app/connection", Class::Document, "no-cache"),
            ("/app/index.html", Class::Document, "no-cache"),
            ("/app/callback", Class::Callback, "no-store"),
            ("/app/config.json", Class::Config, "no-cache"),
            ("/app/first.js", Class::Other, "no-cache"),
            (
                "/app/cc-connect-4f0c2a4e5b1d4c8e_bg.wasm",
                Class::Hashed,
                "public, max-age=31536000, immutable",
            ),
            ("/connection", Class::Missing, "no-store"),
        ] {
            assert_eq!(site.class(path), class, "{path}");
            assert_eq!(class.cache_control(), cache_control, "{path}");
        }
    }

    #[test]
    fn brotli_is_sent_to_who_takes_it() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br", true),
            ("gzip, deflate", false),
            ("brotli", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(accepted);
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            assert_eq!(accepts_brotli(&headers), expected, "{accepted:?}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_twin_is_sent_in_the_place_of_its_file() {
        let folder = env::temp_dir().join(format!("cc-connect-twins-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in [
            ("index.html", "a document"),
            ("index.html.br", "its twin"),
            ("plain.txt", "without a twin"),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        let dist = Dist {
            folder: folder.clone(),
            base: "/",
        };
        let host = Host::start(dist, "http://localhost:8081", Config::Missing).await;
        let ask = async |path: &str, accepted: &str| {
            let address = host.origin().replace("http://localhost", "127.0.0.1");
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                 Accept-Encoding: {accepted}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.contains("vary: Accept-Encoding"), "{answer}");
            let body = answer.rsplit("\r\n").next().unwrap().to_owned();
            (answer.contains("content-encoding: br"), body)
        };
        for path in ["/", "/connection", "/callback"] {
            let twin = (true, "its twin".to_owned());
            assert_eq!(ask(path, "gzip, br").await, twin, "{path}");
        }
        let plain = (false, "a document".to_owned());
        assert_eq!(ask("/", "gzip").await, plain);
        let other = (false, "without a twin".to_owned());
        assert_eq!(ask("/plain.txt", "br").await, other);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(file_below(Path::new("dist"), "../secret.txt"), None);
        assert_eq!(file_below(Path::new("dist"), "/etc/hosts.txt"), None);
        assert!(file_below(Path::new("dist"), "a/b.js").is_some());
    }
}
