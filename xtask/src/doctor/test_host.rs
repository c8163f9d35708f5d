//! A host for the tests: serves a made-up build on a local port, correctly except for one fault.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use brotli::enc::BrotliEncoderParams;
use cc_connect_hosting::{Content, Files, STRICT_TRANSPORT_SECURITY, Settings, Site};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::integrity;

pub(super) const KEYS: &str = r#"{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}"#;

/// The relevant parts of a request.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: bool,
    pub(super) compressed: bool,
}

/// A response that a fault may change.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
            body: body.into(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    /// Removes a header.
    pub(super) fn without(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Replaces a header.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Replaces part of a header's value, which must exist.
    pub(super) fn replace(&mut self, name: &str, from: &str, to: &str) {
        let value = self.header(name).expect("the header is there").to_owned();
        assert!(value.contains(from), "{name}: {value}");
        self.set(name, &value.replace(from, to));
    }
}

/// Responds to requests until it is dropped.
pub(super) struct TestHost {
    pub(super) url: Url,
    _runtime: Runtime,
}

type Answers = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

impl TestHost {
    /// Responds to every request to `base` on a free port using what `answers` returns for the
    /// origin.
    pub(super) fn start<A>(base: &str, answers: impl FnOnce(&str) -> A) -> Self
    where
        A: Fn(&Asked) -> Reply + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        listener.set_nonblocking(true).expect("it can be");
        let port = listener.local_addr().expect("it is bound").port();
        let origin = format!("http://127.0.0.1:{port}");
        let answers: Answers = Arc::new(answers(&origin));
        let router = Router::new().fallback(answer).with_state(answers);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()
            .expect("there is a thread left");
        runtime.spawn(serve(listener, router));
        Self {
            url: Url::parse(&format!("{origin}{base}")).expect("it is a URL"),
            _runtime: runtime,
        }
    }
}

async fn serve(listener: TcpListener, router: Router) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
    loop {
        let (stream, _) = listener.accept().await.expect("the listener is open");
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let served = http1::Builder::new()
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            // The client hangs up once it has what it needs.
            drop(served);
        });
    }
}

async fn answer(State(answers): State<Answers>, request: Request) -> Response {
    let accepts = request.headers().get("accept-encoding");
    let mut reply = answers(&Asked {
        path: request.uri().path().to_owned(),
        query: request.uri().query().is_some(),
        compressed: accepts.is_some_and(|value| value == "gzip, br"),
    });
    if reply.header("content-encoding") == Some("br") {
        let mut compressed = Vec::new();
        brotli::BrotliCompress(
            &mut reply.body.as_slice(),
            &mut compressed,
            &BrotliEncoderParams::default(),
        )
        .expect("memory does not fail");
        reply.body = compressed;
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(reply.body))
        .expect("the headers are valid")
}

/// The made-up build: file names and contents.
pub(super) fn files(base: &str) -> Vec<(&'static str, &'static str, String)> {
    let script = "export const one = 1;\n".repeat(100);
    let integrity = integrity::integrity_of(script.as_bytes());
    let index = format!(
        r#"<!doctype html><html><head><meta charset="utf-8">
<meta name="cc-connect" data-base="{base}" data-module="{base}cc-connect-0123456789abcdef.js" data-module-integrity="{integrity}" data-wasm="{base}cc-connect-0123456789abcdef_bg.wasm" data-wasm-integrity="{integrity}">
<script src="{base}first-00112233445566ff.js" integrity="{integrity}"></script>
<link rel="stylesheet" href="{base}main-8899aabbccddeeff.css" integrity="{integrity}">
</head><body>CC Connect</body></html>"#
    );
    vec![
        ("index.html", "text/html; charset=utf-8", index),
        (
            "cc-connect-0123456789abcdef.js",
            "text/javascript",
            script.clone(),
        ),
        (
            "cc-connect-0123456789abcdef_bg.wasm",
            "application/wasm",
            script.clone(),
        ),
        (
            "first-00112233445566ff.js",
            "text/javascript",
            script.clone(),
        ),
        ("main-8899aabbccddeeff.css", "text/css", script),
    ]
}

/// The responses of a host without faults.
pub(super) fn right(base: &str, origin: &str, jwks_uri: &str) -> impl Fn(&Asked) -> Reply + use<> {
    let config = format!(
        r#"{{"client_id": "k", "redirect_uri": "{origin}{base}callback", "jwks_uri": "{jwks_uri}"}}"#
    );
    let files = files(base);
    let names = files.iter().map(|(name, _, _)| (*name).to_owned());
    let site = Site {
        base: base.parse().expect("it is a path"),
        settings: Settings::parse(&config).expect("it is right"),
        files: Files::listed(names.chain(["config.json".to_owned()])),
    };
    move |asked| {
        let rule = site.rule(&asked.path);
        let name = match rule.content {
            Content::Index => "index.html",
            Content::File => site.base.strip(&asked.path).unwrap_or_default(),
            Content::NotFound => "",
        };
        let file = files.iter().find(|(known, _, _)| *known == name);
        let mut reply = match file {
            Some((_, media_type, text)) => Reply::new(200, media_type, text.as_bytes()),
            None if name == "config.json" => Reply::new(200, "application/json", config.as_bytes()),
            None => Reply::new(404, "text/plain", "Not found"),
        };
        if asked.compressed && reply.body.len() > 1_024 {
            reply.set("Content-Encoding", "br");
        }
        for header in rule.headers {
            reply.set(header.name, &header.value);
        }
        reply.set("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY);
        reply.set("Date", &httpdate::fmt_http_date(SystemTime::now()));
        reply
    }
}
