//! Renewing a connection with a refresh token: when, how often, and with what outcome.

use crate::support::page;
use crate::{
    code_support::{
        DUE, END, REFRESH_TOKEN, answer, asking, asking_with_openid, bench, connected,
        connected_with, given_up, invalid_grant, keys, not_refreshed, refreshed, refusal, refused,
        renewing, restored, returned, sent, stage, token_of, until, until_millis, used, verifying,
        waiting, without_network, written,
    },
    session::{Bench, name},
    support::{
        LIFETIME, REQUESTED, STRANGERS_KEY, at, changed, changed_client, claims_with, encode,
        header, key_set_of, loaded_keys, public_jwk, sign, sign_input, token, with_claims,
    },
};
use cc_connect_core::{
    ReturnTo,
    jose::JwkSetError,
    oauth::{
        AccessToken, AccessTokenResponseError, ClientAuthentication, Scope, TokenEndpointError,
        TokenRequest, TokenResponse,
    },
    session::{
        AUTOMATIC_INTERVAL, Account, COUNTDOWN, Countdown, Effect, Event, KeySetFailure,
        LoadedKeys, Phase, REJECTION_INTERVAL, Reauthorize, Remembered, Session, Stage, StartError,
        TokenStorage, renewal, stored,
    },
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};

/// Seconds between two attempts.
const PAUSES: [i64; 7] = [5, 10, 20, 40, 60, 60, 60];

/// A valid token issued now, in a token endpoint response.
fn fresh(bench: &Bench) -> String {
    token_of(bench.now)
}

fn second(access_token: &str) -> Event {
    refreshed(&answer(
        access_token,
        json!({"refresh_token": "refresh-token-2"}),
    ))
}

fn no_keys() -> Event {
    Event::KeysLoaded(Err(KeySetFailure::Unreachable))
}

fn passing() -> [TokenEndpointError; 8] {
    [
        TokenEndpointError::Offline,
        TokenEndpointError::Locked,
        TokenEndpointError::Unreachable,
        throttled(),
        TokenEndpointError::Status(500),
        TokenEndpointError::Status(503),
        refusal("server_error"),
        refusal("temporarily_unavailable"),
    ]
}

