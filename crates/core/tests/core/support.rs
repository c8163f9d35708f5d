//! Shared helpers: the key of RFC 7515 A.2, tokens signed with it, a foreign key, and a client.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_core::{
    ReturnTo,
    constant_contact::{
        self, ACCESS_TOKEN_TYPES, AccessTokenClaims, AccessTokenError, Circumstances,
    },
    jose::{Expectations, JwkSet, TokenError, verify::MAX_LIFETIME},
    oauth::{
        Client, Entropy, Nonce, Registration, ResponseType, Scope, pending_authorization::MAX_AGE,
    },
    openid_connect::ID_TOKEN_TYPES,
    report::Report,
    session::{Context, LoadedKeys, Reauthorize, TokenStorage},
    time::Timestamp,
};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature as _,
    alg::{Rsa, RsaPrivateKey},
    jwk::JsonWebKey,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

pub const ISSUER: &str = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8";
pub const AUDIENCE: &str = "https://api.cc.email/v3";
pub const CLIENT_ID: &str = "cc94c2d6-6e70-426c-afd1-71c8fa5f4890";
pub const KID: &str = "test-key";
/// When the test request is made; the token is issued two seconds later.
pub const REQUESTED: i64 = 1_790_000_000;
pub const LIFETIME: i64 = 28_800;

/// The nonce that was sent with the request.
pub const NONCE: &str = "the-nonce";

const ISSUERS_JWK: &str = include_str!("../vectors/rfc7515-a2-jwk.json");
const STRANGERS_JWK: &str = include_str!("../vectors/rfc7520-3.4-jwk.json");

/// The issuer's key: that of RFC 7515 A.2.
pub static ISSUERS_KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| private_key(ISSUERS_JWK));
/// A key unknown to the issuer: that of RFC 7520 §3.4.
pub static STRANGERS_KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| private_key(STRANGERS_JWK));

fn private_key(jwk: &str) -> RsaPrivateKey {
    let jwk: JsonWebKey<'_> = serde_json::from_str(jwk).unwrap();
    RsaPrivateKey::try_from(&jwk).unwrap()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

pub fn requested() -> Timestamp {
    at(REQUESTED)
}

/// Two seconds after the request, when the response is verified.
pub fn now() -> Timestamp {
    at(REQUESTED + 2)
}

/// A page of the application.
pub fn page(path: &str) -> ReturnTo {
    ReturnTo::parse(path).unwrap()
}

/// The issuer's public key as a JWK Set entry.
pub fn public_jwk() -> Value {
    public_part(ISSUERS_JWK)
}

/// The foreign public key, under the `kid` of the issuer's.
pub fn strangers_jwk() -> Value {
    public_part(STRANGERS_JWK)
}

fn public_part(jwk: &str) -> Value {
    let all: Value = serde_json::from_str(jwk).unwrap();
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID, "n": all["n"], "e": all["e"]})
}

/// Replaces or adds members; `null` removes one.
pub fn changed(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    object
}

pub fn key_set_of(keys: &[Value]) -> JwkSet {
    JwkSet::parse(&json!({ "keys": keys }).to_string()).unwrap()
}

pub fn key_set() -> JwkSet {
    key_set_of(&[public_jwk()])
}

pub fn loaded_keys(from_cache: bool) -> LoadedKeys {
    LoadedKeys {
        set: key_set(),
        fetched_at: requested(),
        from_cache,
    }
}

pub fn header() -> Value {
    json!({"kid": KID, "alg": "RS256"})
}

/// The claims of the documentation's sample, with our times.
pub fn claims() -> Map<String, Value> {
    let claims = json!({
        "ver": 1,
        "jti": "AT.FzaE-test",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": REQUESTED + 2,
        "exp": REQUESTED + 2 + LIFETIME,
        "cid": CLIENT_ID,
        "uid": "00u1ibx8lhb3amvHR0h8",
        "scp": ["account_read", "campaign_data", "contact_data"],
        "sub": "geeksquad",
        "platform_user_id": "d3a06e62-2f14-4d96-9453-26591ab53f0d",
    });
    match claims {
        Value::Object(claims) => claims,
        _ => unreachable!(),
    }
}

