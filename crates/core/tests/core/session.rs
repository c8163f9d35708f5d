//! The session machine, as a table of events and their effects.

use crate::code_support::{keys, refused};
use crate::support::{
    LIFETIME, REQUESTED, at, claims_with, client, client_with, context, entropy, header,
    key_set_of, loaded_keys, now, page, public_jwk, requested, sign, strangers_jwk, token,
    with_claims,
};
use cc_connect_core::{
    ReturnTo,
    constant_contact::{self, AccessTokenError},
    jose::{JwkSetError, TokenError},
    oauth::{
        AccessTokenResponseError, AuthorizationResponse, CapturedResponse, ErrorCode,
        NoPendingAuthorization, PendingAuthorization, Registration, ResponseError, Scope,
        TokenEndpointError, authorization_request,
    },
    openid_connect::IdTokenError,
    report::{Check, CheckName, Outcome, Report},
    session::{
        AUTOMATIC_INTERVAL, Account, COUNTDOWN, Context, Countdown, Effect, Event, Failure,
        KeySetFailure, KeyUsed, LoadedKeys, Phase, Reason, Reauthorize, Refusal, Remembered,
        Returned, Session, StartError, TokenStorage, expiry, stored,
    },
    time::Timestamp,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, error::Error};

/// A session under test: events go in, the names of effects come out.
pub struct Bench {
    pub session: Session,
    pub context: Context,
    pub now: Timestamp,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            session: Session::new(Remembered::default(), ReturnTo::START),
            context: context(),
            now: now(),
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Context)) -> Self {
        change(&mut self.context);
        self
    }

    /// Omits the effect that tells the clock about each fresh token.
    pub fn send(&mut self, event: Event) -> Vec<String> {
        let effects = self.effects(event);
        let told = |effect: &&Effect| !matches!(effect, Effect::WitnessTime(_));
        effects.iter().filter(told).map(name).collect()
    }

    pub fn effects(&mut self, event: Event) -> Vec<Effect> {
        let (session, effects) = self.session.clone().step(event, self.now, &self.context);
        self.session = session;
        effects
    }

    pub fn tick(&mut self, seconds: i64, visible: bool) -> Vec<String> {
        self.now = self.now.plus_seconds(seconds);
        self.send(Event::Tick {
            visible,
            online: true,
            page: page("connection"),
        })
    }

    pub fn phase(&self) -> &'static str {
        match self.session.phase() {
            _ if self.session.redirecting().is_some() => "redirecting",
            Phase::NotConnected(_) => "not connected",
            Phase::Exchanging(_) => "exchanging",
            Phase::Verifying(_) => "verifying",
            Phase::Renewing(_) => "renewing",
            Phase::AccountChanged(_) => "account changed",
            Phase::Connected(_) => "connected",
        }
    }

    pub fn code(&self) -> &'static str {
        match self.session.phase() {
            Phase::NotConnected(state) => match &state.reason {
                Reason::NeverConnected => "never connected",
                Reason::NothingReturned => "nothing returned",
                Reason::Expired { .. } => "expired",
                Reason::Rejected => "rejected",
                Reason::Disconnected => "disconnected",
                Reason::DisconnectedElsewhere => "disconnected elsewhere",
                reason => reason.code(),
            },
            Phase::Verifying(state) => state.failure.map_or("no failure", KeySetFailure::code),
            _ => "none",
        }
    }

    pub fn countdown(&self) -> Countdown {
        match self.session.phase() {
            Phase::NotConnected(state) => state.countdown,
            _ => Countdown::None,
        }
    }

    pub fn return_to(&self) -> Option<ReturnTo> {
        match self.session.phase() {
            Phase::NotConnected(state) => Some(state.return_to.clone()),
            _ => None,
        }
    }

    /// A page that opens with what an earlier one of this tab remembered.
    fn remembering(remembered: Remembered) -> Self {
        Self {
            session: Session::new(remembered, ReturnTo::START),
            ..Self::new()
        }
    }

    /// A token has come back and waits for the keys.
    fn verifying(token: &str) -> Self {
        let mut bench = Self::new();
        bench.send(returned(token));
        bench
    }

    /// A token comes back and meets the cached keys.
    fn receive(&mut self, token: &str) -> Vec<String> {
        self.send(returned(token));
        self.send(keys())
    }

    /// Runs a whole authorization, up to the connection.
    pub fn connected() -> Self {
        let mut bench = Self::verifying(&token());
        bench.send(fetched_keys());
        assert_eq!(bench.phase(), "connected", "{}", bench.code());
        bench
    }

    /// The permissions that the connection lacks, and those that nobody requested.
    fn differences(&self) -> [String; 2] {
        let grant = self.session.token().unwrap().grant();
        [grant.withheld().to_string(), grant.unasked().to_string()]
    }
}

pub fn name(effect: &Effect) -> String {
    match effect {
        Effect::Authorize {
            return_to,
            scope: None,
        } => format!("authorize for /{return_to}"),
        Effect::Authorize {
            return_to,
            scope: Some(scope),
        } => format!("authorize for /{return_to} with {scope}"),
        Effect::RecordAutomatic(_) => "record automatic".to_owned(),
        Effect::RecordRejection(_) => "record rejection".to_owned(),
        Effect::WitnessTime(at) => format!("witness {}", at.unix_seconds()),
        Effect::RememberAccount(account) => format!("remember {}", account.subject),
        Effect::Exchange(_) => "exchange".to_owned(),
        Effect::Refresh(_) => "refresh".to_owned(),
        Effect::LoadKeys(need) => format!("load keys: {need:?}"),
        Effect::StoreToken(_) => "store token".to_owned(),
        Effect::EraseToken => "erase token".to_owned(),
        Effect::Restore(route) => format!("restore for /{route}"),
        Effect::EraseEverything => "erase everything".to_owned(),
        Effect::AnnounceDisconnect => "announce disconnect".to_owned(),
        Effect::GoTo(route) => format!("go to /{route}"),
    }
}

fn pending() -> PendingAuthorization {
    authorization_request(&client(), &entropy(), page("connection"), requested()).pending
}

