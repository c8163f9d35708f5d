//! In the implicit flow, every scenario does exactly what its title says.

use crate::browser::{
    Browser, NONCE, REDIRECT_URI, Redirect, SCOPE, STATE, accepts, decode, json, verifies,
    verifies_with,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_sandbox::{Group, OAuth2Setting, Options, Outcome, Scenario};
use jsonwebtoken::Algorithm;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

const SLOW: f64 = 2.9;

/// Asserts that the response parameters are correct, except for the spoiled ones.
fn assert_sound_but(redirect: &Redirect, scenario: Scenario, spoiled: &[&str]) {
    for (name, value) in [
        ("token_type", Some("Bearer")),
        ("expires_in", Some("28800")),
        ("scope", Some(SCOPE)),
        ("state", Some(STATE)),
        ("error", None),
        ("iss", None),
    ] {
        if !spoiled.contains(&name) {
            assert_eq!(redirect.get(name), value, "{scenario}");
        }
    }
    if !spoiled.contains(&"access_token") {
        assert!(redirect.token().split('.').count() >= 3, "{scenario}");
    }
}

/// Asserts that the claims are correct, except for the spoiled ones, and returns all of them.
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
        let redirect = browser.connect(scenario).await;
        match scenario {
            Scenario::Normal => assert_sound_but(&redirect, scenario, &[]),
            Scenario::WrongState => {
                assert_sound_but(&redirect, scenario, &["state"]);
                assert!(redirect.get("state").is_some_and(|state| state != STATE));
            }
            Scenario::MissingState => {
                assert_sound_but(&redirect, scenario, &["state"]);
                assert_eq!(redirect.get("state"), None);
            }
            Scenario::DuplicateParameter => {
                assert_sound_but(&redirect, scenario, &[]);
                let tokens = redirect
                    .parameters
                    .iter()
                    .filter(|(name, _)| name == "access_token");
                assert_eq!(tokens.count(), 2);
            }
            Scenario::TokenAndError => {
                assert_sound_but(&redirect, scenario, &["error"]);
                assert_eq!(redirect.get("error"), Some("access_denied"));
            }
            Scenario::Neither => {
                assert_eq!(
                    redirect.parameters,
                    [("state".to_owned(), STATE.to_owned())]
                );
            }
            Scenario::EmptyAccessToken => {
                assert_sound_but(&redirect, scenario, &["access_token"]);
                assert_eq!(redirect.get("access_token"), Some(""));
            }
            Scenario::Oversized => {
                assert_sound_but(&redirect, scenario, &[]);
                assert!(redirect.location.len() > 64 * 1024);
            }
            Scenario::ResponseMalformed => {
                assert_sound_but(&redirect, scenario, &[]);
                assert!(redirect.location.ends_with("=%zz%"));
            }
            Scenario::TokenTypeMac | Scenario::TokenTypeLowercase => {
                assert_sound_but(&redirect, scenario, &["token_type"]);
                let expected = if scenario == Scenario::TokenTypeMac {
                    "mac"
                } else {
                    "bearer"
                };
                assert_eq!(redirect.get("token_type"), Some(expected));
            }
            Scenario::ExpiresInText | Scenario::ExpiresInGarbage | Scenario::ExpiresInMissing => {
                assert_sound_but(&redirect, scenario, &["expires_in"]);
                let expected = match scenario {
                    Scenario::ExpiresInText => Some("\"28800\""),
                    Scenario::ExpiresInGarbage => Some("soon"),
                    _ => None,
                };
                assert_eq!(redirect.get("expires_in"), expected);
            }
            Scenario::ScopeNarrowed | Scenario::ScopeWidened => {
                assert_sound_but(&redirect, scenario, &["scope"]);
                let expected = if scenario == Scenario::ScopeNarrowed {
                    "account_read contact_data"
                } else {
                    "account_read contact_data campaign_data account_update"
                };
                assert_eq!(redirect.get("scope"), Some(expected));
                let (_, claims) = decode(redirect.token());
                let scopes: Vec<&str> = expected.split(' ').collect();
                assert_eq!(claims["scp"], json!(scopes));
            }
            Scenario::ScopeMissing => {
                assert_sound_but(&redirect, scenario, &["scope"]);
                assert_eq!(redirect.get("scope"), None);
            }
            Scenario::ScopeMalformed => {
                assert_sound_but(&redirect, scenario, &["scope"]);
                assert!(
                    redirect
                        .get("scope")
                        .is_some_and(|scope| scope.contains('"'))
                );
            }
            Scenario::IssParameter | Scenario::OtherIssParameter => {
                assert_sound_but(&redirect, scenario, &["iss"]);
                let issuer = browser.sandbox.issuer();
                assert_eq!(
                    redirect.get("iss").expect("an issuer") == issuer,
                    scenario == Scenario::IssParameter
                );
            }
            other => panic!("{other} is in no test"),
        }
    }
}

