//! What must hold for any input. The fuzz targets search for an input that breaks one of these
//! promises; `tests/native/corpus.rs` includes this file and replays the inputs kept in `corpus/`.
//!
//! Each check takes an input as it arrives from outside, panics if a promise is broken, and returns
//! whether the input was accepted, or the code it was rejected with. The parent module provides
//! `rs256(input)`, which signs with the key of RFC 7515 A.2.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_app::config::{
    ConfigError, Line, MAX_BYTES as MAX_CONFIG_BYTES, Mistake, Problem, Setup,
};
use cc_connect_core::{
    ReturnTo,
    clock::{Clock, HostTime, Look, Reading},
    constant_contact::{self, AccessTokenClaims, AccessTokenError, Circumstances},
    jose::{
        self, Expectations, JwkSet, TokenError, UnverifiedJwt,
        jwk_set::{MAX_JWK_SET_BYTES, MAX_MODULUS_BITS, MIN_MODULUS_BITS},
        jwk_set_cache,
        unverified_jwt::MAX_JWT_BYTES,
        verify::{LEEWAY, MAX_LIFETIME},
    },
    json::{self, JsonError},
    oauth::{
        Accepted, AccessTokenResponse, AccessTokenResponseError, AuthorizationResponse,
        CapturedResponse, Client, Entropy, ErrorCode, ErrorResponse, NoPendingAuthorization, Nonce,
        PendingAuthorization, Prospect, RedirectionError, Registration, ResponseType, Scope,
        TokenEndpointError, TokenResponse, accept, authorization_request,
        authorization_response::RESPONSE_PARAMETERS,
        parameters::{self, MAX_BYTES},
        pending_authorization::MAX_AGE,
        token_response::MAX_BYTES as MAX_TOKEN_RESPONSE_BYTES,
    },
    report::{CheckName, Outcome, Report},
    session::{
        server::{Answer, ServerCode, ServerFailure, Told, read_authorization_uri},
        stored::{self, StoredKeys},
    },
    time::Timestamp,
    v3::{
        self, ApiBaseUrl, ApiError, ENDPOINTS, Endpoint, Method, Operation, Page, PathParameter,
        Request, ResponseBody, Uuid, contacts::ContactQuery,
    },
    web_url::WebUrl,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, ptr, sync::LazyLock};
use url::{Host, Url};

/// The result for an input: accepted, or rejected with this code.
pub type Verdict = Result<(), &'static str>;

/// A fuzz target: its name, which is also its folder in `corpus/`, and its check.
pub type Target = (&'static str, fn(&[u8]) -> Verdict);

/// Every fuzz target.
pub const TARGETS: [Target; 14] = [
    ("authorization_response", authorization_response),
    ("token_response", token_response),
    ("jwt", jwt),
    ("signed_jwt", signed_jwt),
    ("jwk_set", jwk_set),
    ("config", config),
    ("v3", v3),
    ("page", page),
    ("v3_path", v3_path),
    ("stored", stored),
    ("return_to", return_to),
    ("headers", headers),
    ("json", json),
    ("server_answer", server_answer),
];

const ISSUER: &str = "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8";
const AUDIENCE: &str = "https://api.cc.email/v3";
const CLIENT_ID: &str = "cc94c2d6-6e70-426c-afd1-71c8fa5f4890";
const KID: &str = "test-key";
const BASE_URL: &str = "https://app.example/";
/// When the request was made, in seconds.
const REQUESTED: i64 = 1_790_000_000;
/// The maximum length of a server's text, in characters.
const MAX_TEXT: usize = 500;
/// The longest query that a proxy passes on, in bytes.
const MAX_QUERY: usize = 4 * 1024;
/// The longest page to return to, in bytes.
const MAX_RETURN_TO: usize = 2048;
/// A contact list, or an activity.
const LIST_ID: &str = "06526938-56dd-11e9-932a-fa163ea075fa";

/// The key of RFC 7515 A.2, private part included.
static JWK: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!(
        "../crates/core/tests/vectors/rfc7515-a2-jwk.json"
    ))
    .expect("the RFC's key is JSON")
});
/// The issuer's only key: the public part of the same.
static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    let key = json!({"kty": "RSA", "kid": KID, "n": JWK["n"], "e": JWK["e"]});
    JwkSet::parse(&json!({ "keys": [key] }).to_string()).expect("it is a JWK Set")
});

/// The JWS of RFC 7515 A.2, as printed there.
const RFC_7515_A2: &str = include_str!("corpus/jwt/refused.issuer_mismatch.rfc7515-a2");

/// Every token in `corpus/jwt` that was signed with the key of RFC 7515 A.2. No other has a valid
/// signature, and only the first is a valid token.
pub const SIGNED: [&str; 5] = [
    include_str!("corpus/jwt/accepted.access-token"),
    RFC_7515_A2,
    include_str!("corpus/jwt/refused.token_expired.signed"),
    include_str!("corpus/jwt/refused.client_mismatch.signed-for-another-client"),
    include_str!("corpus/jwt/refused.issuer_mismatch.signed-with-another-issuer"),
];

fn requested() -> Timestamp {
    Timestamp::from_unix_seconds(REQUESTED)
}

/// When the response is verified.
fn now() -> Timestamp {
    requested().plus_seconds(2)
}

fn registration(response_type: ResponseType) -> Registration {
    let redirect_uri = format!("{BASE_URL}callback");
    Registration {
        scope: Scope::parse("account_read contact_data").expect("it is a scope"),
        ..constant_contact::registration(CLIENT_ID, &redirect_uri, response_type)
    }
}

fn checked(registration: Registration) -> Client {
    Client::new(registration).expect("the registration is in order")
}

/// A client that requests a token.
fn client() -> Client {
    checked(registration(ResponseType::Token))
}

/// A client that requests a code.
fn code_client() -> Client {
    checked(registration(ResponseType::Code))
}

/// The record of a request whose `state` is `octet`, repeated 32 times.
fn pending_of(client: &Client, octet: u8) -> PendingAuthorization {
    let entropy = Entropy {
        state: [octet; 32],
        nonce: [octet + 1; 32],
        code_verifier: [octet + 2; 32],
    };
    authorization_request(client, &entropy, ReturnTo::START, requested()).pending
}

/// The defaults, with the issuer and audience written out here.
fn expectations() -> Expectations {
    Expectations {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        ..constant_contact::access_token_expectations()
    }
}

/// Codes are stable names: tests, the page and support rely on them.
fn assert_code(code: &str) {
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    assert!(!code.is_empty() && code.bytes().all(named), "{code:?}");
}

// The authorization response.

