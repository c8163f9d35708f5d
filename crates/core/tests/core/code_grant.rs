//! The authorization code grant with PKCE, from the request to the exchange.

use crate::support::page;
use crate::{
    code_support::{
        CODE, REFRESH_TOKEN, answer, bench, client, connected, context, exchanged, exchanging,
        id_token, invalid_grant, keys, pending, refusal, refused, response, returned,
        returned_with, token_of, used, without_network,
    },
    session::{Bench, name},
    support::{
        self, LIFETIME, STRANGERS_KEY, claims_with, decode, encode, entropy, header, loaded_keys,
        now, rejected_unread, requested, sign_input, token, with_claims,
    },
};
use cc_connect_core::{
    ReturnTo,
    oauth::{
        Accepted, AccessTokenResponseError, AuthorizationCode, AuthorizationResponse,
        CapturedResponse, Client, ClientAuthentication, CodeVerifier, Entropy, IdToken,
        NoPendingAuthorization, RedirectionError, RefreshToken, ResponseError, ResponseType,
        TokenEndpointError, TokenRequest, TokenResponse, accept, authorization_request,
        parameters::{OF_AUTHORIZATION_REQUEST, Parameters},
        token_request::CODE_LIFETIME,
        token_response::UNPROCESSED_PAUSE,
    },
    session::{
        COUNTDOWN, Countdown, Effect, Event, KeySetFailure, Phase, Remembered, Returned, Session,
        TokenStorage, stored,
    },
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};

// The request.

fn parameters(client: &Client, entropy: &Entropy) -> (String, Parameters) {
    let request = authorization_request(client, entropy, ReturnTo::START, requested());
    let query = request.expose_uri().split_once('?').unwrap().1.to_owned();
    let parameters = Parameters::parse(&query).unwrap();
    (query, parameters)
}

/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
#[test]
fn the_request_for_a_code_has_the_challenge_of_the_stored_verifier() {
    let (query, parameters) = parameters(&client(), &entropy());
    let verifier = pending().code_verifier.unwrap();
    let challenge = <sha2::Sha256 as sha2::Digest>::digest(verifier.expose());
    assert_eq!(parameters.get("response_type"), Some("code"));
    assert_eq!(
        parameters.get("code_challenge"),
        Some(encode(challenge).as_str())
    );
    assert_eq!(parameters.get("code_challenge_method"), Some("S256"));
    // The six of every request, plus these two.
    assert_eq!(query.split('&').count(), 8);
    for name in OF_AUTHORIZATION_REQUEST {
        assert!(parameters.get(name).is_some(), "{name}");
    }
    assert_eq!(
        parameters.get("scope"),
        Some("account_read campaign_data contact_data offline_access")
    );
    for name in ["client_id", "redirect_uri", "state", "nonce"] {
        assert!(parameters.get(name).is_some(), "{name}");
    }
}

/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
#[test]
fn the_verifier_is_256_bits_and_stays_here() {
    for octet in [0, 1, 127, 128, 254, 255] {
        let entropy = Entropy {
            state: [9; 32],
            nonce: [8; 32],
            code_verifier: [octet; 32],
        };
        let request = authorization_request(&client(), &entropy, ReturnTo::START, requested());
        let verifier = request.pending.code_verifier.as_ref().unwrap().expose();
        assert_eq!(verifier.len(), 43);
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(verifier.bytes().all(unreserved), "{verifier}");
        assert_eq!(decode(verifier), [octet; 32]);
        assert!(!request.expose_uri().contains(verifier));
        assert_ne!(verifier, request.pending.state.expose());
        assert_ne!(verifier, request.pending.nonce.expose());
    }
}

/// Rule (The code): A token is requested without a challenge
#[test]
fn the_request_for_a_token_has_no_challenge() {
    let (query, parameters) = parameters(&support::client(), &entropy());
    assert_eq!(parameters.get("response_type"), Some("token"));
    assert!(!query.contains("code_challenge"), "{query}");
    let request =
        authorization_request(&support::client(), &entropy(), ReturnTo::START, requested());
    assert!(request.pending.code_verifier.is_none());
}

/// Rule (The code): A record made for the other grant counts as a request under other settings
#[test]
fn a_record_of_the_other_grant_is_not_of_this_client() {
    let of_a_token =
        authorization_request(&support::client(), &entropy(), ReturnTo::START, requested()).pending;
    assert!(pending().was_made_with(&client()));
    assert!(of_a_token.was_made_with(&support::client()));
    assert!(!pending().was_made_with(&support::client()));
    assert!(!of_a_token.was_made_with(&client()));
    for (client, pending, parameters) in [
        (client(), &of_a_token, format!("code={CODE}")),
        (
            support::client(),
            &pending(),
            "access_token=a&token_type=Bearer".to_owned(),
        ),
    ] {
        let fragment = format!("{parameters}&state={}", pending.state.expose());
        let judged = accept(&client, &response(&fragment, ""), Ok(pending), now());
        assert_eq!(judged.unwrap_err().code(), "configuration_changed");
    }
}