#[tokio::test]
async fn error_scenarios() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Error)
    {
        let redirect = browser.connect(scenario).await;
        assert_eq!(redirect.get("access_token"), None, "{scenario}");
        let description = redirect.get("error_description").expect("a description");
        assert_eq!(
            description.contains("<script>"),
            scenario == Scenario::MarkupInError,
            "{description}"
        );
        let state = match scenario {
            Scenario::ErrorWithoutState => None,
            _ => Some(STATE),
        };
        assert_eq!(redirect.get("state"), state, "{scenario}");
        let expected = match scenario {
            Scenario::ErrorWithoutState => "invalid_request",
            Scenario::UnknownError => "something_nobody_defined",
            other => other.outcome().code().expect("a code"),
        };
        assert_eq!(redirect.get("error"), Some(expected), "{scenario}");
        assert_eq!(
            redirect.location.contains('?'),
            scenario == Scenario::ErrorInQuery,
            "{scenario}"
        );
    }
}

/// RFC 6749 §4.2.2.1, what Okta's authorization servers are known to send, and what `prompt=none`
/// adds (OpenID Connect Core §3.1.2.6).
///
/// Rule (The response): Every error of RFC 6749 §4.2.2.1 has its own message → `access_denied`,
/// `invalid_request`, `unauthorized_client`, `unsupported_response_type`, `invalid_scope`,
/// `server_error`, `temporarily_unavailable`
#[test]
fn every_known_error_code_has_a_scenario() {
    for code in [
        "access_denied",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "login_required",
        "interaction_required",
        "consent_required",
        "unsupported_response_mode",
        "invalid_client",
        "invalid_grant",
        "invalid_token",
        "insufficient_scope",
    ] {
        assert!(
            Scenario::ALL.iter().any(|one| {
                one.group() == Group::Error && one.outcome() == Outcome::Refused(code)
            }),
            "{code}"
        );
    }
}

