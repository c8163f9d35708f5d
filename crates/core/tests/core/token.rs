//! Verifying a whole access token: the report, check by check.

use crate::support::{
    AUDIENCE, CLIENT_ID, ISSUER, LIFETIME, NONCE, REQUESTED, claims_with, code, header, key_set,
    key_set_of, now, sign, strangers_jwk, token, verify_at, with_claims, with_header,
};
use cc_connect_core::{
    constant_contact::{self, AccessTokenError},
    jose::TokenError,
    openid_connect,
    report::{Check, CheckName, Outcome, Report},
};
use serde_json::json;

/// Rule (The token): Only a report with every check passed is a proof
#[test]
fn a_good_token_passes_every_check_and_the_report_says_what_was_found() {
    let claims = claims_with(json!({"aud": ["other", AUDIENCE], "nbf": REQUESTED, "nonce": NONCE}));
    let token = sign(
        &json!({"typ": "JWT", "alg": "RS256", "kid": "test-key"}).to_string(),
        &claims,
    );
    let (report, result) = verify_at(&token, &key_set(), now());
    assert!(result.is_ok());
    assert!(constant_contact::is_proof(&report));
    let expires = (REQUESTED + 2 + LIFETIME).to_string();
    let audience = format!("other, {AUDIENCE}");
    let found: Vec<_> = report
        .checks()
        .iter()
        .map(|check| {
            let found = check.found.as_deref().unwrap_or_default();
            (check.name.as_str(), check.outcome, found)
        })
        .collect();
    // Empty if a check has nothing to show beyond having passed.
    let expected = [
        ("compact", ""),
        ("typ", "JWT"),
        ("alg", "RS256"),
        ("crit", ""),
        ("kid", "test-key"),
        ("key_size", "2048"),
        ("signature", ""),
        ("claims", ""),
        ("iss", ISSUER),
        ("aud", &audience),
        ("exp", &expires),
        ("nbf", "1790000000"),
        ("iat", "1790000002"),
        ("sub", "geeksquad"),
        ("cid", CLIENT_ID),
        ("platform_user_id", "d3a06e62-2f14-4d96-9453-26591ab53f0d"),
        ("nonce", ""),
    ]
    .map(|(name, found)| (name, Outcome::Passed, found));
    assert_eq!(found, expected);
}

#[test]
fn what_a_token_need_not_have_is_not_applicable() {
    let (report, result) = verify_at(&token(), &key_set(), now());
    assert!(result.is_ok());
    let without: Vec<_> = report
        .checks()
        .iter()
        .filter(|check| check.outcome == Outcome::NotApplicable)
        .map(|check| (check.name.as_str(), check.found.as_deref()))
        .collect();
    assert_eq!(without, [("typ", None), ("nbf", None), ("nonce", None)]);
    let (report, _) = verify_at(&with_header(json!({"kid": null})), &key_set(), now());
    let mut checks = report.checks().iter();
    let kid = checks.find(|check| check.name == CheckName::KeyId).unwrap();
    assert_eq!((kid.outcome, &kid.found), (Outcome::Passed, &None));
}

/// A token that fails exactly this check, and the keys to verify it with.
fn failing() -> Vec<(&'static str, Report)> {
    let weak = {
        let mut jwk = strangers_jwk();
        jwk["n"] = json!(crate::support::encode([0x80; 128]));
        key_set_of(&[jwk])
    };
    let claim = |changes| with_claims(changes);
    [
        ("compact", "x".to_owned()),
        ("typ", with_header(json!({"typ": "x"}))),
        ("alg", with_header(json!({"alg": "none"}))),
        ("crit", with_header(json!({"crit": []}))),
        ("kid", with_header(json!({"kid": "x"}))),
        ("key_size", token()),
        ("signature", token() + "AA"),
        ("claims", sign(&header().to_string(), "[]")),
        ("iss", claim(json!({"iss": "x"}))),
        ("aud", claim(json!({"aud": "x"}))),
        ("exp", claim(json!({"exp": 1}))),
        ("nbf", claim(json!({"nbf": REQUESTED * 2}))),
        ("iat", claim(json!({"iat": 1}))),
        ("sub", claim(json!({"sub": ""}))),
        ("cid", claim(json!({"cid": "x"}))),
        ("platform_user_id", claim(json!({"platform_user_id": ""}))),
        ("nonce", claim(json!({"nonce": "x"}))),
    ]
    .into_iter()
    .map(|(name, token)| {
        let keys = if name == "key_size" {
            &weak
        } else {
            &key_set()
        };
        let (report, result) = verify_at(&token, keys, now());
        assert!(result.is_err(), "{name}");
        (name, report)
    })
    .collect()
}

/// Rule (The token): The report that accompanies an error shows which check failed
///
/// Rule (The token): Only a report with every check passed is a proof
#[test]
fn a_failed_report_is_as_long_as_a_passed_one_and_stops_at_the_failure() {
    let all: Vec<_> = constant_contact::all_checks().collect();
    let failing = failing();
    assert_eq!(
        failing.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        all.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "every check fails once"
    );
    for (index, (name, report)) in failing.into_iter().enumerate() {
        let checks = report.checks();
        let names: Vec<_> = checks.iter().map(|check| check.name).collect();
        assert_eq!(names, all);
        let (before, rest) = checks.split_at(index);
        for check in before {
            let passed = matches!(check.outcome, Outcome::Passed | Outcome::NotApplicable);
            assert!(passed, "{name}: {check:?}");
        }
        assert_eq!(rest[0].outcome, Outcome::Failed, "{name}");
        for check in rest {
            assert_eq!(check.found, None, "{name}: {check:?}");
        }
        for check in &rest[1..] {
            assert_eq!(check.outcome, Outcome::NotReached, "{name}: {check:?}");
        }
        assert!(!report.is_complete(), "{name}");
        assert!(!constant_contact::is_proof(&report), "{name}");
    }
}

