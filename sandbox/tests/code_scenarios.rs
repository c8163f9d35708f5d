//! In the code flow, every scenario does exactly what its title says.

use crate::{
    browser::{
        Browser, CODE_SCOPE, NONCE, REDIRECT_URI, Redirect, STATE, accepts, decode, is_readable,
        json, refusal, text, verifies, verifies_with,
    },
    id_tokens::hash,
};
use cc_connect_sandbox::{Group, OAuth2Setting, Options, Outcome, RefreshTokens, Scenario};
use jsonwebtoken::Algorithm;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const PKCE: OAuth2Setting = OAuth2Setting::Pkce {
    refresh_tokens: RefreshTokens::Rotating,
};

fn scenarios_in(group: Group) -> impl Iterator<Item = Scenario> {
    Scenario::ALL
        .iter()
        .copied()
        .filter(move |scenario| scenario.group() == group)
}

/// Asserts that the redirect's parameters are correct, except for the spoiled ones.
fn assert_redirect_but(redirect: &Redirect, scenario: Scenario, spoiled: &[&str]) {
    assert!(
        redirect.location.starts_with(&format!("{REDIRECT_URI}?")),
        "{scenario}"
    );
    for (name, value) in [("state", Some(STATE)), ("error", None), ("iss", None)] {
        if !spoiled.contains(&name) {
            assert_eq!(redirect.get(name), value, "{scenario}");
        }
    }
    assert_eq!(redirect.get("access_token"), None, "{scenario}");
    assert_eq!(redirect.get("code").map(str::len), Some(43), "{scenario}");
}

/// Asserts that the members of the token response are correct, except for the spoiled ones.
fn assert_body_but(body: &Value, scenario: Scenario, spoiled: &[&str]) {
    for (name, value) in [
        ("token_type", json!("Bearer")),
        ("expires_in", json!(86_400)),
        ("scope", json!(CODE_SCOPE)),
    ] {
        if !spoiled.contains(&name) {
            assert_eq!(body[name], value, "{scenario}");
        }
    }
    for name in ["access_token", "refresh_token"] {
        let given = body[name].as_str().is_some_and(|value| !value.is_empty());
        assert!(given || spoiled.contains(&name), "{scenario}: {name}");
    }
    assert_eq!(
        body.get("id_token").is_some(),
        spoiled.contains(&"id_token"),
        "{scenario}"
    );
}

fn refresh_token(body: &Value) -> &str {
    text(body, "refresh_token")
}

async fn authorize_for_code(browser: &mut Browser, scenario: Scenario) -> String {
    let redirect = browser.authorize(scenario).await;
    assert_redirect_but(&redirect, scenario, &[]);
    redirect.get("code").expect("a code").to_owned()
}

#[test]
fn the_code_flow_has_every_scenario_and_the_implicit_flow_has_some() {
    for group in Group::ALL {
        assert!(scenarios_in(group).next().is_some(), "{group:?}");
        let code_only = matches!(
            group,
            Group::TokenEndpoint | Group::Server | Group::IdToken | Group::Refresh
        );
        assert!(
            scenarios_in(group).all(|one| one.applies_to(&PKCE) == (group != Group::Server)),
            "{group:?}"
        );
        assert!(
            scenarios_in(group).all(|one| one.applies_to(&OAuth2Setting::Implicit) != code_only),
            "{group:?}"
        );
    }
}