#[tokio::test]
async fn token_scenarios() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Token)
    {
        let redirect = browser.connect(scenario).await;
        if !matches!(scenario, Scenario::GarbageToken | Scenario::TwoParts) {
            assert_sound_but(&redirect, scenario, &[]);
        }
        let token = redirect.token();
        let parts: Vec<&str> = token.split('.').collect();
        if matches!(scenario.outcome(), Outcome::Connected) {
            let key = browser.key_of(token).await.expect("a key of the set");
            assert!(accepts(&browser, token, &key), "{scenario}");
        }
        match scenario {
            Scenario::TwoParts => assert_eq!(parts.len(), 2),
            Scenario::FiveParts => {
                assert_eq!(parts.len(), 5);
                assert!(
                    parts
                        .iter()
                        .all(|part| URL_SAFE_NO_PAD.decode(part).is_ok())
                );
            }
            Scenario::GarbageToken => assert_eq!(parts.len(), 1),
            Scenario::AlgNone => {
                assert_eq!(decode(token).0["alg"], "none");
                assert_eq!(parts[2], "");
            }
            Scenario::AlgHs256
            | Scenario::AlgRs384
            | Scenario::AlgRs512
            | Scenario::AlgPs256
            | Scenario::AlgEs256 => {
                let (header, _) = decode(token);
                let (algorithm, length) = match scenario {
                    Scenario::AlgHs256 => (Algorithm::HS256, 43),
                    Scenario::AlgRs384 => (Algorithm::RS384, 342),
                    Scenario::AlgRs512 => (Algorithm::RS512, 342),
                    Scenario::AlgPs256 => (Algorithm::PS256, 342),
                    _ => (Algorithm::ES256, 86),
                };
                assert_eq!(header["alg"], format!("{algorithm:?}"));
                assert_eq!(parts[2].len(), length);
                let key = browser.key_of(token).await.expect("a key of the set");
                if scenario == Scenario::AlgHs256 {
                    assert!(!verifies(token, &key));
                } else {
                    // The algorithm is the only reason to reject it.
                    assert!(verifies_with(token, &key, algorithm), "{scenario}");
                }
            }
            Scenario::AlgMislabelled => {
                assert_eq!(decode(token).0["alg"], "RS256");
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(verifies_with(token, &key, Algorithm::PS256));
                assert!(!verifies(token, &key));
            }
            Scenario::CriticalHeader => {
                let (header, _) = decode(token);
                let critical = header["crit"][0].as_str().expect("a name");
                assert!(header.get(critical).is_some());
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(verifies(token, &key));
            }
            Scenario::DuplicateHeaderMember => {
                let header = URL_SAFE_NO_PAD.decode(parts[0]).expect("base64url");
                let header = String::from_utf8(header).expect("UTF-8");
                assert_eq!(header.matches("\"alg\"").count(), 2, "{header}");
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(verifies(token, &key));
            }
            Scenario::KeyUrls | Scenario::AttackerKey => {
                let (header, _) = decode(token);
                let key = browser.key_of(token).await.expect("a key of the set");
                assert_ne!(header["jwk"]["n"], key["n"]);
                let genuine = scenario == Scenario::KeyUrls;
                assert_eq!(verifies(token, &key), genuine);
                assert_eq!(verifies(token, &header["jwk"]), !genuine);
                for name in ["jku", "x5u"] {
                    let url = header[name].as_str().expect("a URL");
                    let attacker = browser.sandbox.origin() + "/attacker/";
                    assert!(url.starts_with(&attacker), "{url}");
                }
                // There has been no request to the attacker.
                assert_eq!(browser.sandbox.requests_to_the_attacker(), []);
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
            other => panic!("{other} is in no test"),
        }
    }
}

#[tokio::test]
async fn requests_for_the_attackers_keys_are_answered_and_recorded() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::AttackerKey).await;
    let (header, _) = decode(redirect.token());
    let url = header["jku"].as_str().expect("a URL").to_owned();
    let response = browser.get(&url).await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let set = json(response).await;
    assert_eq!(set["keys"][0], header["jwk"]);
    assert!(verifies(redirect.token(), &set["keys"][0]));
    browser.get(header["x5u"].as_str().expect("a URL")).await;
    let asked = browser.sandbox.requests_to_the_attacker();
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/attacker/keys", "/attacker/certificate.pem"]);
}