fn response(fragment: &str) -> AuthorizationResponse {
    AuthorizationResponse::parse(&CapturedResponse {
        fragment: fragment.to_owned(),
        query: String::new(),
    })
    .unwrap()
}

fn returned_with(parameters: &str) -> Event {
    returned_for(pending(), parameters)
}

/// The response to this request.
fn returned_for(pending: PendingAuthorization, parameters: &str) -> Event {
    let fragment = format!("{parameters}&state={}", pending.state.expose());
    Event::Returned(Box::new(Returned::Response {
        response: response(&fragment),
        pending: Ok(pending),
    }))
}

fn authorize(path: &str) -> Event {
    Event::Authorize {
        return_to: page(path),
        scope: None,
    }
}

fn rejected(path: &str) -> Event {
    Event::Rejected { page: page(path) }
}

fn fetched_keys() -> Event {
    Event::KeysLoaded(Ok(loaded_keys(false)))
}

fn returned(token: &str) -> Event {
    returned_with(&format!(
        "access_token={token}&token_type=Bearer&expires_in=28800"
    ))
}

/// A token as a reload finds it: written when accepted, then read back.
fn restored(token: &str) -> Event {
    let mut bench = Bench::new();
    bench.send(returned(token));
    let effects = bench.effects(fetched_keys());
    let stored = effects.iter().find_map(|effect| match effect {
        Effect::StoreToken(token) => Some(stored::write_token(token)),
        _ => None,
    });
    let token = stored::read_token(&stored.expect("a good token is stored")).unwrap();
    Event::Restored(Box::new(token), page("connection"))
}

/// The event makes room for the connection that is stored.
#[track_caller]
fn assert_older_connection_after(mut bench: Bench, event: Event) {
    assert_eq!(
        bench.send(event),
        ["go to /connection", "restore for /connection"]
    );
    assert_eq!(bench.code(), "never connected");
    bench.send(restored(&token()));
    bench.send(keys());
    assert_eq!(bench.phase(), "connected");
}

#[test]
fn connect_asks_for_authorization_and_remembers_the_page() {
    let mut bench = Bench::new();
    let effects = bench.send(authorize("connection"));
    assert_eq!(effects, ["authorize for /connection"]);
    assert_eq!(bench.phase(), "redirecting");
}

/// An application can request more than its settings name. Nothing requests an empty scope, and an
/// automatic authorization requests what the settings name.
#[test]
fn an_authorization_may_ask_for_another_scope() {
    let scope = |text| Some(Scope::parse(text).unwrap());
    for (scope, effect) in [
        (None, "authorize for /connection"),
        (Some(Scope::default()), "authorize for /connection"),
        (scope("b a"), "authorize for /connection with a b"),
    ] {
        for mut bench in [Bench::new(), Bench::connected()] {
            let effects = bench.send(Event::Authorize {
                return_to: page("connection"),
                scope: scope.clone(),
            });
            assert_eq!(effects, [effect]);
            assert_eq!(bench.phase(), "redirecting");
        }
    }
}

#[test]
fn a_person_may_press_the_button_again() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        let effects = bench.send(authorize(""));
        assert_eq!(effects, ["authorize for /"]);
    }
}

/// Rule (The request): If the browser does not leave, no request is pending → `navigation_failed`
#[test]
fn an_authorization_that_cannot_start_says_why() {
    for error in [
        StartError::StorageUnavailable,
        StartError::RandomnessUnavailable,
        StartError::NavigationFailed,
    ] {
        let mut bench = Bench::new();
        bench.send(authorize(""));
        assert_eq!(bench.send(Event::NotStarted(error)), ["go to /"]);
        assert_eq!(bench.code(), error.code());
        assert_eq!(bench.countdown(), Countdown::None);
    }
}

/// With nothing to lose, the next attempt leads back to the user's page.
#[test]
fn an_authorization_that_cannot_start_keeps_the_page() {
    let mut error = Bench::new();
    error.send(returned_with("error=server_error"));
    let mut redirecting = Bench::new();
    redirecting.send(authorize("set-up"));
    for (mut bench, phase, route) in [
        (error, "not connected", page("connection")),
        (redirecting, "redirecting", page("set-up")),
    ] {
        assert_eq!(bench.phase(), phase);
        let not_started = Event::NotStarted(StartError::NavigationFailed);
        assert_eq!(bench.send(not_started), [format!("go to /{route}")]);
        assert_eq!(bench.return_to(), Some(route), "{phase}");
    }
}

/// C14: full storage takes nothing away, in any phase; the error is shown alongside until the next
/// attempt.
#[test]
fn an_authorization_that_cannot_start_takes_nothing_away() {
    let verifying = Bench::verifying(&token());
    let mut without_keys = Bench::verifying(&token());
    without_keys.send(Event::KeysLoaded(Err(KeySetFailure::Unreachable)));
    for (mut bench, phase) in [
        (Bench::connected(), "connected"),
        (verifying, "verifying"),
        (without_keys, "verifying"),
        (asked(), "account changed"),
    ] {
        let token_before = bench.session.token().map(|token| token.expires_at());
        for error in [
            StartError::StorageUnavailable,
            StartError::RandomnessUnavailable,
            StartError::NavigationFailed,
        ] {
            assert_eq!(bench.send(authorize("set-up")), ["authorize for /set-up"]);
            assert_eq!(bench.phase(), "redirecting");
            assert_eq!(bench.session.not_started(), None, "{phase}");
            assert!(bench.send(Event::NotStarted(error)).is_empty(), "{phase}");
            assert_eq!(bench.phase(), phase);
            assert_eq!(bench.session.not_started(), Some(error));
            let token = bench.session.token().map(|token| token.expires_at());
            assert_eq!(token, token_before);
        }
    }
}

/// If the browser does not leave, the user can stay and keeps what was there.
#[test]
fn whoever_was_on_the_way_out_may_stay() {
    let mut bench = Bench::connected();
    bench.send(authorize(""));
    assert_eq!(bench.phase(), "redirecting");
    assert!(bench.send(Event::Stay).is_empty());
    assert_eq!(bench.phase(), "connected");
    assert!(bench.session.token().is_some());
    assert_eq!(bench.session.not_started(), None);
}

