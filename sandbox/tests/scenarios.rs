//! Every scenario does what its title says, and nothing else.

use crate::browser::{
    Answer, Browser, NONCE, REDIRECT_URI, SCOPE, STATE, accepts, decode, json, verifies,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_sandbox::{Group, Options, Outcome, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

const SLOW: f64 = 2.9;

/// The response parameters that nothing is wrong with, apart from those named.
fn assert_sound_but(answer: &Answer, scenario: Scenario, spoiled: &[&str]) {
    for (name, value) in [
        ("token_type", Some("Bearer")),
        ("expires_in", Some("28800")),
        ("scope", Some(SCOPE)),
        ("state", Some(STATE)),
        ("error", None),
        ("iss", None),
    ] {
        if !spoiled.contains(&name) {
            assert_eq!(answer.get(name), value, "{scenario}");
        }
    }
    if !spoiled.contains(&"access_token") {
        assert!(answer.token().split('.').count() >= 3, "{scenario}");
    }
}

/// The claims of a sound token, apart from those named, and the ones named.
async fn claims_but(browser: &mut Browser, token: &str, spoiled: &[&str]) -> Value {
    let key = browser.key_of(token).await.expect("a key of the set");
    assert!(verifies(token, &key), "the signature is genuine");
    let (header, claims) = decode(token);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header.as_object().map(serde_json::Map::len), Some(2));
    let issued_at = claims["iat"].as_i64().unwrap_or_default();
    for (name, value) in [
        ("iss", json!(browser.sandbox.issuer())),
        ("aud", json!(browser.sandbox.api_base_url())),
        ("exp", json!(issued_at + 28_800)),
        ("cid", json!(Options::DEFAULT_CLIENT_ID)),
        ("sub", json!("bluebird")),
    ] {
        if !spoiled.contains(&name) && !spoiled.contains(&"iat") {
            assert_eq!(claims[name], value, "{name}");
        }
    }
    claims
}

#[tokio::test]
async fn response_scenarios() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Response)
    {
        let answer = browser.connect(scenario).await;
        let error = |code: &str| {
            assert_eq!(answer.get("error"), Some(code), "{scenario}");
            assert_eq!(answer.get("access_token"), None, "{scenario}");
            assert_eq!(answer.get("state"), Some(STATE), "{scenario}");
        };
        match scenario {
            Scenario::Normal => assert_sound_but(&answer, scenario, &[]),
            Scenario::Denied | Scenario::PolicyRefused => error("access_denied"),
            Scenario::ServerError => error("server_error"),
            Scenario::TemporarilyUnavailable => error("temporarily_unavailable"),
            Scenario::InvalidScopeError => error("invalid_scope"),
            Scenario::UnknownError => {
                error("something_nobody_defined");
            }
            Scenario::MarkupInError => {
                error("server_error");
                let description = answer.get("error_description").expect("a description");
                assert!(description.contains("<script>"), "{description}");
            }
            Scenario::ErrorWithoutState => {
                assert_eq!(answer.get("error"), Some("invalid_request"));
                assert_eq!(answer.get("state"), None);
            }
            Scenario::WrongState => {
                assert_sound_but(&answer, scenario, &["state"]);
                assert!(answer.get("state").is_some_and(|state| state != STATE));
            }
            Scenario::MissingState => {
                assert_sound_but(&answer, scenario, &["state"]);
                assert_eq!(answer.get("state"), None);
            }
            Scenario::DuplicateParameter => {
                assert_sound_but(&answer, scenario, &[]);
                let tokens = answer
                    .parameters
                    .iter()
                    .filter(|(name, _)| name == "access_token");
                assert_eq!(tokens.count(), 2);
            }
            Scenario::TokenAndError => {
                assert_sound_but(&answer, scenario, &["error"]);
                assert_eq!(answer.get("error"), Some("access_denied"));
            }
            Scenario::Neither => {
                assert_eq!(answer.parameters, [("state".to_owned(), STATE.to_owned())]);
            }
            Scenario::EmptyAccessToken => {
                assert_sound_but(&answer, scenario, &["access_token"]);
                assert_eq!(answer.get("access_token"), Some(""));
            }
            Scenario::Oversized => {
                assert_sound_but(&answer, scenario, &[]);
                assert!(answer.location.len() > 64 * 1024);
            }
            Scenario::ResponseMalformed => {
                assert_sound_but(&answer, scenario, &[]);
                assert!(answer.location.ends_with("=%zz%"));
            }
            Scenario::TokenTypeMac | Scenario::TokenTypeLowercase => {
                assert_sound_but(&answer, scenario, &["token_type"]);
                let expected = if scenario == Scenario::TokenTypeMac {
                    "mac"
                } else {
                    "bearer"
                };
                assert_eq!(answer.get("token_type"), Some(expected));
            }
            Scenario::ExpiresInText | Scenario::ExpiresInGarbage | Scenario::ExpiresInMissing => {
                assert_sound_but(&answer, scenario, &["expires_in"]);
                let expected = match scenario {
                    Scenario::ExpiresInText => Some("\"28800\""),
                    Scenario::ExpiresInGarbage => Some("soon"),
                    _ => None,
                };
                assert_eq!(answer.get("expires_in"), expected);
            }
            Scenario::ScopeNarrowed | Scenario::ScopeWidened => {
                assert_sound_but(&answer, scenario, &["scope"]);
                let expected = if scenario == Scenario::ScopeNarrowed {
                    "account_read contact_data"
                } else {
                    "account_read contact_data campaign_data account_update"
                };
                assert_eq!(answer.get("scope"), Some(expected));
                let (_, claims) = decode(answer.token());
                let scopes: Vec<&str> = expected.split(' ').collect();
                assert_eq!(claims["scp"], json!(scopes));
            }
            Scenario::ScopeMissing => {
                assert_sound_but(&answer, scenario, &["scope"]);
                assert_eq!(answer.get("scope"), None);
            }
            Scenario::ScopeMalformed => {
                assert_sound_but(&answer, scenario, &["scope"]);
                assert!(answer.get("scope").is_some_and(|scope| scope.contains('"')));
            }
            Scenario::OtherIssParameter => {
                assert_sound_but(&answer, scenario, &["iss"]);
                assert!(answer.get("iss").is_some());
            }
            other => panic!("{other} is in no test"),
        }
    }
}