/// Input: the redirect's fragment, with its query on a second line.
///
/// # Errors
///
/// The error code: if there is a code, the one for a client that requested a code, otherwise the
/// one for a client that requested a token.
pub fn authorization_response(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let (fragment, query) = text.split_once('\n').unwrap_or((text, ""));
    let captured = CapturedResponse {
        fragment: fragment.to_owned(),
        query: query.to_owned(),
    };
    let parsed = AuthorizationResponse::parse(&captured);
    let response = parsed.map_err(|error| {
        assert_code(error.code());
        error.code()
    })?;

    assert!(fragment.len() <= MAX_BYTES && query.len() <= MAX_BYTES);
    let (fragment, query) = (Pairs::read(fragment), Pairs::read(query));
    for name in ["access_token", "id_token"] {
        assert_eq!(query.get(name), None, "a token in the query");
    }
    let is_response = |pairs: &Pairs| {
        RESPONSE_PARAMETERS
            .iter()
            .any(|name| pairs.get(name).is_some())
    };
    assert!(!(is_response(&fragment) && is_response(&query)));
    let pairs = if is_response(&query) { query } else { fragment };
    assert_eq!(response.state(), pairs.get("state"));

    let implicit = judge(&client(), &response, &pairs);
    let code = judge(&code_client(), &response, &pairs);
    // What one client accepts, the other does not take for its own.
    match (implicit, code) {
        (Ok(()), other) => assert_eq!(other, Err("response_type_mismatch")),
        (other, Ok(())) => assert_eq!(other, Err("response_type_mismatch")),
        _ => {}
    }
    if pairs.get("code").is_some() {
        code
    } else {
        implicit
    }
}

/// The client's verdict on a response, checked independently.
fn judge(client: &Client, response: &AuthorizationResponse, pairs: &Pairs) -> Verdict {
    let pending = pending_of(client, 1);
    let ours = pairs.get("state") == Some(pending.state.expose());

    // Without a record of ours nothing is accepted; an expired record is useless, and so is one
    // made with other settings.
    for none in [
        NoPendingAuthorization::NoneStored,
        NoPendingAuthorization::OtherState,
        NoPendingAuthorization::Unreadable,
    ] {
        assert!(accept(client, response, Err(none), now()).is_err());
    }
    let late = requested().plus_seconds(MAX_AGE + 1);
    assert!(accept(client, response, Ok(&pending), late).is_err());
    let early = requested().plus_seconds(-MAX_AGE - 1);
    assert!(accept(client, response, Ok(&pending), early).is_err());
    let same = || client.registration().clone();
    for other in [
        Registration {
            client_id: "another".to_owned(),
            ..same()
        },
        Registration {
            redirect_uri: format!("{BASE_URL}another"),
            ..same()
        },
        Registration {
            issuer: "https://another.example".to_owned(),
            ..same()
        },
        Registration {
            response_type: match client.response_type() {
                ResponseType::Token => ResponseType::Code,
                ResponseType::Code => ResponseType::Token,
            },
            ..same()
        },
    ] {
        let other = checked(other);
        assert!(accept(&other, response, Ok(&pending), now()).is_err());
    }
    let other = pending_of(client, 7);
    if pairs.get("state") != Some(other.state.expose()) {
        assert!(accept(client, response, Ok(&other), now()).is_err());
    }

    let error = match accept(client, response, Ok(&pending), now()) {
        Ok(accepted) => {
            assert!(ours, "accepted without our state");
            assert!(pairs.get("iss").is_none_or(|issuer| issuer == ISSUER));
            assert_eq!(pairs.get("error"), None);
            match (client.response_type(), accepted) {
                (ResponseType::Token, Accepted::Token(accepted)) => {
                    assert_accepted(&accepted, pairs);
                }
                (ResponseType::Code, Accepted::Code(code)) => {
                    assert_eq!(pairs.get("code"), Some(code.expose()));
                    assert_eq!(pairs.get("access_token").or(pairs.get("id_token")), None);
                    assert_eq!(format!("{code:?}"), "AuthorizationCode(redacted)");
                }
                _ => panic!("something else was asked for"),
            }
            return Ok(());
        }
        Err(error) => error,
    };
    assert_code(error.code());
    match (&error, pairs.get("state")) {
        (RedirectionError::StateMissing, state) => assert_eq!(state, None),
        (RedirectionError::StateMismatch, state) => assert!(state.is_some() && !ours),
        (_, _) => assert!(ours, "believed before its state: {}", error.code()),
    }
    if let RedirectionError::Response(AccessTokenResponseError::ErrorResponse(error)) = &error {
        assert_error_response(error, pairs);
    }
    Err(error.code())
}