// The redirection.

fn state() -> String {
    pending().state.expose().to_owned()
}

fn judge(fragment: &str, query: &str) -> Result<Accepted, RedirectionError> {
    accept(&client(), &response(fragment, query), Ok(&pending()), now())
}

/// The same for a client that requested a token.
fn judge_implicit(fragment: &str, query: &str) -> Result<Accepted, RedirectionError> {
    let client = support::client();
    let pending = authorization_request(&client, &entropy(), ReturnTo::START, requested()).pending;
    accept(&client, &response(fragment, query), Ok(&pending), now())
}

#[test]
fn a_code_is_accepted_from_the_query_and_from_the_fragment() {
    let state = state();
    for parameters in [
        format!("code={CODE}&state={state}"),
        format!("state={state}&code={CODE}&scope=account_read&unknown=x"),
        format!("code={CODE}&state={state}&error="),
        format!("code={CODE}&state={state}&access_token="),
        format!(
            "code={CODE}&state={state}&iss=https%3A%2F%2Fidentity.constantcontact.com%2Foauth2%2Faus1lm3ry9mF7x2Ja0h8"
        ),
    ] {
        for (fragment, query) in [(parameters.as_str(), ""), ("", parameters.as_str())] {
            if parameters.contains("access_token") && !query.is_empty() {
                continue;
            }
            match judge(fragment, query) {
                Ok(Accepted::Code(code)) => assert_eq!(code.expose(), CODE),
                other => panic!("{parameters}: {other:?}"),
            }
        }
    }
    let Ok(Accepted::Code(code)) = judge("", &format!("code=a%2Bb+c%252F&state={state}")) else {
        panic!("a code");
    };
    assert_eq!(code.expose(), "a+b c%2F");
}

/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
#[test]
fn every_refused_response_has_its_code() {
    let state = state();
    let with = |parameters: &str| format!("{parameters}&state={state}");
    let both = with("code=a&access_token=b&token_type=Bearer");
    for (parameters, code) in [
        ("code=a".to_owned(), "state_missing"),
        ("code=a&state=".to_owned(), "state_missing"),
        ("code=a&state=other".to_owned(), "state_mismatch"),
        (
            format!("code=a&state={}", state.to_lowercase()),
            "state_mismatch",
        ),
        (
            with("code=a&iss=https%3A%2F%2Fevil.example"),
            "response_issuer_mismatch",
        ),
        (
            with("error=access_denied&iss=x"),
            "response_issuer_mismatch",
        ),
        (with("code=a&error=access_denied"), "token_and_error"),
        (with("error=access_denied"), "access_denied"),
        (
            with("error=unsupported_response_type"),
            "unsupported_response_type",
        ),
        (with("error=tomorrow"), "unknown_error"),
        (with("x=1"), "neither_token_nor_error"),
        (with("code="), "neither_token_nor_error"),
        (with("Code=a"), "neither_token_nor_error"),
    ] {
        for (fragment, query) in [(parameters.as_str(), ""), ("", parameters.as_str())] {
            let error = judge(fragment, query).unwrap_err();
            assert_eq!(error.code(), code, "{fragment} ? {query}");
        }
    }
    for (fragment, code) in [
        (
            with("access_token=a&token_type=Bearer"),
            "response_type_mismatch",
        ),
        (with("access_token=a"), "response_type_mismatch"),
        (with("id_token=a"), "response_type_mismatch"),
        (with("code=a&id_token=b"), "response_type_mismatch"),
        (both, "response_type_mismatch"),
        (with("access_token=a&error=x"), "token_and_error"),
        (with("id_token=a&error=x"), "token_and_error"),
        (with("code=a&id_token=b&error=x"), "token_and_error"),
    ] {
        assert_eq!(judge(&fragment, "").unwrap_err().code(), code, "{fragment}");
    }
}

