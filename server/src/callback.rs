//! The redirection endpoint: takes the authorization response, and sends the browser back to the
//! page. It never shows anything itself, so the code stays in no address bar and no history.

use crate::{
    app::Shared,
    cookies::Kind,
    metrics,
    secrets::BindingSecret,
    web::{
        answer::{answer, coded},
        observe::routed,
    },
};
use axum::{body::Body, response::Response};
use cc_connect_core::{
    ReturnTo,
    oauth::{AuthorizationResponse, CapturedResponse},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use percent_encoding::{CONTROLS, utf8_percent_encode};

/// Completes the authorization. On an error the code of the error waits in the database until the
/// page asks; it is in no address.
pub(crate) async fn callback(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Response {
    let Some(query) = uri.query().filter(|query| !query.is_empty()) else {
        return home();
    };
    let response = CapturedResponse {
        query: query.to_owned(),
        ..CapturedResponse::default()
    };
    let cookie = shared.cookies.get(headers, Kind::Attempt);
    let known = cookie.and_then(|value| BindingSecret::parse(&value));
    // The cookie ends with the attempt. The page is told of a response that comes later, too.
    let new = match known {
        None if may_be_ours(&response) => Some(BindingSecret::generate()),
        _ => None,
    };
    let binding = known.as_ref().or(new.as_ref());
    match shared.connections.complete(&response, binding).await {
        Ok(completed) => {
            metrics::attempt("connected");
            let response = see_other(&completed.return_to);
            // The only place where it is set.
            set_cookie(
                response,
                shared.cookies.set(Kind::Session, completed.secret.expose()),
            )
        }
        Err(error) => {
            let code = error.code();
            metrics::attempt(code);
            tracing::info!(code, "no connection");
            let response = coded(home(), code);
            match &new {
                None => response,
                Some(binding) => set_cookie(
                    response,
                    shared.cookies.set(Kind::Attempt, binding.expose()),
                ),
            }
        }
    }
}

/// Whether its `state` may be one of this server's: anybody can put `?code=` into a link.
fn may_be_ours(response: &CapturedResponse) -> bool {
    AuthorizationResponse::parse(response).is_ok_and(|response| response.may_be_ours())
}

fn set_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// Sends the browser to the start page.
pub(crate) fn home() -> Response {
    see_other(&ReturnTo::START)
}

fn see_other(return_to: &ReturnTo) -> Response {
    let path = return_to.path_below("/");
    let location = utf8_percent_encode(&path, CONTROLS).to_string();
    let mut response = answer(StatusCode::SEE_OTHER, Body::empty());
    let location = HeaderValue::from_str(&location).expect("what is left is visible ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    routed(response, "/callback")
}
