//! The permission page, and the response to the application.

use super::{
    browser::{session_id, unknown_transaction},
    request::{AuthorizationRequest, ResponseType},
    response,
    scope::{self, OFFLINE_ACCESS, OPENID},
    sign_in,
    transactions::Session,
};
use crate::{
    allowed::Allowed,
    codes::Code,
    data,
    http::{self, Parameters},
    issuing, pages,
    scenario::Scenario,
    state::Shared,
};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

/// The page for a user who is signed in.
pub(super) fn page(shared: &Shared, transaction: &str, error: Option<&str>) -> Response {
    let (request, user) = {
        let inner = shared.inner();
        let Some(request) = inner.transactions.request(transaction) else {
            return unknown_transaction();
        };
        (request.clone(), inner.transactions.user(transaction))
    };
    let Some(user) = user else {
        return sign_in::page(shared, transaction, data::USERS[0].login, None);
    };
    let scopes: Vec<_> = request
        .grantable
        .iter()
        .filter_map(|name| scope::known(name))
        .collect();
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    http::page(
        status,
        pages::permission(&pages::Permission {
            transaction,
            client_name: &request.client_name,
            destination: http::origin(&request.redirect_uri).unwrap_or(&request.redirect_uri),
            user,
            organization: shared.directory.account_of(user).organization.name,
            scopes: &scopes,
            setting: request.oauth2_setting,
            scenario: preselected(shared, &request),
            error,
        }),
        http::origin(&request.redirect_uri),
    )
}

/// `GET /oauth2/default/v1/authorize/permission?transaction=…`
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = http::parameters(query.as_deref().unwrap_or_default());
    let transaction = http::parameter(&parameters, "transaction").unwrap_or_default();
    if decider(&shared, transaction, &headers).is_none() {
        return sign_in::page(&shared, transaction, data::USERS[0].login, None);
    }
    page(&shared, transaction, None)
}

/// The request and the session, if this browser is the one that signed in for it.
fn decider(
    shared: &Shared,
    transaction: &str,
    headers: &HeaderMap,
) -> Option<(AuthorizationRequest, Session)> {
    let session = session_id(shared, headers)?;
    shared.inner().transactions.decider(transaction, session)
}

/// `POST /oauth2/default/v1/authorize/permission`
pub(crate) async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = http::parameters(&body);
    let transaction = http::parameter(&form, "transaction").unwrap_or_default();
    let Some((request, session)) = decider(&shared, transaction, &headers) else {
        return sign_in::page(&shared, transaction, data::USERS[0].login, None);
    };
    match http::parameter(&form, "decision") {
        Some("deny") => {
            let denied = request.error("access_denied", response::DENIED);
            http::redirect(StatusCode::SEE_OTHER, &denied.location())
        }
        Some("allow") => allow(&shared, transaction, &request, session, &form).await,
        _ => page(&shared, transaction, Some("Choose Allow or Deny.")),
    }
}

async fn allow(
    shared: &Shared,
    transaction: &str,
    request: &AuthorizationRequest,
    session: Session,
    form: &Parameters,
) -> Response {
    let scenario = match http::parameter(form, "scenario").map(str::parse::<Scenario>) {
        None => preselected(shared, request),
        Some(Ok(scenario)) if scenario.applies_to(&request.oauth2_setting) => scenario,
        Some(_) => {
            return page(
                shared,
                transaction,
                Some("This application has no scenario with that name."),
            );
        }
    };
    let allowed: Vec<&'static str> = request
        .grantable
        .iter()
        .copied()
        .filter(|name| {
            form.iter()
                .any(|(field, value)| field == "scope" && value == name)
        })
        .collect();
    if allowed.is_empty() {
        return page(
            shared,
            transaction,
            Some("Leave at least one permission checked, or choose Deny."),
        );
    }
    if let Some(location) = response::error(scenario, request) {
        return http::redirect(StatusCode::SEE_OTHER, &location);
    }
    let allowed = Allowed {
        client_id: request.client_id.clone(),
        user: match scenario {
            Scenario::OtherAccount => data::user_of_another_account(session.user),
            _ => session.user,
        },
        scope: granted(scenario, request, allowed),
        nonce: request.nonce.clone(),
        signed_in_at: session.signed_in_at,
        with_code: request.response_type != ResponseType::Token,
    };
    let location = match &request.response_type {
        ResponseType::Token => token(shared, scenario, request, &allowed).await,
        ResponseType::Code { challenge } => {
            redirect_with_code(shared, scenario, request, allowed, challenge.clone())
        }
    };
    http::redirect(StatusCode::SEE_OTHER, &location)
}

/// The preselected scenario, if it applies to this application.
fn preselected(shared: &Shared, request: &AuthorizationRequest) -> Scenario {
    let scenario = shared.inner().scenario;
    if scenario.applies_to(&request.oauth2_setting) {
        scenario
    } else {
        Scenario::Normal
    }
}

/// The redirect with an access token.
async fn token(
    shared: &Shared,
    scenario: Scenario,
    request: &AuthorizationRequest,
    allowed: &Allowed,
) -> String {
    issuing::prepare_keys(shared, scenario).await;
    let issued = issuing::issue(shared, &mut shared.inner(), scenario, allowed);
    response::token(
        scenario,
        request,
        &issued.access_token,
        issued.lifetime,
        &allowed.scope.join(" "),
        &shared.addresses.issuer(),
    )
}

/// The redirect with a code. The scenario is stored with the code for the token endpoint.
fn redirect_with_code(
    shared: &Shared,
    scenario: Scenario,
    request: &AuthorizationRequest,
    allowed: Allowed,
    challenge: Option<String>,
) -> String {
    let code = {
        let mut inner = shared.inner();
        let now = inner.now();
        inner.codes.issue(Code {
            allowed,
            redirect_uri: request.redirect_uri.clone(),
            challenge,
            scenario,
            issued_at: now,
            tries: 0,
            used: false,
            connection: None,
        })
    };
    response::code_redirect(scenario, request, &code, &shared.addresses.issuer())
}

/// The scope of the token.
fn granted(
    scenario: Scenario,
    request: &AuthorizationRequest,
    mut allowed: Vec<&'static str>,
) -> Vec<&'static str> {
    match scenario {
        // `account_read` stays, so that a client still sees whose account it is. So do the scopes
        // that give access to no data.
        Scenario::ScopeNarrowed if allowed.len() > 1 => {
            let last = allowed
                .iter()
                .rposition(|name| !["account_read", OPENID, OFFLINE_ACCESS].contains(name));
            allowed.remove(last.unwrap_or_default());
        }
        Scenario::ScopeWidened => {
            let more = scope::SCOPES
                .iter()
                .map(|(name, _)| *name)
                .find(|name| !request.requested.iter().any(|asked| asked == name));
            allowed.extend(more);
        }
        Scenario::IdTokenMissing if !allowed.contains(&OPENID) => allowed.push(OPENID),
        Scenario::UnrequestedOpenid => {
            for name in [OPENID, "email", "profile"] {
                if !allowed.contains(&name) {
                    allowed.push(name);
                }
            }
        }
        _ => {}
    }
    allowed
}