/// A code is never accepted in place of the requested token.
///
/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
#[test]
fn a_code_where_a_token_was_asked_for_is_refused() {
    let parameters = format!("code={CODE}&state={}", state());
    for (fragment, query) in [(parameters.as_str(), ""), ("", parameters.as_str())] {
        let error = judge_implicit(fragment, query).unwrap_err();
        assert_eq!(error.code(), "response_type_mismatch");
    }
    let error = judge_implicit("", &format!("{parameters}&error=access_denied")).unwrap_err();
    assert_eq!(error.code(), "token_and_error");
    // With a token alongside it, the response has what was requested.
    let both = format!("{parameters}&access_token=a&token_type=Bearer");
    assert!(matches!(
        judge_implicit(&both, ""),
        Ok(Accepted::Token(response)) if response.access_token.expose() == "a"
    ));
}

/// Rule (The code): `state` is checked before the code, and without a record no code is exchanged
#[test]
fn what_cannot_be_read_has_its_code() {
    let state = state();
    for (fragment, query, code) in [
        (
            "",
            format!("code=a&code=b&state={state}"),
            "duplicate_parameter",
        ),
        (
            "",
            format!("code=a&c%6fde=a&state={state}"),
            "duplicate_parameter",
        ),
        (
            "",
            format!("code=a&state={state}&state={state}"),
            "duplicate_parameter",
        ),
        (
            "",
            format!("code=&code=a&state={state}"),
            "duplicate_parameter",
        ),
        ("code=a", format!("state={state}"), "duplicate_parameter"),
        (
            "code=a",
            format!("code=a&state={state}"),
            "duplicate_parameter",
        ),
        ("", format!("code=%zz&state={state}"), "response_malformed"),
        ("", format!("code=%ff&state={state}"), "response_malformed"),
        (
            "",
            format!("code=a&access_token=b&state={state}"),
            "token_in_query",
        ),
        (
            "",
            format!("code=a&id_token=b&state={state}"),
            "token_in_query",
        ),
        (
            "",
            format!("code={}", "a".repeat(16 * 1024)),
            "response_too_large",
        ),
    ] {
        let captured = CapturedResponse {
            fragment: fragment.to_owned(),
            query: query.clone(),
        };
        let error: ResponseError = AuthorizationResponse::parse(&captured).unwrap_err();
        assert_eq!(error.code(), code, "{fragment} ? {query:.60}");
    }
}

/// Fixing the first error reveals the next.
///
/// Rule (The code): `state` is checked before the code, and without a record no code is exchanged
#[test]
fn the_state_comes_first_and_the_code_last() {
    let state = state();
    let unread = rejected_unread(client(), &state, "code=a&access_token=b&error=x&iss=x");
    let read = [
        ("code=a&access_token=b&error=x", "token_and_error"),
        ("code=a&access_token=b", "response_type_mismatch"),
    ]
    .map(|(parameters, code)| (format!("{parameters}&state={state}"), client(), now(), code));
    for (parameters, client, now, code) in unread.into_iter().chain(read) {
        let judged = accept(&client, &response(&parameters, ""), Ok(&pending()), now);
        assert_eq!(judged.unwrap_err().code(), code, "{parameters}");
    }
}

/// Rule (The code): `state` is checked before the code, and without a record no code is exchanged
#[test]
fn without_a_record_no_code_is_accepted() {
    let response = response("", &format!("code={CODE}&state={}", state()));
    for (none, code) in [
        (
            NoPendingAuthorization::NoneStored,
            "no_pending_authorization",
        ),
        (NoPendingAuthorization::OtherState, "state_mismatch"),
        (
            NoPendingAuthorization::Unreadable,
            "pending_authorization_unreadable",
        ),
    ] {
        let error = accept(&client(), &response, Err(none), now()).unwrap_err();
        assert_eq!(error.code(), code);
        let mut bench = bench();
        let returned = Returned::Response {
            response: response.clone(),
            pending: Err(none),
        };
        assert!(bench.send(Event::Returned(Box::new(returned))).is_empty());
        assert_eq!(bench.code(), code);
    }
}

// The stored record.

#[test]
fn the_record_keeps_the_verifier_and_only_where_there_is_one() {
    let text = stored::write_pending(&pending());
    let written: Value = serde_json::from_str(&text).unwrap();
    let verifier = pending().code_verifier.unwrap();
    assert_eq!(written["code_verifier"], verifier.expose());
    let read = stored::read_pending(&text).unwrap();
    assert!(
        read.code_verifier
            .as_ref()
            .unwrap()
            .is_same_secret(&verifier)
    );
    assert_eq!(stored::write_pending(&read), text);
    assert!(read.was_made_with(&client()));

    let implicit =
        authorization_request(&support::client(), &entropy(), ReturnTo::START, requested());
    let text = stored::write_pending(&implicit.pending);
    assert!(!text.contains("code_verifier"), "{text}");
    let read = stored::read_pending(&text).unwrap();
    assert!(read.code_verifier.is_none() && read.was_made_with(&support::client()));

    for wrong in [json!(7), json!(true), json!([verifier.expose()]), json!({})] {
        let mut changed = written.clone();
        changed["code_verifier"] = wrong.clone();
        assert!(
            stored::read_pending(&changed.to_string()).is_none(),
            "{wrong}"
        );
    }
}