#[tokio::test]
async fn claims_scenarios() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::Claims)
    {
        let redirect = browser.connect(scenario).await;
        assert_sound_but(&redirect, scenario, &[]);
        let token = redirect.token();
        if matches!(scenario.outcome(), Outcome::Connected) {
            let key = browser.key_of(token).await.expect("a key of the set");
            assert!(accepts(&browser, token, &key), "{scenario}");
            let response = browser.api("/account/summary", token).await;
            assert_eq!(response.status(), StatusCode::OK, "{scenario}");
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
            }
            Scenario::UnassignedUser => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert_eq!(claims["platform_user_id"], "UNASSIGNED");
            }
            Scenario::MalformedClaims | Scenario::ExpiryAsText => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                let text = claims["exp"].as_str().expect("a string");
                let number = claims["iat"].as_i64().map(|iat| (iat + 28_800).to_string());
                assert_eq!(
                    number.as_deref() == Some(text),
                    scenario == Scenario::ExpiryAsText
                );
            }
            Scenario::ExpiryNegative => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                assert_eq!(claims["exp"], -1);
            }
            Scenario::ExpiryEnormous => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                assert_eq!(claims["exp"], 1e300);
            }
            Scenario::FractionalTimes => {
                let claims = claims_but(&mut browser, token, &["iat", "exp"]).await;
                for name in ["iat", "exp"] {
                    let seconds = claims[name].as_f64().expect("a number");
                    assert!(seconds.fract() > 0.0, "{name} {seconds}");
                }
            }
            Scenario::DuplicateClaim => {
                let claims = token.split('.').nth(1).expect("claims");
                let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
                let claims = String::from_utf8(claims).expect("UTF-8");
                assert_eq!(claims.matches("\"cid\"").count(), 2, "{claims}");
                // For a parser that takes the last one, nothing is wrong.
                claims_but(&mut browser, token, &[]).await;
            }
            Scenario::OtherAccount => {
                let claims = claims_but(&mut browser, token, &["sub"]).await;
                assert_eq!(claims["sub"], "harborrowing");
                let (_, normal) = decode(browser.connect(Scenario::Normal).await.token());
                assert_eq!(normal["sub"], "bluebird");
                assert_ne!(claims["platform_user_id"], normal["platform_user_id"]);
            }
            Scenario::OtherNonce | Scenario::MatchingNonce => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert!(claims["nonce"].is_string());
                assert_eq!(
                    claims["nonce"] == NONCE,
                    scenario == Scenario::MatchingNonce
                );
            }
            Scenario::ScpText => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert_eq!(claims["scp"], SCOPE);
            }
            Scenario::ScpEmpty => {
                let claims = claims_but(&mut browser, token, &[]).await;
                assert_eq!(claims["scp"], json!([]));
            }
            Scenario::LongLifetime => {
                let claims = claims_but(&mut browser, token, &["exp"]).await;
                assert_eq!(
                    claims["exp"].as_i64(),
                    claims["iat"].as_i64().map(|iat| iat + 25 * 3600)
                );
            }
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
        let redirect = browser.connect(scenario).await;
        assert_sound_but(&redirect, scenario, &[]);
        let token = redirect.token();
        let kid = decode(token).0["kid"].clone();
        assert!(!before.iter().any(|key| key["kid"] == kid), "{scenario}");

        let broken = if scenario == Scenario::KeysSilent {
            1
        } else {
            2
        };
        for _ in 0..broken {
            if scenario == Scenario::KeysSilent {
                let waiting = tokio::time::timeout(Duration::from_millis(300), browser.get(&uri));
                assert!(waiting.await.is_err(), "an redirect to {scenario}");
                continue;
            }
            let response = browser.get(&uri).await;
            assert_eq!(
                response
                    .headers()
                    .contains_key("access-control-allow-origin"),
                scenario != Scenario::KeysUnreachable,
                "{scenario}"
            );
            let expected = match scenario {
                Scenario::KeysUnreachable => 503,
                Scenario::KeysStatus => 500,
                Scenario::Keys304 => 304,
                Scenario::Keys404 => 404,
                Scenario::Keys429 => 429,
                _ => 200,
            };
            assert_eq!(response.status(), expected, "{scenario}");
            let text = response.text().await.expect("a body");
            match scenario {
                Scenario::KeysHtml => assert!(text.starts_with("<!doctype html>")),
                Scenario::KeysEmpty => assert_eq!(text, r#"{"keys":[]}"#),
                Scenario::KeysTooLarge => assert!(text.len() > 2 * 1024 * 1024),
                _ => assert!(!text.contains("\"keys\""), "{scenario}"),
            }
        }
        let after = browser.keys().await;
        assert_eq!(after.len(), 2, "{scenario}");
        assert_eq!(after[1]["kid"], before[0]["kid"], "{scenario}");
        assert!(accepts(&browser, token, &after[0]), "{scenario}");
    }
}

