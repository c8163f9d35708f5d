//! Issues tokens for what a user allowed, and applies a scenario to the keys and the API.

use crate::{
    allowed::Allowed,
    authorize::OPENID,
    faults::{ApiFault, KeysFault},
    keys::{Hiccup, Oddity, SigningKey},
    random,
    scenario::{Group, Scenario},
    state::{Inner, Shared},
    tokens::{self, Grant},
};

/// One word of 60 letters.
const LONG_NAME: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte";
/// A right-to-left override that is never ended.
const REVERSED_NAME: &str = "Bluebird \u{202e}Bakery";
/// "The association for bread, cakes and pastries of the northern neighborhoods of the city".
const HEBREW_NAME: &str = "העמותה ללחם, לעוגות ולמאפים של השכונות הצפוניות של העיר";

/// The tokens of one response.
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    /// If the response includes one.
    pub(crate) id_token: Option<String>,
    /// Of the access token, in seconds.
    pub(crate) lifetime: i64,
}

/// Makes the tokens of a scenario, with the keys as they are: see [`prepare_keys`].
pub(crate) fn issue(
    shared: &Shared,
    inner: &mut Inner,
    scenario: Scenario,
    allowed: &Allowed,
) -> Tokens {
    let lifetime = if allowed.with_code {
        inner.pkce_token_lifetime
    } else {
        inner.token_lifetime
    };
    let with_id_token = allowed.with_code && comes_with_id_token(scenario, allowed);
    let mut grant = Grant {
        issuer: &shared.addresses.issuer(),
        attacker: &shared.addresses.attacker(),
        audience: &shared.addresses.api_base_url(),
        client_id: &allowed.client_id,
        user: allowed.user,
        scope: &allowed.scope,
        nonce: allowed.nonce.as_deref(),
        signed_in_at: allowed.signed_in_at,
        lifetime: i64::try_from(lifetime).unwrap_or(i64::MAX / 2),
        now: inner.now(),
    };
    if scenario == Scenario::RefreshOtherAccount {
        grant.user = crate::data::user_of_another_account(allowed.user);
    }
    let issued = tokens::issue(scenario, &grant, &inner.keys);
    if let Some((fault, left)) = api_fault(scenario) {
        inner.api_faults.set(issued.id, fault, left);
    }
    grant.user = allowed.user;
    let id_token =
        with_id_token.then(|| tokens::issue_id_token(scenario, &grant, &issued.token, &inner.keys));
    Tokens {
        access_token: issued.token,
        id_token,
        lifetime: grant.lifetime,
    }
}

/// Whether a token response includes an ID token.
fn comes_with_id_token(scenario: Scenario, allowed: &Allowed) -> bool {
    match scenario {
        Scenario::IdTokenMissing | Scenario::UnrequestedOpenid => false,
        Scenario::UnrequestedIdToken | Scenario::RefreshIdTokenOtherSubject => true,
        _ => allowed.scope.contains(&OPENID) || scenario.group() == Group::IdToken,
    }
}

/// The scenario's fault of the JWK Set endpoint, and for how many requests.
fn hiccup(scenario: Scenario) -> Option<Hiccup> {
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
    // One request without a response is enough.
    let left = if fault == KeysFault::Silent { 1 } else { 2 };
    Some(Hiccup { fault, left })
}

/// The scenario's change to the set, apart from new keys.
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

/// Applies a scenario to the keys, before the token is signed.
pub(crate) async fn prepare_keys(shared: &Shared, scenario: Scenario) {
    // A client with the set in its cache would not request it and not see the fault: a new key
    // makes it do so.
    let makes_a_key = matches!(scenario.group(), Group::Keys | Group::KeySet);
    let new_key = if makes_a_key {
        let kid = match scenario {
            Scenario::ReusedKid => shared.inner().keys.current.kid().to_owned(),
            _ => random::text(32),
        };
        tokio::task::spawn_blocking(|| SigningKey::generate_named(kid))
            .await
            .ok()
    } else {
        None
    };
    let mut inner = shared.inner();
    inner.keys.hiccup = hiccup(scenario);
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

/// The scenario's fault of the API for this token, and for how many requests; `None` for all.
fn api_fault(scenario: Scenario) -> Option<(ApiFault, Option<u32>)> {
    Some(match scenario {
        Scenario::Api401 => (ApiFault::Status401, None),
        Scenario::Api403 => (ApiFault::Status403, None),
        // Enough for a client that retries each of its requests once.
        Scenario::Api429 => (ApiFault::Status429, Some(8)),
        Scenario::ApiQuota => (ApiFault::QuotaExceeded, None),
        Scenario::Api500 => (ApiFault::Status500, Some(2)),
        Scenario::ApiUnreachable => (ApiFault::Unreachable, Some(2)),
        Scenario::ApiSlow => (ApiFault::Slow, None),
        Scenario::ApiGarbage => (ApiFault::Garbage, None),
        Scenario::Api401Lists => (ApiFault::Status401For("/contact_lists"), None),
        Scenario::ApiLooseJson => (ApiFault::LooseJson, None),
        Scenario::ApiLongName => (ApiFault::Member("organization_name", LONG_NAME), None),
        Scenario::ApiReversedName => (ApiFault::Member("organization_name", REVERSED_NAME), None),
        Scenario::ApiHebrewName => (ApiFault::Member("organization_name", HEBREW_NAME), None),
        Scenario::ApiStatusCapitals => (ApiFault::Member("current_status", "DONE"), None),
        Scenario::ApiOddEmail => (ApiFault::Member("contact_email", "a&b?c@x.example"), None),
        _ => {
            debug_assert_ne!(scenario.group(), Group::Api);
            return None;
        }
    })
}