/// Replaces or adds claims; `null` removes one.
pub fn claims_with(changes: Value) -> String {
    changed(Value::Object(claims()), &changes).to_string()
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Signs with RS256, whatever the header says.
pub fn sign(header: &str, payload: &str) -> String {
    sign_with(Rsa::rs256(), header, payload)
}

pub fn sign_with(algorithm: Rsa, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    sign_input(algorithm, &ISSUERS_KEY, input)
}

/// Signs a signing input verbatim, canonical or not.
pub fn sign_input(algorithm: Rsa, key: &RsaPrivateKey, input: String) -> String {
    let signature = algorithm.sign(key, input.as_bytes());
    format!("{input}.{}", encode(signature.as_bytes()))
}

/// A valid token.
pub fn token() -> String {
    sign(&header().to_string(), &claims_with(json!({})))
}

/// A valid token except for the header; signed with RS256 regardless.
pub fn with_header(changes: Value) -> String {
    sign(
        &changed(header(), &changes).to_string(),
        &claims_with(json!({})),
    )
}

/// A valid token except for the claims.
pub fn with_claims(changes: Value) -> String {
    sign(&header().to_string(), &claims_with(changes))
}

/// Verifies as the session does.
pub fn verify_at(
    token: &str,
    keys: &JwkSet,
    now: Timestamp,
) -> (Report, Result<AccessTokenClaims, AccessTokenError>) {
    let nonce = Nonce::new(NONCE.to_owned());
    let circumstances = Circumstances {
        client_id: CLIENT_ID,
        nonce: &nonce,
        requested_at: requested(),
    };
    constant_contact::verify_access_token(token, keys, &expectations(), circumstances, now)
}

/// The error for a token that fails a check of every JWT; panics otherwise.
#[track_caller]
pub fn refused(token: &str) -> TokenError {
    refused_by(token, &key_set())
}

/// The error for a token under these keys; panics if it is not that of any JWT.
#[track_caller]
pub fn refused_by(token: &str, keys: &JwkSet) -> TokenError {
    match verify_at(token, keys, now()).1 {
        Err(AccessTokenError::Token(error)) => error,
        Err(error) => panic!("{error:?}: {token}"),
        Ok(_) => panic!("verified: {token}"),
    }
}

/// The error for a token; panics if it verifies.
#[track_caller]
pub fn refused_here(token: &str) -> AccessTokenError {
    verify_at(token, &key_set(), now()).1.unwrap_err()
}

/// The error code for a token, or `verified`.
pub fn code(token: &str) -> &'static str {
    let result = verify_at(token, &key_set(), now()).1;
    result.map_or_else(|error| error.code(), |_| "verified")
}

pub fn expectations() -> Expectations {
    Expectations {
        types: ACCESS_TOKEN_TYPES,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        max_lifetime: MAX_LIFETIME,
    }
}

pub fn registration() -> Registration {
    Registration {
        client_id: CLIENT_ID.to_owned(),
        redirect_uri: "https://app.example/callback".to_owned(),
        authorization_endpoint: "https://authz.constantcontact.com/oauth2/default/v1/authorize"
            .to_owned(),
        response_type: ResponseType::Token,
        token_endpoint: "https://authz.constantcontact.com/oauth2/default/v1/token".to_owned(),
        issuer: ISSUER.to_owned(),
        scope: Scope::parse("account_read contact_data campaign_data").unwrap(),
        max_authorization_time: MAX_AGE,
    }
}

pub fn client() -> Client {
    Client::new(registration()).unwrap()
}

/// A client whose registration differs from [`registration`].
pub fn client_with(change: impl FnOnce(&mut Registration)) -> Client {
    changed_client(&client(), change)
}

/// A client whose registration differs from that of `client`.
pub fn changed_client(client: &Client, change: impl FnOnce(&mut Registration)) -> Client {
    let mut registration = client.registration().clone();
    change(&mut registration);
    Client::new(registration).unwrap()
}

/// The rejections that come before a look at what a response to `client` holds, in the order of the
/// checks: its parameters, the client and the time to judge it with, and the code. In `all_wrong`
/// everything else is wrong.
pub fn rejected_unread(
    client: Client,
    state: &str,
    all_wrong: &str,
) -> [(String, Client, Timestamp, &'static str); 5] {
    let late = requested().plus_seconds(MAX_AGE + 1);
    let elsewhere = changed_client(&client, |registration| {
        registration.client_id = "other".to_owned();
    });
    let ours = format!("{all_wrong}&state={state}");
    [
        (
            all_wrong.to_owned(),
            elsewhere.clone(),
            late,
            "state_missing",
        ),
        (
            format!("{all_wrong}&state=x"),
            elsewhere.clone(),
            late,
            "state_mismatch",
        ),
        (
            ours.clone(),
            elsewhere.clone(),
            late,
            "pending_authorization_expired",
        ),
        (
            ours.clone(),
            elsewhere,
            requested(),
            "configuration_changed",
        ),
        (ours, client, requested(), "response_issuer_mismatch"),
    ]
}

pub fn context() -> Context {
    Context {
        client: client(),
        expectations: expectations(),
        id_token_expectations: Expectations {
            types: ID_TOKEN_TYPES,
            issuer: ISSUER.to_owned(),
            audience: CLIENT_ID.to_owned(),
            max_lifetime: MAX_LIFETIME,
        },
        token_storage: TokenStorage::Session,
        reauthorize: Reauthorize::Automatic,
    }
}

pub fn entropy() -> Entropy {
    Entropy {
        state: [1; 32],
        nonce: [2; 32],
        code_verifier: [3; 32],
    }
}
