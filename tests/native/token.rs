//! The verification of an access token: every check fails by itself, with its exact code.

use crate::support::{
    CLIENT_ID, LIFETIME, REQUESTED, at, claims_with, encode, expectations, header, key_set,
    key_set_of, now, public_jwk, requested, sign, sign_with, token,
};
use cc_connect::{
    constant_contact::{self, AccessTokenClaims, Circumstances},
    jose::{JwkSet, Outcome, Report, TokenError},
    oauth::Nonce,
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};

const NONCE: &str = "the-nonce";

fn verify_at(
    token: &str,
    keys: &JwkSet,
    now: Timestamp,
) -> (Report, Result<AccessTokenClaims, TokenError>) {
    let nonce = Nonce::new(NONCE.to_owned());
    let circumstances = Circumstances {
        client_id: CLIENT_ID,
        nonce: &nonce,
        requested_at: requested(),
    };
    constant_contact::verify_access_token(token, keys, &expectations(), circumstances, now)
}

fn verify(token: &str) -> Result<AccessTokenClaims, TokenError> {
    verify_at(token, &key_set(), now()).1
}

fn code(token: &str) -> &'static str {
    verify(token).map_or_else(|error| error.code(), |_| "verified")
}

fn with_header(changes: Value) -> String {
    let mut header = header();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => header.as_object_mut().unwrap().remove(name),
            value => header
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    sign(&header.to_string(), &claims_with(json!({})))
}

fn with_claims(changes: Value) -> String {
    sign(&header().to_string(), &claims_with(changes))
}

#[test]
fn a_good_token_passes_every_check() {
    let (report, result) = verify_at(&token(), &key_set(), now());
    let claims = result.unwrap();
    assert_eq!(claims.registered().subject(), "geeksquad");
    assert_eq!(
        claims.platform_user_id(),
        "d3a06e62-2f14-4d96-9453-26591ab53f0d"
    );
    assert_eq!(
        claims.scope().unwrap().to_string(),
        "account_read campaign_data contact_data"
    );
    assert_eq!(
        claims.registered().expires_at(),
        at(REQUESTED + 2 + LIFETIME)
    );
    assert!(constant_contact::is_proof(&report));
    assert_eq!(
        report.checks().len(),
        constant_contact::all_checks().count()
    );
}

#[test]
fn a_failed_report_is_as_long_as_a_passed_one_and_stops_at_the_failure() {
    let (report, result) = verify_at(&with_claims(json!({"iss": "x"})), &key_set(), now());
    assert!(result.is_err());
    assert!(!constant_contact::is_proof(&report));
    let names: Vec<_> = report.checks().iter().map(|check| check.name).collect();
    let all: Vec<_> = constant_contact::all_checks()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, all);
    let failed = names.iter().position(|name| *name == "iss").unwrap();
    for (index, check) in report.checks().iter().enumerate() {
        let expected = match index.cmp(&failed) {
            std::cmp::Ordering::Less => {
                check.outcome != Outcome::NotReached && check.outcome != Outcome::Failed
            }
            std::cmp::Ordering::Equal => check.outcome == Outcome::Failed,
            std::cmp::Ordering::Greater => check.outcome == Outcome::NotReached,
        };
        assert!(expected, "{check:?}");
    }
}

#[test]
fn variations_that_are_allowed_are_verified() {
    for token in [
        with_header(json!({"typ": "JWT"})),
        with_header(json!({"typ": "at+jwt"})),
        with_header(json!({"typ": "AT+JWT"})),
        with_header(json!({"typ": "application/okta-internal-at+jwt"})),
        // One key in the set: a token may leave its name out.
        with_header(json!({"kid": null})),
        // Not followed, not fetched, not looked at.
        with_header(
            json!({"jku": "https://evil.example", "x5u": "https://evil.example", "jwk": {}, "x5c": ["x"]}),
        ),
        with_claims(json!({"aud": ["other", "https://api.cc.email/v3"]})),
        with_claims(json!({"nonce": NONCE})),
        with_claims(json!({"nbf": REQUESTED})),
        with_claims(json!({"nbf": REQUESTED + 2 + 60})),
        with_claims(json!({"scp": null})),
        with_claims(json!({"iat": REQUESTED as f64 + 2.5})),
        with_claims(json!({"iat": REQUESTED - 300})),
        with_claims(json!({"iat": REQUESTED + 2 + 300})),
        with_claims(json!({"exp": REQUESTED + 2 - 59, "iat": REQUESTED - 100})),
        with_claims(json!({"exp": REQUESTED + 2 + 86_400})),
        with_claims(json!({"unknown": {"a": [1, 2, {"b": null}]}})),
    ] {
        assert_eq!(code(&token), "verified", "{token}");
    }
}

