//! Exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).

use super::{
    reply::{self, Refusal, Reply},
    request::TokenRequest,
};
use crate::{
    authorize::OFFLINE_ACCESS,
    http, issuing,
    options::ATTACKER_PATH,
    pkce,
    scenario::{Group, Scenario},
    state::Shared,
};
use axum::http::StatusCode;
use std::time::Duration;

/// How many requests a temporary fault affects.
const TEMPORARY: u32 = 2;
/// How late a slow response is.
const SLOW: Duration = Duration::from_secs(14);

pub(super) async fn exchange(
    shared: &Shared,
    request: &TokenRequest,
    client_id: &str,
    forced: Option<Scenario>,
) -> Result<Reply, Refusal> {
    let name = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let verifier = request.get("code_verifier");
    let (scenario, allowed, refresh_token) = {
        let mut inner = shared.inner();
        let inner = &mut *inner;
        let now = inner.now();
        let code = inner
            .codes
            .get_mut(name)
            .filter(|code| code.allowed.client_id == client_id)
            .ok_or(Refusal::INVALID_CODE)?;
        if code.used {
            // RFC 6749 §4.1.2: tokens issued for the first use are revoked.
            if let Some(connection) = code.connection {
                inner.connections.end(connection);
            }
            return Err(Refusal::INVALID_CODE);
        }
        if code.has_expired(now) {
            return Err(Refusal::INVALID_CODE);
        }
        if code.redirect_uri != redirect_uri {
            return Err(Refusal::INVALID_REDIRECT_URI);
        }
        match (verifier, &code.challenge) {
            (Some(verifier), Some(challenge)) if pkce::verify(verifier, challenge) => {}
            (None, Some(_)) => return Err(Refusal::MISSING_PARAMETER),
            (None, None) => {}
            // RFC 9700 §4.8.2: a verifier without a challenge means that the challenge was removed.
            (Some(_), _) => return Err(Refusal::INVALID_VERIFIER),
        }
        code.tries += 1;
        if code.scenario == Scenario::Token429Passing && code.tries <= TEMPORARY {
            return Err(Refusal::ThrottledFor(2));
        }
        if code.scenario == Scenario::PkceRefused && verifier.is_some() {
            return Err(Refusal::PKCE_REFUSED);
        }
        if let Some(reply) = instead_of_tokens(code.scenario)? {
            return Ok(reply);
        }
        code.used = true;
        let allowed = code.allowed.clone();
        let refresh_token = if allowed.scope.contains(&OFFLINE_ACCESS)
            && code.scenario != Scenario::NoRefreshToken
        {
            let (connection, token) = inner.connections.begin(allowed.clone(), code.scenario, now);
            code.connection = Some(connection);
            Some(token)
        } else {
            None
        };
        // Scenarios of the refresh do not affect the exchange.
        let scenario = forced.unwrap_or(code.scenario);
        let scenario = match scenario.group() {
            Group::Refresh => Scenario::Normal,
            _ => scenario,
        };
        (scenario, allowed, refresh_token)
    };
    issuing::prepare_keys(shared, scenario).await;
    let tokens = issuing::issue(shared, &mut shared.inner(), scenario, &allowed);
    match scenario {
        Scenario::TokenDropped => return Ok(Reply::Dropped),
        Scenario::TokenSlow => tokio::time::sleep(SLOW).await,
        _ => {}
    }
    Ok(reply::tokens(
        scenario,
        tokens,
        &allowed.scope,
        refresh_token,
    ))
}

/// A scenario's response instead of tokens. The code stays unused, so that each attempt gets it.
fn instead_of_tokens(scenario: Scenario) -> Result<Option<Reply>, Refusal> {
    Ok(Some(match scenario {
        Scenario::TokenUnreachable => Reply::Lost,
        Scenario::TokenSilent => Reply::Never,
        Scenario::TokenStatus => Reply::page(StatusCode::INTERNAL_SERVER_ERROR),
        Scenario::TokenHtml => Reply::page(StatusCode::OK),
        Scenario::TokenRedirect => Reply::Given(http::redirect(
            StatusCode::TEMPORARY_REDIRECT,
            &format!("{ATTACKER_PATH}/token"),
        )),
        Scenario::Token429 => return Err(Refusal::Throttled),
        Scenario::CodeExpired | Scenario::CodeUsed => return Err(Refusal::INVALID_CODE),
        Scenario::ClientRefused => return Err(Refusal::NOT_AUTHENTICATED),
        Scenario::ClientUnknown => return Err(Refusal::UNKNOWN_CLIENT),
        Scenario::PkceRequired => return Err(Refusal::PKCE_REQUIRED),
        Scenario::WrongGrant => return Err(Refusal::WRONG_GRANT),
        Scenario::TokenErrorUnknown => return Err(Refusal::UNKNOWN_ERROR),
        Scenario::TokenErrorMarkup => return Err(Refusal::MARKUP),
        _ => return Ok(None),
    }))
}