/// The page named by the event, otherwise the last one seen.
#[test]
fn the_end_leads_back_to_the_page_that_the_person_is_on() {
    for (event, route) in [
        (
            Event::Tick {
                visible: true,
                online: true,
                page: page("set-up"),
            },
            page("set-up"),
        ),
        (rejected("set-up"), page("set-up")),
        (Event::Accepted, page("connection")),
    ] {
        let mut bench = Bench::connected();
        bench.now = bench.now.plus_seconds(LIFETIME);
        assert_eq!(bench.send(event.clone()), ["erase token"]);
        assert_eq!(bench.code(), "expired");
        assert_eq!(bench.return_to(), Some(route), "{event:?}");
    }
}

#[test]
fn a_response_is_verified_before_it_counts() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(returned(&token())), ["load keys: Verify"]);
    assert_eq!(bench.phase(), "verifying");
    assert!(bench.session.token().is_none());
    let effects = bench.send(keys());
    assert_eq!(
        effects,
        ["remember geeksquad", "store token", "go to /connection"]
    );
    assert_eq!(bench.phase(), "connected");
    assert_eq!(bench.session.token().unwrap().granted(), client().scope());
}

/// What the *Connection* page shows next to the checks.
#[test]
fn a_verified_token_knows_how_it_was_asked_for_and_verified() {
    let mut bench = Bench::new();
    let scope = "account_read+offline_access";
    let parameters = format!("access_token={}&token_type=Bearer&scope={scope}", token());
    bench.send(returned_with(&parameters));
    let older = public_jwk();
    let set = key_set_of(&[json!({"kty": "EC"}), older]);
    let fetched_at = at(REQUESTED - 7);
    bench.send(Event::KeysLoaded(Ok(LoadedKeys {
        set,
        fetched_at,
        from_cache: true,
    })));
    let verified = bench.session.token().unwrap();
    assert_eq!(verified.access_token().expose(), token());
    assert_eq!(verified.redirect_uri(), client().redirect_uri());
    assert_eq!(verified.requested_at(), requested());
    assert_eq!(verified.requested(), client().scope());
    assert_eq!(
        verified.granted().to_string(),
        "account_read offline_access"
    );
    assert_eq!(verified.expires_at(), at(REQUESTED + 2 + LIFETIME));
    assert_eq!(
        verified.claims().platform_user_id(),
        "d3a06e62-2f14-4d96-9453-26591ab53f0d"
    );
    assert!(constant_contact::is_proof(verified.report()));
    assert_eq!(
        verified.key(),
        &KeyUsed {
            kid: Some("test-key".to_owned()),
            bits: 2048,
            fetched_at,
            set_len: 2,
        }
    );
}

/// Rule (Storage and other tabs): With `"token_storage": "memory"` the token is not stored
#[test]
fn in_memory_mode_nothing_is_stored() {
    let mut bench = Bench::new().with(|context| context.token_storage = TokenStorage::Memory);
    let effects = bench.receive(&token());
    assert_eq!(effects, ["remember geeksquad", "go to /connection"]);
}

/// Rule (The response): If less is granted than a page needs and requested, it connects and reports
/// that; technical scopes (`openid`, `offline_access`) are not permissions → `scope_narrowed`
#[test]
fn less_granted_than_asked_is_connected_and_known() {
    let mut bench = Bench::new();
    bench.send(returned_with(&format!(
        "access_token={}&token_type=Bearer&scope=account_read+account_update+offline_access",
        token()
    )));
    bench.send(keys());
    assert_eq!(
        bench.differences(),
        ["campaign_data contact_data", "account_update"]
    );
}

/// S1: scopes that no page needs are not reported missing, nor are technical ones.
///
/// Rule (The response): If less is granted than a page needs and requested, it connects and reports
/// that; technical scopes (`openid`, `offline_access`) are not permissions → `scope_narrowed`
#[test]
fn what_is_technical_is_not_missed() {
    let mut bench = Bench::new();
    let scope = "account_read account_update x openid profile email offline_access";
    let mut pending = pending();
    pending.scope = Scope::parse(scope).unwrap();
    let parameters = format!(
        "access_token={}&token_type=Bearer&scope=contact_data",
        token()
    );
    bench.send(returned_for(pending, &parameters));
    bench.send(keys());
    assert_eq!(
        bench.differences(),
        ["account_read account_update x", "contact_data"]
    );
}

/// Rule (The connection and its end): No authorization starts automatically after an error
#[test]
fn every_other_answer_leads_to_its_message_and_starts_nothing() {
    let response = |fragment: &str, pending| {
        Event::Returned(Box::new(Returned::Response {
            response: response(fragment),
            pending,
        }))
    };
    let state = pending().state.expose().to_owned();
    for (event, code) in [
        (
            Event::Returned(Box::new(Returned::Nothing)),
            "nothing returned",
        ),
        (
            Event::Returned(Box::new(Returned::Unreadable(
                ResponseError::DuplicateParameter,
            ))),
            "duplicate_parameter",
        ),
        (returned_with("error=access_denied"), "access_denied"),
        (returned_with("error=server_error"), "server_error"),
        (
            response("error=access_denied", Ok(pending())),
            "state_missing",
        ),
        (
            response(
                &format!("access_token=a&token_type=Bearer&state={state}"),
                Err(NoPendingAuthorization::NoneStored),
            ),
            "no_pending_authorization",
        ),
        (
            response(
                &format!("access_token=a&token_type=Bearer&state={state}"),
                Err(NoPendingAuthorization::OtherState),
            ),
            "state_mismatch",
        ),
    ] {
        let mut bench = Bench::new();
        assert!(bench.send(event).is_empty(), "{code}");
        assert_eq!(bench.phase(), "not connected");
        assert_eq!(bench.code(), code);
        for _ in 0..100 {
            assert!(
                bench.tick(1, true).is_empty(),
                "{code}: nothing starts automatically"
            );
        }
    }
}

