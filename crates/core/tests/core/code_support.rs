//! Helpers for the code grant tests: a client that requests a code, token endpoint responses, ID
//! tokens, and sessions in every phase.

use crate::support::page;
use crate::{
    session::{Bench, name},
    support::{
        self, CLIENT_ID, ISSUER, LIFETIME, REQUESTED, at, changed, client_with, entropy, header,
        loaded_keys, now, requested, sign, token, with_claims,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_core::{
    oauth::{
        AccessTokenResponseError, AuthorizationResponse, CapturedResponse, Client, ErrorResponse,
        PendingAuthorization, ResponseType, Scope, TokenEndpointError, TokenResponse,
        authorization_request,
    },
    session::{Context, Effect, Event, Phase, Returned, Stage, stored},
    time::Timestamp,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const CODE: &str = "code-4f1c";
/// The refresh token that comes with the first access token.
pub const REFRESH_TOKEN: &str = "refresh-token-1";
/// When the first access token expires.
pub const END: i64 = REQUESTED + 2 + LIFETIME;
/// When renewal is due.
pub const DUE: i64 = END - 5 * 60;

pub fn client() -> Client {
    client_with(|registration| {
        registration.response_type = ResponseType::Code;
        registration.scope =
            Scope::parse("account_read campaign_data contact_data offline_access").unwrap();
    })
}

pub fn context() -> Context {
    Context {
        client: client(),
        ..support::context()
    }
}

/// The record of a pending code request.
pub fn pending() -> PendingAuthorization {
    authorization_request(&client(), &entropy(), page("connection"), requested()).pending
}

pub fn response(fragment: &str, query: &str) -> AuthorizationResponse {
    AuthorizationResponse::parse(&CapturedResponse {
        fragment: fragment.to_owned(),
        query: query.to_owned(),
    })
    .unwrap()
}

/// The redirection endpoint, opened with these query parameters and our state.
pub fn returned_with(parameters: &str) -> Event {
    let query = format!("{parameters}&state={}", pending().state.expose());
    Event::Returned(Box::new(Returned::Response {
        response: response("", &query),
        pending: Ok(pending()),
    }))
}

pub fn returned() -> Event {
    returned_with(&format!("code={CODE}"))
}

/// A token endpoint response with this token and these changes; `null` removes a member.
pub fn answer(access_token: &str, changes: Value) -> Value {
    let answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 28_800,
        "scope": "account_read campaign_data contact_data offline_access",
        "refresh_token": REFRESH_TOKEN,
    });
    changed(answer, &changes)
}

pub fn read(answer: &Value) -> Box<TokenResponse> {
    Box::new(TokenResponse::read(200, answer.to_string().as_bytes()).unwrap())
}

pub fn exchanged(answer: &Value) -> Event {
    Event::Exchanged(Ok(read(answer)))
}

pub fn refreshed(answer: &Value) -> Event {
    Event::Refreshed(Ok(read(answer)))
}

pub fn not_refreshed(error: TokenEndpointError) -> Event {
    Event::Refreshed(Err(error))
}

/// An OAuth error response from the token endpoint.
pub fn refusal(error: &str) -> TokenEndpointError {
    let body = json!({"error": error, "error_description": "The refresh token is invalid."});
    TokenResponse::read(400, body.to_string().as_bytes()).unwrap_err()
}

pub fn invalid_grant() -> TokenEndpointError {
    let error = refusal("invalid_grant");
    assert!(matches!(
        &error,
        TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(
            ErrorResponse { .. }
        ))
    ));
    error
}

/// A valid access token issued at this time.
pub fn token_of(issued: Timestamp) -> String {
    let issued = issued.unix_seconds();
    with_claims(json!({"iat": issued, "exp": issued + LIFETIME, "jti": format!("AT.{issued}")}))
}

