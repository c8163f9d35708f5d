//! The JWK Set: reading it, choosing a key, keeping it.

use crate::support::{KID, at, encode, key_set_of, public_jwk};
use cc_connect::jose::{
    JwkSet, JwkSetError, TokenError,
    error::KeyProblem,
    jwk_set::MAX_JWK_SET_BYTES,
    jwk_set_cache::{
        Decision, Freshness, MAX_LIFETIME, MIN_LIFETIME, Need, UNKNOWN_KID_COOL_DOWN, decide,
        lifetime,
    },
};
use serde_json::{Value, json};

#[test]
fn every_unreadable_document_has_its_code() {
    let large = " ".repeat(MAX_JWK_SET_BYTES + 1);
    for (document, error) in [
        ("", JwkSetError::Malformed),
        (
            "<!doctype html><title>Sign in</title>",
            JwkSetError::Malformed,
        ),
        ("[]", JwkSetError::Malformed),
        ("{}", JwkSetError::Malformed),
        ("{\"keys\":{}}", JwkSetError::Malformed),
        ("{\"keys\":[1]}", JwkSetError::Malformed),
        ("{\"keys\":[],\"keys\":[]}", JwkSetError::Malformed),
        (
            "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}",
            JwkSetError::Malformed,
        ),
        ("{\"keys\":[]}", JwkSetError::Empty),
        (large.as_str(), JwkSetError::TooLarge),
    ] {
        assert_eq!(
            JwkSet::parse(document).unwrap_err(),
            error,
            "{document:.40}"
        );
    }
    assert_eq!(JwkSetError::Malformed.code(), "keys_malformed");
    assert_eq!(JwkSetError::Empty.code(), "keys_empty");
    assert_eq!(JwkSetError::TooLarge.code(), "keys_too_large");
}

fn changed(changes: Value) -> Value {
    let mut jwk = public_jwk();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => jwk.as_object_mut().unwrap().remove(name),
            value => jwk
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    jwk
}

fn select(jwk: Value) -> Result<usize, TokenError> {
    key_set_of(&[jwk]).select(Some(KID)).map(|key| key.bits())
}

#[test]
fn keys_that_may_verify() {
    for changes in [
        json!({}),
        json!({"use": null, "alg": null}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["sign", "verify"]}),
        json!({"x5c": ["anything"], "unknown": {"a": 1}}),
    ] {
        assert_eq!(select(changed(changes.clone())), Ok(2048), "{changes}");
    }
}