// The exchange.

fn return_to(bench: &Bench) -> ReturnTo {
    bench.return_to().unwrap()
}

/// Rule (The code): A code is sent once, with the verifier of its request, to the configured token
/// endpoint
#[test]
fn a_code_is_sent_once_with_the_verifier_of_its_request() {
    let mut bench = bench();
    let effects = bench.effects(returned());
    assert_eq!(bench.phase(), "exchanging");
    let [Effect::Exchange(request)] = effects.as_slice() else {
        panic!("{:?}", effects.iter().map(name).collect::<Vec<_>>());
    };
    let expected = TokenRequest::for_code(
        &AuthorizationCode::new(CODE.to_owned()),
        &pending(),
        ClientAuthentication::None,
    );
    assert_eq!(request.expose_body(), expected.expose_body());

    // However long the response takes, the request is not sent again.
    for event in [
        Event::TryAgain,
        keys(),
        Event::Accepted,
        Event::StayDisconnected,
    ] {
        assert!(bench.send(event).is_empty());
    }
    for _ in 0..100 {
        assert!(bench.tick(60, true).is_empty());
    }
    assert_eq!(bench.phase(), "exchanging");
    assert!(bench.session.token().is_none());
    assert!(!bench.session.is_verifying());
}

#[test]
fn what_comes_for_the_code_is_verified_stored_and_connected() {
    let mut bench = exchanging();
    let access_token = token();
    assert_eq!(
        bench.send(exchanged(&answer(&access_token, json!({})))),
        ["load keys: Verify"]
    );
    assert_eq!(bench.phase(), "verifying");
    assert!(bench.session.token().is_none());
    let effects = bench.effects(keys());
    assert_eq!(
        effects.iter().map(name).collect::<Vec<_>>(),
        [
            "witness 1790000002",
            "remember geeksquad",
            "store token",
            "go to /connection"
        ]
    );
    assert_eq!(used(&bench), Some(access_token));
    let stored = crate::code_support::written(&effects).unwrap();
    assert_eq!(stored["refresh_token"], REFRESH_TOKEN);
    let token = bench.session.token().unwrap();
    assert_eq!(token.granted(), client().scope());
    assert_eq!(token.requested_at(), requested());
    assert_eq!(token.redirect_uri(), client().redirect_uri());
}

#[test]
fn a_scope_narrower_than_asked_for_is_said() {
    let mut bench = exchanging();
    bench.send(exchanged(&answer(
        &token(),
        json!({"scope": "account_read x"}),
    )));
    bench.send(keys());
    let token = bench.session.token().unwrap();
    assert_eq!(
        token.grant().withheld().to_string(),
        "campaign_data contact_data"
    );
    assert_eq!(token.grant().unasked().to_string(), "x");
}

/// Rule (The renewal): With `"token_storage": "memory"` neither token is stored
#[test]
fn in_memory_mode_nothing_of_the_pair_is_stored() {
    let mut bench = exchanging().with(|context| context.token_storage = TokenStorage::Memory);
    bench.send(exchanged(&answer(&token(), json!({}))));
    assert_eq!(
        bench.send(keys()),
        ["remember geeksquad", "go to /connection"]
    );
}

/// Verification is the same as in the implicit grant: nothing is stored, nothing starts
/// automatically.
///
/// Rule (The code): The access token is verified as in the implicit grant
#[test]
fn the_exchanged_token_is_verified_like_any_other() {
    let input = format!(
        "{}.{}",
        encode(header().to_string()),
        encode(claims_with(json!({})))
    );
    for (access_token, code) in [
        (
            sign_input(Rsa::rs256(), &STRANGERS_KEY, input),
            "bad_signature",
        ),
        ("opaque".to_owned(), "malformed_token"),
        (with_claims(json!({"iss": "x"})), "issuer_mismatch"),
        (with_claims(json!({"aud": "x"})), "audience_mismatch"),
        (with_claims(json!({"cid": "x"})), "client_mismatch"),
        (
            with_claims(json!({"iat": 1_790_000_000 - 301})),
            "issued_before_request",
        ),
        (
            with_claims(json!({"iat": 1_789_999_800, "exp": 1_789_999_900})),
            "token_expired",
        ),
        (
            with_claims(json!({"platform_user_id": "UNASSIGNED"})),
            "platform_user_unassigned",
        ),
        (
            support::with_header(json!({"alg": "HS256"})),
            "unsupported_algorithm",
        ),
        (with_claims(json!({"nonce": "x"})), "nonce_mismatch"),
    ] {
        let mut bench = exchanging();
        bench.send(exchanged(&answer(&access_token, json!({}))));
        assert!(refused(&mut bench).is_empty(), "{code}");
        assert_eq!(bench.code(), code);
        assert_eq!(bench.countdown(), Countdown::None);
        assert!(bench.tick(100, true).is_empty());
    }
}