/// L1: responses of gateways, firewalls and captive portals, which no token endpoint would send.
fn unclear() -> [TokenEndpointError; 6] {
    let html = |status| TokenResponse::read(status, b"<html>Forbidden</html>").unwrap_err();
    [
        html(403),
        html(404),
        html(200),
        TokenResponse::read(401, b"").unwrap_err(),
        TokenResponse::read(400, br#"{"message":"Forbidden"}"#).unwrap_err(),
        TokenEndpointError::TooLarge,
    ]
}

fn throttled() -> TokenEndpointError {
    TokenEndpointError::Throttled { retry_after: None }
}

fn lasting() -> [TokenEndpointError; 6] {
    [
        invalid_grant(),
        refusal("invalid_client"),
        refusal("unauthorized_client"),
        refusal("tomorrow"),
        TokenEndpointError::NotExclusive,
        TokenEndpointError::Refused(AccessTokenResponseError::UnsupportedTokenType),
    ]
}

// When renewal is due.

/// Rule (The renewal): It is requested five minutes before expiry, for a short lifetime in its last
/// fifth, and not earlier
#[test]
fn it_is_due_five_minutes_before_the_end_and_not_a_millisecond_earlier() {
    assert_eq!(renewal::AHEAD, 300);
    let mut bench = connected();
    for hours in 0..7 {
        assert!(until(&mut bench, REQUESTED + 2 + hours * 3_600).is_empty());
    }
    assert!(until_millis(&mut bench, DUE * 1_000 - 1).is_empty());
    assert_eq!(stage(&bench), "resting");
    let effects = {
        bench.now = at(DUE);
        bench.effects(Event::Tick {
            visible: false,
            online: true,
            page: page("connection"),
        })
    };
    assert_eq!(sent(&effects), REFRESH_TOKEN);
    assert_eq!(stage(&bench), "asking");
    assert!(bench.session.is_refreshing());
    assert_eq!(used(&bench), Some(token()));
}

/// Rule (The renewal): It is requested five minutes before expiry, for a short lifetime in its last
/// fifth, and not earlier
#[test]
fn of_a_short_life_it_is_the_last_fifth() {
    for (lifetime, ahead) in [
        (28_800, 300),
        (1_505, 300),
        (1_500, 300),
        (1_495, 299),
        (1_000, 200),
        (60, 12),
        (10, 2),
        (5, 1),
    ] {
        let access_token = with_claims(json!({"exp": REQUESTED + 2 + lifetime}));
        let mut bench = connected_with(&access_token, json!({}));
        let due = (REQUESTED + 2 + lifetime - ahead) * 1_000;
        assert!(until_millis(&mut bench, due - 1).is_empty(), "{lifetime}");
        assert_eq!(until_millis(&mut bench, due), ["refresh"], "{lifetime}");
        assert_eq!(bench.phase(), "connected");
    }
}

/// Rule (The renewal): The refresh request has exactly the parameters of RFC 6749 §6 in its body
#[test]
fn it_is_asked_for_at_the_token_endpoint_with_what_is_known() {
    let mut bench = connected();
    bench.now = at(DUE);
    let effects = bench.effects(Event::Tick {
        visible: true,
        online: true,
        page: ReturnTo::START,
    });
    let [Effect::Refresh(grant)] = effects.as_slice() else {
        panic!("{:?}", effects.iter().map(name).collect::<Vec<_>>());
    };
    let request = TokenRequest::for_refresh_token(
        grant.refresh_token().unwrap(),
        grant.client_id(),
        ClientAuthentication::None,
    );
    let expected = format!(
        "grant_type=refresh_token&client_id={}&refresh_token={REFRESH_TOKEN}",
        bench.context.client.client_id()
    );
    assert_eq!(request.expose_body(), expected);
}

/// A refresh token may be single-use, so there is never more than one request in flight.
///
/// Rule (The renewal): There is only one refresh request at a time
#[test]
fn there_is_one_request_at_a_time() {
    let mut bench = asking();
    for event in [
        Event::TryAgain,
        Event::Accepted,
        keys(),
        no_keys(),
        Event::StayDisconnected,
        Event::Dismiss,
        Event::ContinueWithAccount,
        Event::RefuseAccount,
    ] {
        assert!(bench.send(event).is_empty());
    }
    for _ in 0..299 {
        assert!(bench.tick(1, true).is_empty());
    }
    assert_eq!(bench.phase(), "connected");
    // Past the expiry, even days later: still waiting for the response to the one request.
    for seconds in [1, 1, 60, 86_400] {
        assert!(bench.tick(seconds, true).is_empty());
        assert!(bench.send(Event::TryAgain).is_empty());
        assert_eq!((bench.phase(), stage(&bench)), ("renewing", "asking"));
    }
    bench.now = at(END);
    let access_token = fresh(&bench);
    assert_eq!(
        bench.send(second(&access_token)),
        ["store token", "load keys: Verify"]
    );
}

/// Nor are the keys requested twice while a request is in flight.
#[test]
fn a_renewed_token_waits_for_its_keys() {
    let mut bench = asking();
    let access_token = fresh(&bench);
    bench.send(second(&access_token));
    for event in [Event::TryAgain, Event::Accepted] {
        assert!(bench.send(event).is_empty());
    }
    assert!(bench.tick(1, true).is_empty());
    assert_eq!(stage(&bench), "verifying");
    assert!(bench.send(keys()).is_empty());
    assert_eq!(used(&bench), Some(access_token));
}

/// Rule (The renewal): There is only one refresh request at a time
#[test]
fn a_clock_that_is_set_back_asks_for_nothing_again() {
    let mut bench = asking();
    for back in [1, 3_600, 1_000_000] {
        assert!(bench.tick(-back, true).is_empty());
    }
    assert_eq!(stage(&bench), "asking");
    let mut bench = connected();
    assert!(bench.tick(-1_000_000, true).is_empty());
    assert_eq!(stage(&bench), "resting");
}

/// B3: `navigator.onLine` is a hint. It can be false while the network works, and if it is right,
/// the request fails at once and costs nothing; so renewal is attempted anyway, with the usual
/// pauses.
///
/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
#[test]
fn the_browsers_word_on_the_network_keeps_nothing_from_being_renewed() {
    let mut bench = connected();
    bench.now = at(DUE);
    assert_eq!(without_network(&mut bench, 0), ["refresh"]);
    for pause in PAUSES {
        bench.send(not_refreshed(TokenEndpointError::Offline));
        assert!(without_network(&mut bench, pause - 1).is_empty());
        assert_eq!(without_network(&mut bench, 1), ["refresh"]);
    }
    // Also after expiry, and pressing the button skips the pause.
    let mut bench = renewing();
    bench.send(not_refreshed(TokenEndpointError::Offline));
    assert!(without_network(&mut bench, 4).is_empty());
    assert_eq!(bench.send(Event::TryAgain), ["refresh"]);
    let access_token = fresh(&bench);
    bench.send(second(&access_token));
    bench.send(no_keys());
    assert_eq!(without_network(&mut bench, 10), ["load keys: Retry"]);
}

/// Rule (The renewal): A new pair of tokens is stored before it is used
#[test]
fn the_new_pair_is_stored_before_anything_is_done_with_it() {
    let mut bench = asking();
    let access_token = fresh(&bench);
    let effects = bench.effects(second(&access_token));
    assert_eq!(
        effects.iter().map(name).collect::<Vec<_>>(),
        ["store token", "load keys: Verify"]
    );
    let stored = written(&effects).unwrap();
    assert_eq!(stored["access_token"], access_token);
    assert_eq!(stored["refresh_token"], "refresh-token-2");
    assert_eq!(stored["requested_at"], at(DUE).unix_millis());
    assert_eq!((bench.phase(), stage(&bench)), ("connected", "verifying"));
    assert!(bench.session.is_verifying() && !bench.session.is_refreshing());
    assert_eq!(used(&bench), Some(token()));

    assert!(bench.send(keys()).is_empty());
    assert_eq!((bench.phase(), stage(&bench)), ("connected", "resting"));
    assert_eq!(used(&bench), Some(access_token));
    assert!(!bench.session.is_verifying());
    let token = bench.session.token().unwrap();
    assert_eq!(token.expires_at(), at(DUE + LIFETIME));
    assert_eq!(token.requested_at(), at(DUE));
}

/// Rule (The renewal): A new pair of tokens is stored before it is used
#[test]
fn the_next_renewal_uses_the_next_refresh_token() {
    for (changes, expected) in [
        (
            json!({"refresh_token": "refresh-token-2"}),
            "refresh-token-2",
        ),
        // RFC 6749 §6: without a new refresh token, the old one stays valid.
        (json!({"refresh_token": null}), REFRESH_TOKEN),
        (json!({"refresh_token": REFRESH_TOKEN}), REFRESH_TOKEN),
    ] {
        let mut bench = asking();
        let access_token = fresh(&bench);
        let effects = bench.effects(refreshed(&answer(&access_token, changes)));
        assert_eq!(written(&effects).unwrap()["refresh_token"], expected);
        bench.send(keys());
        let due = (DUE + LIFETIME - 300) * 1_000;
        assert!(until_millis(&mut bench, due - 1).is_empty());
        bench.now = Timestamp::from_unix_millis(due);
        let effects = bench.effects(Event::Tick {
            visible: true,
            online: true,
            page: page("connection"),
        });
        assert_eq!(sent(&effects), expected);
    }
}

#[test]
fn a_narrower_scope_is_taken_over() {
    let mut bench = asking();
    let access_token = fresh(&bench);
    bench.send(refreshed(&answer(
        &access_token,
        json!({"scope": "account_read"}),
    )));
    bench.send(keys());
    let token = bench.session.token().unwrap();
    // The refresh token arrived, so that much was granted, whatever is listed.
    let granted = Scope::parse("account_read offline_access").unwrap();
    assert_eq!(token.granted(), &granted);
    assert_eq!(token.requested(), bench.context.client.scope());
    assert!(token.grant().withheld().contains("contact_data"));

    // No `scope` means unchanged.
    bench.now = at(DUE + LIFETIME - 300);
    assert_eq!(bench.tick(0, true), ["refresh"]);
    let access_token = fresh(&bench);
    bench.send(refreshed(&answer(&access_token, json!({"scope": null}))));
    bench.send(keys());
    let token = bench.session.token().unwrap();
    // The refresh token arrived, so that much was granted, whatever is listed.
    let granted = Scope::parse("account_read offline_access").unwrap();
    assert_eq!(token.granted(), &granted);
}

/// The same verification as ever: a token that fails it is erased and ends the connection.
///
/// Rule (The renewal): The new access token is verified like any other, and erased if it is
/// rejected
#[test]
fn a_renewed_token_is_verified_like_any_other() {
    let issued = |changes: Value| {
        let times = json!({"iat": DUE, "exp": DUE + LIFETIME});
        with_claims(changed(times, &changes))
    };
    let strangers = |claims: String| {
        let input = format!("{}.{}", encode(header().to_string()), encode(claims));
        sign_input(Rsa::rs256(), &STRANGERS_KEY, input)
    };
    let times = json!({"iat": DUE, "exp": DUE + LIFETIME});
    let good = token_of(at(DUE));
    let tables = [
        (strangers(claims_with(times)), json!({}), "bad_signature"),
        (
            issued(json!({"cid": "other"})),
            json!({}),
            "client_mismatch",
        ),
        (
            issued(json!({"iss": "other"})),
            json!({}),
            "issuer_mismatch",
        ),
        (
            issued(json!({"aud": "other"})),
            json!({}),
            "audience_mismatch",
        ),
        (
            issued(json!({"iat": DUE - 200, "exp": DUE - 100})),
            json!({}),
            "token_expired",
        ),
        // Within the leeway, but of no use.
        (
            issued(json!({"iat": DUE - 200, "exp": DUE})),
            json!({}),
            "token_expired",
        ),
        (
            issued(json!({"iat": DUE - 301})),
            json!({}),
            "issued_before_request",
        ),
        (token(), json!({}), "issued_before_request"),
        (
            issued(json!({"exp": DUE + 86_461})),
            json!({}),
            "lifetime_too_long",
        ),
        (
            issued(json!({"nonce": "other"})),
            json!({}),
            "nonce_mismatch",
        ),
        (
            sign(
                &json!({"alg": "HS256", "kid": "test-key"}).to_string(),
                &claims_with(json!({})),
            ),
            json!({}),
            "unsupported_algorithm",
        ),
        (
            good.clone(),
            json!({"id_token": "a.b"}),
            "id_token_malformed",
        ),
        (
            good.clone(),
            json!({"id_token": good}),
            "id_token_audience_mismatch",
        ),
    ];
    for (access_token, changes, code) in tables {
        for after_the_end in [false, true] {
            let mut bench = asking_with_openid();
            if after_the_end {
                assert!(until(&mut bench, END).is_empty());
                bench.now = at(DUE);
            }
            bench.send(refreshed(&answer(&access_token, changes.clone())));
            assert_eq!(refused(&mut bench), ["erase token"], "{code}");
            assert_eq!(bench.code(), code);
            assert_eq!(bench.countdown(), Countdown::None, "{code}");
            assert_eq!(bench.return_to(), Some(page("connection")));
            for _ in 0..100 {
                assert!(bench.tick(60, true).is_empty());
            }
        }
    }
}

/// Rule (The renewal): A renewed token of another account has to be confirmed, and is not left in
/// the storage
#[test]
fn another_accounts_token_is_asked_about_and_not_left_in_the_storage() {
    let another = |bench: &Bench| {
        let issued = bench.now.unix_seconds();
        with_claims(json!({
            "iat": issued, "exp": issued + LIFETIME, "platform_user_id": "another", "sub": "harbor",
        }))
    };
    for mut bench in [asking(), renewing()] {
        let access_token = another(&bench);
        assert_eq!(
            bench.send(second(&access_token)),
            ["store token", "load keys: Verify"]
        );
        assert_eq!(bench.send(keys()), ["erase token"]);
        assert_eq!(bench.phase(), "account changed");
        assert!(bench.session.token().is_none());
        assert_eq!(stage(&bench), "none");

        let mut refused = Bench {
            session: bench.session.clone(),
            context: bench.context.clone(),
            now: bench.now,
        };
        assert_eq!(
            refused.send(Event::RefuseAccount),
            ["go to /connection", "restore for /connection"]
        );
        assert_eq!(refused.code(), "never connected");

        let effects = bench.effects(Event::ContinueWithAccount);
        assert_eq!(
            effects.iter().map(name).collect::<Vec<_>>(),
            ["remember harbor", "store token", "go to /connection"]
        );
        assert_eq!(
            written(&effects).unwrap()["refresh_token"],
            "refresh-token-2"
        );
        assert_eq!((bench.phase(), stage(&bench)), ("connected", "resting"));
    }
}

/// A changed login name does not mean a different account.
#[test]
fn a_new_login_name_is_remembered() {
    let mut bench = asking();
    let renamed = with_claims(json!({"iat": DUE, "exp": DUE + LIFETIME, "sub": "geeksquad2"}));
    bench.send(second(&renamed));
    assert_eq!(bench.send(keys()), ["remember geeksquad2"]);
    assert_eq!(bench.phase(), "connected");
}

/// Rule (The renewal): The old token stays in use until the new one is verified, or until it
/// expires
#[test]
fn without_keys_the_old_token_stays_in_use_and_the_keys_are_asked_for_again() {
    for failure in [
        KeySetFailure::Unreachable,
        KeySetFailure::Status(500),
        KeySetFailure::Document(JwkSetError::Empty),
    ] {
        let access_token = token_of(at(DUE));
        let mut bench = verifying(&access_token);
        for pause in PAUSES.into_iter().take(5) {
            assert!(bench.send(Event::KeysLoaded(Err(failure))).is_empty());
            assert_eq!((bench.phase(), stage(&bench)), ("connected", "verifying"));
            assert_eq!(used(&bench), Some(token()));
            bench.now = bench.now.plus_millis(pause * 1_000 - 1);
            assert!(bench.tick(0, true).is_empty(), "{pause}");
            bench.now = bench.now.plus_millis(1);
            assert_eq!(bench.tick(0, true), ["load keys: Retry"], "{pause}");
            assert!(bench.tick(0, true).is_empty());
            assert!(bench.tick(100, true).is_empty());
            bench.now = bench.now.plus_seconds(-100);
        }
        assert!(bench.send(keys()).is_empty());
        assert_eq!(used(&bench), Some(access_token));
    }
}

/// A key missing from the cached set: the set is fetched again, once, also after failures.
///
/// Rule (The renewal): The new access token is verified like any other, and erased if it is
/// rejected
#[test]
fn a_renewed_token_under_an_unknown_key_has_the_keys_fetched_anew() {
    let claims = claims_with(json!({"iat": DUE, "exp": DUE + LIFETIME}));
    let access_token = sign(
        &changed(header(), &json!({"kid": "new-key"})).to_string(),
        &claims,
    );
    let mut bench = verifying(&access_token);
    assert_eq!(bench.send(keys()), ["load keys: UnknownKid"]);
    assert!(bench.send(no_keys()).is_empty());
    assert!(bench.tick(4, true).is_empty());
    assert_eq!(bench.tick(1, true), ["load keys: UnknownKid"]);
    let set = key_set_of(&[changed(public_jwk(), &json!({"kid": "new-key"}))]);
    let loaded = LoadedKeys {
        set,
        ..loaded_keys(false)
    };
    assert!(bench.send(Event::KeysLoaded(Ok(loaded))).is_empty());
    assert_eq!(used(&bench), Some(access_token.clone()));

    let mut bench = verifying(&access_token);
    bench.send(keys());
    assert_eq!(bench.send(keys()), ["erase token"]);
    assert_eq!(bench.code(), "key_not_found");
}

// Transient failures.

/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
#[test]
fn what_passes_is_tried_again_with_longer_and_longer_pauses() {
    for error in passing() {
        for after_the_end in [false, true] {
            let access_token = with_claims(json!({"exp": REQUESTED + 2 + 20_000}));
            let end = REQUESTED + 2 + 20_000;
            let mut bench = connected_with(&access_token, json!({}));
            let start = if after_the_end { end } else { end - 300 };
            assert_eq!(until(&mut bench, start), ["refresh"]);
            let phase = bench.phase();
            assert_eq!(
                phase,
                if after_the_end {
                    "renewing"
                } else {
                    "connected"
                }
            );
            for pause in PAUSES {
                assert!(bench.send(not_refreshed(error.clone())).is_empty());
                assert_eq!((bench.phase(), stage(&bench)), (phase, "waiting"));
                let until = match bench.session.phase() {
                    Phase::Connected(state) => state.renewal.as_ref(),
                    Phase::Renewing(state) => Some(&state.renewal),
                    _ => None,
                };
                assert_eq!(until.unwrap().error(), Some(&error));
                assert!(until.unwrap().is_hopeful());
                bench.now = bench.now.plus_millis(pause * 1_000 - 1);
                assert!(bench.tick(0, true).is_empty(), "{pause}");
                bench.now = bench.now.plus_millis(1);
                assert_eq!(bench.tick(0, true), ["refresh"], "{pause}");
                assert!(bench.tick(0, true).is_empty());
            }
        }
    }
}

/// L1: an inconclusive response does not cost the refresh token, but is not retried forever.
///
/// Rule (The renewal): A response that no token endpoint would send is retried eight times
#[test]
fn a_response_that_says_nothing_is_retried_a_bounded_number_of_times() {
    for error in unclear() {
        let mut bench = asking();
        for attempt in 1..=renewal::MAX_UNCLEAR {
            assert!(bench.send(not_refreshed(error.clone())).is_empty());
            assert_eq!(stage(&bench), "waiting", "{error:?} {attempt}");
            // A conclusive response would reset the count; token expiry does not.
            bench.now = bench.now.plus_seconds(60);
            assert_eq!(bench.tick(0, true), ["refresh"]);
        }
        let effects = bench.send(not_refreshed(error.clone()));
        assert_eq!(
            (bench.code(), effects.as_slice()),
            (error.code(), &["erase token".to_owned()][..]),
        );
    }
    let mut bench = renewing();
    for _ in 0..3 * renewal::MAX_UNCLEAR {
        for error in [unclear()[0].clone(), TokenEndpointError::Unreachable] {
            assert!(bench.send(not_refreshed(error)).is_empty());
            bench.now = bench.now.plus_seconds(60);
            assert_eq!(bench.tick(0, true), ["refresh"]);
        }
    }
}

/// The server's own `Retry-After` applies if it is longer than the pause, up to an hour.
///
/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
#[test]
fn a_throttled_refresh_waits_as_long_as_the_server_asks() {
    for (retry_after, pause) in [
        (None, 5),
        (Some(0), 5),
        (Some(4), 5),
        (Some(30), 30),
        (Some(600), 600),
        (Some(u32::MAX), 3_600),
    ] {
        let mut bench = renewing();
        let error = TokenEndpointError::Throttled { retry_after };
        assert!(bench.send(not_refreshed(error)).is_empty());
        let until = bench.now.plus_seconds(pause);
        assert_eq!(bench.session.retried_at(), Some(until));
        assert!(bench.tick(pause - 1, true).is_empty(), "{retry_after:?}");
        assert_eq!(bench.tick(1, true), ["refresh"], "{retry_after:?}");
    }
}

#[test]
fn after_a_success_the_pauses_begin_anew() {
    let mut bench = waiting();
    bench.tick(5, true);
    bench.send(not_refreshed(throttled()));
    assert_eq!(bench.tick(10, true), ["refresh"]);
    let access_token = fresh(&bench);
    bench.send(second(&access_token));
    bench.send(keys());
    bench.now = bench.session.token().unwrap().expires_at();
    bench.now = bench.now.plus_seconds(-300);
    assert_eq!(bench.tick(0, true), ["refresh"]);
    bench.send(not_refreshed(throttled()));
    assert!(bench.tick(4, true).is_empty());
    assert_eq!(bench.tick(1, true), ["refresh"]);
}

/// The clock is set back during a pause: the old deadline no longer applies.
///
/// Rule (The renewal): A temporary failure is retried, with pauses of up to a minute or the
/// server's `Retry-After`, whatever the browser reports about the network
#[test]
fn no_pause_is_longer_than_a_minute_whatever_the_clock() {
    for back in [1, 100, 1_000_000] {
        let mut bench = waiting();
        assert!(bench.tick(-back, true).is_empty());
        let left = (5 + back).min(60);
        assert!(bench.tick(left - 1, true).is_empty(), "{back}");
        assert_eq!(bench.tick(1, true), ["refresh"], "{back}");
    }
    let access_token = token_of(at(DUE));
    let mut bench = verifying(&access_token);
    bench.send(no_keys());
    assert!(bench.tick(-1_000_000, true).is_empty());
    assert!(bench.tick(59, true).is_empty());
    assert_eq!(bench.tick(1, true), ["load keys: Retry"]);
}

/// Token expiry does not cut a pause short that would outlast it.
#[test]
fn the_end_does_not_cut_a_pause_short() {
    let mut bench = connected();
    assert_eq!(until(&mut bench, END - 1), ["refresh"]);
    bench.send(not_refreshed(throttled()));
    assert!(bench.tick(1, true).is_empty());
    assert_eq!((bench.phase(), stage(&bench)), ("renewing", "waiting"));
    assert!(bench.tick(3, true).is_empty());
    assert_eq!(bench.tick(1, true), ["refresh"]);
}

#[test]
fn a_person_may_try_again_before_the_pause_is_over() {
    let mut bench = renewing();
    bench.send(not_refreshed(TokenEndpointError::Unreachable));
    assert_eq!(bench.send(Event::TryAgain), ["refresh"]);
    assert!(bench.send(Event::TryAgain).is_empty());
    let access_token = fresh(&bench);
    bench.send(second(&access_token));
    assert!(bench.send(Event::TryAgain).is_empty());
    bench.send(no_keys());
    assert_eq!(bench.send(Event::TryAgain), ["load keys: Retry"]);
    assert!(bench.send(Event::TryAgain).is_empty());
    bench.send(keys());
    assert_eq!(used(&bench), Some(access_token));
    // B3: also while the old token still works, but only after a failure.
    assert_eq!(waiting().send(Event::TryAgain), ["refresh"]);
    for mut bench in [connected(), asking(), given_up()] {
        assert!(bench.send(Event::TryAgain).is_empty());
    }
}

// The token expires first.

/// Whatever the stage of the renewal when the token expires: no token is handed out, and after
/// renewal the user is where they were.
///
/// Rule (The renewal): After expiry there is no token until a new one arrives
#[test]
fn the_end_leads_to_renewing_and_back_without_a_change_of_page() {
    let access_token = token_of(at(END));
    type Make = fn() -> Bench;
    let table: [(&str, Make, &[&str]); 4] = [
        ("resting", connected, &["refresh"]),
        ("asking", asking, &[]),
        ("waiting", waiting, &["refresh"]),
        ("verifying", || verifying(&token_of(at(END))), &[]),
    ];
    for (before, make, effects) in table {
        let mut bench = make();
        assert_eq!((bench.phase(), stage(&bench)), ("connected", before));
        assert!(used(&bench).is_some(), "{before}");
        assert_eq!(until(&mut bench, END), effects, "{before}");
        assert_eq!(bench.phase(), "renewing", "{before}");
        assert!(bench.session.token().is_none(), "{before}");
        if before != "verifying" {
            assert_eq!(
                bench.send(second(&access_token)),
                ["store token", "load keys: Verify"],
                "{before}"
            );
            assert_eq!((bench.phase(), stage(&bench)), ("renewing", "verifying"));
            assert!(bench.session.token().is_none());
        }
        assert!(bench.send(keys()).is_empty(), "{before}");
        assert_eq!(bench.phase(), "connected", "{before}: {}", bench.code());
        assert_eq!(used(&bench).as_ref(), Some(&access_token));
    }
}

/// The machine slept past the expiry: whatever event wakes it, expiry is handled first.
///
/// Rule (The renewal): After expiry there is no token until a new one arrives
#[test]
fn the_end_is_noticed_at_every_event() {
    for (event, effects) in [
        (Event::Accepted, vec!["refresh"]),
        (Event::TryAgain, vec!["refresh"]),
        (keys(), vec!["refresh"]),
        (
            Event::Rejected {
                page: ReturnTo::START,
            },
            vec!["refresh"],
        ),
    ] {
        let mut bench = connected();
        bench.now = at(END + 100_000);
        assert_eq!(bench.send(event.clone()), effects, "{event:?}");
        assert_eq!(bench.phase(), "renewing", "{event:?}");
    }
    // The response arrives just after expiry.
    let mut bench = asking();
    bench.now = at(END);
    let access_token = fresh(&bench);
    assert_eq!(
        bench.send(second(&access_token)),
        ["store token", "load keys: Verify"]
    );
    assert_eq!(bench.phase(), "renewing");
    let mut bench = verifying(&access_token);
    bench.now = at(END);
    assert!(bench.send(keys()).is_empty());
    assert_eq!(used(&bench), Some(access_token));
}

/// A hidden page renews its connection too: that needs no redirect.
#[test]
fn a_hidden_page_renews_too() {
    let mut bench = connected();
    bench.now = at(DUE);
    assert_eq!(bench.tick(0, false), ["refresh"]);
    let mut bench = connected();
    bench.now = at(END);
    assert_eq!(bench.tick(0, false), ["refresh"]);
    bench.send(not_refreshed(TokenEndpointError::Unreachable));
    assert_eq!(bench.tick(5, false), ["refresh"]);
}

/// The user navigated while the keys were loading, and stays on the new page.
#[test]
fn the_page_of_now_counts_and_not_that_of_the_request() {
    let go = |bench: &mut Bench, page| {
        bench.send(Event::Tick {
            visible: true,
            online: true,
            page,
        })
    };
    let another = with_claims(json!({
        "iat": DUE, "exp": DUE + LIFETIME, "platform_user_id": "another", "sub": "harbor",
    }));
    let mut bench = verifying(&another);
    assert!(go(&mut bench, page("set-up")).is_empty());
    bench.send(keys());
    assert_eq!(
        bench.send(Event::ContinueWithAccount).last().unwrap(),
        "go to /set-up"
    );

    let mut bench = verifying("opaque");
    assert!(go(&mut bench, page("set-up")).is_empty());
    bench.send(keys());
    assert_eq!(bench.return_to(), Some(page("set-up")));

    let mut bench = verifying(&token_of(at(DUE)));
    assert!(go(&mut bench, page("set-up")).is_empty());
    bench.send(keys());
    bench.now = at(DUE + LIFETIME);
    bench.send(Event::Accepted);
    bench.send(not_refreshed(invalid_grant()));
    assert_eq!(bench.return_to(), Some(page("set-up")));
}

// Permanent failures.

/// Rule (The renewal): A browser without locks renews nothing → `refresh_not_exclusive`
///
/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
#[test]
fn what_was_refused_for_good_ends_the_connection_when_its_token_does() {
    for error in lasting() {
        let mut bench = asking();
        let effects = bench.effects(not_refreshed(error.clone()));
        assert_eq!(
            effects.iter().map(name).collect::<Vec<_>>(),
            ["store token"],
            "{error:?}"
        );
        // The connection survives a reload; the refresh token, now useless, does not.
        let stored = written(&effects).unwrap();
        assert_eq!(stored["access_token"], token());
        assert_eq!(stored.get("refresh_token"), None, "{error:?}");
        assert_eq!((bench.phase(), stage(&bench)), ("connected", "given up"));
        assert_eq!(used(&bench), Some(token()));
        for _ in 0..299 {
            assert!(bench.tick(1, true).is_empty());
        }
        assert!(bench.send(Event::TryAgain).is_empty());
        assert_eq!(bench.phase(), "connected");
        assert_eq!(bench.tick(1, true), ["erase token"]);
        assert_eq!(bench.code(), error.code());
        let end = bench.now.plus_seconds(COUNTDOWN);
        assert_eq!(bench.countdown(), Countdown::Until(end));
        assert_eq!(bench.return_to(), Some(page("connection")));
        assert_eq!(
            bench.tick(COUNTDOWN, true),
            ["record automatic", "authorize for /connection"]
        );
    }
}

/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
#[test]
fn what_is_refused_for_good_while_renewing_ends_it_at_once() {
    for error in lasting() {
        let mut bench = renewing();
        assert_eq!(
            bench.send(not_refreshed(error.clone())),
            ["erase token"],
            "{error:?}"
        );
        assert_eq!(bench.code(), error.code());
        assert_eq!(bench.countdown(), Countdown::Waiting);
        assert_eq!(bench.return_to(), Some(page("connection")));
    }
}

/// Rule (The renewal): A final refusal erases the refresh token; the connection lasts until its
/// token expires, and the user's work is kept
#[test]
fn the_countdown_after_it_follows_the_setting_and_the_limit() {
    type Make = fn() -> Bench;
    let table: [(Make, Event); 2] = [
        (renewing, not_refreshed(invalid_grant())),
        (
            given_up,
            Event::Tick {
                visible: true,
                online: true,
                page: page("connection"),
            },
        ),
    ];
    for (make, event) in table {
        let mut bench = make().with(|context| context.reauthorize = Reauthorize::Prompt);
        bench.now = at(END);
        bench.send(event.clone());
        assert_eq!(
            (bench.code(), bench.countdown()),
            ("invalid_grant", Countdown::None)
        );
    }
    for (ago, countdown) in [
        (AUTOMATIC_INTERVAL - 1, Countdown::None),
        (AUTOMATIC_INTERVAL, Countdown::Waiting),
    ] {
        let mut bench = bench();
        bench.now = at(END);
        let remembered = Remembered {
            last_automatic: Some(bench.now.plus_seconds(-ago)),
            account: None,
            ..Remembered::default()
        };
        bench.session = Session::new(remembered, ReturnTo::START);
        bench.send(restored(&token(), json!({})));
        assert_eq!(bench.send(keys()), ["refresh"]);
        bench.send(not_refreshed(invalid_grant()));
        assert_eq!(bench.countdown(), countdown, "{ago}");
    }
}

// Rejections by the API.

/// Rule (The renewal): A 401 to a token that worked renews it, once in ten minutes whatever
/// happened before; to one that never worked it is an error
#[test]
fn a_401_to_a_token_that_worked_renews_it() {
    let rejected = || Event::Rejected {
        page: page("set-up"),
    };
    type Make = fn() -> Bench;
    let table: [(Make, &[&str], &str); 4] = [
        (connected, &["record rejection", "refresh"], "asking"),
        (asking, &["record rejection"], "asking"),
        (waiting, &["record rejection"], "waiting"),
        (
            || verifying(&token_of(at(DUE))),
            &["record rejection"],
            "verifying",
        ),
    ];
    for (make, effects, after) in table {
        let mut bench = make();
        bench.send(Event::Accepted);
        assert_eq!(bench.send(rejected()), effects, "{after}");
        assert_eq!((bench.phase(), stage(&bench)), ("renewing", after));
        assert!(bench.session.token().is_none());
        // The other requests in flight fail the same way.
        assert!(bench.send(rejected()).is_empty());
        assert!(bench.send(Event::Accepted).is_empty());
        assert_eq!(bench.phase(), "renewing");
    }

    let mut bench = connected();
    bench.send(Event::Accepted);
    bench.send(rejected());
    let access_token = fresh(&bench);
    bench.send(second(&access_token));
    assert!(bench.send(keys()).is_empty());
    assert_eq!(used(&bench), Some(access_token));

    let mut bench = given_up();
    bench.send(Event::Accepted);
    assert_eq!(bench.send(rejected()), ["record rejection", "erase token"]);
    assert_eq!(
        (bench.code(), bench.countdown(), bench.return_to()),
        ("invalid_grant", Countdown::Waiting, Some(page("set-up")))
    );
}

/// C1: if the API rejects every token, the connection is renewed once, not forever. The next 401
/// ends it, and nothing starts automatically, not even in the tab's next page.
///
/// Rule (The renewal): A 401 to a token that worked renews it, once in ten minutes whatever
/// happened before; to one that never worked it is an error
#[test]
fn a_401_renews_once_in_ten_minutes() {
    let rejected = || Event::Rejected {
        page: page("connection"),
    };
    let renew = |bench: &mut Bench| {
        let access_token = fresh(bench);
        bench.send(second(&access_token));
        bench.send(keys());
        assert_eq!(used(bench), Some(access_token));
        bench.send(Event::Accepted);
    };
    assert_eq!(REJECTION_INTERVAL, 600);
    for (seconds, again) in [
        (0, false),
        (1, false),
        (REJECTION_INTERVAL - 1, false),
        (REJECTION_INTERVAL, true),
        // The clock was set back.
        (-1_000, false),
    ] {
        for reload in [false, true] {
            let mut bench = connected();
            bench.send(Event::Accepted);
            let effects = bench.effects(rejected());
            let [Effect::RecordRejection(at), Effect::Refresh(_)] = effects.as_slice() else {
                panic!("{effects:?}");
            };
            assert_eq!(*at, bench.now);
            renew(&mut bench);
            if reload {
                let remembered = Remembered {
                    last_rejection: Some(*at),
                    ..Remembered::default()
                };
                bench.session = Session::new(remembered, ReturnTo::START);
                let access_token = fresh(&bench);
                bench.send(restored(&access_token, json!({})));
                bench.send(keys());
                bench.send(Event::Accepted);
            }
            bench.now = bench.now.plus_seconds(seconds);
            let effects = bench.send(rejected());
            if again {
                assert_eq!(effects, ["record rejection", "refresh"]);
                continue;
            }
            assert_eq!(effects, ["erase token"], "{seconds}");
            assert_eq!(
                (bench.code(), bench.countdown()),
                ("rejected", Countdown::None)
            );
            for _ in 0..1_000 {
                assert!(bench.tick(60, true).is_empty());
            }
        }
    }
}

/// A 401 for a token that has since been replaced says nothing about its replacement.
///
/// Rule (The renewal): A 401 to the token before a renewal says nothing about the one in use
#[test]
fn after_a_renewal_the_token_of_before_is_not_the_one_in_use() {
    let uses = |bench: &Bench, token: &str| {
        bench
            .session
            .holds_token(&AccessToken::new(token.to_owned()))
    };
    let another = token_of(at(DUE));
    for bench in [connected(), asking(), verifying(&another), waiting()] {
        assert!(uses(&bench, &token()), "{}", stage(&bench));
        assert!(!uses(&bench, &another), "{}", stage(&bench));
    }
    let mut renewed = verifying(&another);
    renewed.send(keys());
    assert!(!uses(&renewed, &token()));
    assert!(uses(&renewed, &another));
    assert!(!uses(&renewing(), &token()));
}

/// A token that never worked is an error, whether first or renewed: renewing again would not help.
///
/// Rule (The renewal): A 401 to a token that worked renews it, once in ten minutes whatever
/// happened before; to one that never worked it is an error
#[test]
fn a_401_to_a_token_that_never_worked_is_an_error() {
    let mut renewed = asking();
    renewed.send(Event::Accepted);
    let access_token = fresh(&renewed);
    renewed.send(second(&access_token));
    renewed.send(keys());
    for mut bench in [connected(), asking(), waiting(), renewed] {
        assert_eq!(
            bench.send(Event::Rejected {
                page: ReturnTo::START
            }),
            ["erase token"]
        );
        assert_eq!(
            (bench.code(), bench.countdown()),
            ("rejected", Countdown::None)
        );
        for _ in 0..100 {
            assert!(bench.tick(10, true).is_empty());
        }
    }
}

// The next page.

/// Rule (The renewal): An expired stored token is renewed if possible, and one that was tampered
/// with is not
#[test]
fn a_stored_token_that_has_ended_is_renewed_if_it_can_be() {
    // Within the leeway and after it.
    for after in [0, 59, 60, 100_000] {
        let mut bench = bench();
        bench.now = at(END + after);
        bench.send(restored(&token(), json!({})));
        assert_eq!(bench.send(keys()), ["refresh"], "{after}");
        assert_eq!((bench.phase(), stage(&bench)), ("renewing", "asking"));
        let access_token = fresh(&bench);
        bench.send(second(&access_token));
        assert_eq!(bench.send(keys()), ["remember geeksquad"]);
        assert_eq!(used(&bench), Some(access_token));

        let mut bench = crate::code_support::bench();
        bench.now = at(END + after);
        bench.send(restored(&token(), json!({"refresh_token": null})));
        assert_eq!(bench.send(keys()), ["erase token"], "{after}");
        assert_eq!(
            (bench.code(), bench.countdown()),
            ("expired", Countdown::Waiting)
        );
    }
}

#[test]
fn a_stored_token_that_has_not_ended_is_renewed_in_its_time() {
    let mut bench = bench();
    bench.now = at(DUE - 1);
    bench.send(restored(&token(), json!({})));
    assert_eq!(bench.send(keys()), ["remember geeksquad"]);
    assert!(bench.tick(0, true).is_empty());
    assert_eq!(bench.tick(1, true), ["refresh"]);
}

/// Only a genuine token is renewed: a planted refresh token is not even sent.
///
/// Rule (The renewal): An expired stored token is renewed if possible, and one that was tampered
/// with is not
#[test]
fn a_stored_token_that_is_not_verified_is_not_renewed() {
    let forged = {
        let input = format!(
            "{}.{}",
            encode(header().to_string()),
            encode(claims_with(json!({})))
        );
        sign_input(Rsa::rs256(), &STRANGERS_KEY, input)
    };
    for (after, access_token, code) in [
        (-1_000, forged.clone(), "bad_signature"),
        (100_000, forged, "bad_signature"),
        (
            -1_000,
            with_claims(json!({"cid": "other"})),
            "client_mismatch",
        ),
        (
            100_000,
            with_claims(json!({"iss": "other"})),
            "issuer_mismatch",
        ),
    ] {
        let mut bench = bench();
        bench.now = at(END + after);
        bench.send(restored(&access_token, json!({})));
        assert_eq!(refused(&mut bench), ["erase token"], "{code}");
        assert_eq!(bench.code(), code);
        assert_eq!(bench.countdown(), Countdown::None);
    }
    let mut bench = bench();
    bench.context.client = changed_client(&bench.context.client, |registration| {
        registration.client_id = "other".to_owned();
    });
    assert_eq!(bench.send(restored(&token(), json!({}))), ["erase token"]);
}

/// Rule (The renewal): A new pair of tokens is stored before it is used
#[test]
fn the_pair_survives_a_reload_in_the_middle_of_its_verification() {
    let mut bench = asking();
    let access_token = fresh(&bench);
    let effects = bench.effects(second(&access_token));
    let text = written(&effects).unwrap().to_string();
    let read = stored::read_token(&text).unwrap();
    let mut page = crate::code_support::bench();
    page.now = bench.now;
    page.send(Event::Restored(Box::new(read), ReturnTo::START));
    page.send(keys());
    assert_eq!(used(&page), Some(access_token));
    page.now = at(DUE + LIFETIME - 300);
    let effects = page.effects(Event::Tick {
        visible: true,
        online: true,
        page: ReturnTo::START,
    });
    assert_eq!(sent(&effects), "refresh-token-2");
}

/// Storage is authoritative: a page from the back/forward cache may be behind it.
///
/// Rule (The renewal): A page restored from the back/forward cache does not use a refresh token
/// older than the stored one
#[test]
fn another_stored_refresh_token_is_noticed() {
    let stored = |refresh_token: Value| match restored(
        &token(),
        json!({ "refresh_token": refresh_token }),
    ) {
        Event::Restored(token, _) => token,
        _ => unreachable!(),
    };
    for (refresh_token, otherwise) in [
        (json!(REFRESH_TOKEN), false),
        (json!("refresh-token-2"), true),
        (json!("refresh-token-"), true),
        (json!(null), true),
    ] {
        let stored = stored(refresh_token.clone());
        for bench in [connected(), asking(), waiting(), renewing()] {
            assert_eq!(
                bench.session.stored_otherwise(&stored),
                otherwise,
                "{refresh_token}"
            );
        }
        // None of these would be used next.
        let without = connected_with(&token(), json!({"refresh_token": null}));
        for bench in [bench(), without, given_up()] {
            assert!(!bench.session.stored_otherwise(&stored), "{refresh_token}");
        }
    }
    // Stored a moment ago by this very page.
    let page = verifying(&token_of(at(DUE)));
    assert!(
        !page
            .session
            .stored_otherwise(&stored(json!("refresh-token-2")))
    );
    assert!(page.session.stored_otherwise(&stored(json!(REFRESH_TOKEN))));
}

/// A duplicated tab gets the connection but not the refresh token.
///
/// Rule (The renewal): A duplicated tab gives up the refresh token, and only that
#[test]
fn a_copy_of_a_tab_gives_up_the_refresh_token_alone() {
    let text = |refresh_token: Value| match restored(
        &token(),
        json!({ "refresh_token": refresh_token }),
    ) {
        Event::Restored(token, _) => stored::write_token(&token),
        _ => unreachable!(),
    };
    let with = text(json!(REFRESH_TOKEN));
    let without = stored::without_refresh_token(&with).unwrap();
    assert!(!without.contains(REFRESH_TOKEN) && !without.contains("refresh_token"));
    let (before, after): (Value, Value) = (
        serde_json::from_str(&with).unwrap(),
        serde_json::from_str(&without).unwrap(),
    );
    assert_eq!(changed(before, &json!({"refresh_token": null})), after);
    assert!(
        stored::read_token(&without)
            .unwrap()
            .refresh_token()
            .is_none()
    );
    // Nothing to remove.
    for text in [without.as_str(), &text(json!(null)), "", "{}", "null"] {
        assert_eq!(stored::without_refresh_token(text), None, "{text}");
    }
    let mut bench = bench();
    let token = stored::read_token(&without).unwrap();
    bench.send(Event::Restored(Box::new(token), page("connection")));
    bench.send(keys());
    assert_eq!((bench.phase(), stage(&bench)), ("connected", "none"));
    assert_eq!(until(&mut bench, END), ["erase token"]);
    assert_eq!(bench.code(), "expired");
}

#[test]
fn a_stored_refresh_token_is_a_text_and_not_empty() {
    let Event::Restored(token, _) = restored(&token(), json!({})) else {
        unreachable!();
    };
    let written: Value = serde_json::from_str(&stored::write_token(&token)).unwrap();
    for (value, read) in [
        (json!(""), Some(false)),
        (json!(null), Some(false)),
        (json!("a"), Some(true)),
        (json!(7), None),
        (json!(["a"]), None),
    ] {
        let mut changed = written.clone();
        changed["refresh_token"] = value.clone();
        let token = stored::read_token(&changed.to_string());
        assert_eq!(
            token.map(|token| token.refresh_token().is_some()),
            read,
            "{value}"
        );
    }
}

/// Rule (The renewal): With `"token_storage": "memory"` neither token is stored
#[test]
fn in_memory_mode_nothing_is_stored_and_it_renews_all_the_same() {
    let memory = |bench: Bench| bench.with(|context| context.token_storage = TokenStorage::Memory);
    let mut bench = memory(asking());
    let access_token = fresh(&bench);
    assert_eq!(bench.send(second(&access_token)), ["load keys: Verify"]);
    assert!(bench.send(keys()).is_empty());
    assert_eq!(used(&bench), Some(access_token));
    let mut bench = memory(asking());
    assert!(bench.send(not_refreshed(invalid_grant())).is_empty());
    assert_eq!(stage(&bench), "given up");
    let mut bench = memory(renewing());
    assert_eq!(bench.send(not_refreshed(invalid_grant())), ["erase token"]);
}

// Late responses.

/// Rule (The renewal): Disconnecting ends a renewal at every stage, and a late response changes
/// nothing
#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let access_token = token_of(at(DUE));
    let mut renewed = verifying(&access_token);
    renewed.send(keys());
    let mut exchanging = crate::code_support::exchanging();
    exchanging.now = at(DUE);
    let mut ended = given_up();
    until(&mut ended, END);
    for mut bench in [
        bench(),
        connected(),
        exchanging,
        verifying(&access_token),
        waiting(),
        given_up(),
        renewed,
        ended,
    ] {
        let (phase, stage_before, used_before) = (bench.phase(), stage(&bench), used(&bench));
        for late in [
            second(&token_of(at(DUE + 1))),
            not_refreshed(TokenEndpointError::Unreachable),
            not_refreshed(invalid_grant()),
        ] {
            assert!(bench.send(late).is_empty(), "{phase} {stage_before}");
        }
        assert_eq!(
            (bench.phase(), stage(&bench), used(&bench)),
            (phase, stage_before, used_before)
        );
    }
}

