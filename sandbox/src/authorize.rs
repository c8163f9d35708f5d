//! The authorization endpoint: the request, the sign-in page, the permission page and the redirect
//! back to the application.

mod browser;
mod error_response;
mod permission;
mod request;
mod response;
mod scope;
mod sign_in;
pub(crate) mod transactions;

pub(crate) use permission::{decide, show as show_permission};
pub(crate) use scope::{API_SCOPES, OFFLINE_ACCESS, OPENID};
pub(crate) use sign_in::{show as show_sign_in, submit as submit_sign_in};

use crate::{data, http, pages, state::Shared};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use request::{Prompt, Refusal};
use std::sync::Arc;

/// `GET /oauth2/default/v1/authorize`
pub(crate) async fn authorize(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = http::parameters(query.as_deref().unwrap_or_default());
    let required = http::parameters(&shared.addresses.authorization_query);
    if !required.iter().all(|pair| parameters.contains(pair)) {
        let message = "The request lacks the query of the authorization endpoint's URL.";
        return http::page(StatusCode::BAD_REQUEST, pages::bad_request(message), None);
    }
    let request = {
        let inner = shared.inner();
        request::parse(&parameters, &inner.clients)
    };
    let request = match request {
        Ok(request) => request,
        Err(Refusal::Page(message)) => {
            return http::page(StatusCode::BAD_REQUEST, pages::bad_request(message), None);
        }
        Err(Refusal::Redirect(error)) => {
            return http::redirect(StatusCode::FOUND, &error.location());
        }
    };
    let refused = shared.inner().authorization_error.clone();
    if let Some(error) = refused {
        let error = request.error(
            &error,
            "The authorization server responds to every request with this error.",
        );
        return http::redirect(StatusCode::FOUND, &error.location());
    }
    let session = browser::session(&shared, &headers).map(|(id, _)| id);
    if request.prompt == Prompt::None {
        let error = if session.is_some() {
            request.error(
                "consent_required",
                "The client specified not to prompt, but the user has not consented.",
            )
        } else {
            request.error(
                "login_required",
                "The client specified not to prompt, but the user is not logged in.",
            )
        };
        return http::redirect(StatusCode::FOUND, &error.location());
    }
    let session = session.filter(|_| request.prompt != Prompt::Login);
    let transaction = {
        let mut inner = shared.inner();
        let now = inner.now();
        let decider = session.map(str::to_owned);
        inner.transactions.begin(request, decider, now)
    };
    if session.is_some() {
        permission::page(&shared, &transaction, None)
    } else {
        sign_in::page(&shared, &transaction, data::USERS[0].login, None)
    }
}
