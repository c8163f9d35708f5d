//! The browser's session, by its cookie.

use super::transactions::Session;
use crate::{http, pages, state::Shared};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

/// Cookies are not bound to ports: two sandboxes in one browser need different names.
fn cookie_name(shared: &Shared) -> String {
    format!("cc_sandbox_{}", shared.addresses.port)
}

/// The session id in the cookie, whether or not the session is still known.
pub(super) fn session_id<'a>(shared: &Shared, headers: &'a HeaderMap) -> Option<&'a str> {
    http::cookie(headers, &cookie_name(shared))
}

/// The session and its id.
pub(super) fn session<'a>(shared: &Shared, headers: &'a HeaderMap) -> Option<(&'a str, Session)> {
    let id = session_id(shared, headers)?;
    Some((id, shared.inner().transactions.session(id)?))
}

/// Sets the cookie.
pub(super) fn remember(shared: &Shared, session: &str, response: &mut Response) {
    let cookie = format!(
        "{}={session}; Path=/oauth2; HttpOnly; SameSite=Lax",
        cookie_name(shared)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

/// For a page that was left open too long, or that belongs to another sandbox.
pub(super) fn unknown_transaction() -> Response {
    http::page(
        StatusCode::BAD_REQUEST,
        pages::bad_request(
            "This page is out of date. Go back to the application and connect again.",
        ),
        None,
    )
}