#[tokio::test]
async fn token_scenarios() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Token)
    {
        let answer = browser.connect(scenario).await;
        if scenario != Scenario::GarbageToken {
            assert_sound_but(&answer, scenario, &[]);
        }
        let token = answer.token();
        let parts: Vec<&str> = token.split('.').collect();
        let accepted = match browser.keys().await.first() {
            Some(key) => accepts(&browser, token, key),
            None => false,
        };
        if matches!(scenario.outcome(), Outcome::Connected) {
            assert!(accepted, "{scenario}");
        }
        let mut absent = async |name: &str| {
            let claims = claims_but(&mut browser, token, &[name]).await;
            assert_eq!(claims.get(name), None);
        };
        match scenario {
            Scenario::NoIssuer => absent("iss").await,
            Scenario::NoAudience => absent("aud").await,
            Scenario::NoExpiry => absent("exp").await,
            Scenario::NoIssuedAt => absent("iat").await,
            Scenario::NoSubject => absent("sub").await,
            Scenario::NoClient => absent("cid").await,
            Scenario::NoPlatformUser => absent("platform_user_id").await,
            Scenario::Expired => {
                let claims = claims_but(&mut browser, token, &["iat", "exp"]).await;
                let (_, normal) = decode(browser.connect(Scenario::Normal).await.token());
                let age = normal["iat"].as_i64().zip(claims["exp"].as_i64());
                let (now, expired_at) = age.expect("numbers");
                assert!((100..300).contains(&(now - expired_at)));
            }
            Scenario::NotYetValid => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert_eq!(
                    claims["nbf"].as_i64(),
                    claims["iat"].as_i64().map(|iat| iat + 3600)
                );
            }
            Scenario::IssuedInTheFuture | Scenario::IssuedBeforeRequest => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                let (_, normal) = decode(browser.connect(Scenario::Normal).await.token());
                let (iat, now) = claims["iat"]
                    .as_i64()
                    .zip(normal["iat"].as_i64())
                    .expect("numbers");
                let ahead = if scenario == Scenario::IssuedInTheFuture {
                    3600
                } else {
                    -3600
                };
                assert!((iat - now - ahead).abs() < 60, "{iat} {now}");
                assert!(claims["exp"].as_i64() > Some(now));
            }
            Scenario::OtherIssuer | Scenario::OtherAudience | Scenario::OtherClient => {
                let (name, normal) = match scenario {
                    Scenario::OtherIssuer => ("iss", browser.sandbox.issuer()),
                    Scenario::OtherAudience => ("aud", browser.sandbox.api_base_url()),
                    _ => ("cid", Options::DEFAULT_CLIENT_ID.to_owned()),
                };
                let claims = claims_but(&mut browser, token, &[name]).await;
                assert!(claims[name].is_string());
                assert_ne!(claims[name], normal);
            }
            Scenario::AudienceArray => {
                let claims = claims_but(&mut browser, token, &["aud"]).await;
                let audience = claims["aud"].as_array().expect("an array");
                assert_eq!(audience.len(), 2);
                assert!(audience.contains(&json!(browser.sandbox.api_base_url())));
                let response = browser.api("/account/summary", token).await;
                assert_eq!(response.status(), StatusCode::OK);
            }
            Scenario::UnassignedUser => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert_eq!(claims["platform_user_id"], "UNASSIGNED");
            }
            Scenario::MalformedClaims => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                assert!(claims["exp"].is_string());
            }
            Scenario::OtherNonce | Scenario::MatchingNonce => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert!(claims["nonce"].is_string());
                assert_eq!(
                    claims["nonce"] == NONCE,
                    scenario == Scenario::MatchingNonce
                );
            }
            Scenario::LongLifetime => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                assert_eq!(
                    claims["exp"].as_i64(),
                    claims["iat"].as_i64().map(|iat| iat + 25 * 3600)
                );
            }
            Scenario::AlgNone => {
                assert_eq!(decode(token).0["alg"], "none");
                assert_eq!(parts[2], "");
            }
            Scenario::AlgHs256 | Scenario::AlgRs384 => {
                let (header, _) = decode(token);
                let algorithm = if scenario == Scenario::AlgHs256 {
                    "HS256"
                } else {
                    "RS384"
                };
                assert_eq!(header["alg"], algorithm);
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(!verifies(token, &key));
                let length = if scenario == Scenario::AlgHs256 {
                    43
                } else {
                    342
                };
                assert_eq!(parts[2].len(), length);
            }
            Scenario::BadSignature => {
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(!verifies(token, &key));
                assert_eq!(parts[2].len(), 342);
            }
            Scenario::UnknownKey => {
                assert_eq!(browser.key_of(token).await, None);
            }
            Scenario::NoKid => {
                let (header, _) = decode(token);
                assert_eq!(header, json!({ "alg": "RS256" }));
                let keys = browser.keys().await;
                assert_eq!(keys.len(), 2);
                assert!(verifies(token, &keys[0]));
            }
            Scenario::IdToken => {
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(verifies(token, &key));
                let (_, claims) = decode(token);
                assert_eq!(claims["aud"], Options::DEFAULT_CLIENT_ID);
                assert_eq!(claims["nonce"], NONCE);
                assert_eq!(claims.get("cid"), None);
            }
            Scenario::CriticalHeader => {
                let (header, _) = decode(token);
                let critical = header["crit"][0].as_str().expect("a name");
                assert!(header.get(critical).is_some());
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(verifies(token, &key));
            }
            Scenario::FiveParts => {
                assert_eq!(parts.len(), 5);
                assert!(
                    parts
                        .iter()
                        .all(|part| URL_SAFE_NO_PAD.decode(part).is_ok())
                );
            }
            Scenario::GarbageToken => assert_eq!(parts.len(), 1),
            other => panic!("{other} is in no test"),
        }
    }
}