/// A proof has every check, once each and in order: a shorter report does not count.
///
/// Rule (The token): Only a report with every check passed is a proof
#[test]
fn only_a_whole_report_is_a_proof() {
    let passed = |name| Check {
        name,
        outcome: Outcome::Passed,
        found: None,
    };
    let is_proof = |checks: &[CheckName]| {
        let report: Report = checks.iter().copied().map(passed).collect();
        assert!(report.is_complete());
        constant_contact::is_proof(&report)
    };
    let all: Vec<_> = constant_contact::all_checks().collect();
    for (index, name) in all.iter().enumerate() {
        assert!(!is_proof(&all[..index]), "up to {name}");
    }
    assert!(is_proof(&all));
    let twice: Vec<_> = all.iter().chain(&all[..1]).copied().collect();
    assert!(!is_proof(&twice));
    let reversed: Vec<_> = all.iter().rev().copied().collect();
    assert!(!is_proof(&reversed));
}

/// The names of checks in a report are stable and distinct.
#[test]
fn every_check_has_a_name_and_a_section() {
    for &check in CheckName::ALL {
        assert_eq!(CheckName::parse(check.as_str()), Some(check));
        let section = check.section();
        assert!(section.label.contains(' ') && section.url.starts_with("https://"));
    }
    assert_eq!(CheckName::parse("EXP"), None);
    let made = constant_contact::all_checks().chain(openid_connect::CHECKS.iter().copied());
    assert!(made.eq(CheckName::ALL.iter().copied()));
}

#[test]
fn variations_that_are_allowed_are_verified() {
    for token in [
        with_header(json!({"typ": "JWT"})),
        // With a single key in the set, a token may omit `kid`.
        with_header(json!({"kid": null})),
        with_header(json!({"unknown": {"a": [1, 2, {"b": null}]}})),
        with_claims(json!({"unknown": {"a": [1, 2, {"b": null}]}})),
        with_claims(json!({"ver": null, "jti": null, "uid": null, "scp": null})),
        with_claims(json!({"sub": "Zoë 🦀", "platform_user_id": "\"<>&\\"})),
    ] {
        assert_eq!(code(&token), "verified", "{token}");
    }
}

/// The code of every error: the page, the documentation and the sandbox rely on them.
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[test]
fn every_code_is_stable() {
    use cc_connect_core::jose::error::{KeyProblem, Malformation};
    let text = || "x".to_owned();
    let at = now();
    let codes = [
        (
            TokenError::Malformed(Malformation::TooLong),
            "malformed_token",
        ),
        (TokenError::UnsupportedType(text()), "unsupported_type"),
        (
            TokenError::UnsupportedAlgorithm(text()),
            "unsupported_algorithm",
        ),
        (TokenError::CriticalHeader, "critical_header"),
        (TokenError::KeyNotFound { kid: None }, "key_not_found"),
        (TokenError::AmbiguousKey { kid: None }, "ambiguous_key"),
        (TokenError::UnsuitableKey(KeyProblem::Use), "unsuitable_key"),
        (TokenError::WeakKey { bits: 1 }, "weak_key"),
        (TokenError::BadSignature, "bad_signature"),
        (TokenError::MalformedClaims, "malformed_claims"),
        (TokenError::MalformedClaim("x"), "malformed_claims"),
        (TokenError::MissingClaim("iss"), "issuer_missing"),
        (TokenError::MissingClaim("aud"), "audience_missing"),
        (TokenError::MissingClaim("exp"), "expiry_missing"),
        (TokenError::MissingClaim("iat"), "issued_at_missing"),
        (TokenError::MissingClaim("sub"), "subject_missing"),
        (TokenError::MissingClaim("x"), "claim_missing"),
        (
            TokenError::IssuerMismatch {
                expected: text(),
                found: text(),
            },
            "issuer_mismatch",
        ),
        (
            TokenError::AudienceMismatch {
                expected: text(),
                found: vec![],
            },
            "audience_mismatch",
        ),
        (TokenError::Expired { at }, "token_expired"),
        (TokenError::NotYetValid { from: at }, "token_not_yet_valid"),
        (TokenError::IssuedInTheFuture { at }, "issued_in_the_future"),
        (
            TokenError::IssuedBeforeRequest { at, requested: at },
            "issued_before_request",
        ),
        (
            TokenError::LifetimeOutOfRange { seconds: -1 },
            "lifetime_too_long",
        ),
    ];
    for (error, code) in codes {
        assert_eq!(error.code(), code, "{error:?}");
        assert_eq!(AccessTokenError::Token(error).code(), code);
    }
    let missing = |name| AccessTokenError::Token(TokenError::MissingClaim(name));
    let codes = [
        (missing("cid"), "client_missing"),
        (missing("platform_user_id"), "platform_user_id_missing"),
        (
            AccessTokenError::ClientMismatch {
                expected: text(),
                found: text(),
            },
            "client_mismatch",
        ),
        (
            AccessTokenError::PlatformUserUnassigned,
            "platform_user_unassigned",
        ),
        (AccessTokenError::NonceMismatch, "nonce_mismatch"),
    ];
    for (error, code) in codes {
        assert_eq!(error.code(), code, "{error:?}");
    }
}