/// The token has expired and a refresh starts at the very moment an older response arrives: that
/// one is not a response to this request.
#[test]
fn a_late_answer_is_no_answer_to_a_question_put_just_now() {
    for late in [
        second(&token_of(at(END))),
        not_refreshed(invalid_grant()),
        not_refreshed(TokenEndpointError::Unreachable),
    ] {
        let mut bench = connected();
        bench.now = at(END);
        assert_eq!(bench.send(late), ["refresh"]);
        assert_eq!((bench.phase(), stage(&bench)), ("renewing", "asking"));
    }
}

/// Even at the moment of expiry, when a refresh would be due: nobody waits for it, and the adapter
/// never sends a request nobody waits for.
///
/// Rule (The renewal): Disconnecting ends a renewal at every stage, and a late response changes
/// nothing
#[test]
fn disconnecting_ends_it_at_every_stage() {
    let access_token = token_of(at(DUE));
    let mut without_keys = verifying(&access_token);
    without_keys.send(no_keys());
    let mut waiting_after_the_end = renewing();
    waiting_after_the_end.send(not_refreshed(throttled()));
    let mut verifying_after_the_end = renewing();
    verifying_after_the_end.send(second(&token_of(at(END))));
    let mut at_the_end = connected();
    at_the_end.now = at(END);
    for bench in [
        connected(),
        asking(),
        waiting(),
        verifying(&access_token),
        without_keys,
        given_up(),
        renewing(),
        waiting_after_the_end,
        verifying_after_the_end,
        at_the_end,
    ] {
        for (event, code, effects) in [
            (
                Event::Disconnect,
                "disconnected",
                vec!["erase everything", "announce disconnect", "go to /"],
            ),
            (
                Event::DisconnectedElsewhere,
                "disconnected elsewhere",
                vec!["erase everything"],
            ),
        ] {
            let mut bench = Bench {
                session: bench.session.clone(),
                context: bench.context.clone(),
                now: bench.now,
            };
            let mut found = bench.send(event);
            found.retain(|effect| effect != "refresh");
            assert_eq!(found, effects);
            assert!(!bench.session.is_refreshing() && !bench.session.is_verifying());
            for late in [
                second(&token_of(at(END))),
                not_refreshed(invalid_grant()),
                not_refreshed(TokenEndpointError::Unreachable),
                keys(),
                no_keys(),
                Event::TryAgain,
            ] {
                assert!(bench.send(late).is_empty());
            }
            for _ in 0..100 {
                assert!(bench.tick(60, true).is_empty());
            }
            assert_eq!(bench.code(), code);
        }
    }
}