#[tokio::test]
async fn key_set_scenarios() {
    let mut browser = Browser::new().await;
    let uri = browser.sandbox.jwks_uri();
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.group() == Group::KeySet)
    {
        let before = browser.keys().await;
        let redirect = browser.connect(scenario).await;
        assert_sound_but(&redirect, scenario, &[]);
        let token = redirect.token();
        let kid = decode(token).0["kid"].clone();
        assert_eq!(
            before.iter().any(|key| key["kid"] == kid),
            scenario == Scenario::ReusedKid,
            "{scenario}"
        );

        let response = browser.get(&uri).await;
        assert_eq!(
            response.headers()["content-type"] == "application/jwk-set+json",
            scenario == Scenario::KeySetMediaType,
            "{scenario}"
        );
        let text = response.text().await.expect("a body");
        // Within a client's limit of 256 KiB.
        assert!(text.len() < 256 * 1024, "{scenario}: {}", text.len());
        let set: Value = serde_json::from_str(&text).expect("JSON");
        let keys = set["keys"].as_array().expect("an array");
        let named: Vec<&Value> = keys.iter().filter(|key| key["kid"] == kid).collect();
        let expected = match scenario {
            Scenario::DuplicateKid | Scenario::OtherKeyTypes => 2,
            _ => 1,
        };
        assert_eq!(named.len(), expected, "{scenario}");
        let key = keys
            .iter()
            .find(|key| key["kid"] == kid && key["kty"] == "RSA")
            .expect("the token's key");
        let genuine = !matches!(scenario, Scenario::WeakKey | Scenario::TinyExponent);
        let public = json!({ "n": key["n"], "e": "AQAB" });
        assert_eq!(verifies(token, &public), genuine, "{scenario}");
        if scenario.outcome() == Outcome::Connected {
            assert!(accepts(&browser, token, key), "{scenario}");
            let response = browser.api("/account/summary", token).await;
            assert_eq!(response.status(), StatusCode::OK, "{scenario}");
        }
        let octets = |name: &str| {
            let text = key[name].as_str().expect("a string");
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        match scenario {
            Scenario::RotatedKey => {
                assert_eq!(keys.len(), 2);
                assert_eq!(keys[1]["kid"], before[0]["kid"]);
            }
            Scenario::ReusedKid => {
                assert_eq!(keys.len(), 2);
                assert_eq!(keys[0]["kid"], before[0]["kid"]);
                assert_ne!(keys[0]["n"], before[0]["n"]);
                assert_eq!(keys[1], before[1]);
            }
            Scenario::ManyKeys => {
                assert_eq!(keys.len(), 1000);
                let kids: HashSet<&str> =
                    keys.iter().filter_map(|key| key["kid"].as_str()).collect();
                assert_eq!(kids.len(), 1000);
            }
            Scenario::OtherKeyTypes => {
                let types: Vec<&Value> = keys.iter().map(|key| &key["kty"]).collect();
                assert_eq!(types, ["EC", "oct", "AKP", "SANDBOX", "RSA", "RSA"]);
            }
            Scenario::UnknownMembers => {
                assert!(set.get("sandbox_note").is_some());
                assert!(key.get("sandbox_note").is_some());
            }
            Scenario::BareKey => {
                assert_eq!((key.get("use"), key.get("alg")), (None, None));
            }
            Scenario::KeySetMediaType => assert_eq!(keys.len(), 2),
            Scenario::NoKidOneKey => {
                assert_eq!(keys.len(), 1);
                assert_eq!(decode(token).0, json!({ "alg": "RS256" }));
                assert_eq!(key.get("kid"), None);
            }
            Scenario::DuplicateKid => assert_ne!(named[0]["n"], named[1]["n"]),
            Scenario::WeakKey => assert_eq!(octets("n").len(), 128),
            Scenario::EncKey => assert_eq!(key["use"], "enc"),
            Scenario::KeyOperations => {
                assert_eq!(key["key_ops"], json!(["encrypt", "wrapKey"]));
                assert_eq!(key.get("use"), None);
            }
            Scenario::KeyAlgorithm => assert_eq!(key["alg"], "RS512"),
            Scenario::EvenExponent => assert_eq!(octets("e"), [1, 0, 0]),
            Scenario::TinyExponent => {
                assert_eq!(octets("e"), [1]);
                // Raised to the first power, the signature is the expected value: valid without a
                // private key.
                let (message, signature) = token.rsplit_once('.').expect("a signature");
                let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
                let digest = digest(&SHA256, message.as_bytes());
                assert!(signature.starts_with(&[0, 1, 0xff]));
                assert!(signature.ends_with(digest.as_ref()));
                assert_eq!(signature.len(), octets("n").len());
            }
            other => panic!("{other} is in no test"),
        }
    }
    // The API still accepts what the replaced key has signed.
    let older = browser.connect(Scenario::Normal).await;
    browser.connect(Scenario::ReusedKid).await;
    let response = browser.api("/account/summary", older.token()).await;
    assert_eq!(response.status(), StatusCode::OK);
    // The next token removes what a scenario added.
    browser.connect(Scenario::EncKey).await;
    browser.connect(Scenario::Normal).await;
    assert_eq!(browser.keys().await.len(), 2);
}