/// Rule (The code): The access token is verified as in the implicit grant
#[test]
fn another_accounts_token_is_asked_about() {
    let mut bench = connected();
    bench.send(returned());
    let other = with_claims(json!({"platform_user_id": "another", "sub": "harbor"}));
    bench.send(exchanged(&answer(&other, json!({}))));
    assert!(bench.send(keys()).is_empty());
    assert_eq!(bench.phase(), "account changed");
    let effects = bench.effects(Event::ContinueWithAccount);
    assert_eq!(
        effects.iter().map(name).collect::<Vec<_>>(),
        ["remember harbor", "store token", "go to /connection"]
    );
    let stored = crate::code_support::written(&effects).unwrap();
    assert_eq!(stored["refresh_token"], REFRESH_TOKEN);
    assert_eq!(crate::code_support::stage(&bench), "resting");
}

/// Rule (The code): Without a network the code is not sent, and waits → `token_endpoint_offline`
#[test]
fn offline_the_code_is_kept_and_sent_by_itself() {
    for by_itself in [true, false] {
        let mut bench = exchanging();
        let offline = || Event::Exchanged(Err(TokenEndpointError::Offline));
        assert!(bench.send(offline()).is_empty());
        assert_eq!(bench.phase(), "exchanging");
        let Phase::Exchanging(state) = bench.session.phase() else {
            panic!();
        };
        let again = bench.now.plus_seconds(UNPROCESSED_PAUSE);
        assert_eq!(state.failure, Some((TokenEndpointError::Offline, again)));
        for _ in 0..10 {
            assert!(without_network(&mut bench, 20).is_empty());
        }
        let mut again = || {
            if by_itself {
                bench.tick(1, true)
            } else {
                bench.send(Event::TryAgain)
            }
        };
        assert_eq!(again(), ["exchange"]);
        assert!(again().is_empty());
        // Still offline: same result.
        bench.send(offline());
        assert!(bench.tick(4, false).is_empty());
        assert_eq!(bench.tick(1, false), ["exchange"]);
        bench.send(exchanged(&answer(&token(), json!({}))));
        bench.send(keys());
        assert_eq!(bench.phase(), "connected", "{}", bench.code());
    }
}

/// To the millisecond, and with a clock that was set back.
///
/// Rule (The code): A code waits for at most five minutes → `authorization_code_expired`
#[test]
fn a_code_is_sent_within_five_minutes_or_not_at_all() {
    assert_eq!(CODE_LIFETIME, 300);
    for (millis, sent) in [
        (UNPROCESSED_PAUSE * 1_000, true),
        (299_999, true),
        (300_000, false),
        (300_001, false),
        (86_400_000, false),
        (-1, false),
    ] {
        for by_itself in [true, false] {
            let mut bench = exchanging();
            bench.send(Event::Exchanged(Err(TokenEndpointError::Offline)));
            bench.now = bench.now.plus_millis(millis);
            let effects = if by_itself {
                bench.tick(0, true)
            } else {
                bench.send(Event::TryAgain)
            };
            if sent {
                assert_eq!(effects, ["exchange"], "{millis}");
            } else {
                assert!(effects.is_empty(), "{millis}");
                assert_eq!(bench.code(), "authorization_code_expired", "{millis}");
                assert_eq!(bench.countdown(), Countdown::None);
                assert_eq!(return_to(&bench), page("connection"));
            }
        }
    }
}

/// B3: whatever `navigator.onLine` reports, pressing the button sends the code.
#[test]
fn a_press_sends_the_code_whatever_the_browser_says_of_the_network() {
    let mut bench = exchanging();
    bench.send(Event::Exchanged(Err(TokenEndpointError::Offline)));
    assert!(without_network(&mut bench, 60).is_empty());
    assert_eq!(bench.send(Event::TryAgain), ["exchange"]);
    bench.send(exchanged(&answer(&token(), json!({}))));
    bench.send(keys());
    assert_eq!(bench.phase(), "connected", "{}", bench.code());
}