#[tokio::test]
async fn keys_scenarios() {
    let mut browser = Browser::new().await;
    let uri = browser.sandbox.jwks_uri();
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Keys)
    {
        let before = browser.keys().await;
        let answer = browser.connect(scenario).await;
        assert_sound_but(&answer, scenario, &[]);
        let token = answer.token();
        let kid = decode(token).0["kid"].clone();
        assert!(!before.iter().any(|key| key["kid"] == kid), "{scenario}");

        let mut broken = 0;
        let set = loop {
            let response = browser.get(&uri).await;
            let readable = response
                .headers()
                .contains_key("access-control-allow-origin");
            assert_eq!(
                readable,
                broken == 2 || scenario != Scenario::KeysUnreachable,
                "{scenario}"
            );
            let status = response.status();
            let text = response.text().await.expect("a body");
            let large = text.len() > 1024 * 1024;
            let set: Value = serde_json::from_str(&text).unwrap_or_default();
            let keys = set["keys"].as_array().cloned().unwrap_or_default();
            if status == StatusCode::OK && !large && !keys.is_empty() {
                break keys;
            }
            match scenario {
                Scenario::KeysUnreachable => assert_eq!(status, 503),
                Scenario::KeysStatus => assert_eq!(status, 500),
                Scenario::KeysHtml => assert!(text.starts_with("<!doctype html>")),
                Scenario::KeysEmpty => assert_eq!(set, json!({ "keys": [] })),
                Scenario::KeysTooLarge => assert!(large),
                other => panic!("{other} broke the keys"),
            }
            broken += 1;
        };
        let expected = if matches!(scenario.outcome(), Outcome::Retry(_)) {
            2
        } else {
            0
        };
        assert_eq!(broken, expected, "{scenario}");

        let key = set
            .iter()
            .find(|key| key["kid"] == kid)
            .expect("the token's key");
        assert!(
            verifies(token, key) || scenario == Scenario::WeakKey,
            "{scenario}"
        );
        match scenario {
            Scenario::WeakKey => {
                assert_eq!(set.len(), 3);
                let modulus = URL_SAFE_NO_PAD
                    .decode(key["n"].as_str().expect("a modulus"))
                    .expect("base64url");
                assert_eq!(modulus.len(), 128);
            }
            Scenario::EncKey => {
                assert_eq!(set.len(), 3);
                assert_eq!(key["use"], "enc");
            }
            Scenario::RotatedKey
            | Scenario::KeysUnreachable
            | Scenario::KeysStatus
            | Scenario::KeysHtml
            | Scenario::KeysEmpty
            | Scenario::KeysTooLarge => {
                assert_eq!(set.len(), 2);
                assert!(accepts(&browser, token, key), "{scenario}");
                assert_eq!(set[1]["kid"], before[0]["kid"], "{scenario}");
            }
            other => panic!("{other} is in no test"),
        }
    }
    // What a scenario added is gone with the next token.
    browser.connect(Scenario::EncKey).await;
    browser.connect(Scenario::Normal).await;
    assert_eq!(browser.keys().await.len(), 2);
}