#[test]
fn a_new_authorization_takes_the_place_of_a_renewal() {
    for mut bench in [waiting(), given_up(), connected()] {
        let effects = bench.send(Event::Authorize {
            return_to: page("set-up"),
            scope: None,
        });
        assert_eq!(effects, ["authorize for /set-up"]);
        // The response to a request made now would be lost with the page.
        bench.now = at(DUE + 100);
        assert!(bench.tick(0, true).is_empty());
        assert_eq!(bench.phase(), "redirecting");
    }
    // C14: requests in flight continue, in case the browser does not leave.
    for mut bench in [asking(), renewing()] {
        bench.send(Event::Authorize {
            return_to: page("set-up"),
            scope: None,
        });
        assert_eq!(
            bench.send(second(&token_of(at(END)))),
            ["store token", "load keys: Verify"]
        );
        assert!(bench.send(keys()).is_empty());
        assert_eq!(bench.phase(), "redirecting");
        bench.send(Event::NotStarted(StartError::StorageUnavailable));
        assert_eq!(bench.phase(), "connected");
        assert_eq!(used(&bench), Some(token_of(at(END))));
    }
    let mut bench = renewing();
    assert_eq!(bench.send(returned()), Vec::<String>::new());
    assert_eq!(bench.code(), "pending_authorization_expired");
}