#[test]
fn keys_that_may_not_verify() {
    let n = public_jwk()["n"].as_str().unwrap().to_owned();
    let unsuitable = TokenError::UnsuitableKey;
    for (changes, expected) in [
        (json!({"kty": "EC"}), unsuitable(KeyProblem::KeyType)),
        (json!({"kty": "oct"}), unsuitable(KeyProblem::KeyType)),
        (json!({"kty": "rsa"}), unsuitable(KeyProblem::KeyType)),
        (json!({"kty": null}), unsuitable(KeyProblem::KeyType)),
        (json!({"use": "enc"}), unsuitable(KeyProblem::Use)),
        (json!({"use": 1}), unsuitable(KeyProblem::Use)),
        (
            json!({"key_ops": []}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (
            json!({"key_ops": ["encrypt"]}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (
            json!({"key_ops": "verify"}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (json!({"alg": "RS512"}), unsuitable(KeyProblem::Algorithm)),
        (json!({"alg": "PS256"}), unsuitable(KeyProblem::Algorithm)),
        (json!({"n": null}), unsuitable(KeyProblem::Modulus)),
        (json!({"n": ""}), unsuitable(KeyProblem::Modulus)),
        (
            json!({"n": format!("{n}=")}),
            unsuitable(KeyProblem::Modulus),
        ),
        (
            json!({"n": encode([0, 1, 2])}),
            unsuitable(KeyProblem::Modulus),
        ),
        (json!({"e": null}), unsuitable(KeyProblem::Exponent)),
        (json!({"e": encode([1])}), unsuitable(KeyProblem::Exponent)),
        (json!({"e": encode([3])}), unsuitable(KeyProblem::Exponent)),
        (
            json!({"e": encode([1, 0, 0])}),
            unsuitable(KeyProblem::Exponent),
        ),
        (
            json!({"e": encode([0, 1, 0, 1])}),
            unsuitable(KeyProblem::Exponent),
        ),
        (
            json!({"e": encode([2, 0, 0, 0, 1])}),
            unsuitable(KeyProblem::Exponent),
        ),
        (
            json!({"n": encode([0x80; 128])}),
            TokenError::WeakKey { bits: 1024 },
        ),
        (
            json!({"n": encode([0x7f; 256])}),
            TokenError::WeakKey { bits: 2047 },
        ),
        (
            json!({"n": encode([0x80; 513])}),
            unsuitable(KeyProblem::Size(4104)),
        ),
    ] {
        assert_eq!(select(changed(changes.clone())), Err(expected), "{changes}");
    }
}

#[test]
fn sizes_from_2048_to_4096_bits_are_accepted() {
    for (octets, bits) in [(256, 2048), (384, 3072), (512, 4096)] {
        assert_eq!(
            select(changed(json!({"n": encode(vec![0x80; octets])}))),
            Ok(bits)
        );
    }
}

#[test]
fn a_key_is_chosen_by_name_or_because_it_is_the_only_one() {
    let named = |kid: &str| changed(json!({ "kid": kid }));
    let set = key_set_of(&[
        named("a"),
        named("b"),
        changed(json!({"kid": "c", "use": "enc"})),
    ]);
    assert!(set.select(Some("a")).is_ok());
    assert!(set.select(Some("b")).is_ok());
    assert_eq!(set.select(Some("c")).unwrap_err().code(), "unsuitable_key");
    assert_eq!(set.select(Some("d")).unwrap_err().code(), "key_not_found");
    assert_eq!(set.select(None).unwrap_err().code(), "ambiguous_key");

    let one_usable = key_set_of(&[named("a"), changed(json!({"kid": "b", "kty": "EC"}))]);
    assert!(one_usable.select(None).is_ok());
    let none_usable = key_set_of(&[changed(json!({"kty": "EC"}))]);
    assert_eq!(
        none_usable.select(None).unwrap_err().code(),
        "key_not_found"
    );
}

#[test]
fn two_keys_of_one_name_are_ambiguous_unless_only_one_can_verify() {
    let set = key_set_of(&[public_jwk(), public_jwk()]);
    assert_eq!(set.select(Some(KID)).unwrap_err().code(), "ambiguous_key");
    let set = key_set_of(&[changed(json!({"kty": "EC"})), public_jwk()]);
    assert!(set.select(Some(KID)).is_ok());
}

#[test]
fn a_thousand_keys_are_searched() {
    let keys: Vec<Value> = (0..400)
        .map(|index| changed(json!({"kid": index.to_string()})))
        .collect();
    assert!(key_set_of(&keys).select(Some("399")).is_ok());
}

#[test]
fn the_cache_is_used_while_fresh() {
    let cached = Freshness {
        fetched_at: at(1_000),
        lifetime: 600,
        unknown_kid_at: None,
    };
    for (cached, need, now, expected) in [
        (None, Need::Verify, 1_000, Decision::Fetch),
        (Some(cached), Need::Verify, 1_000, Decision::UseCached),
        (Some(cached), Need::Verify, 1_599, Decision::UseCached),
        (Some(cached), Need::Verify, 1_600, Decision::Fetch),
        // Stored under a clock that was ahead: its age is unknown.
        (Some(cached), Need::Verify, 999, Decision::Fetch),
        (Some(cached), Need::Retry, 1_001, Decision::UseCached),
        (Some(cached), Need::Retry, 1_600, Decision::Fetch),
        (Some(cached), Need::UnknownKid, 1_001, Decision::Fetch),
    ] {
        assert_eq!(decide(cached, need, at(now)), expected, "{need:?} at {now}");
    }
}

#[test]
fn an_unknown_kid_refetches_once_and_then_cools_down() {
    let cached = Freshness {
        fetched_at: at(1_000),
        lifetime: 600,
        unknown_kid_at: Some(at(1_000)),
    };
    for (now, expected) in [
        (1_000, Decision::UseCached),
        (1_000 + UNKNOWN_KID_COOL_DOWN - 1, Decision::UseCached),
        (1_000 + UNKNOWN_KID_COOL_DOWN, Decision::Fetch),
        // Recorded in the future: no reason to wait for it.
        (999, Decision::Fetch),
    ] {
        assert_eq!(
            decide(Some(cached), Need::UnknownKid, at(now)),
            expected,
            "at {now}"
        );
    }
}

#[test]
fn the_lifetime_is_max_age_within_bounds() {
    for (header, expected) in [
        (None, MIN_LIFETIME),
        (Some(""), MIN_LIFETIME),
        (Some("max-age=3600"), 3_600),
        (Some("public, Max-Age=3600, immutable"), 3_600),
        (Some("max-age=\"3600\""), 3_600),
        (Some("max-age=1"), MIN_LIFETIME),
        (Some("max-age=99999999"), MAX_LIFETIME),
        (Some("max-age=-1"), MIN_LIFETIME),
        (Some("max-age=soon"), MIN_LIFETIME),
        (Some("max-age"), MIN_LIFETIME),
        (Some("no-store, max-age=3600"), MIN_LIFETIME),
        (Some("max-age=3600, no-cache"), MIN_LIFETIME),
        (Some("s-maxage=3600"), MIN_LIFETIME),
    ] {
        assert_eq!(lifetime(header), expected, "{header:?}");
    }
}
