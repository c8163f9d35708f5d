//! A refresh token for tokens (RFC 6749 §6).

use super::{
    reply::{self, Refusal, Reply},
    request::TokenRequest,
};
use crate::{
    authorize::OPENID, http, issuing, options::RefreshTokens, scenario::Scenario, state::Shared,
};
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
                let page = http::html_trouble(StatusCode::INTERNAL_SERVER_ERROR);
                return Ok(Reply::Given(page));
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
    let with_id_token =
        allowed.scope.contains(&OPENID) || scenario == Scenario::RefreshIdTokenOtherSubject;
    let tokens = issuing::issue(
        shared,
        &mut shared.inner(),
        of_the_tokens(scenario),
        &allowed,
        with_id_token,
    );
    Ok(match scenario {
        Scenario::RefreshHtml if tries == 1 => Reply::Given(http::html_garbage()),
        Scenario::RefreshLostAnswer if tries == 1 => Reply::Lost,
        _ => reply::tokens(
            Scenario::Normal,
            tokens,
            &allowed.scope.join(" "),
            refresh_token,
        ),
    })
}

/// What is wrong with the tokens of a refresh: what was wrong with the first ones has passed.
fn of_the_tokens(scenario: Scenario) -> Scenario {
    match scenario {
        Scenario::RefreshBadSignature => Scenario::BadSignature,
        Scenario::RefreshOtherClient => Scenario::OtherClient,
        Scenario::RefreshExpired => Scenario::Expired,
        Scenario::RefreshOtherAccount | Scenario::RefreshIdTokenOtherSubject => scenario,
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
