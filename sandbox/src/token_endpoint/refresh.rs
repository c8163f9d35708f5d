//! A refresh token for tokens (RFC 6749 §6).

use super::{
    reply::{self, Refusal, Reply},
    request::TokenRequest,
};
use crate::{http, issuing, options::RefreshTokens, scenario::Scenario, state::Shared};
use axum::http::StatusCode;

/// How many refreshes a fault that passes by itself spoils.
const FAULTY: u32 = 2;

pub(super) async fn refresh(
    shared: &Shared,
    request: &TokenRequest,
    client_id: &str,
    method: RefreshTokens,
) -> Result<Reply, Refusal> {
    let token = request.required("refresh_token")?;
    let (scenario, tries, allowed, refresh_token) = {
        let mut inner = shared.inner();
        let now = inner.now();
        let (id, connection) = inner
            .connections
            .find(token, client_id, now)
            .ok_or(Refusal::INVALID_REFRESH_TOKEN)?;
        let mut allowed = connection.allowed.clone();
        // An ID token that answers no request has no nonce.
        allowed.nonce = None;
        if let Some(asked) = request.get("scope") {
            allowed.scope = narrowed(asked, &allowed.scope).ok_or(Refusal::INVALID_SCOPE)?;
        }
        connection.tries += 1;
        let (scenario, tries) = (connection.scenario, connection.tries);
        match scenario {
            Scenario::RefreshInvalidGrant => {
                inner.connections.end(id);
                return Err(Refusal::INVALID_REFRESH_TOKEN);
            }
            Scenario::RefreshUnreachable if tries <= FAULTY => return Ok(Reply::Lost),
            Scenario::Refresh429 if tries <= FAULTY => return Err(Refusal::Throttled),
            Scenario::Refresh500 if tries <= FAULTY => {
                return Ok(Reply::page(StatusCode::INTERNAL_SERVER_ERROR));
            }
            Scenario::Refresh403 if tries <= FAULTY => {
                return Ok(Reply::page(StatusCode::FORBIDDEN));
            }
            Scenario::Refresh404 if tries <= FAULTY => {
                return Ok(Reply::page(StatusCode::NOT_FOUND));
            }
            _ => {}
        }
        let rotates = method == RefreshTokens::Rotating && scenario != Scenario::RefreshNoRotation;
        let refresh_token = inner
            .connections
            .renew(id, rotates, now)
            .filter(|_| scenario != Scenario::RefreshNoRotation);
        (scenario, tries, allowed, refresh_token)
    };
    issuing::prepare_keys(shared, Scenario::Normal).await;
    let spoiled = of_the_response(scenario);
    let tokens = issuing::issue(shared, &mut shared.inner(), spoiled, &allowed);
    Ok(match scenario {
        Scenario::RefreshHtml if tries == 1 => Reply::Given(http::html_garbage()),
        Scenario::RefreshLostAnswer if tries == 1 => Reply::Lost,
        _ => reply::tokens(spoiled, tokens, &allowed.scope, refresh_token),
    })
}

/// What is wrong with the response to a refresh. What was wrong with the first tokens has passed,
/// unless it is the way of a server.
fn of_the_response(scenario: Scenario) -> Scenario {
    match scenario {
        Scenario::RefreshBadSignature => Scenario::BadSignature,
        Scenario::RefreshOtherClient => Scenario::OtherClient,
        Scenario::RefreshExpired => Scenario::Expired,
        Scenario::RefreshOtherAccount
        | Scenario::RefreshIdTokenOtherSubject
        | Scenario::ScopeApiOnly
        | Scenario::ScopeSpaces
        | Scenario::ExpiresInFraction
        | Scenario::UnrequestedIdToken
        | Scenario::UnrequestedOpenid
        | Scenario::Api401Lists => scenario,
        _ => Scenario::Normal,
    }
}

/// The scope asked for, if all of it was granted.
fn narrowed(asked: &str, granted: &[&'static str]) -> Option<Vec<&'static str>> {
    let mut scope = Vec::new();
    for token in asked.split(' ').filter(|token| !token.is_empty()) {
        let known = granted.iter().copied().find(|known| *known == token)?;
        if !scope.contains(&known) {
            scope.push(known);
        }
    }
    (!scope.is_empty()).then_some(scope)
}