#[tokio::test]
async fn response_scenarios_of_the_redirect() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::Response) {
        let redirect = browser.authorize(scenario).await;
        match scenario {
            Scenario::WrongState => {
                assert_redirect_but(&redirect, scenario, &["state"]);
                assert!(redirect.get("state").is_some_and(|state| state != STATE));
            }
            Scenario::MissingState => {
                assert_redirect_but(&redirect, scenario, &["state"]);
                assert_eq!(redirect.get("state"), None);
            }
            Scenario::TokenAndError => {
                assert_redirect_but(&redirect, scenario, &["error"]);
                assert_eq!(redirect.get("error"), Some("access_denied"));
            }
            Scenario::Neither => {
                assert_eq!(
                    redirect.location,
                    format!("{REDIRECT_URI}?state={}", "kZ3v-8Qx_1.f%2CT")
                );
            }
            Scenario::IssParameter | Scenario::OtherIssParameter => {
                assert_redirect_but(&redirect, scenario, &["iss"]);
                assert_eq!(
                    redirect.get("iss").expect("an issuer") == browser.sandbox.issuer(),
                    scenario == Scenario::IssParameter
                );
            }
            _ => assert_redirect_but(&redirect, scenario, &[]),
        }
        let codes = redirect
            .parameters
            .iter()
            .filter(|(name, _)| name == "code")
            .count();
        let expected = match scenario {
            Scenario::Neither => 0,
            Scenario::DuplicateParameter => 2,
            _ => 1,
        };
        assert_eq!(codes, expected, "{scenario}");
        let length = redirect.location.len();
        let oversized = (20 * 1024..24 * 1024).contains(&length);
        assert_eq!(oversized, scenario == Scenario::Oversized, "{length}");
        assert_eq!(
            redirect.location.ends_with("=%zz%"),
            scenario == Scenario::ResponseMalformed
        );
    }
}

#[tokio::test]
async fn response_scenarios_of_the_token_response() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::Response) {
        if scenario == Scenario::Neither {
            continue;
        }
        let body = browser.connect_with_code(scenario).await;
        match scenario {
            Scenario::EmptyAccessToken => {
                assert_body_but(&body, scenario, &["access_token"]);
                assert_eq!(body["access_token"], "");
            }
            Scenario::TokenTypeMac | Scenario::TokenTypeLowercase => {
                assert_body_but(&body, scenario, &["token_type"]);
                let expected = match scenario {
                    Scenario::TokenTypeMac => "mac",
                    _ => "bearer",
                };
                assert_eq!(body["token_type"], expected);
            }
            Scenario::ExpiresInText | Scenario::ExpiresInGarbage | Scenario::ExpiresInMissing => {
                assert_body_but(&body, scenario, &["expires_in"]);
                let expected = match scenario {
                    Scenario::ExpiresInText => Some(json!("86400")),
                    Scenario::ExpiresInGarbage => Some(json!("soon")),
                    _ => None,
                };
                assert_eq!(body.get("expires_in"), expected.as_ref());
            }
            Scenario::ScopeNarrowed | Scenario::ScopeWidened => {
                assert_body_but(&body, scenario, &["scope"]);
                let expected = match scenario {
                    Scenario::ScopeNarrowed => "account_read contact_data offline_access",
                    _ => "account_read contact_data campaign_data offline_access account_update",
                };
                assert_eq!(body["scope"], expected);
                let (_, claims) = decode(text(&body, "access_token"));
                let scopes: Vec<&str> = expected.split(' ').collect();
                assert_eq!(claims["scp"], json!(scopes));
            }
            Scenario::ScopeMissing => {
                assert_body_but(&body, scenario, &["scope"]);
                assert_eq!(body.get("scope"), None);
            }
            Scenario::ScopeMalformed => {
                assert_body_but(&body, scenario, &["scope"]);
                assert!(text(&body, "scope").contains('"'));
            }
            _ => assert_body_but(&body, scenario, &[]),
        }
    }
}

#[tokio::test]
async fn error_scenarios_are_in_the_query() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::Error) {
        let redirect = browser.authorize(scenario).await;
        let mark = match scenario {
            Scenario::ErrorInQuery => '#',
            _ => '?',
        };
        assert!(
            redirect
                .location
                .starts_with(&format!("{REDIRECT_URI}{mark}")),
            "{scenario}"
        );
        assert_eq!(redirect.get("code"), None, "{scenario}");
        let expected = match scenario {
            Scenario::ErrorWithoutState => "invalid_request",
            Scenario::UnknownError => "something_nobody_defined",
            other => other.outcome().code().expect("a code"),
        };
        assert_eq!(redirect.get("error"), Some(expected), "{scenario}");
        let state = (scenario != Scenario::ErrorWithoutState).then_some(STATE);
        assert_eq!(redirect.get("state"), state, "{scenario}");
    }
}

