//! A proxy's allow list.

use super::{endpoints::ENDPOINTS, request::Request};
use http::Method;

/// The longest path that is matched, in bytes.
const MAX_PATH: usize = 256;

/// The longest query that is matched, in bytes. A cursor holds the query of the first page, and at
/// most 25 UUIDs are in one.
const MAX_QUERY: usize = 4 * 1024;

/// Matches a raw request against [`ENDPOINTS`]; `None` if it is not exactly one of them.
///
/// `path` is the part below the proxy's own prefix, beginning with a slash, and `query` what follows
/// the question mark, both as they were received: nothing may be decoded or normalized before.
///
/// Nothing of them is passed on as text. The path is matched segment by segment; one with any
/// character but ASCII letters, digits, `_`, `-` and `/` is refused first, so there is nothing to
/// decode and no dot segment. The query is decoded once, has known keys only, each once and with a
/// value, and is encoded again. The body is not looked at: the caller holds it to
/// [`request_limit`](super::Endpoint::request_limit).
///
/// ```
/// use cc_connect_core::v3::{ApiBaseUrl, Method, find};
///
/// let base = ApiBaseUrl::new("https://api.cc.email/v3".to_owned());
/// let request = find(&Method::GET, "/emails", Some("limit=5")).expect("an endpoint");
/// assert_eq!(request.url(&base), "https://api.cc.email/v3/emails?limit=5");
/// assert_eq!(request.endpoint().to_string(), "GET /emails");
///
/// assert!(find(&Method::GET, "/emails/../account/emails", None).is_none());
/// assert!(find(&Method::DELETE, "/emails", None).is_none());
/// assert!(find(&Method::GET, "/emails", Some("limit=5&limit=6")).is_none());
/// ```
pub fn find(method: &Method, path: &str, query: Option<&str>) -> Option<Request> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
    let query = query.unwrap_or_default();
    if path.len() > MAX_PATH || !path.bytes().all(is_plain) || query.len() > MAX_QUERY {
        return None;
    }
    let (endpoint, path) = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.method == *method)
        .find_map(|endpoint| Some((*endpoint, endpoint.spell(path)?)))?;
    Request::matched(endpoint, path, query)
}
