//! A static host for the release build, with the headers of a deployment.

use crate::Dist;
use crate::own_server::OwnServer;
use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::response::Response;
use cc_connect_hosting::{Class, Files, Settings, Site};
use cc_connect_sandbox::Sandbox;
use cc_connect_servers::{Program, Server, Stage};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tower_http::services::{ServeDir, ServeFile};

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
    Cached(i64),
    /// Like [`Dated::Cached`], but the cache sets the current `Date`.
    CachedWithCurrentDate(i64),
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
    /// The application's own server.
    Own(Box<OwnServer>),
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
        let router = Router::new().fallback(respond).with_state(shared.clone());
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
        stage.copy_build(&dist.folder);
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

    /// Serves `dist` from the application's own server, for the sandbox's registration with a secret.
    pub async fn own_server(dist: Dist, sandbox: &Sandbox, client_id: &str) -> Self {
        let base = dist.base;
        let server = OwnServer::start(&dist.folder, sandbox, client_id).await;
        let origin = server.origin().to_owned();
        let settings = sandbox.config_json(client_id);
        let site = Site {
            base: base.parse().expect("a base path"),
            settings: Settings::parse(&settings).expect("the sandbox's settings are right"),
            files: Files::Usual,
        };
        Self {
            origin,
            base,
            shared: Shared::new(dist, site, Config::Missing),
            serving: Serving::Own(Box::new(server)),
        }
    }

    /// The application's own server, in a test that has one.
    pub fn own(&self) -> &OwnServer {
        match &self.serving {
            Serving::Own(server) => server,
            _ => panic!("the page has no server of its own"),
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
        self.script_host().config = config;
    }

    /// Omits the headers that forbid framing from now on.
    pub fn let_itself_be_framed(&self) {
        self.script_host().may_be_framed = true;
    }

    /// Appends something to the files at these paths from now on: they are still valid scripts,
    /// styles and WebAssembly, but not those of the build.
    pub fn tamper_with(&self, which: fn(&str) -> bool) {
        self.script_host().tampered = Some(which);
    }

    /// Redirects these paths from now on, keeping the query, as hosts do.
    pub fn redirect(&self, to: fn(&str) -> Option<&'static str>) {
        self.script_host().redirects = Some(to);
    }

    /// Responds with 404 for files at these paths, until [`Host::find`]. Like some hosts, it makes
    /// the 404 as cacheable as the file.
    pub fn lose(&self, which: fn(&str) -> bool) {
        self.script_host().lost = Some(which);
    }

    /// Serves every file again.
    pub fn find(&self) {
        self.script_host().lost = None;
    }

    /// Replaces the time headers.
    pub fn set_dated(&self, dated: Dated) {
        self.script_host().dated = dated;
    }

    /// Advances the host's clock.
    pub(crate) fn let_time_pass(&self, seconds: i64) {
        match &self.serving {
            Serving::Own(server) => server.pass(seconds),
            _ => self.script_host().passed += seconds,
        }
    }

    /// Holds back the files at these paths until [`Host::release`].
    pub fn hold(&self, which: fn(&str) -> bool) {
        self.script_host().held = Some(which);
    }

    /// Releases the files held back.
    pub fn release(&self) {
        self.script_host().held = None;
        self.shared.released.notify_waiters();
    }

    /// What a test can script, in a host in this process.
    fn script_host(&self) -> MutexGuard<'_, Changing> {
        match &self.serving {
            Serving::Here(_) => self.shared.changing(),
            Serving::By(server) => panic!("{} cannot be scripted", server.name()),
            Serving::Own(_) => panic!("the application's own server cannot be scripted"),
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

/// Serves the files of an application in this folder on its own origin, with its `index.html` at
/// every path without a file, for the duration of the test. Returns the origin.
pub async fn serve_folder(folder: std::path::PathBuf) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port on the loopback interface");
    let port = listener.local_addr().expect("it is bound").port();
    let document = ServeFile::new(folder.join("index.html"));
    let router = Router::new().fallback_service(ServeDir::new(folder).fallback(document));
    tokio::spawn(serve(listener, router));
    format!("http://localhost:{port}")
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
        Dated::Cached(seconds) => vec![
            date(now - seconds),
            (header::AGE, HeaderValue::from(*seconds)),
        ],
        Dated::CachedWithCurrentDate(seconds) => {
            vec![date(now), (header::AGE, HeaderValue::from(*seconds))]
        }
        Dated::Missing => vec![],
        Dated::Text(text) => vec![(header::DATE, HeaderValue::from_static(text))],
    }
}

