//! Properties: whatever comes in, these hold.

use crate::support::{
    LIFETIME, REQUESTED, at, client, context, entropy, key_set, loaded_keys, now, requested, token,
};
use cc_connect::{
    config::Config,
    jose::{JwkSet, UnverifiedJwt, jwk_set_cache::lifetime, verify},
    json::parse_object,
    oauth::{
        AuthorizationResponse, CapturedResponse, ErrorResponse, Scope, accept,
        authorization_request, parameters::Parameters,
    },
    route::Route,
    session::{
        AUTOMATIC_INTERVAL, Effect, Event, KeySetFailure, Phase, Remembered, Returned, Session,
        StartError, stored,
    },
    time::Timestamp,
};
use proptest::prelude::*;
use std::sync::LazyLock;

proptest! {
    #[test]
    fn no_parser_panics(text in ".{0,300}") {
        let _ = Parameters::parse(&text);
        let _ = parse_object(text.as_bytes());
        let _ = Scope::parse(&text);
        let _ = JwkSet::parse(&text);
        let _ = UnverifiedJwt::parse(&text);
        let _ = Config::parse(&text, "https://app.example/");
        let _ = Route::parse(&text);
        let _ = stored::read_pending(&text);
        let _ = stored::read_token(&text);
        let _ = lifetime(Some(&text));
    }

    #[test]
    fn json_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_object(&bytes);
    }

    #[test]
    fn encoded_parameters_come_back_as_they_were(
        pairs in proptest::collection::btree_map("[a-z_]{1,12}", ".{1,30}", 0..8)
    ) {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let parameters = Parameters::parse(&text).unwrap();
        for (name, value) in &pairs {
            prop_assert_eq!(parameters.get(name), Some(value.as_str()));
        }
    }

    #[test]
    fn a_scope_prints_what_it_parses(words in proptest::collection::btree_set("[!#-\\[\\]-~]{1,10}", 1..6)) {
        let text = words.iter().cloned().collect::<Vec<_>>().join(" ");
        let scope = Scope::parse(&text).unwrap();
        prop_assert_eq!(scope.to_string(), text);
    }

    /// Whatever a stranger sends, without our state nothing is accepted.
    #[test]
    fn nothing_is_accepted_without_our_state(fragment in "[a-z_=&%+0-9]{0,200}") {
        let captured = CapturedResponse { fragment, query: String::new() };
        if let Ok(response) = AuthorizationResponse::parse(&captured) {
            let pending = authorization_request(&client(), &entropy(), Route::Overview, requested()).pending;
            prop_assert!(accept(&client(), &response, Ok(&pending), now()).is_err());
        }
    }

    /// No single changed character of a good token verifies.
    #[test]
    fn no_changed_token_verifies(index in 0usize..900, other in "[A-Za-z0-9_.-]") {
        let token = TOKEN.as_str();
        let index = index % token.len();
        let changed = format!("{}{}{}", &token[..index], other, &token[index + 1..]);
        prop_assume!(changed != token);
        let expectations = context().expectations;
        let result = verify(&changed, &key_set(), &expectations, requested(), now()).result;
        prop_assert!(result.is_err());
    }
}

static TOKEN: LazyLock<String> = LazyLock::new(token);

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    SetClock(i64),
    Tick(bool),
    Return(bool),
    ReturnError,
    ReturnNothing,
    Restore,
    Keys,
    NoKeys,
    TryAgain,
    Authorize,
    NotStarted,
    Accepted,
    Rejected,
    StayDisconnected,
    Disconnect,
    DisconnectedElsewhere,
    Dismiss,
    /// The page is loaded anew: only what was recorded survives.
    Reload,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0i64..40_000).prop_map(Step::Wait),
        4 => (0i64..20).prop_map(Step::Wait),
        1 => (-100_000i64..100_000).prop_map(Step::SetClock),
        8 => any::<bool>().prop_map(Step::Tick),
        4 => any::<bool>().prop_map(Step::Return),
        1 => Just(Step::ReturnError),
        1 => Just(Step::ReturnNothing),
        2 => Just(Step::Restore),
        6 => Just(Step::Keys),
        1 => Just(Step::NoKeys),
        1 => Just(Step::TryAgain),
        1 => Just(Step::Authorize),
        1 => Just(Step::NotStarted),
        2 => Just(Step::Accepted),
        1 => Just(Step::Rejected),
        1 => Just(Step::StayDisconnected),
        1 => Just(Step::Disconnect),
        1 => Just(Step::DisconnectedElsewhere),
        1 => Just(Step::Dismiss),
        2 => Just(Step::Reload),
    ];
    proptest::collection::vec(step, 1..60)
}

