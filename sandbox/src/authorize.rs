//! The authorization endpoint: `GET` with a request, a sign-in page, a permission page, and the
//! way back to the application.

mod permission;
mod request;
mod response;
mod scope;
mod sign_in;

pub(crate) use permission::{decide, show as show_permission};
pub(crate) use scope::{API_SCOPES, OFFLINE_ACCESS, OPENID};
pub(crate) use sign_in::{show as show_sign_in, submit as submit_sign_in};

use crate::{data, data::User, http, pages, random, state::Shared};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use request::{AuthorizationRequest, Prompt, Refusal};
use std::sync::Arc;

/// How long the pages of one authorization may stay open, in seconds.
const TRANSACTION_LIFETIME: i64 = 3600;
/// How many authorizations may be under way.
const MAX_TRANSACTIONS: usize = 1000;

/// An authorization under way.
pub(crate) struct Transaction {
    request: AuthorizationRequest,
    created_at: i64,
    /// The session that may decide on it: set when the person is known.
    session: Option<String>,
}

/// A person who signed in, in one browser.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    user: &'static User,
    signed_in_at: i64,
}

/// `GET /oauth2/default/v1/authorize`
pub(crate) async fn authorize(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = http::parameters(query.as_deref().unwrap_or_default());
    let required = http::parameters(&shared.addresses.authorization_query);
    if !required.iter().all(|pair| parameters.contains(pair)) {
        let message = "The request lacks the query of the authorization endpoint's address.";
        return http::page(StatusCode::BAD_REQUEST, pages::refusal(message), None);
    }
    let request = {
        let inner = shared.inner();
        request::parse(&parameters, &inner.clients)
    };
    let request = match request {
        Ok(request) => request,
        Err(Refusal::Page(message)) => {
            return http::page(StatusCode::BAD_REQUEST, pages::refusal(message), None);
        }
        Err(Refusal::Redirect(error)) => {
            return http::redirect(StatusCode::FOUND, &error.location());
        }
    };
    let refused = shared.inner().authorization_error.clone();
    if let Some(error) = refused {
        let error = request.error(
            &error,
            "The authorization server answers everybody with this.",
        );
        return http::redirect(StatusCode::FOUND, &error.location());
    }
    let session = signed_in(&shared, &headers).map(|(session, _)| session);
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
    let transaction = begin(&shared, request, session.clone());
    if session.is_some() {
        permission::page(&shared, &transaction, None)
    } else {
        sign_in::page(&shared, &transaction, data::USERS[0].login, None)
    }
}

/// Remembers a request under an unguessable name.
fn begin(shared: &Shared, request: AuthorizationRequest, session: Option<String>) -> String {
    let id = random::text(24);
    let mut inner = shared.inner();
    let now = inner.now();
    let transactions = &mut inner.transactions;
    transactions.retain(|_, transaction| now - transaction.created_at < TRANSACTION_LIFETIME);
    if transactions.len() >= MAX_TRANSACTIONS {
        transactions.clear();
    }
    transactions.insert(
        id.clone(),
        Transaction {
            request,
            created_at: now,
            session,
        },
    );
    id
}

/// The session that the browser's cookie names, by its name.
fn signed_in(shared: &Shared, headers: &HeaderMap) -> Option<(String, Session)> {
    let id = http::cookie(headers, &cookie_name(shared))?;
    let session = *shared.inner().sessions.get(id)?;
    Some((id.to_owned(), session))
}

/// Cookies know no ports: two sandboxes in one browser need two names.
fn cookie_name(shared: &Shared) -> String {
    format!("cc_sandbox_{}", shared.addresses.port)
}

/// For a page that was left open too long, or that another sandbox made.
fn unknown_transaction() -> Response {
    http::page(
        StatusCode::BAD_REQUEST,
        pages::refusal("This page is out of date. Go back to the application and connect again."),
        None,
    )
}