#[tokio::test]
async fn token_endpoint_scenarios() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::TokenEndpoint) {
        let code = authorize_for_code(&mut browser, scenario).await;
        if scenario == Scenario::TokenSilent {
            let waiting = tokio::time::timeout(Duration::from_millis(300), browser.exchange(&code));
            assert!(waiting.await.is_err());
            continue;
        }
        let response = browser.exchange(&code).await;
        assert_eq!(
            is_readable(&response),
            scenario != Scenario::TokenUnreachable,
            "{scenario}"
        );
        match scenario {
            Scenario::TokenUnreachable => assert_eq!(response.status(), 503),
            Scenario::TokenStatus | Scenario::TokenHtml => {
                let expected = if scenario == Scenario::TokenHtml {
                    200
                } else {
                    500
                };
                assert_eq!(response.status(), expected);
                let page = response.text().await.expect("a page");
                assert!(page.starts_with("<!doctype html>"), "{page}");
            }
            Scenario::Token429 => {
                assert_eq!(response.status(), 429);
                assert_eq!(json(response).await["error_key"], "throttled");
            }
            Scenario::TokenDuplicateMember => {
                let body = response.text().await.expect("a body");
                assert_eq!(body.matches("\"access_token\"").count(), 2, "{body}");
                // For a parser that takes the last one, nothing is wrong.
                let body: Value = serde_json::from_str(&body).expect("JSON");
                assert_body_but(&body, scenario, &[]);
                assert_good(&mut browser, text(&body, "access_token")).await;
            }
            Scenario::TokenTooLarge => {
                let body = response.text().await.expect("a body");
                assert!(body.len() > 1024 * 1024);
                let body: Value = serde_json::from_str(&body).expect("JSON");
                assert_body_but(&body, scenario, &[]);
            }
            Scenario::TokenRedirect => {
                assert_eq!(response.status(), 307);
                let to = crate::browser::location(&response);
                assert_eq!(browser.sandbox.requests_to_the_attacker(), []);
                let followed = browser.post(&to, &[("code", &code)]).await;
                assert_eq!(followed.headers()["access-control-allow-origin"], "*");
                assert!(json(followed).await["access_token"].is_string());
                let asked = browser.sandbox.requests_to_the_attacker();
                assert_eq!(asked.len(), 1);
                assert!(asked[0].body.contains(&code));
            }
            Scenario::NoRefreshToken => {
                let body = json(response).await;
                assert_body_but(&body, scenario, &["refresh_token"]);
                assert_eq!(body.get("refresh_token"), None);
                assert_good(&mut browser, text(&body, "access_token")).await;
            }
            Scenario::Token429Passing => {
                for response in [response, browser.exchange(&code).await] {
                    assert_eq!(response.status(), 429);
                    assert_eq!(response.headers()["retry-after"], "2");
                    let exposed = &response.headers()["access-control-expose-headers"];
                    assert_eq!(exposed, "Retry-After");
                }
                let body = json(browser.exchange(&code).await).await;
                assert_body_but(&body, scenario, &[]);
                assert_good(&mut browser, text(&body, "access_token")).await;
            }
            Scenario::ScopeApiOnly
            | Scenario::ScopeSpaces
            | Scenario::ExpiresInFraction
            | Scenario::UnrequestedIdToken
            | Scenario::UnrequestedOpenid => {
                let first = json(response).await;
                assert_odd(&mut browser, scenario, &first).await;
                // Every response of the server is like this.
                let next = json(browser.refresh(refresh_token(&first)).await).await;
                assert_odd(&mut browser, scenario, &next).await;
            }
            refused => {
                let status = match refused {
                    Scenario::ClientUnknown | Scenario::PkceRequired => 401,
                    _ => 400,
                };
                let (error, description) = refusal(response, status).await;
                let expected = match refused {
                    Scenario::TokenErrorUnknown => "something_nobody_defined",
                    other => other.outcome().code().expect("a code"),
                };
                assert_eq!(error, expected, "{refused}");
                assert_eq!(
                    description.contains("<script>"),
                    refused == Scenario::TokenErrorMarkup
                );
                assert_eq!(
                    description.contains("Proof Key for Code Exchange"),
                    refused == Scenario::PkceRequired
                );
                // Each attempt gets the same response.
                assert_eq!(browser.exchange(&code).await.status(), status, "{refused}");
            }
        }
    }
}