fn assert_accepted(accepted: &AccessTokenResponse, pairs: &Pairs) {
    let token = accepted.access_token.expose();
    assert!(!token.is_empty());
    assert_eq!(pairs.get("access_token"), Some(token));
    let token_type = pairs.get("token_type").unwrap_or_default();
    assert_eq!(token_type.to_ascii_lowercase(), "bearer");

    // Parameters that decide nothing are either returned as written or dropped.
    if let Some(seconds) = accepted.expires_in {
        let text = pairs.get("expires_in").expect("it was read");
        let written: f64 = text.trim_matches('"').parse().expect("it is a number");
        assert_eq!(written, f64::from(seconds), "{text:?}");
    }
    let read = accepted.scope.as_ref().map(Scope::to_string);
    assert_eq!(
        read.as_deref().map(words),
        readable_words(pairs.get("scope").unwrap_or_default())
    );
    if let Some(scope) = read {
        assert!(scope.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(Scope::parse(&scope).ok(), accepted.scope);
    }

    let shown = format!(
        "AccessTokenResponse {{ access_token: AccessToken(redacted), expires_in: {:?}, scope: {:?} }}",
        accepted.expires_in, accepted.scope
    );
    assert_eq!(format!("{accepted:?}"), shown);
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The tokens of a server's scope, by the grammar of RFC 6749 §3.3; `None` if any of them violates
/// it, or there are none.
fn readable_words(text: &str) -> Option<BTreeSet<String>> {
    let plain = |byte: u8| (0x21..0x7f).contains(&byte) && !b"\"\\".contains(&byte);
    let words = words(text);
    let readable = words.iter().all(|word| word.bytes().all(plain));
    (readable && !words.is_empty()).then_some(words)
}

fn assert_error_response(error: &ErrorResponse, pairs: &Pairs) {
    let cut = |text: &str| text.chars().take(MAX_TEXT).collect::<String>();
    let spelled = pairs.get("error").expect("an error was read");
    assert_eq!(pairs.get("access_token"), None);
    assert!(!error.spelled.is_empty() && error.spelled.chars().count() <= MAX_TEXT);
    assert_eq!(error.spelled, cut(spelled));
    if error.code != ErrorCode::Unknown {
        assert_eq!(error.code.code(), spelled);
    }
    assert_eq!(error.description, pairs.get("error_description").map(cut));
}

/// Form parameters, parsed independently. The promises of strict parsing are checked here: each
/// name occurs once, and nothing improperly encoded was decoded.
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn read(text: &str) -> Self {
        let octets = text.as_bytes();
        for (index, octet) in octets.iter().enumerate() {
            let hex = |at| octets.get(at).is_some_and(u8::is_ascii_hexdigit);
            assert!(*octet != b'%' || (hex(index + 1) && hex(index + 2)));
        }
        let pairs: Vec<(String, String)> = form_urlencoded::parse(octets).into_owned().collect();
        let names: BTreeSet<&String> = pairs.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), pairs.len(), "a parameter twice");
        // The decoder's replacement for octets that are not UTF-8.
        let replaced = pairs
            .iter()
            .any(|(name, value)| name.contains('\u{fffd}') || value.contains('\u{fffd}'));
        let meant = text.contains('\u{fffd}') || text.to_ascii_uppercase().contains("%EF%BF%BD");
        assert!(!replaced || meant, "decoded what is not UTF-8");
        Self(pairs)
    }

    /// The members that are strings, and `expires_in` if it is a number.
    fn of(object: &Map<String, Value>, names: &[&str]) -> Self {
        let written = names.iter().filter_map(|name| {
            let text = match object.get(*name)? {
                Value::String(text) => text.clone(),
                Value::Number(number) if *name == "expires_in" => number.to_string(),
                _ => return None,
            };
            Some(((*name).to_owned(), text))
        });
        Self(written.collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(found, _)| found == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

// The token endpoint.

/// Input: a token endpoint response, the status on the first line, then the body.
///
/// # Errors
///
/// The error code.
pub fn token_response(input: &[u8]) -> Verdict {
    let end = input.iter().position(|octet| *octet == b'\n');
    let (status, body) = input.split_at(end.ok_or("no_status")?);
    let status = std::str::from_utf8(status).map_err(|_| "no_status")?;
    let status: u16 = status.parse().map_err(|_| "no_status")?;
    let body = &body[1..];

    let error = match TokenResponse::read(status, body) {
        Ok(response) => {
            assert_eq!(status, 200);
            assert_token_response(&response, &assert_object(body));
            return Ok(());
        }
        Err(error) => error,
    };
    assert_code(error.code());
    assert_eq!(
        status == 429,
        matches!(error, TokenEndpointError::Throttled { .. })
    );
    let too_large = status != 429 && body.len() > MAX_TOKEN_RESPONSE_BYTES;
    assert_eq!(too_large, error == TokenEndpointError::TooLarge);
    match &error {
        TokenEndpointError::Throttled { .. } | TokenEndpointError::TooLarge => {}
        TokenEndpointError::Status(found) => assert!(*found == status && status != 200),
        TokenEndpointError::Malformed => assert_eq!(status, 200),
        TokenEndpointError::Refused(AccessTokenResponseError::ErrorResponse(response)) => {
            assert_ne!(status, 200);
            let object = assert_object(body);
            let pairs = Pairs::of(&object, &["error", "error_description"]);
            assert_error_response(response, &pairs);
        }
        // A token or code that was used up is not used again.
        TokenEndpointError::Refused(_) => {
            assert!(status == 200 && error.prospect() == Prospect::Final);
        }
        // The others are failures without a response.
        other => panic!("{other:?} of a response"),
    }
    if status == 200 {
        assert_ne!(error.prospect(), Prospect::Passing);
    }
    Err(error.code())
}

/// An accepted response, parsed again independently.
fn assert_token_response(response: &TokenResponse, object: &Map<String, Value>) {
    let names = ["access_token", "token_type", "expires_in", "scope"];
    assert_accepted(&response.access, &Pairs::of(object, &names));
    let text = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let refresh_token = response.refresh_token.as_ref().map(|token| token.expose());
    assert_eq!(refresh_token, text("refresh_token"));
    let id_token = response.id_token.as_ref().map(|token| token.expose());
    match object.get("id_token") {
        None | Some(Value::Null | Value::String(_)) => assert_eq!(id_token, text("id_token")),
        // Kept as an invalid ID token, for a client that requested one.
        Some(_) => assert!(id_token.is_some_and(|text| text.split('.').count() != 3)),
    }

    let hidden = |name: &str, there: bool| match there {
        true => format!("Some({name}(redacted))"),
        false => "None".to_owned(),
    };
    let shown = format!(
        "TokenResponse {{ access: {:?}, refresh_token: {}, id_token: {} }}",
        response.access,
        hidden("RefreshToken", refresh_token.is_some()),
        hidden("IdToken", id_token.is_some()),
    );
    assert_eq!(format!("{response:?}"), shown);
}

// The access token.

/// Input: a JWT in compact form, from any signer.
///
/// # Errors
///
/// The error code.
pub fn jwt(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let (report, result) = verify(text);

    if passed(&report, CheckName::Signature) {
        assert!(SIGNED.contains(&text), "a forged signature");
    }
    if result.is_ok() {
        assert_eq!(text, SIGNED[0], "only one text is a valid token");
    }
    match UnverifiedJwt::parse(text) {
        Ok(jwt) => assert_canonical(text, &jwt),
        Err(error) => {
            assert!(matches!(error, TokenError::Malformed(_)));
            assert_eq!(result.as_ref().err(), Some(&error.into()));
        }
    }
    result.map(|_| ()).map_err(|error| error.code())
}

/// Input: the header on the first line and the claims after it, signed with the issuer's own key.
/// This gets past the signature, which no fuzzer could find on its own.
///
/// # Errors
///
/// The error code.
pub fn signed_jwt(input: &[u8]) -> Verdict {
    let end = input.iter().position(|byte| *byte == b'\n');
    let (header, payload) = match end {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (&br#"{"alg":"RS256"}"#[..], input),
    };
    let signing_input = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = URL_SAFE_NO_PAD.encode(super::rs256(signing_input.as_bytes()));
    let (report, result) = verify(&format!("{signing_input}.{signature}"));

    let reached = outcome(&report, CheckName::Signature);
    assert_ne!(reached, Some(Outcome::Failed), "its own signature");
    let claims = result.map_err(|error| error.code())?;
    assert_claims(&claims, &assert_object(header), &assert_object(payload));
    Ok(())
}

fn verify(compact: &str) -> (Report, Result<AccessTokenClaims, AccessTokenError>) {
    let nonce = Nonce::new("the-nonce".to_owned());
    let circumstances = Circumstances {
        client_id: CLIENT_ID,
        nonce: &nonce,
        requested_at: requested(),
    };
    let (report, result) = constant_contact::verify_access_token(
        compact,
        &KEYS,
        &expectations(),
        circumstances,
        now(),
    );

    // Every check is reported once, in order; the first failure is the last entry.
    let names = report.checks().iter().map(|check| check.name);
    assert!(names.eq(constant_contact::all_checks()));
    let mut outcomes = report.checks().iter().map(|check| check.outcome);
    let held = |outcome| matches!(outcome, Outcome::Passed | Outcome::NotApplicable);
    let first = outcomes.find(|outcome| !held(*outcome));
    assert!(outcomes.all(|outcome| outcome == Outcome::NotReached));
    match &result {
        Ok(_) => assert_eq!(first, None),
        Err(error) => {
            assert_eq!(first, Some(Outcome::Failed), "{}", error.code());
            assert!(!constant_contact::is_proof(&report));
        }
    }
    if let Err(error) = &result {
        assert_code(error.code());
    }
    (report, result)
}

fn outcome(report: &Report, name: CheckName) -> Option<Outcome> {
    let mut checks = report.checks().iter();
    checks
        .find(|check| check.name == name)
        .map(|check| check.outcome)
}

fn passed(report: &Report, name: CheckName) -> bool {
    outcome(report, name) == Some(Outcome::Passed)
}

/// A token that could be split has exactly one encoding.
fn assert_canonical(text: &str, jwt: &UnverifiedJwt<'_>) {
    assert!(text.len() <= MAX_JWT_BYTES);
    let decoded: Vec<Vec<u8>> = text
        .split('.')
        .map(|part| {
            let octets = URL_SAFE_NO_PAD
                .decode(part)
                .expect("each part is base64url");
            assert_eq!(URL_SAFE_NO_PAD.encode(&octets), part, "another spelling");
            octets
        })
        .collect();
    assert_eq!(decoded.len(), 3);
    let header = assert_object(&decoded[0]);
    assert_eq!(jwt.kid(), header.get("kid").and_then(Value::as_str));
    let algorithm = header["alg"].as_str().expect("`alg` is a string");
    let shown = format!(
        "UnverifiedJwt {{ kid: {:?}, alg: {algorithm:?}, .. }}",
        jwt.kid()
    );
    assert_eq!(format!("{jwt:?}"), shown);
}

/// An accepted token, parsed again independently.
fn assert_claims(
    claims: &AccessTokenClaims,
    header: &Map<String, Value>,
    payload: &Map<String, Value>,
) {
    assert_eq!(header["alg"], "RS256");
    assert!(!header.contains_key("crit") && !header.contains_key("b64"));
    assert!(header.get("kid").is_none_or(|kid| kid == KID));
    if let Some(r#type) = header.get("typ") {
        let name = r#type
            .as_str()
            .expect("`typ` is a string")
            .to_ascii_lowercase();
        assert!(name == "jwt" || name.ends_with("at+jwt"), "{name}");
    }

    let registered = claims.registered();
    let text = |name: &str| payload[name].as_str().expect("the claim is a string");
    assert_eq!(text("iss"), ISSUER);
    assert_eq!(registered.issuer(), ISSUER);
    match &payload["aud"] {
        Value::Array(many) => assert!(many.iter().all(Value::is_string)),
        one => assert_eq!(one, AUDIENCE),
    }
    assert!(registered.audience().iter().any(|one| one == AUDIENCE));
    assert!(!text("sub").is_empty());
    assert_eq!(registered.subject(), text("sub"));

    let date = |name: &str| payload[name].as_f64().expect("the claim is a number");
    let seconds = |seconds: i64| seconds as f64;
    let now = now().unix_seconds();
    assert!(date("exp") > seconds(now - LEEWAY));
    assert_eq!(
        seconds(registered.expires_at().unix_seconds()),
        date("exp").trunc()
    );
    assert_eq!(
        seconds(registered.issued_at().unix_seconds()),
        date("iat").trunc()
    );
    let lifetime = registered.expires_at().unix_seconds() - registered.issued_at().unix_seconds();
    assert!((0..=MAX_LIFETIME + LEEWAY).contains(&lifetime));
    if payload.contains_key("nbf") {
        assert!(date("nbf") < seconds(now + LEEWAY + 1));
    }

    assert_eq!(text("cid"), CLIENT_ID);
    assert!(!text("platform_user_id").is_empty());
    assert_ne!(text("platform_user_id"), "UNASSIGNED");
    assert_eq!(claims.platform_user_id(), text("platform_user_id"));
    assert!(
        payload
            .get("nonce")
            .is_none_or(|nonce| nonce == "the-nonce")
    );
    // It decides nothing, and is read if possible.
    let text = match payload.get("scp") {
        Some(Value::String(text)) => text.clone(),
        // One string in the array may hold several tokens.
        Some(Value::Array(words)) if words.iter().all(Value::is_string) => {
            let words = words.iter().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    let read = claims.scope().map(|scope| words(&scope.to_string()));
    assert_eq!(read, readable_words(&text));
    assert_eq!(registered.iter().count(), payload.len());
}

// JSON.

/// Input: text that should be one JSON object.
///
/// # Errors
///
/// The error.
pub fn json(input: &[u8]) -> Verdict {
    let object = match json::parse_object(input) {
        Ok(object) => object,
        Err(JsonError::Syntax) => return Err("syntax"),
        Err(JsonError::NotAnObject) => return Err("not_an_object"),
        Err(JsonError::DuplicateMember) => return Err("duplicate_member"),
        Err(JsonError::TooDeep) => return Err("too_deep"),
        Err(other) => panic!("{other:?} has no name here"),
    };
    let written = assert_object(input);
    assert_eq!(object, written);
    // Serialized and parsed again it is equal, up to the last digit of a fraction.
    let again = Value::Object(object.clone());
    if !has_fraction(&again) {
        assert_eq!(json::parse_object(again.to_string().as_bytes()), Ok(object));
    }
    Ok(())
}

/// Parses accepted `text` independently: it is one JSON object whose members are unique and not
/// nested too deeply.
fn assert_object(text: &[u8]) -> Map<String, Value> {
    let text = std::str::from_utf8(text).expect("JSON is UTF-8");
    let value: Value = serde_json::from_str(text).expect("what was accepted is JSON");
    // Outside strings, each colon belongs to one member and each bracket to one level.
    let (mut colons, mut depth, mut deepest) = (0, 0usize, 0);
    let mut characters = text.chars();
    let mut in_string = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' if in_string => {
                characters.next();
            }
            '"' => in_string = !in_string,
            _ if in_string => {}
            ':' => colons += 1,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    assert!(deepest <= json::MAX_DEPTH, "too deep");
    assert_eq!(members(&value), colons, "a member twice");
    match value {
        Value::Object(object) => object,
        other => panic!("accepted what is not an object: {other}"),
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Object(object) => object.values().any(has_fraction),
        Value::Array(values) => values.iter().any(has_fraction),
        _ => false,
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        Value::Array(values) => values.iter().map(members).sum(),
        _ => 0,
    }
}

// The key set.

/// Input: a JWK Set document.
///
/// # Errors
///
/// The error code, or, if the set is valid but has no key for the JWS of RFC 7515 A.2, the code of
/// the failed key selection.
pub fn jwk_set(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let set = JwkSet::parse(text).map_err(|error| {
        assert_code(error.code());
        error.code()
    })?;

    assert!(text.len() <= MAX_JWK_SET_BYTES);
    let document = Value::Object(assert_object(input));
    let keys = document["keys"].as_array().expect("`keys` is an array");
    // Entries that are not objects are ignored.
    let keys: Vec<&Value> = keys.iter().filter(|key| key.is_object()).collect();
    assert!(!set.is_empty() && set.len() == keys.len());
    assert_eq!(JwkSet::parse(&document.to_string()), Ok(set.clone()));

    let kid = |key: &Value| key.get("kid").and_then(Value::as_str).map(str::to_owned);
    let names = keys.iter().map(|key| kid(key));
    for name in names.chain([Some("nobody's".to_owned())]) {
        let Some(name) = name else { continue };
        let named = keys.iter().copied();
        let named: Vec<&Value> = named
            .filter(|key| kid(key).as_deref() == Some(&name))
            .collect();
        assert_selection(&set, Some(&name), &named);
    }
    assert_selection(&set, None, &keys);

    // Verification terminates for every key, and only one key verifies what it signed.
    let (report, _) = jose::verify(RFC_7515_A2, &set, &expectations(), requested(), now());
    if passed(&report, CheckName::Signature) {
        assert!(
            keys.iter()
                .any(|key| key["n"] == JWK["n"] && key["e"] == JWK["e"])
        );
    }
    match set.select(None) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.code()),
    }
}

/// Exactly one of `candidates`, the document's keys that could be meant, is usable.
fn assert_selection(set: &JwkSet, kid: Option<&str>, candidates: &[&Value]) {
    let usable: Vec<usize> = candidates
        .iter()
        .filter_map(|key| usable_bits(key))
        .collect();
    match (set.select(kid), usable.as_slice()) {
        (Ok(key), [bits]) => {
            assert_eq!(key.bits(), *bits);
            assert!((MIN_MODULUS_BITS..=MAX_MODULUS_BITS).contains(bits));
        }
        (Err(TokenError::AmbiguousKey { kid: found }), [_, _, ..]) => {
            assert_eq!(found.as_deref(), kid);
        }
        (Err(TokenError::KeyNotFound { kid: found }), []) => {
            assert_eq!(found.as_deref(), kid);
            assert!(kid.is_none() || candidates.is_empty());
        }
        (Err(TokenError::UnsuitableKey(_)), []) => assert!(kid.is_some()),
        (Err(TokenError::WeakKey { bits }), []) => assert!(bits < MIN_MODULUS_BITS),
        (selected, _) => panic!("{kid:?}: {selected:?} among {usable:?}"),
    }
}

/// The size of a key that may verify RS256, determined independently.
fn usable_bits(key: &Value) -> Option<usize> {
    let absent_or =
        |name: &str, expected: &str| key.get(name).is_none_or(|value| value == expected);
    let number = |name: &str| {
        let octets = URL_SAFE_NO_PAD.decode(key.get(name)?.as_str()?).ok()?;
        let first = *octets.first()?;
        (first != 0).then(|| (octets.len() * 8 - first.leading_zeros() as usize, octets))
    };
    let verifies = key.get("key_ops").is_none_or(|operations| {
        let operations = operations.as_array();
        operations.is_some_and(|list| list.contains(&json!("verify")))
    });
    let (bits, _) = number("n")?;
    let (exponent_bits, exponent) = number("e")?;
    let usable = key.get("kty")? == "RSA"
        && absent_or("use", "sig")
        && absent_or("alg", "RS256")
        && verifies
        && (MIN_MODULUS_BITS..=MAX_MODULUS_BITS).contains(&bits)
        && (17..=33).contains(&exponent_bits)
        && exponent.last().is_some_and(|octet| octet % 2 == 1);
    usable.then_some(bits)
}

// The settings.

/// Input: a `config.json`, on a page at `https://app.example/`.
///
/// # Errors
///
/// The code of the first mistake.
pub fn config(input: &[u8]) -> Verdict {
    // The first page's module does not explain mistakes, and accepts the same files.
    let parsed = Setup::parse(input, BASE_URL);
    let if_right = Setup::parse_if_right(input, BASE_URL);
    assert_eq!(if_right.as_ref(), parsed.as_ref().ok());
    let config = match parsed {
        Ok(Setup::Direct(config)) => config,
        Ok(Setup::Server) => return Ok(()),
        Err(ConfigError::TooLarge) => {
            assert!(input.len() > MAX_CONFIG_BYTES);
            return Err("too_large");
        }
        Err(ConfigError::Empty) => return Err("empty_file"),
        Err(ConfigError::Encoding(_, line)) => {
            line.inspect(|line| assert_line(input, line));
            return Err("other_encoding");
        }
        Err(ConfigError::Malformed(found)) => {
            assert_line(input, &found.line);
            return Err("malformed");
        }
        Err(ConfigError::NotSetUp) => return Err("not_set_up"),
        Err(ConfigError::Mistakes(mistakes)) => {
            for mistake in &mistakes {
                assert_code(mistake.problem.code());
                if mistake.problem == Problem::NotAUrl {
                    assert_not_a_url(input, mistake);
                }
            }
            return Err(mistakes
                .first()
                .expect("a mistake has a name")
                .problem
                .code());
        }
    };

    let client = &config.context.client;
    assert!(!client.client_id().is_empty() && client.client_id().trim() == client.client_id());
    assert!(!client.scope().is_empty());
    assert_eq!(client.issuer(), config.context.expectations.issuer);
    assert_eq!(
        config.context.id_token_expectations.audience,
        client.client_id()
    );
    let page = Url::parse(BASE_URL).expect("the page has an address");
    let addresses = [
        client.redirect_uri(),
        client.authorization_endpoint(),
        client.token_endpoint(),
        client.issuer(),
        &config.context.id_token_expectations.issuer,
        &config.jwks_uri,
        config.api_base_url.as_str(),
    ];
    for (index, address) in addresses.into_iter().enumerate() {
        // An address that no browser can parse leads nowhere.
        let Ok(url) = Url::parse(address) else {
            continue;
        };
        let loopback = is_loopback(&url);
        assert!(
            url.scheme() == "https" || (url.scheme() == "http" && loopback),
            "{url}"
        );
        assert!(
            url.username().is_empty() && url.password().is_none(),
            "{url}"
        );
        assert_eq!(url.fragment(), None, "{url}");
        // An endpoint may have a query, but without any parameter that the client sends.
        let sent = match index {
            1 => &parameters::OF_AUTHORIZATION_REQUEST[..],
            2 => &parameters::OF_TOKEN_REQUEST,
            _ => &[],
        };
        assert!(url.query().is_none() || !sent.is_empty(), "{url}");
        let twice = url.query_pairs().find(|(name, _)| sent.contains(&&**name));
        assert_eq!(twice, None, "{url}");
        if index == 0 {
            assert_eq!(
                url.origin(),
                page.origin(),
                "the response would go elsewhere"
            );
            // Browsers have encoded it since 2024; this parser does not.
            assert!(url.as_str() == address && !address.contains('^'), "{url}");
        }
        if index == 1 && config.is_sandbox() {
            assert!(loopback, "{url} is not this machine");
        }
    }
    assert!(!config.api_base_url.as_str().ends_with('/'));

    // Settings survive being written out and parsed again.
    let written = json!({
        "client_id": client.client_id(),
        "redirect_uri": client.redirect_uri(),
        "response_type": client.response_type().as_str(),
        "scope": client.scope().to_string(),
        "authorization_endpoint": client.authorization_endpoint(),
        "token_endpoint": client.token_endpoint(),
        "issuer": client.issuer(),
        "id_token_issuer": config.context.id_token_expectations.issuer,
        "jwks_uri": config.jwks_uri,
        "audience": config.context.expectations.audience,
        "api_base_url": config.api_base_url.as_str(),
        "token_storage": format!("{:?}", config.context.token_storage).to_lowercase(),
        "reauthorize": format!("{:?}", config.context.reauthorize).to_lowercase(),
        "max_token_lifetime": config.context.expectations.max_lifetime,
        "max_authorization_time": client.max_authorization_time(),
    });
    let written = written.to_string();
    let again = Setup::parse(written.as_bytes(), BASE_URL);
    assert_eq!(again, Ok(Setup::Direct(config)));
    Ok(())
}

/// What the settings' reader accepts the core accepts, too. Otherwise its verdict would be reported
/// as this mistake, of an address that is a URL or of another key.
fn assert_not_a_url(input: &[u8], mistake: &Mistake) {
    let settings = assert_object(input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input));
    let text = settings[&mistake.key].as_str().expect("a string was read");
    let is_url = match mistake.key.as_str() {
        // It is compared with the page's address, as the browser spells it.
        "redirect_uri" => {
            text.starts_with(BASE_URL) && Url::parse(text).is_ok_and(|url| url.as_str() == text)
        }
        "authorization_endpoint"
        | "token_endpoint"
        | "issuer"
        | "id_token_issuer"
        | "jwks_uri"
        | "api_base_url" => WebUrl::parse(text).is_some(),
        other => panic!("{other} is not an address"),
    };
    assert!(!is_url, "the core refuses {text:?}");
}

/// A displayed line comes from the file, and is not the whole file.
fn assert_line(input: &[u8], line: &Line) {
    let lines = input.iter().filter(|byte| **byte == b'\n').count() + 1;
    assert!((1..=lines).contains(&line.number), "{line:?}");
    assert!(line.text.chars().count() <= 80, "{line:?}");
    assert!(!line.text.contains('\n'), "{line:?}");
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

// The API.

/// Input: a V3 API response, the status on the first line, then the body.
///
/// # Errors
///
/// The error code, if every request reports the same; otherwise `other_shape`.
pub fn v3(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let (status, body) = text.split_once('\n').ok_or("no_status")?;
    let status: u16 = status.parse().map_err(|_| "no_status")?;

    assert_error(status, body, false);
    assert_error(status, body, true);
    let id: Uuid = LIST_ID.parse().expect("it is a UUID");
    let summary = v3::account::summary();
    let verdicts = [
        assert_response(&summary, status, body),
        assert_response(&v3::campaigns::latest(), status, body),
        assert_response(&v3::contacts::counts(), status, body),
        assert_response(&v3::contact_lists::count(), status, body),
    ];
    // These respond with another status or shape.
    let _ = assert_response(&v3::account::privileges(), status, body);
    let _ = assert_response(&v3::activities::get(id), status, body);
    let _ = assert_response(&v3::contact_lists::get(id), status, body);
    let list = v3::contact_lists::ListInput::default();
    let _ = assert_response(&v3::contact_lists::create(&list), status, body);
    let _ = assert_response(&v3::contact_lists::replace(id, &list), status, body);
    let _ = assert_response(&v3::contact_lists::delete(id), status, body);

    if let Ok(summary) = summary.read(status, body) {
        assert!(summary.name().is_none_or(|name| !name.trim().is_empty()));
        if let Some(mail) = summary.mail_url() {
            let url = Url::parse(&mail).expect("it is a link");
            let only = (url.query(), url.fragment()) == (None, None);
            assert!(url.scheme() == "mailto" && only, "{url} is another link");
        }
        if let Some(website) = summary.website_url()
            && let Ok(url) = Url::parse(&website)
        {
            assert!(
                matches!(url.scheme(), "http" | "https"),
                "{url} is not a link"
            );
        }
        let lines = summary.physical_address.unwrap_or_default().lines();
        assert!(lines.iter().all(|line| !line.is_empty()));
    }
    if verdicts.contains(&Ok(())) && verdicts.iter().any(Result::is_err) {
        return Err("other_shape");
    }
    verdicts[0]
}

/// An error is what its status implies; what else it says comes from the body.
fn assert_error(status: u16, body: &str, takes_body: bool) {
    let error = ApiError::read(status, body, takes_body);
    assert_code(error.code());
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let object = value.get(0).unwrap_or(&value);
    match &error {
        ApiError::Unauthorized => assert_eq!(status, 401),
        ApiError::Forbidden => assert_eq!(status, 403),
        ApiError::NotFound => assert_eq!(status, 404),
        ApiError::Throttled => assert_eq!(status, 429),
        ApiError::QuotaExceeded => {
            assert_eq!(status, 429);
            assert_eq!(object["error_key"], "quota_exceeded");
        }
        ApiError::Unavailable { status: found } => {
            assert!((500..=599).contains(&status) && *found == status);
        }
        ApiError::Unexpected { status: found } => assert_eq!(*found, status),
        ApiError::Invalid { message } | ApiError::Conflict { message } => {
            let invalid = matches!(error, ApiError::Invalid { .. });
            assert_eq!(status, if invalid { 400 } else { 409 });
            assert!(takes_body || !invalid);
            let text = object["error_message"].as_str();
            let cut = text.map(|text| text.chars().take(MAX_TEXT).collect::<String>());
            assert_eq!(*message, cut);
        }
        // Among others a failure without a response.
        other => panic!("{other:?} of a response"),
    }
}

/// Only a status of the endpoint, with a body of its shape, is a result; anything else is the error
/// that the status implies.
fn assert_response<T>(operation: &Operation<T>, status: u16, body: &str) -> Verdict {
    let endpoint = operation.request().endpoint();
    match operation.read(status, body) {
        Ok(_) => {
            assert!(endpoint.statuses.contains(&status));
            // Members that were not requested are not parsed: numbers out of range, say.
            let (first, last) = match endpoint.response {
                ResponseBody::Array => ('[', ']'),
                _ => ('{', '}'),
            };
            let body = body.trim();
            assert!(body.starts_with(first) && body.ends_with(last));
            Ok(())
        }
        Err(error) => {
            let takes_body = endpoint.request_limit > 0;
            assert_eq!(error, ApiError::read(status, body, takes_body));
            Err(error.code())
        }
    }
}

/// Input: the path of a paged endpoint on the first line, the body of its response after it.
///
/// # Errors
///
/// The error code, or `no_endpoint` for any other path.
pub fn page(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let (path, body) = text.split_once('\n').unwrap_or((text, ""));
    match path {
        "/contact_lists" => assert_page(&v3::contact_lists::all(), body),
        "/contacts" => assert_page(&v3::contacts::matching(&ContactQuery::default()), body),
        "/emails" => assert_page(&v3::campaigns::all(), body),
        _ => Err("no_endpoint"),
    }
}

/// A page leads to the next one of the same endpoint, or to none.
fn assert_page<T>(operation: &Operation<Page<T>>, body: &str) -> Verdict {
    assert_response(operation, 200, body)?;
    let page = operation.read(200, body).map_err(|error| error.code())?;
    let request = operation.request();
    let ResponseBody::Page { items, total } = request.endpoint().response else {
        panic!("{} has no pages", request.endpoint());
    };
    // Members that were not requested are not parsed: this may fail although the page was read.
    let object: Option<Value> = serde_json::from_str(body).ok();
    if let Some(object) = &object {
        let entries = object[items].as_array().map(Vec::as_slice);
        let objects = entries
            .unwrap_or_default()
            .iter()
            .filter(|one| one.is_object());
        assert!(page.items.len() <= objects.count());
        if let Some(found) = page.total {
            let written = &object[total.expect("the API counts them")];
            assert_eq!(written.as_f64(), Some(found as f64));
        }
    }
    let link = object
        .as_ref()
        .map(|object| &object["_links"]["next"]["href"]);
    let Some(next) = page.next else {
        assert!(link.is_none_or(Value::is_null), "the list ends early");
        return Ok(());
    };

    let next_request = next.request();
    assert!(ptr::eq(next_request.endpoint(), request.endpoint()));
    assert_eq!(next_request.path(), request.path());
    assert_sent(next_request);
    let cursor = next_request
        .query()
        .iter()
        .find(|(key, _)| *key == "cursor");
    assert!(cursor.is_some_and(|(_, value)| !value.is_empty()));
    if let Some(link) = link {
        let link = link.as_str().expect("a link is a string");
        let base = Url::parse(constant_contact::API_BASE_URL).expect("it is a URL");
        let url = base.join(link).expect("it is a link");
        assert_eq!(url.origin(), base.origin());
        assert_eq!(url.path(), format!("/v3{}", request.path()));
        assert_eq!(url.fragment(), None);
        let (_, query) = link.split_once('?').expect("it has a cursor");
        let known = |(name, _): &(String, String)| request.endpoint().query_key(name).is_some();
        let written: Vec<_> = Pairs::read(query).0.into_iter().filter(known).collect();
        assert_query(next_request, &written);
    }
    // A page that leads to itself would never end.
    assert!(next.read(200, body).is_err());
    Ok(())
}

/// Input: the method and the target of a request to a proxy, as in the request line of HTTP/1.1.
///
/// # Errors
///
/// `no_target` or `no_method` if it is not a request, and `not_found` if the proxy refuses it.
pub fn v3_path(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let (method, target) = text.split_once(' ').ok_or("no_target")?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| "no_method")?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };

    let entries = ENDPOINTS.iter().copied();
    let entries: Vec<&Endpoint> = entries
        .filter(|entry| entry.method == method && is_spelled_as(path, entry))
        .collect();
    assert!(entries.len() <= 1, "{path} means two endpoints");
    let Some(found) = v3::find(&method, path, query) else {
        assert!(entries.is_empty() || query.is_some_and(|query| !query.is_empty()));
        return Err("not_found");
    };
    assert!(ptr::eq(found.endpoint(), entries[0]));
    assert_eq!(*found.method(), method);
    // An identifier may have capital letters.
    assert_eq!(found.path(), path.to_ascii_lowercase());
    assert_eq!(found.body(), None);
    let query = query.unwrap_or_default();
    let written = Pairs::read(query).0;
    assert_query(&found, &written);
    assert!(written.iter().all(|(_, value)| !value.is_empty()));
    assert_sent(&found);

    // What is sent is found again, unless its encoding is too long.
    let url = Url::parse(&found.url(&base())).expect("it is a URL");
    if url.query().is_none_or(|query| query.len() <= MAX_QUERY) {
        let again = v3::find(found.method(), found.path(), url.query());
        assert_eq!(again.as_ref(), Some(&found));
    }
    let keys: Vec<&str> = written.iter().map(|(key, _)| key.as_str()).collect();
    let shown = format!(
        "Request {{ endpoint: {}, query: {keys:?}, has_body: false }}",
        found.endpoint()
    );
    assert_eq!(format!("{found:?}"), shown);
    Ok(())
}