fn event(step: &Step) -> Option<Event> {
    let pending =
        || authorization_request(&client(), &entropy(), Route::Overview, requested()).pending;
    let returned = |parameters: &str| {
        let fragment = format!("{parameters}&state={}", pending().state.expose());
        let captured = CapturedResponse {
            fragment,
            query: String::new(),
        };
        Event::Returned(Box::new(Returned::Response {
            response: AuthorizationResponse::parse(&captured).unwrap(),
            pending: Ok(pending()),
        }))
    };
    Some(match step {
        Step::Wait(_) | Step::SetClock(_) | Step::Reload => return None,
        Step::Tick(visible) => Event::Tick {
            visible: *visible,
            route: Route::Connection,
        },
        Step::Return(genuine) => {
            let token = if *genuine {
                TOKEN.clone()
            } else {
                TOKEN.replace('a', "b")
            };
            returned(&format!("access_token={token}&token_type=Bearer"))
        }
        Step::ReturnError => returned("error=server_error"),
        Step::ReturnNothing => Event::Returned(Box::new(Returned::Nothing)),
        Step::Restore => {
            let stored = serde_json::json!({
                "version": 1, "access_token": *TOKEN, "granted": "a", "requested": "a", "nonce": "n",
                "requested_at": REQUESTED * 1000, "client_id": client().client_id,
                "issuer": client().issuer, "redirect_uri": "r",
            });
            let token = stored::read_token(&stored.to_string()).unwrap();
            Event::Restored(Box::new(token), Route::Overview)
        }
        Step::Keys => Event::KeysLoaded(Ok(loaded_keys(true))),
        Step::NoKeys => Event::KeysLoaded(Err(KeySetFailure::Unreachable)),
        Step::TryAgain => Event::TryAgain,
        Step::Authorize => Event::Authorize {
            return_to: Route::Overview,
        },
        Step::NotStarted => Event::NotStarted(StartError::NavigationFailed),
        Step::Accepted => Event::Accepted,
        Step::Rejected => Event::Rejected {
            route: Route::Overview,
        },
        Step::StayDisconnected => Event::StayDisconnected,
        Step::Disconnect => Event::Disconnect,
        Step::DisconnectedElsewhere => Event::DisconnectedElsewhere,
        Step::Dismiss => Event::Dismiss,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Over random histories: connected means verified and not expired once the clock was looked at;
    /// automatic authorizations keep their distance; after an error there is none.
    #[test]
    fn the_session_keeps_its_promises(steps in steps()) {
        let context = context();
        let mut session = Session::new(Remembered::default(), Route::Overview);
        let mut now = at(REQUESTED + 2);
        let mut last_automatic: Option<Timestamp> = None;
        for step in &steps {
            match step {
                Step::Wait(seconds) => now = now.plus_seconds(*seconds),
                Step::SetClock(seconds) => now = now.plus_seconds(*seconds),
                Step::Reload => session = Session::new(Remembered { last_automatic, account: None }, Route::Overview),
                _ => {}
            }
            let Some(event) = event(step) else { continue };
            let asked = matches!(step, Step::Authorize);
            let was_connected = session.token().is_some();
            let (next, effects) = session.step(event, now, &context);
            session = next;

            let starts = effects.iter().filter(|effect| matches!(effect, Effect::Authorize { .. })).count();
            let recorded = effects.iter().any(|effect| matches!(effect, Effect::RecordAutomatic(_)));
            prop_assert!(starts <= 1);
            if starts == 1 && !asked {
                prop_assert!(recorded, "an automatic authorization is recorded");
                prop_assert!(matches!(step, Step::Tick(true)), "only a page that is seen starts one");
                if let Some(last) = last_automatic {
                    let since = now.millis_since(last);
                    prop_assert!(since >= AUTOMATIC_INTERVAL * 1000, "{since} ms after the last");
                }
                last_automatic = Some(now);
            }
            prop_assert!(!(asked && recorded));
            if let Phase::Connected(connected) = session.phase() {
                let token = &connected.token;
                prop_assert!(token.report().is_complete());
                prop_assert_eq!(token.expires_at(), at(REQUESTED + 2 + LIFETIME));
                // What was connected before ends at the next look at the clock.
                if !was_connected || matches!(step, Step::Tick(_)) {
                    prop_assert!(now < token.expires_at(), "connected after the end");
                }
            }
            for effect in &effects {
                if let Effect::StoreToken(_) = effect {
                    prop_assert!(session.token().is_some(), "stored without verification");
                }
            }
        }
    }
}

/// The server's texts are cut, never split inside a character.
#[test]
fn long_error_texts_of_any_script_are_cut() {
    let text = "é".repeat(600);
    let fragment = format!(
        "error={}&state={}",
        form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>(),
        authorization_request(&client(), &entropy(), Route::Overview, requested())
            .pending
            .state
            .expose()
    );
    let response = AuthorizationResponse::parse(&CapturedResponse {
        fragment,
        query: String::new(),
    })
    .unwrap();
    let pending =
        authorization_request(&client(), &entropy(), Route::Overview, requested()).pending;
    let error = accept(&client(), &response, Ok(&pending), now()).unwrap_err();
    let cc_connect::oauth::RedirectionError::ErrorResponse(ErrorResponse { spelled, .. }) = error
    else {
        panic!("an error response");
    };
    assert_eq!(spelled.chars().count(), 500);
}
