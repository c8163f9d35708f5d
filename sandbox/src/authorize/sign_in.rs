//! The sign-in page.

use super::{Session, cookie_name, unknown_transaction};
use crate::{data, http, options::AUTHORIZE_PATH, pages, random, state::Shared};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use std::sync::Arc;

/// How many people may be signed in.
const MAX_SESSIONS: usize = 1000;

pub(super) fn page(
    shared: &Shared,
    transaction: &str,
    login: &str,
    problem: Option<&str>,
) -> Response {
    let client_name = {
        let inner = shared.inner();
        let Some(transaction) = inner.transactions.get(transaction) else {
            return unknown_transaction();
        };
        transaction.request.client_name.clone()
    };
    let status = if problem.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    http::page(
        status,
        pages::sign_in(&shared.directory, transaction, &client_name, login, problem),
        None,
    )
}

/// `GET /oauth2/default/v1/authorize/sign-in?transaction=…[&login=…]`
pub(crate) async fn show(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let parameters = http::parameters(query.as_deref().unwrap_or_default());
    let transaction = http::parameter(&parameters, "transaction").unwrap_or_default();
    let login = http::parameter(&parameters, "login").unwrap_or(data::USERS[0].login);
    page(&shared, transaction, login, None)
}

/// `POST /oauth2/default/v1/authorize/sign-in`
pub(crate) async fn submit(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = http::parameters(&body);
    let field = |name: &str| http::parameter(&form, name).unwrap_or_default();
    let transaction = field("transaction");
    let login = field("username").trim();
    let Some(user) = data::user(login).filter(|user| user.password == field("password")) else {
        return page(&shared, transaction, login, Some("Unable to sign in"));
    };
    // A new name for the session, so that nobody can have known it before.
    let session = random::text(32);
    {
        let mut inner = shared.inner();
        if let Some(old) = http::cookie(&headers, &cookie_name(&shared)) {
            inner.sessions.remove(old);
        }
        if inner.sessions.len() >= MAX_SESSIONS {
            inner.sessions.clear();
        }
        let signed_in_at = inner.now();
        inner
            .sessions
            .insert(session.clone(), Session { user, signed_in_at });
        match inner.transactions.get_mut(transaction) {
            Some(transaction) => transaction.session = Some(session.clone()),
            None => {
                drop(inner);
                return unknown_transaction();
            }
        }
    }
    let mut response = http::redirect(
        StatusCode::SEE_OTHER,
        &format!("{AUTHORIZE_PATH}/permission?transaction={transaction}"),
    );
    let cookie = format!(
        "{}={session}; Path=/oauth2; HttpOnly; SameSite=Lax",
        cookie_name(&shared)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
