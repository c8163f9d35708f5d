//! Claims of a token whose signature is valid: each missing, mistyped or wrong in turn.

use crate::support::{
    AUDIENCE, CLIENT_ID, ISSUER, LIFETIME, NONCE, REQUESTED, at, claims, claims_with, code,
    expectations, header, key_set, now, refused, refused_here, sign, token, verify_at, with_claims,
    with_header,
};
use cc_connect_core::constant_contact::AccessTokenError;
use cc_connect_core::jose::{Expectations, TokenError, claims::VerifiedClaims, verify};
use serde_json::{Value, json};

/// When the valid token was issued and is verified.
const ISSUED: i64 = REQUESTED + 2;
/// 9999-12-31T23:59:59Z.
const END_OF_TIME: i64 = 253_402_300_799;

/// A token with the claim set to exactly this value, `null` included.
fn with_claim(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims.insert(name.to_owned(), value);
    sign(&header().to_string(), &Value::Object(claims).to_string())
}

fn without(name: &str) -> String {
    with_claims(json!({name: null}))
}

/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[test]
fn every_required_claim_must_be_there() {
    for (name, code) in [
        ("iss", "issuer_missing"),
        ("aud", "audience_missing"),
        ("exp", "expiry_missing"),
        ("iat", "issued_at_missing"),
        ("sub", "subject_missing"),
        ("cid", "client_missing"),
        ("platform_user_id", "platform_user_id_missing"),
    ] {
        let error = refused_here(&without(name));
        let expected = AccessTokenError::Token(TokenError::MissingClaim(name));
        assert_eq!(error, expected);
        assert_eq!(error.code(), code);
    }
}

/// The other claims are optional, even all at once.
///
/// Rule (The token): `scp`, and every claim that no rule names, rejects nothing
#[test]
fn no_other_claim_is_required() {
    let required = ["iss", "aud", "exp", "iat", "sub", "cid", "platform_user_id"];
    let mut claims = claims();
    claims.retain(|name, _| required.contains(&name.as_str()));
    assert_eq!(claims.len(), required.len());
    let token = sign(&header().to_string(), &Value::Object(claims).to_string());
    assert_eq!(code(&token), "verified");
}

/// Rule (The token): Claims have the right types: NumericDates are numbers, not strings, not
/// negative, not beyond the year 9999
#[test]
fn a_claim_of_the_wrong_type_is_refused() {
    let text = json!("x");
    let number = json!(REQUESTED);
    let others = [json!(true), json!([]), json!({}), json!([1]), json!([null])];
    for (name, wrong) in [
        ("iss", vec![number.clone(), json!([ISSUER])]),
        ("sub", vec![number.clone(), json!(["geeksquad"])]),
        ("cid", vec![number.clone(), json!([CLIENT_ID])]),
        ("platform_user_id", vec![number.clone(), json!(["a"])]),
        ("exp", vec![text.clone(), Value::Null]),
        ("iat", vec![text.clone(), Value::Null]),
        ("nbf", vec![text.clone(), Value::Null]),
    ] {
        for value in wrong.into_iter().chain(others.clone()) {
            assert_eq!(
                refused(&with_claim(name, value.clone())),
                TokenError::MalformedClaim(name),
                "{name}: {value}"
            );
        }
    }
    for value in [
        json!(1),
        json!(true),
        json!({}),
        json!({AUDIENCE: AUDIENCE}),
        json!([1]),
        json!([AUDIENCE, 1]),
        json!([AUDIENCE, null]),
        json!([[AUDIENCE]]),
    ] {
        assert_eq!(
            refused(&with_claim("aud", value.clone())),
            TokenError::MalformedClaim("aud"),
            "{value}"
        );
    }
    for value in [json!(1), json!(""), json!([NONCE]), json!({}), json!(null)] {
        assert_eq!(
            refused_here(&with_claim("nonce", value.clone())),
            AccessTokenError::NonceMismatch,
            "{value}"
        );
    }
}

