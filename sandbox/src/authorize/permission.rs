//! The permission page, and the answer that follows from it.

use super::{
    request::AuthorizationRequest, response, scope, sign_in, signed_in, unknown_transaction,
};
use crate::{
    data::{self, User},
    faults::{ApiFault, KeysFault},
    http::{self, Parameters},
    keys::{Oddity, SigningKey},
    pages,
    scenario::{Group, Scenario},
    state::{ApiBehaviour, KeysHiccup, Shared},
    tokens::{self, Grant},
};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

/// How many tokens with a behaviour of their own are remembered.
const MAX_BEHAVIOURS: usize = 1000;

/// The page for a person who is known.
pub(super) fn page(shared: &Shared, transaction: &str, problem: Option<&str>) -> Response {
    let (request, user, scenario) = {
        let inner = shared.inner();
        let Some(known) = inner.transactions.get(transaction) else {
            return unknown_transaction();
        };
        let user = known
            .session
            .as_ref()
            .and_then(|session| inner.sessions.get(session))
            .and_then(|session| data::user(session.login));
        (known.request.clone(), user, inner.scenario)
    };
    let Some(user) = user else {
        return sign_in::page(shared, transaction, data::USERS[0].login, None);
    };
    let scopes: Vec<_> = request
        .grantable
        .iter()
        .filter_map(|name| scope::known(name))
        .collect();
    let status = if problem.is_some() {
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
            scenario,
            problem,
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
    if deciding_user(&shared, transaction, &headers).is_none() {
        return sign_in::page(&shared, transaction, data::USERS[0].login, None);
    }
    page(&shared, transaction, None)
}

/// The request, and who is signed in here, if this browser is the one that signed in for it.
fn deciding_user(
    shared: &Shared,
    transaction: &str,
    headers: &HeaderMap,
) -> Option<(AuthorizationRequest, &'static User)> {
    let (session, user) = signed_in(shared, headers)?;
    let inner = shared.inner();
    let transaction = inner.transactions.get(transaction)?;
    (transaction.session.as_ref() == Some(&session)).then(|| (transaction.request.clone(), user))
}

/// `POST /oauth2/default/v1/authorize/permission`
pub(crate) async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = http::parameters(&body);
    let transaction = http::parameter(&form, "transaction").unwrap_or_default();
    let Some((request, user)) = deciding_user(&shared, transaction, &headers) else {
        return sign_in::page(&shared, transaction, data::USERS[0].login, None);
    };
    match http::parameter(&form, "decision") {
        Some("deny") => {
            let denied = request.error("access_denied", response::DENIED);
            http::redirect(StatusCode::SEE_OTHER, &denied.location())
        }
        Some("allow") => allow(&shared, transaction, &request, user, &form).await,
        _ => page(&shared, transaction, Some("Choose Allow or Deny.")),
    }
}