/// Rule (The token): A token that fails verification is neither stored nor used
#[test]
fn a_token_that_fails_is_refused_with_its_reason_and_was_never_stored() {
    let bad = sign(&header().to_string(), &claims_with(json!({"cid": "other"})));
    let mut bench = Bench::verifying(&bad);
    assert!(bench.send(keys()).is_empty());
    assert_eq!(bench.code(), "client_mismatch");
    for _ in 0..100 {
        assert!(bench.tick(1, true).is_empty());
    }
}

/// Rule (The key set): Without keys there is no connection, and the response waits in memory: *Try
/// again* needs no reload and no second permission
#[test]
fn without_keys_the_answer_waits_and_another_try_is_offered() {
    for (failure, code) in [
        // Offline, blocked, without CORS headers, or too slow.
        (KeySetFailure::Unreachable, "keys_unreachable"),
        (KeySetFailure::Status(304), "keys_status"),
        (KeySetFailure::Status(404), "keys_status"),
        (KeySetFailure::Status(429), "keys_status"),
        (KeySetFailure::Status(500), "keys_status"),
        (KeySetFailure::Status(503), "keys_status"),
        (
            KeySetFailure::Document(JwkSetError::TooLarge),
            "keys_too_large",
        ),
        (
            KeySetFailure::Document(JwkSetError::Malformed),
            "keys_malformed",
        ),
        (KeySetFailure::Document(JwkSetError::Empty), "keys_empty"),
    ] {
        let mut bench = Bench::verifying(&token());
        assert!(bench.send(Event::KeysLoaded(Err(failure))).is_empty());
        assert_eq!((bench.phase(), bench.code()), ("verifying", code));
        assert!(bench.session.token().is_none());
        assert_eq!(bench.send(Event::TryAgain), ["load keys: Retry"]);
        assert_eq!(bench.code(), "no failure");
        // A second press while a request is in flight does nothing.
        assert!(bench.send(Event::TryAgain).is_empty());
        bench.send(fetched_keys());
        assert_eq!(bench.phase(), "connected");
    }
}

fn other_keys(from_cache: bool) -> LoadedKeys {
    let mut jwk = public_jwk();
    jwk["kid"] = json!("older");
    LoadedKeys {
        set: key_set_of(&[jwk]),
        fetched_at: requested(),
        from_cache,
    }
}

/// Rule (The key set): An unknown `kid` has the set fetched once more, and then not again for a
/// minute
#[test]
fn an_unknown_key_in_the_cached_set_is_looked_up_once() {
    let mut bench = Bench::verifying(&token());
    assert_eq!(
        bench.send(Event::KeysLoaded(Ok(other_keys(true)))),
        ["load keys: UnknownKid"]
    );
    assert_eq!(bench.phase(), "verifying");
    bench.send(fetched_keys());
    assert_eq!(bench.phase(), "connected");
}

/// B13: a new key under the old name, or the old key in another form: the cached set rejects the
/// token, and one more fetch settles it. Subject to the usual cool-down, and only for failures that
/// keys can cause.
#[test]
fn a_key_that_was_replaced_under_its_name_is_looked_up_once() {
    let cached = |jwk: Value| {
        Event::KeysLoaded(Ok(LoadedKeys {
            set: key_set_of(&[jwk]),
            fetched_at: requested(),
            from_cache: true,
        }))
    };
    let mut other = strangers_jwk();
    other["kid"] = json!("test-key");
    let mut encryption = public_jwk();
    encryption["use"] = json!("enc");
    for (jwk, code) in [(other, "bad_signature"), (encryption, "unsuitable_key")] {
        let mut bench = Bench::verifying(&token());
        assert_eq!(bench.send(cached(jwk.clone())), ["load keys: UnknownKid"]);
        bench.send(fetched_keys());
        assert_eq!(bench.phase(), "connected", "{code}");

        let mut bench = Bench::verifying(&token());
        bench.send(cached(jwk.clone()));
        assert!(bench.send(cached(jwk)).is_empty());
        assert_eq!(bench.code(), code);
    }
    let mut bench = Bench::verifying(&with_claims(json!({"iss": "x"})));
    assert!(bench.send(keys()).is_empty());
    assert_eq!(bench.code(), "issuer_mismatch");
}

/// L4: a fresh token whose times do not fit makes the session check the clocks, once, and verify
/// again with the result. A token from storage is not fresh, and a forged one is not evidence.
#[test]
fn a_fresh_token_that_does_not_fit_the_time_is_held_against_the_clocks() {
    for (host_ahead, code) in [
        (-400, "issued_in_the_future"),
        (400, "issued_before_request"),
    ] {
        let mut bench = Bench::new();
        bench.now = now().plus_seconds(host_ahead);
        let mut pending = pending();
        pending.created_at = requested().plus_seconds(host_ahead);
        let parameters = format!("access_token={}&token_type=Bearer", token());
        bench.send(returned_for(pending, &parameters));
        let effects = bench.effects(fetched_keys());
        assert_eq!(
            effects.iter().map(name).collect::<Vec<_>>(),
            [
                format!("witness {}", REQUESTED + 2),
                "load keys: Verify".to_owned()
            ],
            "{code}"
        );
        let unchanged = {
            let mut bench = Bench {
                session: bench.session.clone(),
                context: bench.context.clone(),
                now: bench.now,
            };
            assert!(bench.send(fetched_keys()).is_empty());
            bench.code()
        };
        assert_eq!(unchanged, code);
        bench.now = now();
        bench.send(fetched_keys());
        assert_eq!(bench.phase(), "connected", "{code}: {}", bench.code());
    }
    let mut bench = Bench::new();
    bench.send(restored(&token()));
    bench.now = now().plus_seconds(-400);
    let effects = bench.send(fetched_keys());
    assert_eq!(effects, ["erase token"]);
}

#[test]
fn an_unknown_key_in_a_fresh_set_is_refused() {
    let mut bench = Bench::verifying(&token());
    assert!(
        bench
            .send(Event::KeysLoaded(Ok(other_keys(false))))
            .is_empty()
    );
    assert_eq!(bench.code(), "key_not_found");
}