/// Asserts that a token response is unusual, but harmless.
async fn assert_odd(browser: &mut Browser, scenario: Scenario, body: &Value) {
    let (member, value) = match scenario {
        Scenario::ScopeApiOnly => ("scope", json!("account_read contact_data campaign_data")),
        Scenario::ScopeSpaces => ("scope", json!(CODE_SCOPE.replace(' ', "  ") + " ")),
        Scenario::ExpiresInFraction => ("expires_in", json!(86_400.0)),
        Scenario::UnrequestedIdToken => {
            let id_token = text(body, "id_token");
            let (header, claims) = decode(id_token);
            assert_eq!(header, json!({ "typ": "JWT", "alg": "HS256" }));
            assert_eq!(claims["name"], "John Doe");
            ("id_token", json!(id_token))
        }
        _ => ("scope", json!(format!("{CODE_SCOPE} openid email profile"))),
    };
    assert_body_but(body, scenario, &[member]);
    assert_eq!(body[member].to_string(), value.to_string(), "{scenario}");
    assert_good(browser, text(body, "access_token")).await;
}

async fn assert_good(browser: &mut Browser, token: &str) {
    let key = browser.key_of(token).await.expect("a key of the set");
    assert!(accepts(browser, token, &key));
    let response = browser.api("/account/summary", token).await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// A token without whatever differs between correct tokens and between the flows.
fn shape(token: &str, client_id: &str, lifetime: i64, now: i64) -> Value {
    let parts = token.split('.').count();
    if parts != 3 {
        return json!(parts);
    }
    let (mut header, mut claims) = decode(token);
    for name in ["kid", "jwk"] {
        if let Some(value) = header.get_mut(name) {
            *value = json!("some key");
        }
    }
    for name in ["jku", "x5u"] {
        if let Some(value) = header.get_mut(name) {
            *value = json!("some address");
        }
    }
    for (name, value) in claims.as_object_mut().expect("an object") {
        *value = match (name.as_str(), &*value) {
            ("iss" | "aud", _) => json!("an address"),
            ("jti" | "at_hash" | "scp", _) => json!("anything"),
            (_, value) if *value == client_id => json!("this client"),
            ("iat" | "nbf" | "auth_time", value) if value.is_number() => minutes(value, now),
            // An ID token expires in an hour.
            ("exp", value)
                if value
                    .as_f64()
                    .is_some_and(|exp| exp > (now + lifetime) as f64 - 60.0) =>
            {
                minutes(value, now + lifetime)
            }
            ("exp", Value::String(text)) if text.parse::<i64>().is_ok() => json!("a number"),
            ("exp", value) if value.is_number() => minutes(value, now),
            (_, value) => value.clone(),
        };
    }
    json!([header, claims])
}

/// The difference of two times in minutes, rounded.
fn minutes(value: &Value, now: i64) -> Value {
    let seconds = value.as_f64().expect("a number") - now as f64;
    json!((seconds / 60.0).round())
}

#[tokio::test]
async fn tokens_of_both_flows_have_the_same_faults() {
    let mut browser = Browser::new().await;
    let now = {
        let redirect = browser.connect(Scenario::Normal).await;
        decode(redirect.token()).1["iat"]
            .as_i64()
            .expect("a number")
    };
    for scenario in scenarios_in(Group::Token).chain(scenarios_in(Group::Claims)) {
        let redirect = browser.connect(scenario).await;
        let implicit = shape(redirect.token(), Options::DEFAULT_CLIENT_ID, 28_800, now);
        let body = browser.connect_with_code(scenario).await;
        assert_body_but(&body, scenario, &[]);
        let token = text(&body, "access_token");
        if scenario == Scenario::LongLifetime {
            let (_, claims) = decode(token);
            let hours = claims["exp"].as_i64().zip(claims["iat"].as_i64());
            assert_eq!(hours.map(|(exp, iat)| exp - iat), Some(25 * 3600));
            continue;
        }
        let code = shape(token, Options::PKCE_CLIENT_ID, 86_400, now);
        assert_eq!(implicit, code, "{scenario}");
        match scenario.outcome() {
            Outcome::Connected => assert_good(&mut browser, token).await,
            Outcome::Refused("bad_signature") => {
                let key = browser.key_of(token).await.expect("a key of the set");
                assert!(!verifies(token, &key), "{scenario}");
            }
            _ => {}
        }
    }
    // The shape leaves out the signature.
    let body = browser.connect_with_code(Scenario::AlgPs256).await;
    let token = text(&body, "access_token");
    let key = browser.key_of(token).await.expect("a key of the set");
    assert!(verifies_with(token, &key, Algorithm::PS256));
}

#[tokio::test]
async fn keys_scenarios_begin_with_the_exchange() {
    let mut browser = Browser::new().await;
    let uri = browser.sandbox.jwks_uri();
    for scenario in scenarios_in(Group::Keys).chain(scenarios_in(Group::KeySet)) {
        let before = browser.keys().await;
        let code = authorize_for_code(&mut browser, scenario).await;
        assert_eq!(browser.keys().await, before, "{scenario}");
        let body = json(browser.exchange(&code).await).await;
        assert_body_but(&body, scenario, &[]);
        let token = text(&body, "access_token");
        let kid = decode(token).0["kid"].clone();
        assert_eq!(
            before.iter().any(|key| key["kid"] == kid),
            scenario == Scenario::ReusedKid,
            "{scenario}"
        );
        if scenario == Scenario::KeysSilent {
            let waiting = tokio::time::timeout(Duration::from_millis(300), browser.get(&uri));
            assert!(waiting.await.is_err());
        } else if scenario.group() == Group::Keys {
            for _ in 0..2 {
                let text = browser.get(&uri).await.text().await.expect("a body");
                assert!(
                    !text.contains(kid.as_str().expect("a kid"))
                        || scenario == Scenario::KeysTooLarge,
                    "{scenario}"
                );
            }
        }
        let after = browser.keys().await;
        let key = after
            .iter()
            .find(|key| key["kid"] == kid && key["kty"] == "RSA")
            .expect("the token's key");
        if scenario.group() == Group::Keys || scenario.outcome() == Outcome::Connected {
            assert!(accepts(&browser, token, key), "{scenario}");
        }
        let again = browser.refresh(refresh_token(&body)).await;
        assert_eq!(again.status(), StatusCode::OK);
        assert_eq!(browser.keys().await.len(), 2, "{scenario}");
    }
}

#[tokio::test]
async fn with_a_nameless_key_the_id_token_is_nameless_as_well() {
    let mut browser = Browser::new().await;
    let body = browser
        .connect_for(Scenario::NoKidOneKey, "openid account_read")
        .await;
    let (header, _) = decode(text(&body, "id_token"));
    assert_eq!(header, json!({ "alg": "RS256" }));
    let keys = browser.keys().await;
    assert!(verifies(text(&body, "id_token"), &keys[0]));
}

#[tokio::test]
async fn api_scenarios_belong_to_the_token_of_the_exchange() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::Api) {
        let body = browser.connect_with_code(scenario).await;
        assert_body_but(&body, scenario, &[]);
        if scenario == Scenario::ApiSlow {
            continue;
        }
        let response = browser
            .api("/account/summary", text(&body, "access_token"))
            .await;
        let expected = match scenario {
            Scenario::Api401 => 401,
            Scenario::Api403 => 403,
            Scenario::Api429 | Scenario::ApiQuota => 429,
            Scenario::Api500 => 500,
            Scenario::ApiUnreachable => 503,
            _ => 200,
        };
        assert_eq!(response.status(), expected, "{scenario}");
        let text = response.text().await.expect("a body");
        let named = matches!(
            scenario,
            Scenario::Api401Lists
                | Scenario::ApiLooseJson
                | Scenario::ApiStatusCapitals
                | Scenario::ApiOddEmail
        );
        assert_eq!(text.contains("Bluebird Bakery"), named, "{scenario}");
        let next = json(browser.refresh(refresh_token(&body)).await).await;
        let token = crate::browser::text(&next, "access_token");
        assert_good(&mut browser, token).await;
        // It lasts beyond a refresh.
        let lists = browser.api("/contact_lists", token).await;
        let refused = lists.status() == StatusCode::UNAUTHORIZED;
        assert_eq!(refused, scenario == Scenario::Api401Lists, "{scenario}");
    }
}