/// B18: a throttled request was not processed (RFC 6585 §4), so the code is still good. It is sent
/// again after a pause or the server's `Retry-After`, as long as it is valid.
#[test]
fn a_throttled_code_is_sent_again_while_it_lives() {
    for (retry_after, pause) in [(None, 5), (Some(2), 5), (Some(60), 60)] {
        let mut bench = exchanging();
        let throttled = || {
            let error = TokenEndpointError::Throttled { retry_after };
            Event::Exchanged(Err(error))
        };
        for _ in 0..3 {
            assert!(bench.send(throttled()).is_empty());
            assert_eq!(bench.phase(), "exchanging");
            let at = bench.now.plus_seconds(pause);
            assert_eq!(bench.session.retried_at(), Some(at));
            assert!(bench.tick(pause - 1, true).is_empty(), "{retry_after:?}");
            assert_eq!(bench.tick(1, true), ["exchange"], "{retry_after:?}");
        }
        // Pressing the button skips the pause.
        bench.send(throttled());
        assert_eq!(bench.send(Event::TryAgain), ["exchange"]);
        bench.send(exchanged(&answer(&token(), json!({}))));
        bench.send(keys());
        assert_eq!(bench.phase(), "connected", "{}", bench.code());
    }
    // Until the code's five minutes are over.
    let mut bench = exchanging();
    let mut sent = 0;
    while bench.phase() == "exchanging" {
        bench.send(Event::Exchanged(Err(TokenEndpointError::Throttled {
            retry_after: None,
        })));
        sent += bench.tick(5, true).len();
    }
    assert_eq!((sent, bench.code()), (59, "authorization_code_expired"));
    // If the server asks for a longer wait than that, give up immediately.
    let mut bench = exchanging();
    bench.send(Event::Exchanged(Err(TokenEndpointError::Throttled {
        retry_after: Some(300),
    })));
    assert_eq!(bench.code(), "token_endpoint_throttled");
}

/// An offline user is told when the time is up, not when the network returns.
///
/// Rule (The code): A code waits for at most five minutes → `authorization_code_expired`
#[test]
fn a_code_that_grew_old_offline_is_given_up_offline() {
    let mut bench = exchanging();
    bench.send(Event::Exchanged(Err(TokenEndpointError::Offline)));
    bench.now = bench.now.plus_millis(299_999);
    assert!(without_network(&mut bench, 0).is_empty());
    assert_eq!(bench.phase(), "exchanging");
    bench.now = bench.now.plus_millis(1);
    assert!(without_network(&mut bench, 0).is_empty());
    assert_eq!(bench.code(), "authorization_code_expired");
}

/// A code is good for one request: whatever the outcome, it is not sent again, and nothing starts
/// automatically after an error.
///
/// Rule (The code): Any other failure ends the exchange; nothing is resent, and nothing starts
/// automatically → `token_endpoint_unreachable`, `token_endpoint_throttled`,
/// `token_endpoint_status`, `unsupported_grant_type`
#[test]
fn every_other_failure_ends_it() {
    for error in [
        TokenEndpointError::NotExclusive,
        TokenEndpointError::Unreachable,
        TokenEndpointError::Status(500),
        TokenEndpointError::Status(400),
        TokenEndpointError::TooLarge,
        TokenEndpointError::Malformed,
        TokenEndpointError::Refused(AccessTokenResponseError::UnsupportedTokenType),
        invalid_grant(),
        refusal("invalid_client"),
        refusal("server_error"),
        refusal("temporarily_unavailable"),
        refusal("access_denied"),
    ] {
        let mut bench = exchanging();
        assert!(
            bench.send(Event::Exchanged(Err(error.clone()))).is_empty(),
            "{error:?}"
        );
        assert_eq!(bench.code(), error.code());
        assert_eq!(bench.countdown(), Countdown::None, "{error:?}");
        assert_eq!(return_to(&bench), page("connection"));
        for _ in 0..100 {
            assert!(bench.tick(10, true).is_empty());
        }
        assert!(bench.send(Event::TryAgain).is_empty());
        assert!(
            bench
                .send(exchanged(&answer(&token(), json!({}))))
                .is_empty()
        );
        assert_eq!(bench.code(), error.code());
        assert_eq!(
            bench.send(Event::Authorize {
                return_to: ReturnTo::START,
                scope: None,
            }),
            ["authorize for /"]
        );
    }
}