/// Whether a path matches an entry of the table, compared independently.
fn is_spelled_as(path: &str, entry: &Endpoint) -> bool {
    let mut parameters = entry.parameters.iter();
    let template: Vec<&str> = entry.template.split('/').collect();
    let segments: Vec<&str> = path.split('/').collect();
    template.len() == segments.len()
        && template.iter().zip(segments).all(|(expected, segment)| {
            if !expected.starts_with('{') {
                return segment == *expected;
            }
            match parameters.next().expect("a parameter has a kind") {
                PathParameter::Uuid => {
                    let groups = segment.split('-').map(str::len);
                    let is_part = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
                    groups.eq([8, 4, 4, 4, 12]) && segment.bytes().all(is_part)
                }
                PathParameter::Number => {
                    let number: Option<u32> = segment.parse().ok();
                    number.is_some_and(|number| number.to_string() == segment)
                }
                other => panic!("{other:?} has no spelling here"),
            }
        })
}

/// The query is as it was written, and has no key twice and none that the endpoint lacks.
fn assert_query(request: &Request, written: &[(String, String)]) {
    let endpoint = request.endpoint();
    let read = request.query().iter().map(|(key, value)| (*key, value));
    assert!(read.eq(written.iter().map(|(key, value)| (key.as_str(), value))));
    for (key, _) in request.query() {
        assert!(endpoint.query.contains(key) || (endpoint.is_paged() && *key == "cursor"));
        let twice = request.query().iter().filter(|(other, _)| other == key);
        assert_eq!(twice.count(), 1);
    }
}