#[tokio::test]
async fn id_token_scenarios() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::IdToken) {
        let body = browser.connect_with_code(scenario).await;
        let access_token = text(&body, "access_token");
        assert_good(&mut browser, access_token).await;
        if scenario == Scenario::IdTokenMissing {
            assert_body_but(&body, scenario, &["scope"]);
            assert_eq!(body["scope"], format!("{CODE_SCOPE} openid"));
            continue;
        }
        assert_body_but(&body, scenario, &["id_token"]);
        let id_token = text(&body, "id_token");
        match scenario {
            Scenario::IdTokenGarbage => {
                assert_ne!(id_token.split('.').count(), 3);
                continue;
            }
            Scenario::IdTokenIsAccessToken => {
                assert_eq!(id_token, access_token);
                continue;
            }
            _ => {}
        }
        let (header, claims) = decode(id_token);
        if scenario == Scenario::IdTokenHs256 {
            assert_eq!(header, json!({ "typ": "JWT", "alg": "HS256" }));
            assert_eq!(id_token.rsplit('.').next().map(str::len), Some(43));
        } else {
            let key = browser.key_of(id_token).await.expect("a key of the set");
            assert_eq!(
                verifies(id_token, &key),
                scenario != Scenario::IdTokenBadSignature,
                "{scenario}"
            );
        }
        let now = decode(access_token).1["iat"].as_i64().expect("a number");
        let client_id = Options::PKCE_CLIENT_ID;
        for (name, expected, spoiled) in [
            (
                "iss",
                json!(browser.sandbox.issuer()),
                Scenario::IdTokenOtherIssuer,
            ),
            (
                "sub",
                decode(access_token).1["uid"].clone(),
                Scenario::IdTokenNoSubject,
            ),
            ("azp", Value::Null, Scenario::IdTokenOtherParty),
            (
                "at_hash",
                json!(hash(access_token)),
                Scenario::IdTokenOtherHash,
            ),
        ] {
            assert_eq!(
                claims[name] != expected,
                scenario == spoiled,
                "{scenario}: {name}"
            );
        }
        let audience = match scenario {
            Scenario::IdTokenOtherAudience => None,
            Scenario::IdTokenTwoAudiences => {
                assert_eq!(claims["aud"].as_array().map(Vec::len), Some(2));
                Some(&claims["aud"][0])
            }
            _ => Some(&claims["aud"]),
        };
        match audience {
            Some(audience) => assert_eq!(*audience, client_id, "{scenario}"),
            None => assert!(claims["aud"] != client_id && claims["aud"].is_string()),
        }
        match scenario {
            Scenario::IdTokenNoNonce => assert_eq!(claims.get("nonce"), None),
            Scenario::IdTokenOtherNonce => assert_ne!(claims["nonce"], NONCE),
            _ => assert_eq!(claims["nonce"], NONCE, "{scenario}"),
        }
        let (issued, expires) = match scenario {
            Scenario::IdTokenExpired => (-200, -120),
            Scenario::IdTokenFuture => (3600, 7200),
            _ => (0, 3600),
        };
        assert_eq!(claims["iat"], now + issued, "{scenario}");
        assert_eq!(claims["exp"], now + expires, "{scenario}");
        assert_eq!(
            claims.get("sub").is_none(),
            scenario == Scenario::IdTokenNoSubject
        );
        // Without openid, a refresh brings no ID token.
        let next = json(browser.refresh(refresh_token(&body)).await).await;
        assert_eq!(next.get("id_token"), None, "{scenario}");
    }
}