#[test]
fn an_unknown_key_during_the_cool_down_is_refused() {
    let mut bench = Bench::verifying(&token());
    bench.send(Event::KeysLoaded(Ok(other_keys(true))));
    // During the cool-down, the second request is served from the cache.
    assert!(
        bench
            .send(Event::KeysLoaded(Ok(other_keys(true))))
            .is_empty()
    );
    assert_eq!(bench.code(), "key_not_found");
}

/// Rule (The key set): A document that cannot be read does not replace the cached one
#[test]
fn a_refetch_that_fails_can_be_tried_again() {
    let mut bench = Bench::verifying(&token());
    bench.send(Event::KeysLoaded(Ok(other_keys(true))));
    bench.send(Event::KeysLoaded(Err(KeySetFailure::Unreachable)));
    assert_eq!(bench.send(Event::TryAgain), ["load keys: UnknownKid"]);
}

/// Rule (The token): Verified state cannot be loaded, only recomputed
#[test]
fn a_stored_token_is_verified_again_in_full() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(restored(&token())), ["load keys: Verify"]);
    assert!(bench.session.token().is_none());
    // The token is not stored again and the page does not change.
    assert_eq!(bench.send(keys()), ["remember geeksquad"]);
    assert_eq!(bench.phase(), "connected");
}

/// Rule (Storage and other tabs): A stored token that fails verification is erased
#[test]
fn a_stored_token_that_fails_is_erased() {
    let mut bench = Bench::new();
    bench.send(restored(&token()));
    let effects = bench.send(Event::KeysLoaded(Ok(other_keys(false))));
    assert_eq!(effects, ["erase token"]);
    assert_eq!(bench.code(), "key_not_found");
}

/// Rule (Storage and other tabs): A token stored under another client or issuer is erased
#[test]
fn a_token_stored_under_other_settings_is_erased_without_a_word() {
    for change in [
        (|registration| registration.client_id = "x".to_owned()) as fn(&mut Registration),
        |registration| registration.issuer = "https://other.example".to_owned(),
    ] {
        let mut bench = Bench::new().with(|context| context.client = client_with(change));
        assert_eq!(bench.send(restored(&token())), ["erase token"]);
        assert_eq!(bench.code(), "never connected");
    }
}

/// Rule (The connection and its end): After sleep, and in a reopened tab, the end is noticed before
/// anything else
#[test]
fn a_connection_that_ended_while_the_page_was_closed_ended_like_any_other() {
    for late in [LIFETIME, LIFETIME + 30, LIFETIME + 1_000_000] {
        let mut bench = Bench::new();
        bench.now = at(REQUESTED + 2 + late);
        bench.send(restored(&token()));
        let effects = bench.send(keys());
        assert_eq!(effects, ["erase token"], "{late}");
        assert_eq!(bench.code(), "expired");
        assert_eq!(bench.return_to(), Some(page("connection")));
        assert_eq!(bench.countdown(), Countdown::Waiting);
    }
}

/// A clock is wrong and authorizing again would loop: within the leeway and beyond it.
///
/// Rule (The token): The report that accompanies an error shows which check failed
///
/// Rule (The connection and its end): A new token that has expired already is an error, not an end:
/// requesting another would not help
#[test]
fn a_fresh_token_that_has_ended_is_an_error() {
    for ended in [1, 2, 59, 62, 200] {
        let stale = sign(
            &header().to_string(),
            &claims_with(json!({"iat": REQUESTED - 250, "exp": REQUESTED + 2 - ended})),
        );
        let mut bench = Bench::verifying(&stale);
        assert!(refused(&mut bench).is_empty());
        assert_eq!(bench.code(), "token_expired", "{ended}");
        assert_eq!(bench.countdown(), Countdown::None, "{ended}");
        // C15: the report next to the error shows which check failed.
        let Phase::NotConnected(state) = bench.session.phase() else {
            panic!("{}", bench.phase());
        };
        let Reason::TokenRefused { report, .. } = &state.reason else {
            panic!("{:?}", state.reason);
        };
        let failed = |check: &&Check| check.outcome == Outcome::Failed;
        let checks = report.checks();
        assert_eq!(
            checks.iter().find(failed).unwrap().name,
            CheckName::Expiry,
            "{ended}"
        );
        assert_eq!(checks.len(), constant_contact::all_checks().count());
        assert!(!constant_contact::is_proof(report), "{ended}");
    }
}