/// Wherever the API is, a browser and a server read the address that a request is sent to in the
/// same way, and it is below the API's base URL.
fn assert_sent(request: &Request) {
    for base in [
        constant_contact::API_BASE_URL,
        "http://[::1]:8081/v3",
        "https://proxy.example",
    ] {
        let text = request.url(&ApiBaseUrl::new(base.to_owned()));
        let url = Url::parse(&text).expect("it is a URL");
        assert_eq!(url.as_str(), text);
        let rest = text
            .strip_prefix(base)
            .and_then(|text| text.strip_prefix(request.path()));
        assert!(
            rest.is_some_and(|query| query.is_empty() || query.starts_with('?')),
            "{text}"
        );
        assert!(request.path().starts_with('/') && !request.path().contains(['%', '\\']));
        assert_eq!(url.fragment(), None);
        let sent: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_query(request, &sent);
    }
}

fn base() -> ApiBaseUrl {
    ApiBaseUrl::new(constant_contact::API_BASE_URL.to_owned())
}

// Header fields of the host and of the key endpoint.

/// Input: `Date` on the first line, `Age` on the second, `Cache-Control` on the third; a missing
/// line is an absent field.
///
/// # Errors
///
/// `no_time` if the first two give no usable time.
pub fn headers(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let mut lines = text.splitn(3, '\n');
    let (date, age, cache_control) = (lines.next(), lines.next(), lines.next());

    let lifetime = jwk_set_cache::lifetime(cache_control);
    assert!((jwk_set_cache::MIN_LIFETIME..=jwk_set_cache::MAX_LIFETIME).contains(&lifetime));
    let forbidden = cache_control.is_some_and(|text| {
        let mut directives = text.split(',').map(|one| one.trim().to_ascii_lowercase());
        directives.any(|one| one == "no-store" || one == "no-cache")
    });
    assert!(!forbidden || lifetime == jwk_set_cache::MIN_LIFETIME);

    let host = HostTime::read(date, age).ok_or("no_time")?;
    // Whatever this computer's clock shows, the result is a time that the response allows.
    let asked = |wall| Reading {
        wall,
        monotonic: 5_000,
    };
    let correct = |wall: Timestamp| {
        let responded = Reading {
            wall: wall.plus_seconds(1),
            monotonic: 6_000,
        };
        let mut clock = Clock::new(asked(wall));
        clock.correct(host, asked(wall), responded);
        assert!(clock.is_certain());
        assert_eq!(clock.look(responded), Look::Time(clock.now(responded)));
        clock.now(responded)
    };
    // Decades before anything the host can report: yields the host's own time.
    let by_host = correct(Timestamp::from_unix_seconds(0));
    for hours in [-1_000_000, -24, -1, 0, 1, 24, 1_000_000] {
        let found = correct(by_host.plus_seconds(hours * 3_600 - 1));
        let age = age.map_or(0, |text| text.trim().parse::<u32>().expect("it was read"));
        let noise = 3_000 + i64::from(age) * 1000;
        let apart = found.millis_since(by_host);
        assert!(apart.abs() <= noise, "{apart} ms from the host's time");
    }
    Ok(())
}