pub fn hash_of(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

/// The claims of a valid ID token, issued together with this access token.
pub fn id_claims(access_token: &str) -> Value {
    json!({
        "ver": 1, "jti": "ID.test", "iss": ISSUER, "aud": CLIENT_ID, "sub": "00u1ibx8lhb3amvHR0h8",
        "iat": REQUESTED + 2, "exp": REQUESTED + 2 + 3_600, "auth_time": REQUESTED, "amr": ["pwd"],
        "idp": "00oi", "name": "Geek Squad", "preferred_username": "geeksquad",
        "nonce": pending().nonce.expose(), "at_hash": hash_of(access_token),
    })
}

/// A valid ID token with these claims changed; `null` removes one.
pub fn id_token(access_token: &str, changes: Value) -> String {
    sign(
        &header().to_string(),
        &changed(id_claims(access_token), &changes).to_string(),
    )
}

pub fn keys() -> Event {
    Event::KeysLoaded(Ok(loaded_keys(true)))
}

/// Drives a bad token to its rejection: it also fails against freshly fetched keys and after
/// another look at the clock.
pub fn refused(bench: &mut Bench) -> Vec<String> {
    let fetched = || Event::KeysLoaded(Ok(loaded_keys(false)));
    let effects = bench.send(fetched());
    if effects == ["load keys: Verify"] {
        bench.send(fetched())
    } else {
        effects
    }
}

pub fn bench() -> Bench {
    Bench::new().with(|context| *context = self::context())
}

/// A code has been sent to the token endpoint.
pub fn exchanging() -> Bench {
    exchanging_for(pending())
}

/// The same for a request that included `openid`.
pub fn exchanging_with_openid() -> Bench {
    exchanging_for(PendingAuthorization {
        scope: pending().scope.with_token("openid"),
        ..pending()
    })
}

fn exchanging_for(pending: PendingAuthorization) -> Bench {
    let query = format!("code={CODE}&state={}", pending.state.expose());
    let mut bench = bench();
    let effects = bench.send(Event::Returned(Box::new(Returned::Response {
        response: response("", &query),
        pending: Ok(pending),
    })));
    assert_eq!(effects, ["exchange"]);
    bench
}

/// Connected by an exchange whose response is valid except for the changes.
pub fn connected_with(access_token: &str, changes: Value) -> Bench {
    connected_from(exchanging(), access_token, changes)
}

/// Connected from this exchange, with a response that is valid except for the changes.
pub fn connected_from(mut bench: Bench, access_token: &str, changes: Value) -> Bench {
    bench.send(exchanged(&answer(access_token, changes)));
    bench.send(keys());
    assert_eq!(bench.phase(), "connected", "{}", bench.code());
    bench
}

/// Connected, with a refresh token.
pub fn connected() -> Bench {
    connected_with(&token(), json!({}))
}

/// Advances the clock to that time in one step.
pub fn until(bench: &mut Bench, seconds: i64) -> Vec<String> {
    until_millis(bench, seconds * 1_000)
}

pub fn until_millis(bench: &mut Bench, millis: i64) -> Vec<String> {
    bench.now = Timestamp::from_unix_millis(millis);
    bench.tick(0, true)
}

pub fn without_network(bench: &mut Bench, seconds: i64) -> Vec<String> {
    bench.now = bench.now.plus_seconds(seconds);
    bench.send(Event::Tick {
        visible: true,
        online: false,
        page: page("connection"),
    })
}

/// Connected, with a refresh under way.
pub fn asking() -> Bench {
    asking_from(exchanging())
}

/// The same, where `openid` was requested too.
pub fn asking_with_openid() -> Bench {
    asking_from(exchanging_with_openid())
}

fn asking_from(exchanging: Bench) -> Bench {
    let mut bench = connected_from(exchanging, &token(), json!({}));
    assert_eq!(until(&mut bench, DUE), ["refresh"]);
    bench
}

/// Connected, and a refresh returned this token.
pub fn verifying(access_token: &str) -> Bench {
    let mut bench = asking();
    let answer = answer(access_token, json!({"refresh_token": "refresh-token-2"}));
    assert_eq!(
        bench.send(refreshed(&answer)),
        ["store token", "load keys: Verify"]
    );
    bench
}

/// Connected, after a refresh failure that can be retried.
pub fn waiting() -> Bench {
    let mut bench = asking();
    assert!(
        bench
            .send(not_refreshed(TokenEndpointError::Unreachable))
            .is_empty()
    );
    bench
}

/// Connected, after a refresh was permanently rejected.
pub fn given_up() -> Bench {
    let mut bench = asking();
    assert_eq!(bench.send(not_refreshed(invalid_grant())), ["store token"]);
    bench
}

/// The token has expired, with a refresh under way.
pub fn renewing() -> Bench {
    let mut bench = connected();
    assert_eq!(until(&mut bench, END), ["refresh"]);
    assert_eq!(bench.phase(), "renewing");
    bench
}

/// The stage of the renewal.
pub fn stage(bench: &Bench) -> &'static str {
    let renewal = match bench.session.phase() {
        Phase::Connected(state) => state.renewal.as_ref(),
        Phase::Renewing(state) => Some(&state.renewal),
        _ => None,
    };
    match renewal.map(|renewal| &renewal.stage) {
        None => "none",
        Some(Stage::Resting) => "resting",
        Some(Stage::Asking(_)) => "asking",
        Some(Stage::Verifying { .. }) => "verifying",
        Some(Stage::Waiting { .. }) => "waiting",
        Some(Stage::GivenUp(_)) => "given up",
    }
}

/// The access token in use, if connected.
pub fn used(bench: &Bench) -> Option<String> {
    let token = bench.session.token()?;
    Some(token.access_token().expose().to_owned())
}

/// What the effects write to storage, if anything.
pub fn written(effects: &[Effect]) -> Option<Value> {
    let text = effects.iter().find_map(|effect| match effect {
        Effect::StoreToken(token) => Some(stored::write_token(token)),
        _ => None,
    })?;
    Some(serde_json::from_str(&text).unwrap())
}

/// The refresh token used by the only effect.
pub fn sent(effects: &[Effect]) -> String {
    match effects {
        [Effect::Refresh(token)] => token.refresh_token().unwrap().expose().to_owned(),
        other => panic!("{:?}", other.iter().map(name).collect::<Vec<_>>()),
    }
}

/// What a connection leaves in storage, as the next page finds it.
pub fn restored(access_token: &str, changes: Value) -> Event {
    let mut bench = exchanging();
    bench.send(exchanged(&answer(access_token, changes)));
    let text = match bench.session.phase() {
        Phase::Verifying(state) => stored::write_token(&state.token),
        _ => panic!("{}", bench.phase()),
    };
    Event::Restored(
        Box::new(stored::read_token(&text).unwrap()),
        page("connection"),
    )
}

#[test]
fn the_bench_is_of_this_moment() {
    assert_eq!(bench().now, now());
    assert_eq!(at(END).seconds_since(at(DUE)), 300);
}