#[tokio::test]
async fn refresh_scenarios() {
    let mut browser = Browser::new().await;
    for scenario in scenarios_in(Group::Refresh) {
        let first = browser.connect_with_code(scenario).await;
        assert_body_but(&first, scenario, &[]);
        assert_good(&mut browser, text(&first, "access_token")).await;
        // The first tokens are correct.
        assert_eq!(decode(text(&first, "access_token")).1["sub"], "bluebird");
        let token = refresh_token(&first);
        let response = browser.refresh(token).await;
        match scenario {
            Scenario::RefreshInvalidGrant => {
                assert_dead(response).await;
                assert_dead(browser.refresh(token).await).await;
            }
            Scenario::RefreshUnreachable
            | Scenario::Refresh429
            | Scenario::Refresh500
            | Scenario::Refresh403
            | Scenario::Refresh404 => {
                let status = match scenario {
                    Scenario::RefreshUnreachable => 503,
                    Scenario::Refresh403 => 403,
                    Scenario::Refresh404 => 404,
                    Scenario::Refresh429 => 429,
                    _ => 500,
                };
                let readable = scenario != Scenario::RefreshUnreachable;
                for response in [response, browser.refresh(token).await] {
                    assert_eq!(response.status(), status, "{scenario}");
                    assert_eq!(is_readable(&response), readable, "{scenario}");
                }
                let third = json(browser.refresh(token).await).await;
                assert_good(&mut browser, text(&third, "access_token")).await;
            }
            Scenario::RefreshHtml | Scenario::RefreshLostResponse => {
                assert_eq!(is_readable(&response), scenario == Scenario::RefreshHtml);
                let expected = match scenario {
                    Scenario::RefreshHtml => 200,
                    _ => 503,
                };
                assert_eq!(response.status(), expected);
                let body = response.text().await.expect("a body");
                assert!(!body.contains("access_token"), "{body}");
                assert_dead(browser.refresh(token).await).await;
            }
            Scenario::RefreshNoRotation => {
                let second = json(response).await;
                assert_body_but(&second, scenario, &["refresh_token"]);
                assert_eq!(second.get("refresh_token"), None);
                let third = json(browser.refresh(token).await).await;
                assert_good(&mut browser, text(&third, "access_token")).await;
            }
            Scenario::RefreshIdTokenOtherSubject => {
                let second = json(response).await;
                assert_body_but(&second, scenario, &["id_token"]);
                let access_token = text(&second, "access_token");
                assert_good(&mut browser, access_token).await;
                let (_, claims) = decode(text(&second, "id_token"));
                let (_, access) = decode(access_token);
                assert!(claims["sub"].is_string());
                assert_ne!(claims["sub"], access["uid"]);
                assert_eq!(claims["at_hash"], hash(access_token));
                assert_eq!(access["sub"], "bluebird");
            }
            _ => {
                let second = json(response).await;
                assert_body_but(&second, scenario, &[]);
                assert_ne!(refresh_token(&second), token);
                let new = text(&second, "access_token");
                let (_, claims) = decode(new);
                let key = browser.key_of(new).await.expect("a key of the set");
                assert_eq!(
                    verifies(new, &key),
                    scenario != Scenario::RefreshBadSignature,
                    "{scenario}"
                );
                assert_eq!(
                    claims["sub"] == "harborrowing",
                    scenario == Scenario::RefreshOtherAccount
                );
                assert_eq!(
                    claims["cid"] != Options::PKCE_CLIENT_ID,
                    scenario == Scenario::RefreshOtherClient
                );
                let lifetime = claims["exp"].as_i64().zip(claims["iat"].as_i64());
                assert_eq!(
                    lifetime.map(|(exp, iat)| exp - iat),
                    Some(match scenario {
                        Scenario::RefreshExpired => 80,
                        _ => 86_400,
                    })
                );
                assert_eq!(
                    scenario.outcome().code().expect("a code"),
                    match scenario {
                        Scenario::RefreshBadSignature => "bad_signature",
                        Scenario::RefreshOtherAccount => "account_changed",
                        Scenario::RefreshOtherClient => "client_mismatch",
                        Scenario::RefreshExpired => "token_expired",
                        other => panic!("{other} is in no test"),
                    }
                );
            }
        }
    }
}

async fn assert_dead(response: Response) {
    assert_eq!(refusal(response, 400).await.0, "invalid_grant");
}

#[tokio::test]
async fn a_long_lived_refresh_token_survives_a_lost_response() {
    let mut browser = Browser::new().await;
    browser
        .sandbox
        .set_refresh_tokens(Options::PKCE_CLIENT_ID, RefreshTokens::LongLived);
    for scenario in [Scenario::RefreshLostResponse, Scenario::RefreshHtml] {
        let first = browser.connect_with_code(scenario).await;
        browser.refresh(refresh_token(&first)).await;
        let second = json(browser.refresh(refresh_token(&first)).await).await;
        assert_eq!(second["refresh_token"], first["refresh_token"]);
    }
}

#[test]
fn outcomes_at_the_refresh_have_a_description() {
    assert_eq!(
        Scenario::RefreshLostResponse.outcome().to_string(),
        "connected, then at the refresh invalid_grant"
    );
    assert!(scenarios_in(Group::Refresh).all(|one| match one.outcome() {
        Outcome::Renewal(code) => one.outcome().code() == Some(code),
        other => other == Outcome::Connected && one == Scenario::RefreshNoRotation,
    }));
}