// The storage.

/// Input: a sessionStorage record: a token, a pending authorization, an account or a key set.
///
/// # Errors
///
/// `not_ours` if it is none of these.
pub fn stored(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let mut verdict = Err("not_ours");

    if let Some(token) = stored::read_token(text) {
        let written = stored::write_token(&token);
        let again = stored::read_token(&written).expect("what was written is read");
        assert_eq!(stored::write_token(&again), written);
        assert_members(text, &written, &["granted", "requested"]);
        assert_copy(&written, token.refresh_token().is_some());
        verdict = Ok(());
    }
    if let Some(pending) = stored::read_pending(text) {
        let written = stored::write_pending(&pending);
        let again = stored::read_pending(&written).expect("what was written is read");
        assert_eq!(stored::write_pending(&again), written);
        assert_members(text, &written, &["scope", "return_to"]);
        assert_eq!(
            ReturnTo::parse(pending.return_to.as_str()).as_ref(),
            Some(&pending.return_to)
        );
        assert!(!pending.scope.is_empty());
        let shown = format!("{pending:?}");
        assert!(shown.contains("StateParameter(redacted)") && shown.contains("Nonce(redacted)"));
        let is_of_a_code = pending.code_verifier.is_some();
        assert_eq!(shown.contains("CodeVerifier(redacted)"), is_of_a_code);
        assert!(!(pending.was_made_with(&client()) && pending.was_made_with(&code_client())));
        verdict = Ok(());
    }
    if let Some(account) = stored::read_account(text) {
        let written = stored::write_account(&account);
        assert_eq!(stored::read_account(&written).as_ref(), Some(&account));
        assert_members(text, &written, &[]);
        verdict = Ok(());
    }
    if let Ok(keys) = serde_json::from_str::<StoredKeys>(text) {
        let written = serde_json::to_string(&keys).expect("it is strings and numbers");
        assert_eq!(
            serde_json::from_str::<StoredKeys>(&written).ok(),
            Some(keys.clone())
        );
        if keys.is_usable_for(constant_contact::JWKS_URI) {
            assert_eq!(keys.jwks_uri, constant_contact::JWKS_URI);
            verdict = Ok(());
        }
    }
    verdict
}