async fn respond(State(shared): State<Arc<Shared>>, request: Request) -> Response {
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
    } else if request.method() == Method::GET || request.method() == Method::HEAD {
        let lost = lost.is_some_and(|which| which(request.uri().path()));
        let found = content(&shared, config, request, tampered).await;
        if lost { as_not_found(found) } else { found }
    } else {
        plain(StatusCode::METHOD_NOT_ALLOWED)
    };
    let headers = response.headers_mut();
    for header in shared.site.headers() {
        let mut value = header.value;
        if header.name == "Permissions-Policy" {
            for feature in ALLOWED_FOR_TESTS {
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
const ALLOWED_FOR_TESTS: [&str; 2] = ["clipboard-read", "unload"];

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
    mut request: Request,
    tampered: bool,
) -> Response {
    let folder = &shared.dist.folder;
    let path = request.uri().path().to_owned();
    let class = shared.site.class(&path);
    if tampered {
        // The precompressed file has the original contents.
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let served = match class {
        Class::Missing => return plain(StatusCode::NOT_FOUND),
        Class::Config => return configuration(config),
        Class::Document | Class::Callback => {
            let mut document = ServeFile::new(folder.join("index.html")).precompressed_br();
            document.try_call(request).await
        }
        Class::Hashed | Class::Other => {
            let name = shared.site.base.strip(&path).unwrap_or_default();
            *request.uri_mut() = format!("/{name}").parse().expect("it was part of a path");
            let mut files = ServeDir::new(folder).precompressed_br();
            files.try_call(request).await
        }
    };
    let mut response = match served {
        Ok(response) if response.status() == StatusCode::OK => response.map(Body::new),
        _ => return plain(StatusCode::NOT_FOUND),
    };
    let headers = response.headers_mut();
    // Without it no request is conditional, and every response has a body.
    headers.remove(header::LAST_MODIFIED);
    let cache_control = HeaderValue::from_static(class.cache_control());
    headers.insert(header::CACHE_CONTROL, cache_control);
    let vary = HeaderValue::from_static("Accept-Encoding");
    headers.insert(header::VARY, vary);
    if tampered {
        headers.remove(header::CONTENT_LENGTH);
        let (parts, body) = response.into_parts();
        let bytes = body::to_bytes(body, usize::MAX).await;
        let mut bytes = bytes.expect("the file can be read").to_vec();
        bytes.extend(addition(&path));
        response = Response::from_parts(parts, bytes.into());
    }
    response
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

/// Changes a file without breaking it: a newline, or in WebAssembly an empty custom section named
/// `a`.
fn addition(path: &str) -> &'static [u8] {
    if path.ends_with(".wasm") {
        &[0, 2, 1, b'a']
    } else {
        b"\n"
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

/// The same file as a 404, with its media type and as cacheable as before.
fn as_not_found(mut file: Response) -> Response {
    *file.status_mut() = StatusCode::NOT_FOUND;
    *file.body_mut() = Body::empty();
    file.headers_mut().remove(header::CONTENT_LENGTH);
    file.headers_mut().remove(header::CONTENT_ENCODING);
    file
}

#[cfg(test)]
mod tests {
    use super::{Class, site};

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
}
