//! Exchanges a refresh token for tokens (RFC 6749 §6).

use super::{
    reply::{self, Refusal, Reply},
    request::TokenRequest,
};
use crate::{issuing, options::RefreshTokens, scenario::Scenario, state::Shared};
use axum::http::StatusCode;

/// How many refreshes a temporary fault affects.
const TEMPORARY: u32 = 2;

pub(super) async fn refresh(
    shared: &Shared,
    request: &TokenRequest,
    client_id: &str,
    method: RefreshTokens,
    forced: Option<Scenario>,
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
        // Without an authorization request there is no nonce.
        allowed.nonce = None;
        if let Some(asked) = request.get("scope") {
            allowed.scope = narrowed(asked, &allowed.scope).ok_or(Refusal::INVALID_SCOPE)?;
        }
        connection.tries += 1;
        let (scenario, tries) = (forced.unwrap_or(connection.scenario), connection.tries);
        match scenario {
            Scenario::RefreshInvalidGrant => {
                inner.connections.end(id);
                return Err(Refusal::INVALID_REFRESH_TOKEN);
            }
            Scenario::RefreshUnreachable if tries <= TEMPORARY => return Ok(Reply::Lost),
            Scenario::Refresh429 if tries <= TEMPORARY => return Err(Refusal::Throttled),
            Scenario::Refresh500 if tries <= TEMPORARY => {
                return Ok(Reply::page(StatusCode::INTERNAL_SERVER_ERROR));
            }
            Scenario::Refresh403 if tries <= TEMPORARY => {
                return Ok(Reply::page(StatusCode::FORBIDDEN));
            }
            Scenario::Refresh404 if tries <= TEMPORARY => {
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
    let fault = forced.unwrap_or_else(|| fault_at_refresh(scenario));
    let tokens = issuing::issue(shared, &mut shared.inner(), fault, &allowed);
    Ok(match scenario {
        Scenario::RefreshHtml if tries == 1 => Reply::page(StatusCode::OK),
        Scenario::RefreshLostResponse if tries == 1 => Reply::Lost,
        _ => reply::tokens(fault, tokens, &allowed.scope, refresh_token),
    })
}

/// The fault of the response to a refresh. Faults of the first tokens do not recur, unless every
/// response of such a server has them.
fn fault_at_refresh(scenario: Scenario) -> Scenario {
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

/// The requested scope, if all of it was granted.
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