#[tokio::test]
async fn api_scenarios() {
    let mut browser = Browser::new().await;
    let bystander = browser.connect(Scenario::Normal).await;
    for &scenario in Scenario::ALL.iter().filter(|one| one.group() == Group::Api) {
        let answer = browser.connect(scenario).await;
        assert_sound_but(&answer, scenario, &[]);
        let token = answer.token();
        let key = browser.key_of(token).await.expect("a key of the set");
        assert!(accepts(&browser, token, &key), "{scenario}");

        let requests = match scenario {
            Scenario::ApiSlow => 1,
            Scenario::Api429 => 9,
            _ => 3,
        };
        for number in 1..=requests {
            let start = Instant::now();
            let response = browser.api("/account/summary", token).await;
            let seconds = start.elapsed().as_secs_f64();
            let status = response.status();
            let readable = response
                .headers()
                .contains_key("access-control-allow-origin");
            let text = response.text().await.expect("a body");
            let body: Value = serde_json::from_str(&text).unwrap_or_default();
            let recovered = number == requests;
            let (expected, key) = match scenario {
                Scenario::Api401 => (401, Some("unauthorized")),
                Scenario::Api403 => (403, Some("access_denied")),
                Scenario::Api429 if !recovered => (429, Some("throttled")),
                Scenario::ApiQuota => (429, Some("quota_exceeded")),
                Scenario::Api500 if !recovered => (500, None),
                Scenario::ApiUnreachable if !recovered => (503, None),
                Scenario::ApiGarbage => {
                    assert!(text.starts_with("<!doctype html>"), "{text}");
                    (200, None)
                }
                Scenario::Api429 | Scenario::Api500 | Scenario::ApiUnreachable => (200, None),
                Scenario::ApiSlow => {
                    assert!(seconds > SLOW, "{seconds}");
                    (200, None)
                }
                other => panic!("{other} is in no test"),
            };
            assert_eq!(status, expected, "{scenario} {number}");
            assert_eq!(
                readable,
                scenario != Scenario::ApiUnreachable || recovered,
                "{scenario} {number}"
            );
            if let Some(key) = key {
                assert_eq!(body["error_key"], key, "{scenario}");
            }
            if expected == 200 && scenario != Scenario::ApiGarbage {
                assert_eq!(body["organization_name"], "Bluebird Bakery", "{scenario}");
            }
        }
        // The fault is bound to the token that was issued under it.
        let response = browser.api("/account/summary", bystander.token()).await;
        assert_eq!(response.status(), StatusCode::OK, "{scenario}");
        assert!(json(response).await.is_object());
    }
}

#[tokio::test]
async fn every_answer_goes_to_the_registered_redirect_uri() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL {
        let answer = browser.connect(scenario).await;
        assert!(
            answer.location.starts_with(&format!("{REDIRECT_URI}#")),
            "{scenario}"
        );
    }
}