#[test]
fn every_malformed_token_is_refused() {
    let good = token();
    let parts: Vec<&str> = good.split('.').collect();
    let [h, p, s] = [parts[0], parts[1], parts[2]];
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{h}.{p}"),
        format!("{good}.{s}"),
        format!("{good}.{p}.{s}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{h}.{p}.{s}="),
        format!("{h}=.{p}.{s}"),
        format!("{h}.{p}.{}", s.replace(['-', '_'], "+")),
        format!("{h}.{p} .{s}"),
        format!("{}.{p}.{s}", encode("not json")),
        format!("{}.{p}.{s}", encode("[]")),
        format!("{}.{p}.{s}", encode(r#"{"alg":"RS256","alg":"RS256"}"#)),
        format!("{}.{p}.{s}", encode(r#"{"kid":"test-key"}"#)),
        format!("{}.{p}.{s}", encode(r#"{"alg":256}"#)),
        format!("{}.{p}.{s}", encode(r#"{"alg":"RS256","kid":1}"#)),
        format!("{}.{p}.{s}", encode(r#"{"alg":"RS256","typ":1}"#)),
        format!("{}.{p}.{s}", encode(b"{\"alg\":\"RS256\xff\"}")),
        format!("{h}.{}.{s}", "a".repeat(16 * 1024)),
    ] {
        assert_eq!(code(&bad), "malformed_token", "{bad:.80}");
    }
}

/// Non-zero bits after the last octet: another spelling of the same bytes.
#[test]
fn base64url_with_trailing_bits_is_refused() {
    let good = token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    // 256 octets end in a character of which two bits count; the last one's lower bits are zero.
    let last = signature.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let other = alphabet
        .chars()
        .nth(alphabet.find(last).unwrap() + 1)
        .unwrap();
    let twisted = format!("{input}.{}{other}", &signature[..signature.len() - 1]);
    assert_eq!(code(&twisted), "malformed_token");
}

#[test]
fn every_header_but_ours_is_refused() {
    for (changes, expected) in [
        (json!({"alg": "none"}), "unsupported_algorithm"),
        (json!({"alg": "HS256"}), "unsupported_algorithm"),
        (json!({"alg": "rs256"}), "unsupported_algorithm"),
        (json!({"alg": "RS384"}), "unsupported_algorithm"),
        (json!({"alg": "RS512"}), "unsupported_algorithm"),
        (json!({"alg": "PS256"}), "unsupported_algorithm"),
        (json!({"alg": "ES256"}), "unsupported_algorithm"),
        (json!({"typ": "dpop+jwt"}), "unsupported_type"),
        (json!({"typ": ""}), "unsupported_type"),
        (json!({"crit": ["exp"]}), "critical_header"),
        (json!({"crit": []}), "critical_header"),
        (json!({"b64": false}), "critical_header"),
        (json!({"kid": "other"}), "key_not_found"),
        (json!({"kid": ""}), "key_not_found"),
        (json!({"kid": "Test-Key"}), "key_not_found"),
    ] {
        assert_eq!(code(&with_header(changes.clone())), expected, "{changes}");
    }
}

/// A signature by the right key with another algorithm, under a header that claims RS256.
#[test]
fn another_algorithm_under_our_header_does_not_verify() {
    for algorithm in [Rsa::rs384(), Rsa::rs512(), Rsa::ps256()] {
        let token = sign_with(algorithm, &header().to_string(), &claims_with(json!({})));
        assert_eq!(code(&token), "bad_signature");
    }
}

#[test]
fn every_damaged_signature_is_refused() {
    let good = token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let octets = {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.decode(signature).unwrap()
    };
    for index in [0, 1, 100, 128, 254, 255] {
        let mut damaged = octets.clone();
        damaged[index] ^= 1;
        assert_eq!(
            code(&format!("{input}.{}", encode(damaged))),
            "bad_signature",
            "octet {index}"
        );
    }
    let longer = [&[0][..], &octets].concat();
    for other in [
        vec![],
        vec![0; 256],
        vec![0xff; 256],
        octets[..255].to_vec(),
        longer,
    ] {
        assert_eq!(code(&format!("{input}.{}", encode(other))), "bad_signature");
    }
}

#[test]
fn claims_that_were_changed_after_signing_are_not_even_read() {
    let good = token();
    let parts: Vec<&str> = good.split('.').collect();
    let changed = encode(claims_with(json!({"iss": "https://evil.example"})));
    let error = verify(&format!("{}.{changed}.{}", parts[0], parts[2])).unwrap_err();
    assert_eq!(error, TokenError::BadSignature);
}

#[test]
fn every_claim_is_checked_by_itself() {
    let far = i64::MAX;
    for (changes, expected) in [
        (json!({"iss": null}), "issuer_missing"),
        (json!({"iss": ""}), "issuer_missing"),
        (json!({"iss": 1}), "malformed_claims"),
        (
            json!({"iss": ["https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8"]}),
            "malformed_claims",
        ),
        (
            json!({"iss": "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8/"}),
            "issuer_mismatch",
        ),
        (
            json!({"iss": "https://authz.constantcontact.com"}),
            "issuer_mismatch",
        ),
        (json!({"aud": null}), "audience_missing"),
        (json!({"aud": 1}), "malformed_claims"),
        (
            json!({"aud": ["https://api.cc.email/v3", 1]}),
            "malformed_claims",
        ),
        (json!({"aud": []}), "audience_mismatch"),
        (json!({"aud": "https://api.cc.email"}), "audience_mismatch"),
        (
            json!({"aud": "https://api.cc.email/v3/"}),
            "audience_mismatch",
        ),
        (json!({"exp": null}), "expiry_missing"),
        (json!({"exp": "1790028802"}), "malformed_claims"),
        (json!({"exp": -1}), "malformed_claims"),
        (json!({"exp": far}), "malformed_claims"),
        (json!({"exp": 1e300}), "malformed_claims"),
        (json!({"exp": REQUESTED + 2 - 60}), "token_expired"),
        (json!({"nbf": "x"}), "malformed_claims"),
        (json!({"nbf": REQUESTED + 2 + 61}), "token_not_yet_valid"),
        (json!({"iat": null}), "issued_at_missing"),
        (json!({"iat": "x"}), "malformed_claims"),
        (json!({"iat": REQUESTED + 2 + 301}), "issued_in_the_future"),
        (json!({"iat": REQUESTED - 301}), "issued_before_request"),
        (
            json!({"exp": REQUESTED + 2 + 86_400 + 61}),
            "lifetime_too_long",
        ),
        (
            json!({"iat": REQUESTED + 200, "exp": REQUESTED + 199}),
            "lifetime_too_long",
        ),
        (json!({"sub": null}), "subject_missing"),
        (json!({"sub": ""}), "subject_missing"),
        (json!({"sub": 1}), "malformed_claims"),
        (json!({"cid": null}), "client_missing"),
        (
            json!({"cid": "7f0c2a4e-5b1d-4c8e-9a3f-2d6b8e1c4a70"}),
            "client_mismatch",
        ),
        (json!({"cid": [CLIENT_ID]}), "malformed_claims"),
        (
            json!({"platform_user_id": null}),
            "platform_user_id_missing",
        ),
        (json!({"platform_user_id": ""}), "platform_user_id_missing"),
        (json!({"platform_user_id": 7}), "malformed_claims"),
        (
            json!({"platform_user_id": "UNASSIGNED"}),
            "platform_user_unassigned",
        ),
        (json!({"nonce": "another"}), "nonce_mismatch"),
        (json!({"nonce": ""}), "nonce_mismatch"),
        (json!({"nonce": 1}), "nonce_mismatch"),
        (json!({"scp": "account_read"}), "malformed_claims"),
        (json!({"scp": [1]}), "malformed_claims"),
        (json!({"scp": ["a b", "\""]}), "malformed_claims"),
    ] {
        assert_eq!(code(&with_claims(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn claims_that_are_not_one_object_are_refused() {
    for payload in [
        "",
        "null",
        "[]",
        "{",
        "{\"iss\":\"a\",\"iss\":\"b\"}",
        "{\"exp\":1e400}",
    ] {
        assert_eq!(
            code(&sign(&header().to_string(), payload)),
            "malformed_claims",
            "{payload}"
        );
    }
}

#[test]
fn time_passes_over_exp_with_the_leeway_and_no_more() {
    let expires = REQUESTED + 2 + LIFETIME;
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

#[test]
fn two_keys_and_a_token_without_a_name_for_one() {
    let mut other = public_jwk();
    other["kid"] = json!("other");
    let keys = key_set_of(&[public_jwk(), other]);
    let result = verify_at(&with_header(json!({"kid": null})), &keys, now()).1;
    assert_eq!(result.unwrap_err().code(), "ambiguous_key");
    assert!(verify_at(&token(), &keys, now()).1.is_ok());
}

#[test]
fn every_code_is_stable_and_distinct_from_the_others() {
    use cc_connect::jose::error::{KeyProblem, Malformation};
    let text = String::new;
    let errors = [
        TokenError::Malformed(Malformation::TooLong),
        TokenError::UnsupportedType(text()),
        TokenError::UnsupportedAlgorithm(text()),
        TokenError::CriticalHeader,
        TokenError::KeyNotFound { kid: None },
        TokenError::AmbiguousKey { kid: None },
        TokenError::UnsuitableKey(KeyProblem::Use),
        TokenError::WeakKey { bits: 1 },
        TokenError::BadSignature,
        TokenError::MalformedClaims,
        TokenError::MissingClaim("other"),
    ];
    let mut codes: Vec<_> = errors.iter().map(TokenError::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), errors.len());
    assert_eq!(TokenError::MissingClaim("other").code(), "claim_missing");
}