async fn allow(
    shared: &Shared,
    transaction: &str,
    request: &AuthorizationRequest,
    user: &'static User,
    form: &Parameters,
) -> Response {
    let scenario = match http::parameter(form, "scenario").map(str::parse) {
        None => shared.inner().scenario,
        Some(Ok(scenario)) => scenario,
        Some(Err(_)) => {
            return page(
                shared,
                transaction,
                Some("There is no scenario of that name."),
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
    let granted = granted(scenario, request, allowed);
    prepare_keys(shared, scenario).await;
    let location = issue(shared, scenario, request, user, &granted);
    http::redirect(StatusCode::SEE_OTHER, &location)
}

/// The scope of the token.
fn granted(
    scenario: Scenario,
    request: &AuthorizationRequest,
    mut allowed: Vec<&'static str>,
) -> Vec<&'static str> {
    match scenario {
        // `account_read` stays, so that a client still sees whose account it is.
        Scenario::ScopeNarrowed if allowed.len() > 1 => {
            let last = allowed.iter().rposition(|name| *name != "account_read");
            allowed.remove(last.unwrap_or_default());
        }
        Scenario::ScopeWidened => {
            let more = scope::SCOPES
                .iter()
                .map(|(name, _)| *name)
                .find(|name| !request.requested.iter().any(|asked| asked == name));
            allowed.extend(more);
        }
        _ => {}
    }
    allowed
}

/// The fault of the keys that a scenario brings, and for how many requests.
fn hiccup(scenario: Scenario) -> Option<KeysHiccup> {
    let fault = match scenario {
        Scenario::KeysUnreachable => KeysFault::Unreachable,
        Scenario::KeysSilent => KeysFault::Silent,
        Scenario::KeysStatus => KeysFault::Status(500),
        Scenario::Keys304 => KeysFault::Status(304),
        Scenario::Keys404 => KeysFault::Status(404),
        Scenario::Keys429 => KeysFault::Status(429),
        Scenario::KeysHtml => KeysFault::Html,
        Scenario::KeysEmpty => KeysFault::Empty,
        Scenario::KeysTooLarge => KeysFault::TooLarge,
        _ => return None,
    };
    // Whoever waited for nothing once has seen it.
    let left = if fault == KeysFault::Silent { 1 } else { 2 };
    Some(KeysHiccup { fault, left })
}

/// What the set has of a scenario, apart from keys that must be made.
fn oddity(scenario: Scenario) -> Option<Oddity> {
    Some(match scenario {
        Scenario::AlgEs256 => Oddity::EllipticKey,
        Scenario::ManyKeys => Oddity::ManyKeys,
        Scenario::OtherKeyTypes => Oddity::OtherKeyTypes,
        Scenario::UnknownMembers => Oddity::UnknownMembers,
        Scenario::BareKey => Oddity::BareKey,
        Scenario::KeySetMediaType => Oddity::MediaType,
        Scenario::NoKidOneKey => Oddity::OneNamelessKey,
        Scenario::DuplicateKid => Oddity::DuplicateKid,
        Scenario::WeakKey => Oddity::WeakKey,
        Scenario::KeyOperations => Oddity::KeyOperations,
        Scenario::KeyAlgorithm => Oddity::KeyAlgorithm,
        Scenario::EvenExponent => Oddity::EvenExponent,
        Scenario::TinyExponent => Oddity::ExponentOne,
        _ => return None,
    })
}

/// Does to the keys what the scenario wants, before the token is signed.
async fn prepare_keys(shared: &Shared, scenario: Scenario) {
    // A client that still holds the keys would not ask for them, and would not see what is wrong:
    // a new key makes it ask.
    let makes_a_key = matches!(scenario.group(), Group::Keys | Group::KeySet);
    let new_key = if makes_a_key {
        tokio::task::spawn_blocking(SigningKey::generate).await.ok()
    } else {
        None
    };
    let mut inner = shared.inner();
    inner.keys_hiccup = hiccup(scenario);
    inner.keys.oddity = None;
    match (scenario, new_key) {
        (Scenario::EncKey, Some(key)) => {
            inner.keys.oddity = Some(Oddity::EncryptionKey(key));
        }
        (_, new_key) => {
            if let Some(key) = new_key {
                inner.keys.rotate(key);
            }
            inner.keys.oddity = oddity(scenario);
        }
    }
}

fn issue(
    shared: &Shared,
    scenario: Scenario,
    request: &AuthorizationRequest,
    user: &'static User,
    scope: &[&str],
) -> String {
    let user = match scenario {
        Scenario::OtherAccount => data::somebody_of_another_account(user),
        _ => user,
    };
    let issuer = shared.addresses.issuer();
    let mut inner = shared.inner();
    let lifetime = i64::try_from(inner.token_lifetime).unwrap_or(i64::MAX / 2);
    let grant = Grant {
        issuer: &issuer,
        attacker: &shared.addresses.attacker(),
        audience: &shared.addresses.api_base_url(),
        client_id: &request.client_id,
        user,
        scope,
        nonce: &request.nonce,
        lifetime,
        now: inner.now(),
    };
    let issued = tokens::issue(scenario, &grant, &inner.keys);
    if let Some(behaviour) = api_behaviour(scenario) {
        if inner.api_behaviours.len() >= MAX_BEHAVIOURS {
            inner.api_behaviours.clear();
        }
        inner.api_behaviours.insert(issued.id, behaviour);
    }
    response::token(
        scenario,
        request,
        &issued.token,
        lifetime,
        &scope.join(" "),
        &issuer,
    )
}

fn api_behaviour(scenario: Scenario) -> Option<ApiBehaviour> {
    let (fault, left) = match scenario {
        Scenario::Api401 => (ApiFault::Status401, None),
        Scenario::Api403 => (ApiFault::Status403, None),
        // An app that repeats each of its requests once still gets to see it.
        Scenario::Api429 => (ApiFault::Status429, Some(8)),
        Scenario::ApiQuota => (ApiFault::QuotaExceeded, None),
        Scenario::Api500 => (ApiFault::Status500, Some(2)),
        Scenario::ApiUnreachable => (ApiFault::Unreachable, Some(2)),
        Scenario::ApiSlow => (ApiFault::Slow, None),
        Scenario::ApiGarbage => (ApiFault::Garbage, None),
        _ => {
            debug_assert_ne!(scenario.group(), Group::Api);
            return None;
        }
    };
    Some(ApiBehaviour { fault, left })
}
