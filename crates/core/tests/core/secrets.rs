//! A value that holds a secret never prints it, but still prints its type.

use crate::support::{
    REQUESTED, claims_with, client, context, entropy, header, loaded_keys, now, requested, sign,
    token,
};
use cc_connect_core::{
    ReturnTo,
    constant_contact::Circumstances,
    jose::UnverifiedJwt,
    oauth::{
        AccessToken, AuthorizationResponse, CapturedResponse, Nonce, StateParameter, accept,
        authorization_request, parameters::Parameters,
    },
    session::{Effect, Event, Phase, Remembered, Returned, Session, stored},
    v3::request::authorization,
};
use serde_json::json;

/// Everything printed during a connection and a prompt about a different account.
fn printed() -> (Vec<String>, [String; 5]) {
    let token = token();
    let request = authorization_request(&client(), &entropy(), ReturnTo::START, requested());
    let pending = request.pending.clone();
    let (state, nonce) = (
        pending.state.expose().to_owned(),
        pending.nonce.expose().to_owned(),
    );
    let captured = |token: &str| CapturedResponse {
        fragment: format!("access_token={token}&token_type=Bearer&state={state}"),
        query: format!("x={token}"),
    };
    let response = |token: &str| AuthorizationResponse::parse(&captured(token)).unwrap();
    let returned = |token: &str| {
        Event::Returned(Box::new(Returned::Response {
            response: response(token),
            pending: Ok(pending.clone()),
        }))
    };
    let granted = accept(&client(), &response(&token), Ok(&pending), now()).unwrap();
    let circumstances = Circumstances {
        client_id: "c",
        nonce: &pending.nonce,
        requested_at: requested(),
    };
    let mut printed = vec![
        format!("{:?}", AccessToken::new(token.clone())),
        format!("{:?}", StateParameter::new(state.clone())),
        format!("{:?}", Nonce::new(nonce.clone())),
        format!("{request:?}"),
        format!("{request:#?}"),
        format!("{pending:?}"),
        format!("{:?}", captured(&token)),
        format!("{:?}", response(&token)),
        format!("{:?}", Parameters::parse(&captured(&token).fragment)),
        format!("{granted:?}"),
        format!("{:?}", returned(&token)),
        format!("{circumstances:?}"),
        format!("{:?}", entropy()),
        format!("{:?}", UnverifiedJwt::parse(&token).unwrap()),
        format!(
            "{:?}",
            accept(&client(), &response(&token), Ok(&pending), requested())
        ),
    ];

    let mut session = Session::new(Remembered::default(), ReturnTo::START);
    let mut step = |event: Event| {
        let (next, effects) = session.clone().step(event, now(), &context());
        printed.push(format!("{next:?} {next:#?} {:?}", next.token()));
        for effect in &effects {
            printed.push(format!("{effect:?}"));
            if let Effect::StoreToken(unverified) = effect {
                let read = stored::read_token(&stored::write_token(unverified)).unwrap();
                printed.push(format!("{read:?}"));
                printed.push(format!(
                    "{:?}",
                    Event::Restored(Box::new(read), ReturnTo::START)
                ));
            }
        }
        session = next;
        session.clone()
    };
    step(returned(&token));
    let connected = step(Event::KeysLoaded(Ok(loaded_keys(true))));
    assert!(connected.token().is_some());
    let another = sign(
        &header().to_string(),
        &claims_with(json!({"platform_user_id": "another"})),
    );
    step(returned(&another));
    let asked = step(Event::KeysLoaded(Ok(loaded_keys(true))));
    assert!(matches!(asked.phase(), Phase::AccountChanged(_)));
    step(Event::ContinueWithAccount);
    // The middle of the signature and of the claims: partial leaks count too.
    let signature = token[token.len() - 60..].to_owned();
    let claims = token[100..160].to_owned();
    (printed, [token, signature, claims, state, nonce])
}

/// Rule (Secrets): A value that holds a secret never prints it
#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let (printed, secrets) = printed();
    assert!(printed.len() > 20);
    for (index, text) in printed.iter().enumerate() {
        for secret in &secrets {
            assert!(!text.contains(secret), "value {index} shows a secret");
        }
    }
}

/// What a log shows instead.
///
/// Rule (Secrets): A value that holds a secret never prints it
#[test]
fn each_says_what_it_is() {
    let request = authorization_request(&client(), &entropy(), ReturnTo::START, requested());
    let printed = format!("{request:?}");
    for part in [
        "RequestUri(redacted)",
        "StateParameter(redacted)",
        "Nonce(redacted)",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    let captured = CapturedResponse {
        fragment: "access_token=a&state=b&x=".to_owned(),
        query: String::new(),
    };
    let response = AuthorizationResponse::parse(&captured).unwrap();
    for (printed, expected) in [
        (
            format!("{:?}", AccessToken::new("a".to_owned())),
            "AccessToken(redacted)",
        ),
        (format!("{:?}", entropy()), "Entropy(redacted)"),
        (format!("{captured:?}"), "CapturedResponse(redacted)"),
        (
            format!("{response:?}"),
            r#"AuthorizationResponse { parameters: ["access_token", "state"] }"#,
        ),
        (
            format!("{:?}", UnverifiedJwt::parse(&token()).unwrap()),
            r#"UnverifiedJwt { kid: Some("test-key"), alg: "RS256", .. }"#,
        ),
    ] {
        assert_eq!(printed, expected);
    }
}

/// `sub` and the rest are personal data: logs show only the times of the claims.
///
/// Rule (Secrets): A value that holds a secret never prints it
#[test]
fn verified_claims_print_their_times_alone() {
    let (_, claims) = crate::support::verify_at(&token(), &crate::support::key_set(), now());
    let printed = format!("{:?}", claims.unwrap().registered());
    let expected = format!(
        "VerifiedClaims {{ exp: Timestamp({}.000), iat: Timestamp({}.000), .. }}",
        REQUESTED + 28_802,
        REQUESTED + 2
    );
    assert_eq!(printed, expected);
}

/// The header value is wiped as well; it contains nothing but what `expose` returns.
#[test]
fn the_header_has_the_token_once() {
    let token = AccessToken::new("canary".to_owned());
    assert_eq!(authorization(&token).matches("canary").count(), 1);
}