/// C15: `scp` decides nothing. Some servers write it as a string, but no value of it may fail a
/// token: a report without a failed check never accompanies an error.
///
/// Rule (The token): `scp`, and every claim that no rule names, rejects nothing
#[test]
fn what_the_token_says_of_its_scope_never_refuses() {
    for (value, read) in [
        (json!(["b", "a"]), Some("a b")),
        (json!(["a b", "c"]), Some("a b c")),
        (
            json!("account_read contact_data"),
            Some("account_read contact_data"),
        ),
        (json!(" a  b "), Some("a b")),
        (json!(["a", ""]), Some("a")),
        (json!("a"), Some("a")),
        (json!(""), None),
        (json!([]), None),
        (json!([""]), None),
        (json!(1), None),
        (json!({}), None),
        (json!(null), None),
        (json!(true), None),
        (json!([1]), None),
        (json!(["a", null]), None),
        (json!([["a"]]), None),
        (json!(["a\"b"]), None),
        (json!(["a\\b"]), None),
        (json!(["é"]), None),
    ] {
        let (report, result) = verify_at(&with_claim("scp", value.clone()), &key_set(), now());
        let scope = result.unwrap().scope().map(|scope| scope.to_string());
        assert_eq!(scope.as_deref(), read, "{value}");
        assert!(
            cc_connect_core::constant_contact::is_proof(&report),
            "{value}"
        );
    }
}

/// An empty string counts as missing.
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[test]
fn an_empty_text_is_missing() {
    for name in ["iss", "sub", "cid", "platform_user_id"] {
        for empty in [json!(""), json!(null)] {
            assert_eq!(
                refused(&with_claim(name, empty)),
                TokenError::MissingClaim(name)
            );
        }
    }
    assert_eq!(
        refused(&with_claim("aud", json!(null))),
        TokenError::MissingClaim("aud")
    );
}

/// Compared code point by code point (RFC 7519 §4.1.1): nothing is normalized.
///
/// Rule (The token): `iss` is the issuer, code point by code point (RFC 8725 §3.8) →
/// `issuer_mismatch`
#[test]
fn the_issuer_is_compared_exactly() {
    let almost = [
        format!("{ISSUER}/"),
        format!("{ISSUER} "),
        format!(" {ISSUER}"),
        format!("{ISSUER}#"),
        format!("{ISSUER}\0"),
        ISSUER.to_uppercase(),
        ISSUER.replace("https", "http"),
        ISSUER.replace("identity", "Identity"),
        ISSUER.replace(".com/", ".com:443/"),
        ISSUER.replace(".com/", ".com.evil.example/"),
        ISSUER.replace("identity", "authz"),
        ISSUER.replace('i', "\u{0456}"),
        ISSUER[..ISSUER.len() - 1].to_owned(),
        "https://identity.constantcontact.com/oauth2/auszx06o5jRefQ8F40h7".to_owned(),
    ];
    for found in almost {
        assert_eq!(
            refused(&with_claims(json!({"iss": found}))),
            TokenError::IssuerMismatch {
                expected: ISSUER.to_owned(),
                found
            }
        );
    }
}

/// Rule (The token): `aud` contains the API (RFC 8725 §3.9) → `audience_mismatch`
#[test]
fn the_audience_must_be_among_those_named() {
    for found in [
        json!(AUDIENCE),
        json!([AUDIENCE]),
        json!(["other", AUDIENCE]),
        json!([AUDIENCE, AUDIENCE]),
    ] {
        assert_eq!(code(&with_claims(json!({"aud": found}))), "verified");
    }
    for found in [
        vec![],
        vec![""],
        vec!["other"],
        vec![CLIENT_ID],
        vec!["https://api.cc.email"],
        vec!["https://api.cc.email/v3/"],
        vec!["https://api.cc.email/v3 "],
        vec!["https://API.cc.email/v3"],
        vec!["http://api.cc.email/v3"],
        vec!["https://api.cc.email/v3,other"],
        vec!["https://api.cc.email/v", "3"],
    ] {
        let error = TokenError::AudienceMismatch {
            expected: AUDIENCE.to_owned(),
            found: found.iter().map(|&one| one.to_owned()).collect(),
        };
        assert_eq!(refused(&with_claims(json!({"aud": found}))), error);
        if let [one] = found.as_slice() {
            assert_eq!(refused(&with_claims(json!({"aud": one}))), error, "{one}");
        }
    }
}

/// Rule (The token): `cid` is this application → `client_mismatch`
#[test]
fn the_client_must_be_this_one() {
    for found in [
        "other".to_owned(),
        CLIENT_ID.to_uppercase(),
        format!("{CLIENT_ID} "),
        CLIENT_ID[1..].to_owned(),
    ] {
        assert_eq!(
            refused_here(&with_claims(json!({"cid": found}))),
            AccessTokenError::ClientMismatch {
                expected: CLIENT_ID.to_owned(),
                found
            }
        );
    }
}

