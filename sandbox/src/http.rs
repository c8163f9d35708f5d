//! Builds responses and reads requests.
//!
//! Cookies are parsed by hand: axum-extra with the crate cookie compiles two seconds longer and saves
//! fifteen lines.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use maud::Markup;

/// Query or form parameters in order.
pub(crate) type Parameters = Vec<(String, String)>;

/// Reads `application/x-www-form-urlencoded`.
pub(crate) fn parameters(text: &str) -> Parameters {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// The first value of a parameter.
pub(crate) fn parameter<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// A cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

pub(crate) fn text(status: StatusCode, body: &'static str) -> Response {
    respond(status, "text/plain; charset=utf-8", body)
}

pub(crate) fn json_text(status: StatusCode, body: String) -> Response {
    respond(status, "application/json", body)
}

pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    json_text(status, body.to_string())
}

/// The page of a gateway in front of the server.
pub(crate) fn html_page(status: StatusCode) -> Response {
    respond(
        status,
        "text/html; charset=utf-8",
        "<!doctype html><title>Maintenance</title><p>We will be back soon.",
    )
}

/// A file of the sandbox itself.
pub(crate) fn asset(content_type: &'static str, body: &'static str) -> Response {
    let mut response = respond(StatusCode::OK, content_type, body);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Pages of other origins show an account's logo.
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// A page. `form_target` is an origin that a form submission may redirect to, besides this one:
/// Chromium applies `form-action` to redirects as well.
pub(crate) fn page(status: StatusCode, page: Markup, form_target: Option<&str>) -> Response {
    let mut response = respond(status, "text/html; charset=utf-8", page.into_string());
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{}{}; \
         base-uri 'none'; frame-ancestors 'none'",
        if form_target.is_some() { " " } else { "" },
        form_target.unwrap_or_default()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// A redirect without a referrer. Locations have been validated or encoded before, so that the 500 is
/// unexpected.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The redirect URI has characters that no header can carry.",
        );
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// The origin of an absolute URI as in the header `Origin`: in lower case, without a default port.
pub(crate) fn serialized_origin(uri: &str) -> Option<String> {
    let origin = origin(uri)?.to_ascii_lowercase();
    let default_port = match origin.split_once(':')?.0 {
        "http" => ":80",
        "https" => ":443",
        _ => return Some(origin),
    };
    Some(match origin.strip_suffix(default_port) {
        Some(shorter) => shorter.to_owned(),
        None => origin,
    })
}

/// The origin of an absolute URI, if it can be used in a content security policy.
pub(crate) fn origin(uri: &str) -> Option<&str> {
    let authority = uri.find("://")? + 3;
    let end = uri[authority..]
        .find(['/', '?', '#'])
        .map_or(uri.len(), |length| authority + length);
    let origin = &uri[..end];
    origin[authority..]
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
        .then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_serialized_as_in_browsers() {
        for (uri, expected) in [
            (
                "http://localhost:8080/callback",
                Some("http://localhost:8080"),
            ),
            ("https://App.Example:443/a?b", Some("https://app.example")),
            ("http://app.example:80", Some("http://app.example")),
            ("https://app.example:80/", Some("https://app.example:80")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("https://user@app.example/", None),
            ("somewhere", None),
        ] {
            assert_eq!(serialized_origin(uri).as_deref(), expected, "{uri}");
        }
    }
}
