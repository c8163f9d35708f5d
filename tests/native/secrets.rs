//! No value that holds a secret shows it when it is printed.

use crate::support::{client, context, entropy, loaded_keys, now, requested, token};
use cc_connect::{
    jose::UnverifiedJwt,
    oauth::{AccessToken, AuthorizationResponse, CapturedResponse, accept, authorization_request},
    route::Route,
    session::{Effect, Event, Remembered, Returned, Session, stored},
};

#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let token = token();
    let request = authorization_request(&client(), &entropy(), Route::Overview, requested());
    let pending = request.pending.clone();
    let (state, nonce) = (
        pending.state.expose().to_owned(),
        pending.nonce.expose().to_owned(),
    );
    let captured = CapturedResponse {
        fragment: format!("access_token={token}&token_type=Bearer&state={state}"),
        query: String::new(),
    };
    let response = AuthorizationResponse::parse(&captured).unwrap();
    let granted = accept(&client(), &response, Ok(&pending), now()).unwrap();
    let returned = Event::Returned(Box::new(Returned::Response {
        response: response.clone(),
        pending: Ok(pending.clone()),
    }));
    let mut printed = vec![
        format!("{:?}", AccessToken::new(token.clone())),
        format!("{request:?}"),
        format!("{pending:?}"),
        format!("{captured:?}"),
        format!("{response:?}"),
        format!("{granted:?}"),
        format!("{returned:?}"),
        format!("{:?}", entropy()),
        format!("{:?}", UnverifiedJwt::parse(&token).unwrap()),
    ];

    let (session, effects) =
        Session::new(Remembered::default(), Route::Overview).step(returned, now(), &context());
    printed.push(format!("{session:?} {effects:?}"));
    let keys = Event::KeysLoaded(Ok(loaded_keys(true)));
    let (session, effects) = session.step(keys, now(), &context());
    printed.push(format!(
        "{session:?} {effects:?} {:?}",
        session.token().unwrap()
    ));
    let unverified = effects.into_iter().find_map(|effect| match effect {
        Effect::StoreToken(unverified) => Some(unverified),
        _ => None,
    });
    let unverified = unverified.expect("the token is stored");
    printed.push(format!(
        "{:?}",
        stored::read_token(&stored::write_token(&unverified))
    ));

    // The middle of the signature and of the claims: a part must not show either.
    let signature = &token[token.len() - 60..];
    let claims = &token[100..160];
    for (index, text) in printed.iter().enumerate() {
        for secret in [token.as_str(), signature, claims, &state, &nonce] {
            assert!(!text.contains(secret), "value {index} shows a secret");
        }
    }
}