/// Rule (The token): `platform_user_id` names a user of an account → `platform_user_unassigned`
#[test]
fn a_user_without_an_account_is_refused() {
    assert_eq!(
        refused_here(&with_claims(json!({"platform_user_id": "UNASSIGNED"}))),
        AccessTokenError::PlatformUserUnassigned
    );
    assert_eq!(
        code(&with_claims(json!({"platform_user_id": "unassigned"}))),
        "verified"
    );
}

/// Constant Contact never returns one; if a server does, it must be ours.
///
/// Rule (The token): `nonce`, if present, is ours → `nonce_mismatch`
#[test]
fn a_nonce_must_be_ours_if_there_is_one() {
    assert_eq!(code(&with_claims(json!({"nonce": NONCE}))), "verified");
    for other in ["", "another", "the-nonce ", "The-Nonce", "the-nonc"] {
        assert_eq!(
            refused_here(&with_claims(json!({"nonce": other}))),
            AccessTokenError::NonceMismatch,
            "{other}"
        );
    }
}

/// RFC 7519 §2: a NumericDate is a JSON number; a fraction is allowed and truncated.
///
/// Rule (The token): Claims have the right types: NumericDates are numbers, not strings, not
/// negative, not beyond the year 9999
#[test]
fn numeric_dates() {
    let malformed = |name: &'static str, value: &Value| {
        assert_eq!(
            refused(&with_claim(name, value.clone())),
            TokenError::MalformedClaim(name),
            "{name}: {value}"
        );
    };
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!(REQUESTED.to_string()),
            json!("2026-09-21T14:13:20Z"),
            json!(""),
            json!(-1),
            json!(-0.5),
            json!(-1e300),
            json!(i64::MIN),
            json!(i64::MAX),
            json!(i64::MAX as u64 + 1),
            json!(u64::MAX),
            json!(1e19),
            json!(1e300),
            json!(END_OF_TIME + 1),
            json!(END_OF_TIME as f64 + 0.5),
            json!(REQUESTED * 1_000),
            json!(true),
        ] {
            malformed(name, &value);
        }
    }
}