/// Only a refusal by the user (or a policy) is reported as one: any other error response is an
/// error.
#[test]
fn a_no_is_told_apart_from_an_error() {
    for known in ErrorCode::KNOWN.iter().copied().chain([ErrorCode::Unknown]) {
        let mut bench = Bench::new();
        bench.send(returned_with(&format!("error={}", known.code())));
        let Phase::NotConnected(state) = bench.session.phase() else {
            panic!("{known:?}");
        };
        let declined = match &state.reason {
            Reason::Declined(error) => Some(error),
            Reason::ResponseRefused(error) => {
                assert_eq!(error.code(), known.code());
                None
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(
            declined.is_some(),
            known == ErrorCode::AccessDenied,
            "{known:?}"
        );
    }
    // Without a request of ours, it does not count as a refusal.
    let mut bench = Bench::new();
    bench.send(Event::Returned(Box::new(Returned::Response {
        response: response("error=access_denied"),
        pending: Ok(pending()),
    })));
    let Phase::NotConnected(state) = bench.session.phase() else {
        panic!("a refusal");
    };
    assert!(matches!(state.reason, Reason::ResponseRefused(_)));
}

/// Rule (The connection and its end): `exp` ends the connection; the token is erased at once →
/// `connection_expired`
#[test]
fn exp_ends_the_connection_and_the_countdown_leads_back() {
    let mut bench = Bench::connected();
    assert!(bench.tick(LIFETIME - 1, true).is_empty());
    assert_eq!(bench.phase(), "connected");
    assert_eq!(bench.tick(1, true), ["erase token"]);
    assert_eq!(bench.code(), "expired");
    assert_eq!(bench.return_to(), Some(page("connection")));
    assert!(bench.session.token().is_none());

    assert!(bench.tick(0, true).is_empty());
    assert_eq!(
        bench.countdown(),
        Countdown::Until(bench.now.plus_seconds(COUNTDOWN))
    );
    assert!(bench.tick(COUNTDOWN - 1, true).is_empty());
    assert_eq!(
        bench.tick(1, true),
        ["record automatic", "authorize for /connection"]
    );
    assert_eq!(bench.phase(), "redirecting");
    // Only once.
    assert!(bench.tick(1, true).is_empty());
    assert!(bench.tick(100, true).is_empty());
}

/// Rule (The connection and its end): No authorization starts automatically on a hidden page
#[test]
fn a_hidden_page_waits_until_it_is_looked_at() {
    let mut bench = Bench::connected();
    bench.tick(LIFETIME, false);
    for _ in 0..100 {
        assert!(bench.tick(60, false).is_empty());
        assert_eq!(bench.countdown(), Countdown::Waiting);
    }
    bench.tick(1, true);
    assert_eq!(
        bench.countdown(),
        Countdown::Until(bench.now.plus_seconds(COUNTDOWN))
    );
    // Hiding the page stops the countdown; showing it restarts it.
    bench.tick(COUNTDOWN - 1, true);
    bench.tick(1, false);
    assert_eq!(bench.countdown(), Countdown::Waiting);
    bench.tick(1, true);
    assert_eq!(
        bench.countdown(),
        Countdown::Until(bench.now.plus_seconds(COUNTDOWN))
    );
}

/// Rule (The connection and its end): No authorization starts automatically if the user or the
/// deployer does not want it
#[test]
fn not_now_stops_the_countdown_for_good() {
    let mut bench = Bench::connected();
    bench.tick(LIFETIME, true);
    bench.tick(1, true);
    assert!(bench.send(Event::StayDisconnected).is_empty());
    for _ in 0..100 {
        assert!(bench.tick(1, true).is_empty());
    }
    assert_eq!(bench.code(), "expired");
    let effects = bench.send(authorize("connection"));
    assert_eq!(effects, ["authorize for /connection"]);
}

/// Rule (The connection and its end): No authorization starts automatically if the user or the
/// deployer does not want it
#[test]
fn the_setting_prompt_has_no_countdown() {
    let mut bench = Bench::connected().with(|context| context.reauthorize = Reauthorize::Prompt);
    bench.tick(LIFETIME, true);
    assert_eq!(bench.countdown(), Countdown::None);
    for _ in 0..100 {
        assert!(bench.tick(1, true).is_empty());
    }
}

/// Rule (The connection and its end): At most one authorization a minute starts automatically
#[test]
fn one_automatic_authorization_a_minute_at_most() {
    for (ago, expected) in [
        (0, Countdown::None),
        (AUTOMATIC_INTERVAL - 1, Countdown::None),
        (AUTOMATIC_INTERVAL, Countdown::Waiting),
        // Recorded in the future, so a clock was set back: nothing starts automatically.
        (-100, Countdown::None),
    ] {
        let end = at(REQUESTED + 2 + LIFETIME);
        let mut bench = Bench::remembering(Remembered {
            last_automatic: Some(end.plus_seconds(-ago)),
            ..Remembered::default()
        });
        bench.receive(&token());
        bench.now = end;
        bench.tick(0, false);
        assert_eq!(bench.code(), "expired");
        assert_eq!(bench.countdown(), expected, "{ago} seconds ago");
    }
}

/// The clock is set back during the countdown: the user does not wait for the old deadline.
#[test]
fn a_countdown_never_takes_longer_than_ten_seconds() {
    for back in [1, 5, 1_000_000] {
        let mut bench = Bench::connected();
        bench.tick(LIFETIME, true);
        bench.tick(0, true);
        let end = bench.now.plus_seconds(COUNTDOWN);
        assert_eq!(bench.countdown(), Countdown::Until(end));
        assert!(bench.tick(-back, true).is_empty());
        let sooner = bench.now.plus_seconds(COUNTDOWN);
        assert_eq!(bench.countdown(), Countdown::Until(sooner), "{back}");
        assert!(bench.tick(COUNTDOWN - 1, true).is_empty());
        assert_eq!(
            bench.tick(1, true),
            ["record automatic", "authorize for /connection"]
        );
    }
}

/// The rate limiter is consulted when the countdown begins and when it ends: in between, the clock
/// may have been set back to within a minute of the last start, or before it.
#[test]
fn a_clock_that_is_set_back_does_not_lift_the_limit() {
    for (now, starts) in [
        (-1, false),
        (AUTOMATIC_INTERVAL - 1, false),
        (AUTOMATIC_INTERVAL, true),
    ] {
        let end = at(REQUESTED + 2 + LIFETIME);
        let last = end.plus_seconds(-AUTOMATIC_INTERVAL);
        let mut bench = Bench::remembering(Remembered {
            last_automatic: Some(last),
            ..Remembered::default()
        });
        bench.receive(&token());
        bench.now = end;
        bench.tick(0, true);
        bench.tick(0, true);
        assert_eq!(
            bench.countdown(),
            Countdown::Until(end.plus_seconds(COUNTDOWN))
        );
        // Set back, but not enough to keep the countdown from ending soon.
        bench.now = last.plus_seconds(now - COUNTDOWN);
        bench.tick(0, true);
        let effects = bench.tick(COUNTDOWN, true);
        assert_eq!(!effects.is_empty(), starts, "{now} seconds after the last");
        if !starts {
            assert_eq!(bench.countdown(), Countdown::None);
        }
    }
}

/// Rule (The connection and its end): A 401 that nothing contradicts ends the connection; after one
/// to a token that never worked nothing starts → `connection_rejected`
#[test]
fn a_401_ends_a_connection_that_worked() {
    let mut bench = Bench::connected();
    bench.send(Event::Accepted);
    assert_eq!(
        bench.send(rejected("connection")),
        ["record rejection", "erase token"]
    );
    assert_eq!(
        (bench.code(), bench.return_to()),
        ("rejected", Some(page("connection")))
    );
    assert_eq!(bench.countdown(), Countdown::Waiting);

    // C1: the next token is rejected too. Another authorization would not help.
    bench.send(returned(&token()));
    bench.send(fetched_keys());
    bench.send(Event::Accepted);
    let effects = bench.send(rejected("connection"));
    assert_eq!(effects, ["erase token"]);
    assert_eq!(
        (bench.code(), bench.countdown()),
        ("rejected", Countdown::None)
    );
}

/// A token that never worked is an error, and nothing starts automatically after an error.
///
/// Rule (The connection and its end): A 401 that nothing contradicts ends the connection; after one
/// to a token that never worked nothing starts → `connection_rejected`
#[test]
fn a_401_to_a_token_that_never_worked_starts_nothing() {
    let mut bench = Bench::connected();
    bench.send(rejected(""));
    assert_eq!(
        (bench.code(), bench.countdown()),
        ("rejected", Countdown::None)
    );
    for _ in 0..100 {
        assert!(bench.tick(1, true).is_empty());
    }
}

/// Rule (The connection and its end): Events out of turn change nothing
#[test]
fn a_late_401_after_the_end_changes_nothing() {
    let mut bench = Bench::connected();
    bench.tick(LIFETIME, true);
    assert!(bench.send(rejected("")).is_empty());
    assert_eq!(bench.code(), "expired");
}

/// Rule (Storage and other tabs): *Disconnect* erases everything
#[test]
fn disconnect_erases_everything_and_tells_the_others() {
    let mut bench = Bench::connected();
    let effects = bench.send(Event::Disconnect);
    assert_eq!(
        effects,
        ["erase everything", "announce disconnect", "go to /"]
    );
    assert_eq!(bench.code(), "disconnected");
}

/// Rule (Storage and other tabs): The other tabs are notified without the token
#[test]
fn a_tab_that_is_told_erases_everything_and_tells_nobody() {
    let mut bench = Bench::connected();
    assert_eq!(
        bench.send(Event::DisconnectedElsewhere),
        ["erase everything"]
    );
    assert_eq!(bench.code(), "disconnected elsewhere");
    assert!(bench.session.token().is_none());
}

#[test]
fn a_message_that_was_read_makes_room_for_an_older_connection() {
    let mut bench = Bench::new();
    bench.send(returned_with("error=access_denied"));
    assert_older_connection_after(bench, Event::Dismiss);
}

/// Rule (The connection and its end): Events out of turn change nothing
#[test]
fn events_out_of_turn_change_nothing() {
    for event in [
        Event::TryAgain,
        Event::Accepted,
        Event::StayDisconnected,
        Event::Dismiss,
        keys(),
        Event::KeysLoaded(Err(KeySetFailure::Unreachable)),
    ] {
        let mut bench = Bench::connected();
        assert!(bench.send(event).is_empty());
        assert_eq!(bench.phase(), "connected");
    }
    let mut bench = Bench::new();
    assert!(bench.send(keys()).is_empty());
    assert_eq!(bench.phase(), "not connected");
    assert!(bench.send(rejected("")).is_empty());
    assert_eq!(bench.code(), "never connected");
}

#[test]
fn expiry_is_arithmetic() {
    let end = at(1_000);
    assert!(!expiry::has_expired(end, at(999)));
    assert!(expiry::has_expired(end, at(1_000)));
    assert!(!expiry::expires_soon(end, at(699)));
    assert!(expiry::expires_soon(end, at(700)));
    assert_eq!(expiry::remaining(end, at(990)), 10);
    assert_eq!(expiry::remaining(end, at(2_000)), 0);
    // A countdown shows 1 until it ends.
    assert_eq!(
        expiry::remaining(end, Timestamp::from_unix_millis(999_001)),
        1
    );
}

/// Whatever the first event after expiry, expiry is handled first.
///
/// Rule (The connection and its end): After every event, *connected* means a verified token that
/// has not expired
///
/// Rule (The connection and its end): A 401 after the connection ended during sleep counts as its
/// end → `connection_expired`
#[test]
fn the_end_is_noticed_at_every_event() {
    for event in [
        Event::Accepted,
        Event::TryAgain,
        Event::StayDisconnected,
        Event::ContinueWithAccount,
        Event::RefuseAccount,
        keys(),
        rejected("connection"),
    ] {
        let mut bench = Bench::connected();
        bench.tick(LIFETIME - 1, true);
        bench.now = bench.now.plus_seconds(1);
        assert_eq!(bench.send(event.clone()), ["erase token"], "{event:?}");
        assert_eq!(bench.code(), "expired", "{event:?}");
        // Named by the event, or by the last tick.
        assert_eq!(bench.return_to(), Some(page("connection")), "{event:?}");
    }
    let mut bench = Bench::connected();
    bench.now = bench.now.plus_seconds(LIFETIME);
    let effects = bench.send(authorize("set-up"));
    assert_eq!(effects, ["erase token", "authorize for /set-up"]);
}

fn token_of_another_account() -> String {
    let changes = json!({"platform_user_id": "another", "sub": "harbor"});
    sign(&header().to_string(), &claims_with(changes))
}

/// The tab was connected, and a token for another account comes back.
fn asked() -> Bench {
    let mut bench = Bench::connected();
    assert!(bench.receive(&token_of_another_account()).is_empty());
    assert_eq!(bench.phase(), "account changed");
    assert!(bench.session.token().is_none());
    bench
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
#[test]
fn another_account_is_asked_about_before_it_is_connected() {
    let bench = asked();
    let Phase::AccountChanged(question) = bench.session.phase() else {
        panic!("a question");
    };
    assert_eq!(question.previous.subject, "geeksquad");
    assert_eq!(question.account.subject, "harbor");
}

#[test]
fn a_person_may_continue_with_the_other_account() {
    let mut bench = asked();
    assert_eq!(
        bench.send(Event::ContinueWithAccount),
        ["remember harbor", "store token", "go to /connection"]
    );
    assert_eq!(bench.phase(), "connected");
    // From now on, later tokens are compared with this account.
    bench.receive(&token_of_another_account());
    assert_eq!(bench.phase(), "connected");
    bench.receive(&token());
    assert_eq!(bench.phase(), "account changed");
}

/// Rule (Storage and other tabs): With `"token_storage": "memory"` the token is not stored
#[test]
fn in_memory_mode_the_other_account_is_not_stored_either() {
    let mut bench = asked().with(|context| context.token_storage = TokenStorage::Memory);
    assert_eq!(
        bench.send(Event::ContinueWithAccount),
        ["remember harbor", "go to /connection"]
    );
}

/// Rule (The connection and its end): The user may reject another account and keep the old
/// connection
#[test]
fn a_person_may_refuse_the_other_account_and_keep_the_old_connection() {
    assert_older_connection_after(asked(), Event::RefuseAccount);
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
#[test]
fn a_stored_token_of_another_account_is_erased_and_asked_about() {
    let mut bench = Bench::connected();
    bench.send(restored(&token_of_another_account()));
    assert_eq!(bench.send(keys()), ["erase token"]);
    assert_eq!(bench.phase(), "account changed");
    // Stored again once the user has agreed.
    assert_eq!(
        bench.send(Event::ContinueWithAccount),
        ["remember harbor", "store token", "go to /connection"]
    );
}

/// Rule (The connection and its end): A different account than before in this tab has to be
/// confirmed before it is connected, stored or used → `account_changed`
#[test]
fn a_question_that_nobody_answers_ends_with_the_token() {
    let mut bench = asked();
    assert!(bench.tick(LIFETIME - 1, true).is_empty());
    assert_eq!(bench.phase(), "account changed");
    assert!(bench.tick(1, true).is_empty());
    assert_eq!(
        (bench.code(), bench.countdown()),
        ("expired", Countdown::None)
    );
    assert!(bench.send(Event::ContinueWithAccount).is_empty());
    assert_eq!(bench.phase(), "not connected");
}

/// The identifier is compared: login names can change.
///
/// Rule (The connection and its end): The same account needs no confirmation, nor does any account
/// after disconnecting
#[test]
fn a_new_login_name_is_no_other_account() {
    let renamed = sign(
        &header().to_string(),
        &claims_with(json!({"sub": "geeksquad2"})),
    );
    let mut bench = Bench::connected();
    let effects = bench.receive(&renamed);
    assert_eq!(
        effects,
        ["remember geeksquad2", "store token", "go to /connection"]
    );
}

/// Rule (The connection and its end): The same account needs no confirmation, nor does any account
/// after disconnecting
#[test]
fn after_disconnecting_anybody_may_connect() {
    for event in [Event::Disconnect, Event::DisconnectedElsewhere] {
        let mut bench = Bench::connected();
        bench.send(event);
        bench.receive(&token_of_another_account());
        assert_eq!(bench.phase(), "connected");
    }
}

#[test]
fn who_was_connected_is_remembered_across_pages() {
    let remembered = Account {
        platform_user_id: "d3a06e62-2f14-4d96-9453-26591ab53f0d".to_owned(),
        subject: "geeksquad".to_owned(),
    };
    for (token, phase) in [
        (token(), "connected"),
        (token_of_another_account(), "account changed"),
    ] {
        let mut bench = Bench::remembering(Remembered {
            account: Some(remembered.clone()),
            ..Remembered::default()
        });
        bench.receive(&token);
        assert_eq!(bench.phase(), phase);
    }
}

/// Errors are lower case and without a full stop, reasons are sentences; the cause is the source.
#[test]
fn what_fails_says_so_in_english() {
    let offline = || TokenEndpointError::Offline;
    let wrapped: [(Box<dyn Error>, Option<String>); 10] = [
        (Box::new(StartError::StorageUnavailable), None),
        (Box::new(StartError::RandomnessUnavailable), None),
        (Box::new(StartError::NavigationFailed), None),
        (Box::new(KeySetFailure::Unreachable), None),
        (Box::new(KeySetFailure::Status(404)), None),
        (
            Box::new(KeySetFailure::Document(JwkSetError::Empty)),
            Some(JwkSetError::Empty.to_string()),
        ),
        (
            Box::new(Refusal::AccessToken(TokenError::BadSignature.into())),
            Some(AccessTokenError::from(TokenError::BadSignature).to_string()),
        ),
        (
            Box::new(Refusal::IdToken(IdTokenError::Missing)),
            Some(IdTokenError::Missing.to_string()),
        ),
        (
            Box::new(Failure::Endpoint(offline())),
            Some(offline().to_string()),
        ),
        (
            Box::new(Failure::Keys(KeySetFailure::Unreachable)),
            Some(KeySetFailure::Unreachable.to_string()),
        ),
    ];
    for (error, source) in wrapped {
        let text = error.to_string();
        assert!(
            text.starts_with(|first: char| first.is_lowercase()),
            "{text}"
        );
        assert!(!text.ends_with('.'), "{text}");
        assert_eq!(error.source().map(ToString::to_string), source, "{text}");
    }
    let declined = || AccessTokenResponseError::NeitherTokenNorError;
    let mut texts = BTreeSet::new();
    let reasons = [
        Reason::NeverConnected,
        Reason::NothingReturned,
        Reason::Declined(declined().into()),
        Reason::UnreadableResponse(ResponseError::Malformed),
        Reason::ResponseRefused(declined().into()),
        Reason::NotExchanged(offline()),
        Reason::TokenRefused {
            error: Refusal::IdToken(IdTokenError::Missing),
            report: Report::default(),
        },
        Reason::NotStarted(StartError::NavigationFailed),
        Reason::Expired { at: now() },
        Reason::NotRenewed(offline()),
        Reason::Rejected,
        Reason::Disconnected,
        Reason::DisconnectedElsewhere,
    ];
    for reason in &reasons {
        let text = reason.to_string();
        assert!(
            text.starts_with(|first: char| first.is_uppercase()),
            "{text}"
        );
        assert_eq!(text.find('.'), Some(text.len() - 1), "{text}");
        texts.insert(text);
    }
    assert_eq!(texts.len(), reasons.len());
}