/// Rule (The code): Disconnecting ends the exchange, and a response out of turn changes nothing
#[test]
fn disconnecting_while_a_code_is_exchanged_leaves_nothing_to_wait_for() {
    for offline in [false, true] {
        for event in [Event::Disconnect, Event::DisconnectedElsewhere] {
            let mut bench = exchanging();
            if offline {
                bench.send(Event::Exchanged(Err(TokenEndpointError::Offline)));
            }
            let effects = bench.send(event);
            assert_eq!(effects[0], "erase everything");
            let code = bench.code();
            for late in [
                exchanged(&answer(&token(), json!({}))),
                Event::Exchanged(Err(invalid_grant())),
                Event::TryAgain,
                keys(),
            ] {
                assert!(bench.send(late).is_empty());
                assert!(bench.tick(1, true).is_empty());
                assert_eq!(bench.code(), code);
            }
        }
    }
}

/// An unsolicited response changes nothing, in any phase.
///
/// Rule (The code): Disconnecting ends the exchange, and a response out of turn changes nothing
#[test]
fn an_answer_out_of_turn_changes_nothing() {
    let mut verifying = exchanging();
    verifying.send(exchanged(&answer(&token(), json!({}))));
    for mut bench in [bench(), connected(), verifying] {
        let phase = bench.phase();
        let other = answer(&token_of(now()), json!({}));
        assert!(bench.send(exchanged(&other)).is_empty());
        assert!(
            bench
                .send(Event::Exchanged(Err(invalid_grant())))
                .is_empty()
        );
        assert_eq!(bench.phase(), phase);
    }
}

#[test]
fn a_person_who_declines_is_not_asked_for_a_code_again() {
    let mut bench = bench();
    assert!(bench.send(returned_with("error=access_denied")).is_empty());
    assert_eq!(bench.code(), "access_denied");
    assert_eq!(bench.countdown(), Countdown::None);
}

/// Rule (The code): A token where a code was requested, or a code where a token was, is rejected:
/// there is no fallback → `response_type_mismatch`
#[test]
fn a_token_in_the_fragment_is_not_taken_for_the_code_that_was_asked_for() {
    let mut bench = bench();
    let fragment = format!(
        "access_token={}&token_type=Bearer&state={}",
        token(),
        state()
    );
    let returned = Returned::Response {
        response: response(&fragment, ""),
        pending: Ok(pending()),
    };
    assert!(bench.send(Event::Returned(Box::new(returned))).is_empty());
    assert_eq!(bench.code(), "response_type_mismatch");
    assert_eq!(bench.countdown(), Countdown::None);
}

/// Without a refresh token, it ends like an implicit grant's connection.
#[test]
fn a_connection_without_a_refresh_token_is_not_renewed() {
    let mut bench = crate::code_support::connected_with(&token(), json!({"refresh_token": null}));
    assert_eq!(crate::code_support::stage(&bench), "none");
    for _ in 0..LIFETIME / 60 - 1 {
        assert!(bench.tick(60, true).is_empty());
    }
    assert_eq!(bench.tick(60, true), ["erase token"]);
    assert_eq!(bench.code(), "expired");
    let end = bench.now.plus_seconds(COUNTDOWN);
    assert_eq!(bench.countdown(), Countdown::Until(end));
}

// Secrets.