/// Rule (The token): Claims have the right types: NumericDates are numbers, not strings, not
/// negative, not beyond the year 9999
#[test]
fn the_greatest_and_the_smallest_date_are_dates() {
    // Valid dates, rejected for their values.
    for (changes, expected) in [
        (json!({"exp": END_OF_TIME}), "lifetime_too_long"),
        (json!({"exp": END_OF_TIME as f64}), "lifetime_too_long"),
        (json!({"exp": 0}), "token_expired"),
        (json!({"exp": -0.0}), "token_expired"),
        (json!({"exp": 0.5}), "token_expired"),
        (json!({"nbf": END_OF_TIME}), "token_not_yet_valid"),
        (json!({"nbf": 0}), "verified"),
        (json!({"iat": END_OF_TIME}), "issued_in_the_future"),
        (json!({"iat": 0}), "issued_before_request"),
    ] {
        assert_eq!(code(&with_claims(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn a_fraction_of_a_second_is_cut_off() {
    let token = with_claims(json!({
        "iat": ISSUED as f64 + 0.999,
        "exp": (ISSUED + LIFETIME) as f64 + 0.999,
        "nbf": ISSUED as f64 + 0.5,
    }));
    let claims = verify_at(&token, &key_set(), now()).1.unwrap();
    assert_eq!(claims.registered().issued_at(), at(ISSUED));
    assert_eq!(claims.registered().expires_at(), at(ISSUED + LIFETIME));
    assert_eq!(
        code(&with_claims(json!({"exp": 1.79e9 + 100.0}))),
        "verified"
    );
}

/// Each bound to the second: exactly at it, and one second past.
///
/// Rule (The token): `exp` has not passed → `token_expired`
///
/// Rule (The token): `nbf`, if present, has passed → `token_not_yet_valid`
///
/// Rule (The token): `iat` is not in the future → `issued_in_the_future`
///
/// Rule (The token): `iat` is not before the request: an older token belongs to another request →
/// `issued_before_request`
///
/// Rule (The token): `exp` − `iat` is between 0 and 24 hours, or the configured maximum →
/// `lifetime_too_long`
#[test]
fn the_times_have_their_leeway_and_no_more() {
    for (changes, expected) in [
        (json!({"exp": ISSUED - 59}), "verified"),
        (json!({"exp": ISSUED - 60}), "token_expired"),
        (json!({"nbf": ISSUED + 60}), "verified"),
        (json!({"nbf": ISSUED + 61}), "token_not_yet_valid"),
        (json!({"iat": ISSUED + 300}), "verified"),
        (json!({"iat": ISSUED + 301}), "issued_in_the_future"),
        (json!({"iat": REQUESTED - 300}), "verified"),
        (json!({"iat": REQUESTED - 301}), "issued_before_request"),
        // 24 hours plus leeway.
        (json!({"exp": ISSUED + 86_400 + 60}), "verified"),
        (json!({"exp": ISSUED + 86_400 + 61}), "lifetime_too_long"),
        (json!({"exp": ISSUED}), "verified"),
        (
            json!({"iat": ISSUED + 1, "exp": ISSUED}),
            "lifetime_too_long",
        ),
    ] {
        let changes = match changes.get("exp") {
            // Keep `iat` before `exp`.
            Some(exp) if exp.as_i64().unwrap() < ISSUED => {
                json!({"exp": exp, "iat": REQUESTED - 300})
            }
            _ => changes,
        };
        assert_eq!(code(&with_claims(changes.clone())), expected, "{changes}");
    }
}

/// L3: the maximum lifetime is configurable, for both kinds of token.
///
/// Rule (The token): `exp` − `iat` is between 0 and 24 hours, or the configured maximum →
/// `lifetime_too_long`
#[test]
fn the_longest_life_is_a_setting() {
    for (most, lifetime, expected) in [
        (3_600, 3_660, "verified"),
        (3_600, 3_661, "lifetime_too_long"),
        (172_800, 172_860, "verified"),
        (172_800, 172_861, "lifetime_too_long"),
        (i64::MAX, 172_861, "verified"),
    ] {
        let expectations = Expectations {
            max_lifetime: most,
            ..expectations()
        };
        let token = with_claims(json!({"exp": ISSUED + lifetime}));
        let (_, result) = verify(&token, &key_set(), &expectations, at(REQUESTED), now());
        let code = result.map_or_else(|error| error.code(), |_| "verified");
        assert_eq!(code, expected, "{lifetime} of {most}");
    }
}

#[test]
fn a_time_that_is_refused_is_said() {
    for (changes, expected) in [
        (
            json!({"exp": ISSUED - 60, "iat": REQUESTED - 300}),
            TokenError::Expired {
                at: at(ISSUED - 60),
            },
        ),
        (
            json!({"nbf": ISSUED + 61}),
            TokenError::NotYetValid {
                from: at(ISSUED + 61),
            },
        ),
        (
            json!({"iat": ISSUED + 301}),
            TokenError::IssuedInTheFuture {
                at: at(ISSUED + 301),
            },
        ),
        (
            json!({"iat": REQUESTED - 301}),
            TokenError::IssuedBeforeRequest {
                at: at(REQUESTED - 301),
                requested: at(REQUESTED),
            },
        ),
        (
            json!({"exp": ISSUED + 86_461}),
            TokenError::LifetimeOutOfRange { seconds: 86_461 },
        ),
        (
            json!({"iat": ISSUED + 1, "exp": ISSUED}),
            TokenError::LifetimeOutOfRange { seconds: -1 },
        ),
    ] {
        assert_eq!(
            refused(&with_claims(changes.clone())),
            expected,
            "{changes}"
        );
    }
}

/// Rule (The token): `exp` has not passed → `token_expired`
#[test]
fn time_passes_over_exp_with_the_leeway_and_no_more() {
    let expires = ISSUED + LIFETIME;
    for (now, expected) in [
        (at(expires - 1), "verified"),
        (at(expires), "verified"),
        (at(expires + 59), "verified"),
        (at(expires + 60), "token_expired"),
        (at(expires + 100_000), "token_expired"),
    ] {
        let result = verify_at(&token(), &key_set(), now).1;
        let code = result.map_or_else(|error| error.code(), |_| "verified");
        assert_eq!(code, expected, "{now:?}");
    }
}

/// RFC 8725 §3.12: the validation rules for ID tokens and access tokens are mutually exclusive.
/// This is a genuine ID token from the same issuer, signed with the same key, for the same user and
/// request.
///
/// Rule (The token): An ID token is not accepted as an access token (RFC 8725 §3.12)
#[test]
fn a_genuine_id_token_is_no_access_token() {
    let id_token = |audience: Value, more: Value| {
        let mut claims = json!({
            "ver": 1, "jti": "ID.test", "iss": ISSUER, "aud": audience, "sub": "geeksquad",
            "iat": ISSUED, "exp": ISSUED + 3_600, "auth_time": ISSUED - 10, "amr": ["pwd"],
            "idp": "00oi", "nonce": NONCE, "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
            "name": "Geek Squad", "preferred_username": "geeksquad",
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        sign(&header().to_string(), &claims.to_string())
    };
    for (token, expected) in [
        (id_token(json!(CLIENT_ID), json!({})), "audience_mismatch"),
        (
            id_token(json!([CLIENT_ID, AUDIENCE]), json!({})),
            "client_missing",
        ),
        (
            id_token(json!(AUDIENCE), json!({"azp": CLIENT_ID})),
            "client_missing",
        ),
        (
            id_token(json!(AUDIENCE), json!({"cid": CLIENT_ID})),
            "platform_user_id_missing",
        ),
    ] {
        assert_eq!(code(&token), expected, "{token}");
    }
    assert_eq!(
        code(&with_header(json!({"typ": "id_token+jwt"}))),
        "unsupported_type"
    );
}

/// The first failure is reported, in the order of the checks: issuer before audience, and so on.
#[test]
fn the_order_of_the_claims_checks() {
    let everything_wrong = json!({
        "iss": "x", "aud": "x", "exp": 1, "nbf": END_OF_TIME, "iat": END_OF_TIME, "sub": "",
        "cid": "x", "platform_user_id": "UNASSIGNED", "nonce": "x",
    });
    let order = [
        ("iss", "issuer_mismatch"),
        ("aud", "audience_mismatch"),
        ("exp", "token_expired"),
        ("nbf", "token_not_yet_valid"),
        ("iat", "issued_in_the_future"),
        ("sub", "subject_missing"),
        ("cid", "client_mismatch"),
        ("platform_user_id", "platform_user_unassigned"),
        ("nonce", "nonce_mismatch"),
    ];
    let mut claims = everything_wrong;
    for (name, expected) in order {
        assert_eq!(code(&with_claims(claims.clone())), expected);
        claims.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(code(&with_claims(claims)), "verified");
}

/// What the application reads from a verified token matches the token's claims.
#[test]
fn verified_claims_are_the_tokens_own() {
    let token = with_claims(json!({"aud": ["other", AUDIENCE], "extra": [1]}));
    let verified = verify_at(&token, &key_set(), now()).1.unwrap();
    let claims: &VerifiedClaims = verified.registered();
    assert_eq!(claims.issuer(), ISSUER);
    assert_eq!(claims.audience(), ["other", AUDIENCE]);
    assert_eq!(claims.subject(), "geeksquad");
    assert_eq!(claims.issued_at(), at(ISSUED));
    assert_eq!(claims.expires_at(), at(ISSUED + LIFETIME));
    assert_eq!(claims.get("extra"), Some(&json!([1])));
    assert_eq!(claims.get("nothing"), None);
    assert_eq!(claims.required_text("uid"), Ok("00u1ibx8lhb3amvHR0h8"));
    assert_eq!(
        claims.required_text("nothing"),
        Err(TokenError::MissingClaim("nothing"))
    );
    let expected: Value = serde_json::from_str(&claims_with(
        json!({"aud": ["other", AUDIENCE], "extra": [1]}),
    ))
    .unwrap();
    let read: serde_json::Map<String, Value> = claims
        .iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    assert_eq!(Value::Object(read), expected);
    assert_eq!(
        verified.platform_user_id(),
        "d3a06e62-2f14-4d96-9453-26591ab53f0d"
    );
    assert_eq!(
        verified.scope().map(|scope| scope.to_string()).as_deref(),
        Some("account_read campaign_data contact_data")
    );
    let without_scope = with_claims(json!({"scp": null}));
    let verified = verify_at(&without_scope, &key_set(), now()).1.unwrap();
    assert_eq!(verified.scope(), None);
}