/// A renewal is not an authorization: the rate limiter's record and the remembered account stay
/// unchanged.
#[test]
fn what_the_tab_remembers_is_unchanged() {
    let last = at(END - 1_000);
    for (last_automatic, countdown) in [
        (None, Countdown::Waiting),
        (Some(last), Countdown::Waiting),
        (Some(at(END - 10)), Countdown::None),
    ] {
        let account = Account {
            platform_user_id: "d3a06e62-2f14-4d96-9453-26591ab53f0d".to_owned(),
            subject: "geeksquad".to_owned(),
        };
        let remembered = Remembered {
            last_automatic,
            account: Some(account),
            ..Remembered::default()
        };
        let mut bench = bench();
        bench.session = Session::new(remembered, ReturnTo::START);
        bench.now = at(DUE);
        bench.send(restored(&token(), json!({})));
        assert!(bench.send(keys()).is_empty());
        let mut effects = Vec::new();
        effects.extend(bench.tick(0, true));
        effects.extend(bench.send(not_refreshed(throttled())));
        effects.extend(bench.tick(5, true));
        let short = with_claims(json!({"iat": DUE + 5, "exp": END}));
        effects.extend(bench.send(second(&short)));
        effects.extend(bench.send(keys()));
        bench.now = at(END);
        effects.extend(bench.tick(0, true));
        effects.extend(bench.send(not_refreshed(invalid_grant())));
        assert_eq!(
            effects,
            [
                "refresh",
                "refresh",
                "store token",
                "load keys: Verify",
                "refresh",
                "erase token"
            ]
        );
        assert_eq!(bench.countdown(), countdown);
    }
}