/// Input: a page to return to, relative to the application's base URL.
///
/// # Errors
///
/// `not_a_page` if it is not one.
pub fn return_to(input: &[u8]) -> Verdict {
    let text = std::str::from_utf8(input).map_err(|_| "not_utf8")?;
    let page = ReturnTo::parse(text).ok_or("not_a_page")?;
    assert_eq!((page.as_str(), page.to_string().as_str()), (text, text));
    for base in [
        BASE_URL,
        "https://app.example/a/b/",
        "http://[::1]:8080/app/",
    ] {
        let base = Url::parse(base).expect("it is a URL");
        let url = base
            .join(&page.path_below(base.path()))
            .expect("it is a link");
        assert_eq!(base.join(page.as_str()).as_ref(), Ok(&url));
        assert_eq!(url.origin(), base.origin());
        assert!(url.path().starts_with(base.path()), "{url} is above");
        assert_eq!(url.fragment(), None);
        // From there the browser can return to the same page, unless its encoding is too long.
        let search = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        match ReturnTo::from_location(url.path(), &search, base.path()) {
            Some(again) => {
                assert_eq!(base.join(again.as_str()).as_ref(), Ok(&url));
            }
            None => assert!(url.path().len() + search.len() > MAX_RETURN_TO),
        }
    }
    Ok(())
}