#[tokio::test]
async fn api_scenarios() {
    let mut browser = Browser::new().await;
    let bystander = browser.connect(Scenario::Normal).await;
    for &scenario in Scenario::ALL.iter().filter(|one| one.group() == Group::Api) {
        let redirect = browser.connect(scenario).await;
        assert_sound_but(&redirect, scenario, &[]);
        let token = redirect.token();
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
                // Other tests look at the contents.
                Scenario::Api401Lists
                | Scenario::ApiLooseJson
                | Scenario::ApiLongName
                | Scenario::ApiReversedName
                | Scenario::ApiHebrewName
                | Scenario::ApiStatusCapitals
                | Scenario::ApiOddEmail => (200, None),
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
                let renamed = matches!(
                    scenario,
                    Scenario::ApiLongName | Scenario::ApiReversedName | Scenario::ApiHebrewName
                );
                assert_eq!(
                    body["organization_name"] != "Bluebird Bakery",
                    renamed,
                    "{scenario}"
                );
            }
        }
        // The fault is bound to its token.
        let response = browser.api("/account/summary", bystander.token()).await;
        assert_eq!(response.status(), StatusCode::OK, "{scenario}");
        assert!(json(response).await.is_object());
    }
}

#[tokio::test]
async fn only_one_resource_rejects_the_token() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::Api401Lists).await;
    for (path, status) in [
        ("/contact_lists?limit=1", 401),
        ("/contacts/counts", 200),
        ("/emails", 200),
        ("/contact_lists", 401),
    ] {
        let response = browser.api(path, redirect.token()).await;
        assert_eq!(response.status(), status, "{path}");
    }
}

#[tokio::test]
async fn json_may_have_nulls_and_fractions() {
    let mut browser = Browser::new().await;
    let redirect = browser.connect(Scenario::ApiLooseJson).await;
    let counts = browser.api("/contacts/counts", redirect.token()).await;
    let counts = counts.text().await.expect("a body");
    assert!(counts.contains(r#""unsubscribed":null"#), "{counts}");
    assert!(counts.contains(".0,"), "{counts}");
    let emails = browser.api_json("/emails", redirect.token()).await;
    assert_eq!(emails["campaigns"][0]["campaign_id"], Value::Null);
    let summary = "/account/summary?extra_fields=physical_address,company_logo";
    let summary = browser.api_json(summary, redirect.token()).await;
    assert_eq!(summary["company_logo"], Value::Null);
    assert_eq!(summary["physical_address"]["address_line2"], Value::Null);
    assert_eq!(summary["physical_address"]["city"], "Northampton");
}

#[tokio::test]
async fn members_may_have_unusual_values() {
    let mut browser = Browser::new().await;
    for (scenario, path, member, sound) in [
        (
            Scenario::ApiLongName,
            "/account/summary",
            "organization_name",
            "60 letters",
        ),
        (
            Scenario::ApiReversedName,
            "/account/summary",
            "organization_name",
            "\u{202e}",
        ),
        (
            Scenario::ApiHebrewName,
            "/account/summary",
            "organization_name",
            "העמותה",
        ),
        (
            Scenario::ApiOddEmail,
            "/account/summary",
            "contact_email",
            "a&b?c@x.example",
        ),
        (
            Scenario::ApiStatusCapitals,
            "/emails",
            "current_status",
            "DONE",
        ),
    ] {
        let redirect = browser.connect(scenario).await;
        let body = browser.api_json(path, redirect.token()).await;
        let object = body["campaigns"].get(0).unwrap_or(&body);
        let value = object[member].as_str().expect("a string");
        match scenario {
            Scenario::ApiLongName => assert!(
                value.chars().count() == 60 && value.chars().all(char::is_alphabetic),
                "{value}"
            ),
            _ => assert!(value.contains(sound), "{value}"),
        }
    }
}

#[tokio::test]
async fn every_response_goes_to_the_registered_redirect_uri() {
    let mut browser = Browser::new().await;
    for &scenario in Scenario::ALL
        .iter()
        .filter(|one| one.applies_to(&OAuth2Setting::Implicit))
    {
        let redirect = browser.connect(scenario).await;
        let mark = match scenario {
            Scenario::ErrorInQuery => '?',
            _ => '#',
        };
        assert!(
            redirect
                .location
                .starts_with(&format!("{REDIRECT_URI}{mark}")),
            "{scenario}"
        );
    }
}