#[test]
fn what_went_wrong_can_be_read() {
    let failure = |bench: &Bench| match bench.session.phase() {
        Phase::Connected(state) => {
            let renewal = state.renewal.as_ref().unwrap();
            (renewal.error().cloned(), renewal.is_hopeful())
        }
        Phase::Renewing(state) => (state.renewal.error().cloned(), state.renewal.is_hopeful()),
        _ => panic!(),
    };
    assert_eq!(failure(&connected()), (None, true));
    assert_eq!(failure(&asking()), (None, true));
    assert_eq!(
        failure(&waiting()),
        (Some(TokenEndpointError::Unreachable), true)
    );
    assert_eq!(failure(&given_up()), (Some(invalid_grant()), false));
    let mut bench = verifying(&token_of(at(DUE)));
    assert_eq!(failure(&bench), (None, true));
    let keys_failure = |bench: &Bench| match bench.session.phase() {
        Phase::Connected(state) => match &state.renewal.as_ref().unwrap().stage {
            Stage::Verifying { verifying, again } => (verifying.failure, *again),
            stage => panic!("{stage:?}"),
        },
        _ => panic!(),
    };
    bench.send(no_keys());
    assert_eq!(
        keys_failure(&bench),
        (Some(KeySetFailure::Unreachable), Some(at(DUE + 5)))
    );
    bench.tick(5, true);
    assert_eq!(keys_failure(&bench), (None, None));
}

/// Hundreds of short-lived tokens in a row: each refresh token is used once, in order, and nothing
/// accumulates.
#[test]
fn a_hundred_renewals_lose_nothing() {
    let mut bench = connected_with(
        &with_claims(json!({"exp": REQUESTED + 2 + 10})),
        json!({"refresh_token": "refresh-0"}),
    );
    for number in 0..100 {
        let end = bench.session.token().unwrap().expires_at();
        // Every other renewal happens after the token has already expired.
        bench.now = end.plus_seconds(if number % 2 == 0 { -2 } else { 3 });
        let effects = bench.effects(Event::Tick {
            visible: number % 3 == 0,
            online: true,
            page: page("connection"),
        });
        assert_eq!(sent(&effects), format!("refresh-{number}"));
        let issued = bench.now.unix_seconds();
        let access_token = with_claims(json!({"iat": issued, "exp": issued + 10}));
        let next = format!("refresh-{}", number + 1);
        let effects = bench.effects(refreshed(&answer(
            &access_token,
            json!({ "refresh_token": next }),
        )));
        assert_eq!(written(&effects).unwrap()["refresh_token"], json!(next));
        assert!(bench.send(keys()).is_empty());
        assert_eq!(used(&bench), Some(access_token));
    }
}