/// A duplicated tab keeps everything of a stored token except the refresh token.
fn assert_copy(written: &str, has_refresh_token: bool) {
    let copy = stored::without_refresh_token(written);
    assert_eq!(copy.is_some(), has_refresh_token);
    let Some(copy) = copy else { return };
    assert_eq!(stored::without_refresh_token(&copy), None);
    let object = |text: &str| assert_object(text.as_bytes());
    let mut without = object(written);
    without.remove("refresh_token");
    assert_eq!(object(&copy), without);
}

/// Writing a record back preserves what was read, except for the members in `normalized`.
fn assert_members(read: &str, written: &str, normalized: &[&str]) {
    let written: Value = serde_json::from_str(written).expect("JSON is written");
    let written = written.as_object().expect("an object is written");
    // serde also reads a struct from an array, and skips unknown members whatever their value:
    // neither can be compared.
    let Ok(Value::Object(read)) = serde_json::from_str(read) else {
        return;
    };
    for (name, value) in written {
        if !normalized.contains(&name.as_str()) {
            assert_eq!(read.get(name), Some(value), "{name}");
        }
    }
}

// The page's own server.

/// Input: an answer of the page's own server, to any of its questions.
///
/// # Errors
///
/// The code of the failure.
pub fn server_answer(input: &[u8]) -> Verdict {
    for status in [200, 400, 403, 429, 503] {
        assert_code(ServerFailure::read(status, input).code());
    }
    if let Ok(text) = std::str::from_utf8(input)
        && let Some(error) = ApiError::of_proxy(text)
    {
        assert_code(error.code());
        return Ok(());
    }
    if let Ok(uri) = read_authorization_uri(200, input) {
        // An address that no browser can parse leads nowhere.
        if let Ok(url) = Url::parse(uri.as_str()) {
            let local = url.scheme() == "http" && is_loopback(&url);
            assert!(url.scheme() == "https" || local, "{url}");
            assert!(
                url.username().is_empty() && url.password().is_none(),
                "{url}"
            );
            assert_eq!(url.fragment(), None, "{url}");
        }
        return Ok(());
    }
    let answer = Answer::read(200, input).map_err(ServerFailure::code)?;
    match answer.told {
        Told::NotConnected { reason, error } => {
            for code in [reason, error].into_iter().flatten() {
                assert_eq!(ServerCode::read(code.as_str()), code);
                assert_code(code.as_str());
            }
        }
        Told::Connected(held) => {
            assert!(held.budget.is_none_or(|budget| budget.left <= budget.of));
            let written = stored::write_grant(&held.grant);
            assert_eq!(stored::read_grant(&written), Some(held.grant));
        }
    }
    Ok(())
}
