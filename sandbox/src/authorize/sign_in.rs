//! The sign-in page.

use super::browser::{remember, session_id, unknown_transaction};
use crate::{data, http, options::AUTHORIZE_PATH, pages, state::Shared};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

pub(super) fn page(
    shared: &Shared,
    transaction: &str,
    login: &str,
    error: Option<&str>,
) -> Response {
    let client_name = {
        let inner = shared.inner();
        let Some(request) = inner.transactions.request(transaction) else {
            return unknown_transaction();
        };
        request.client_name.clone()
    };
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    http::page(
        status,
        pages::sign_in(&shared.directory, transaction, &client_name, login, error),
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
    let signed_in = {
        let mut inner = shared.inner();
        let now = inner.now();
        let before = session_id(&shared, &headers);
        inner.transactions.sign_in(transaction, user, before, now)
    };
    let Some(session) = signed_in else {
        return unknown_transaction();
    };
    let mut response = http::redirect(
        StatusCode::SEE_OTHER,
        &format!("{AUTHORIZE_PATH}/permission?transaction={transaction}"),
    );
    remember(&shared, &session, &mut response);
    response
}
