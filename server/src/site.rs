//! The files of the build, with the headers that `cc-connect-hosting` decides.
//!
//! They are read once, at start: a build that is replaced meanwhile is never served half old and
//! half new, and a file is validated by its content, not by a time that a roll-back sets back.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{body::Bytes, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_hosting::{
    Base, Class, Content, Files, Header, STRICT_TRANSPORT_SECURITY, Settings, SettingsError, Site,
    server_config,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// How files may be compressed: what comes first is preferred.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Why a build cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The settings cannot be expressed in headers.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// The files of a build.
#[derive(Debug)]
pub(crate) struct StaticSite {
    site: Site,
    files: HashMap<String, File>,
    headers: HashMap<Class, HeaderMap>,
}

#[derive(Debug)]
struct File {
    media_type: HeaderValue,
    plain: Variant,
    encoded: Vec<(&'static str, Variant)>,
}

/// A file as it is transferred.
#[derive(Debug)]
struct Variant {
    bytes: Bytes,
    tag: HeaderValue,
}

impl StaticSite {
    /// Reads the build in `folder`, to be served at the root of the redirect URI's origin.
    ///
    /// # Errors
    ///
    /// [`SiteError`], the first one found.
    pub(crate) fn load(
        folder: &Path,
        redirect_uri: &str,
        api_base_url: &str,
    ) -> Result<Self, SiteError> {
        let settings = Settings::for_server(redirect_uri, api_base_url)?;
        let mut files = HashMap::new();
        for entry in WalkDir::new(folder).follow_links(true) {
            let entry = entry.map_err(|error| SiteError::Unreadable {
                path: folder.to_owned(),
                source: error.into(),
            })?;
            let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let name = relative.to_string_lossy().replace('\\', "/");
            let is_encoded = ENCODINGS.iter().any(|(_, suffix)| name.ends_with(suffix));
            if entry.file_type().is_file() && !is_encoded {
                let file = File::read(entry.path(), &name)?;
                files.insert(name, file);
            }
        }
        // The build's own is for a page without a server.
        let config = Variant::new(Bytes::from_static(server_config().as_bytes()));
        let file = File {
            media_type: HeaderValue::from_static("application/json"),
            plain: config,
            encoded: Vec::new(),
        };
        files.insert("config.json".to_owned(), file);
        let has_tls = redirect_uri.starts_with("https:");
        let site = Site {
            base: Base::root(),
            settings,
            files: Files::listed(files.keys().cloned()),
        };
        let headers = Class::ALL.map(|class| {
            let mut headers = header_map(&site.rule_of(class).headers);
            if has_tls {
                let hsts = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
                headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
            }
            (class, headers)
        });
        Ok(Self {
            site,
            files,
            headers: headers.into(),
        })
    }

    /// Whether this path is the redirection endpoint, with or without a slash at its end.
    pub(crate) fn is_callback(&self, path: &str) -> bool {
        self.site.class(path) == Class::Callback
    }

    /// The response to a request for a page or a file.
    pub(crate) fn respond(&self, method: &Method, path: &str, request: &HeaderMap) -> Response {
        let class = self.site.class(path);
        let mut response = if method == Method::GET || method == Method::HEAD {
            let name = match class.content() {
                Content::File => self.site.base.strip(path),
                Content::Index => Some("index.html"),
                Content::NotFound => None,
            };
            let file = name.and_then(|name| self.files.get(name));
            file.map_or_else(not_found, |file| file.respond(request))
        } else {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Not allowed.\n");
            let allow = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allow);
            response
        };
        let is_missing = response.status().is_client_error();
        let class = if is_missing { Class::Missing } else { class };
        let headers = self.headers.get(&class).cloned().unwrap_or_default();
        response.headers_mut().extend(headers);
        response
    }
}

impl File {
    fn read(path: &Path, name: &str) -> Result<Self, SiteError> {
        let read = |path: PathBuf| match std::fs::read(&path) {
            Ok(bytes) => Ok(Variant::new(bytes.into())),
            Err(source) => Err(SiteError::Unreadable { path, source }),
        };
        let mut encoded = Vec::new();
        for (encoding, suffix) in ENCODINGS {
            let path = PathBuf::from(format!("{}{suffix}", path.display()));
            if path.is_file() {
                encoded.push((encoding, read(path)?));
            }
        }
        Ok(Self {
            media_type: media_type(name),
            plain: read(path.to_owned())?,
            encoded,
        })
    }

    fn respond(&self, request: &HeaderMap) -> Response {
        let encoded = self.encoded.iter().find(|(name, _)| accepts(request, name));
        let (encoding, variant) = match encoded {
            Some((name, variant)) => (Some(*name), variant),
            None => (None, &self.plain),
        };
        let is_known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| {
            let tags = tags.to_str().unwrap_or_default().split(',');
            tags.map(|tag| tag.trim().trim_start_matches("W/"))
                .any(|tag| tag == "*" || variant.tag == tag)
        });
        let mut response = Response::default();
        let headers = response.headers_mut();
        headers.insert(header::ETAG, variant.tag.clone());
        if !self.encoded.is_empty() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, self.media_type.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        *response.body_mut() = variant.bytes.clone().into();
        response
    }
}

impl Variant {
    fn new(bytes: Bytes) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, &bytes).as_ref()[..16]);
        let tag = HeaderValue::from_str(&format!("\"{hash}\"")).expect("base64url is ASCII");
        Self { bytes, tag }
    }
}

fn media_type(name: &str) -> HeaderValue {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    let text = match guess.type_() == mime_guess::mime::TEXT {
        true => format!("{guess}; charset=utf-8"),
        false => guess.to_string(),
    };
    HeaderValue::from_str(&text).expect("a media type is ASCII")
}

/// Whether the browser decodes this encoding
/// ([RFC 9110 §12.5.3](https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.3)). Every browser
/// names those that it prefers, so `*` may count as none.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|accepted| {
            let (name, weight) = accepted.split_once(';').unwrap_or((accepted, ""));
            let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(encoding) && weight != Some(Ok(0.0))
        })
}

fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "There is nothing here.\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    response
}

/// Headers as `cc-connect-hosting` writes them.
pub(crate) fn header_map(headers: &[Header]) -> HeaderMap {
    let pairs = headers.iter().map(|header| {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_str(&header.value);
        (
            name.expect("the name of a header"),
            value.expect("it is visible ASCII"),
        )
    });
    pairs.collect()
}