/// Everything printed during a connection, its renewal, and their failures.
fn printed() -> (Vec<String>, Vec<String>) {
    let start = now();
    let access_tokens = [
        token(),
        token_of(Timestamp::from_unix_seconds(crate::code_support::DUE)),
    ];
    let id = id_token(&access_tokens[0], json!({}));
    let request = authorization_request(&client(), &entropy(), page("connection"), requested());
    let pending = request.pending.clone();
    let verifier = pending.code_verifier.clone().unwrap();
    let code = AuthorizationCode::new(CODE.to_owned());
    let query = format!("code={CODE}&state={}", pending.state.expose());
    let body = answer(&access_tokens[0], json!({"id_token": id}));
    let read = TokenResponse::read(200, body.to_string().as_bytes());
    let refresh_token = RefreshToken::new(REFRESH_TOKEN.to_owned());
    let exchange = TokenRequest::for_code(&code, &pending, ClientAuthentication::None);
    let refresh = TokenRequest::for_refresh_token(&refresh_token, "c", ClientAuthentication::None);
    let accepted = accept(&client(), &response("", &query), Ok(&pending), now());
    let mut printed = vec![
        format!("{request:?} {request:#?} {pending:?}"),
        format!("{:?}", response("", &query)),
        format!("{accepted:?} {accepted:#?}"),
        format!("{code:?} {verifier:?} {refresh_token:?}"),
        format!("{:?}", IdToken::new(id.clone())),
        format!("{exchange:?} {refresh:?}"),
        format!("{read:?} {read:#?}"),
    ];

    let mut session = Session::new(Remembered::default(), ReturnTo::START);
    let mut time = start;
    let mut step = |event: Event, at: Timestamp| {
        time = at;
        printed.push(format!("{event:?} {event:#?}"));
        let (next, effects) = session.clone().step(event, time, &context());
        printed.push(format!("{:?} {next:#?}", next));
        for effect in &effects {
            printed.push(format!("{effect:?} {effect:#?}"));
            if let Effect::StoreToken(token) = effect {
                let text = stored::write_token(token);
                printed.push(format!("{:?}", stored::read_token(&text).unwrap()));
            }
        }
        session = next.clone();
        next
    };
    let at = Timestamp::from_unix_seconds;
    let due = crate::code_support::DUE;
    let tick = || Event::Tick {
        visible: true,
        online: true,
        page: ReturnTo::START,
    };
    let phase = |session: &Session| match session.phase() {
        Phase::Exchanging(_) => "exchanging",
        Phase::Verifying(_) => "verifying",
        Phase::Connected(_) => "connected",
        Phase::AccountChanged(_) => "account changed",
        Phase::Renewing(_) => "renewing",
        _ => "other",
    };
    let mut phases = vec![
        phase(&step(returned(), start)),
        phase(&step(
            Event::Exchanged(Err(TokenEndpointError::Offline)),
            start,
        )),
        phase(&step(Event::TryAgain, start)),
        phase(&step(Event::Exchanged(Ok(Box::new(read.unwrap()))), start)),
        phase(&step(
            Event::KeysLoaded(Err(KeySetFailure::Unreachable)),
            start,
        )),
        phase(&step(Event::KeysLoaded(Ok(loaded_keys(true))), start)),
        phase(&step(tick(), at(due))),
        phase(&step(
            Event::Refreshed(Err(TokenEndpointError::Unreachable)),
            at(due),
        )),
        phase(&step(tick(), at(due + 5))),
    ];
    let renewed = answer(
        &access_tokens[1],
        json!({"refresh_token": "refresh-token-2"}),
    );
    phases.push(phase(&step(
        crate::code_support::refreshed(&renewed),
        at(due + 6),
    )));
    phases.push(phase(&step(tick(), at(due + 300))));
    phases.push(phase(&step(keys(), at(due + 301))));
    phases.push(phase(&step(tick(), at(due + LIFETIME - 10))));
    phases.push(phase(&step(
        Event::Refreshed(Err(invalid_grant())),
        at(due + LIFETIME - 9),
    )));
    assert_eq!(
        phases,
        [
            "exchanging",
            "exchanging",
            "exchanging",
            "verifying",
            "verifying",
            "connected",
            "connected",
            "connected",
            "connected",
            "connected",
            "renewing",
            "connected",
            "connected",
            "connected",
        ]
    );
    let part = |token: &String| {
        [
            token[token.len() - 60..].to_owned(),
            token[100..160].to_owned(),
        ]
    };
    let mut secrets = vec![
        CODE.to_owned(),
        REFRESH_TOKEN.to_owned(),
        "refresh-token-2".to_owned(),
        verifier.expose().to_owned(),
        pending.state.expose().to_owned(),
        pending.nonce.expose().to_owned(),
    ];
    for token in access_tokens.iter().chain([&id]) {
        secrets.extend(part(token));
    }
    (printed, secrets)
}

/// Rule (Secrets): A value that holds a secret never prints it
#[test]
fn nothing_of_the_code_grant_that_holds_a_secret_prints_it() {
    let (printed, secrets) = printed();
    assert!(printed.len() > 40);
    for (index, text) in printed.iter().enumerate() {
        for secret in &secrets {
            assert!(!text.contains(secret), "value {index} shows a secret");
        }
    }
    let all = printed.concat();
    for type_name in [
        "AccessToken",
        "AuthorizationCode",
        "CodeVerifier",
        "RefreshToken",
        "IdToken",
        "TokenRequest",
        "RequestUri",
        "StateParameter",
        "Nonce",
    ] {
        assert!(
            all.contains(&format!("{type_name}(redacted)")),
            "{type_name}"
        );
    }
}

/// Rule (The code): A code is requested with the S256 challenge of a verifier of 256 random bits
/// that stays in this tab (RFC 7636 §4.1, §4.2); never with `plain`, and never without a challenge
#[test]
fn the_challenge_says_nothing_of_the_verifier() {
    let verifier = CodeVerifier::from_entropy([3; 32]);
    assert_eq!(verifier.challenge().len(), 43);
    assert!(!verifier.is_secret_text(&verifier.challenge()));
    assert_eq!(ResponseType::default(), ResponseType::Token);
}
