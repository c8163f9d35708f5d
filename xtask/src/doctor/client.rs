//! Requests to a deployment, like a browser's except that redirects are not followed.

use std::io::Read as _;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(20);
/// Far more than any file of the build.
const LIMIT: u64 = 64 * 1024 * 1024;

/// A response with any status.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The requested address.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body as transferred.
    pub(crate) body: Vec<u8>,
    /// When the request was made.
    pub(crate) sent_at: SystemTime,
    /// When the headers had arrived.
    pub(crate) received_at: SystemTime,
}

impl Response {
    /// The value of a header; repeated fields are joined as HTTP defines.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }

    /// The path, for messages.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The decoded body; `None` if its encoding is not supported.
    pub(crate) fn content(&self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        match self.header("content-encoding").as_deref() {
            None | Some("identity") => content.clone_from(&self.body),
            Some("br") => {
                brotli::BrotliDecompress(&mut self.body.as_slice(), &mut content).ok()?;
            }
            Some("gzip") => {
                let mut decoder = flate2::read::GzDecoder::new(self.body.as_slice());
                decoder.read_to_end(&mut content).ok()?;
            }
            Some(_) => return None,
        }
        Some(content)
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.status == StatusCode::OK
    }
}

/// A response, or why none came.
pub(crate) type Fetched = Result<Response, String>;

/// Makes requests.
pub(crate) struct Client(Agent);

impl Client {
    pub(crate) fn new() -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding(AutoHeaderValue::None)
            .timeout_global(Some(TIMEOUT))
            .tls_config(tls)
            .build();
        Self(config.new_agent())
    }

    /// Requests `url` with these headers.
    pub(crate) fn get(&self, url: &Url, headers: &[(&str, &str)]) -> Fetched {
        let mut request = self.0.get(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent_at = SystemTime::now();
        let mut response = request.call().map_err(|problem| problem.to_string())?;
        let received_at = SystemTime::now();
        let body = response.body_mut().with_config().limit(LIMIT).read_to_vec();
        Ok(Response {
            url: url.clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: body.map_err(|problem| problem.to_string())?,
            sent_at,
            received_at,
        })
    }

    /// Requests a document or file without compression.
    pub(crate) fn plain(&self, url: &Url) -> Fetched {
        self.get(url, &[])
    }

    /// Requests a file as a browser does, accepting compression.
    pub(crate) fn compressed(&self, url: &Url) -> Fetched {
        self.get(url, &[(header::ACCEPT_ENCODING.as_str(), "gzip, br")])
    }
}
