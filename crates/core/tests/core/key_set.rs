//! The JWK Set: parsing, key selection, caching.

use crate::support::{
    KID, at, changed, claims_with, code, encode, key_set, key_set_of, now, public_jwk, sign, token,
    verify_at,
};
use cc_connect_core::{
    jose::{
        JwkSet, JwkSetError, TokenError,
        error::KeyProblem,
        jwk_set::MAX_JWK_SET_BYTES,
        jwk_set_cache::{
            Decision, Freshness, MAX_LIFETIME, MIN_LIFETIME, Need, UNKNOWN_KID_COOL_DOWN, decide,
            lifetime,
        },
    },
    time::Timestamp,
};
use serde_json::{Value, json};

/// Rule (The key set): It is a JWK Set: one JSON object, parsed strictly (RFC 7517 §5); not an HTML
/// page with status 200 → `keys_malformed`
///
/// Rule (The key set): At most 256 KiB of the key set are read → `keys_too_large`
///
/// Rule (The key set): The key set is not empty → `keys_empty`
#[test]
fn every_unreadable_document_has_its_code() {
    let large = " ".repeat(MAX_JWK_SET_BYTES + 1);
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(8), "]".repeat(8));
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
        ("{\"keys\":null}", JwkSetError::Malformed),
        ("{\"keys\":\"\"}", JwkSetError::Malformed),
        ("{\"keys\":[null,\"a\"]}", JwkSetError::Malformed),
        ("{\"keys\":[{}],}", JwkSetError::Malformed),
        ("{\"keys\":[{}]} x", JwkSetError::Malformed),
        ("{\"Keys\":[{}]}", JwkSetError::Malformed),
        ("\u{feff}{\"keys\":[{}]}", JwkSetError::Malformed),
        (
            "{\"keys\":[{\"x\":{\"a\":1,\"a\":2}}]}",
            JwkSetError::Malformed,
        ),
        (deep.as_str(), JwkSetError::Malformed),
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

/// Entries of `keys` that are not keys are ignored (RFC 7517 §5).
///
/// Rule (The key set): Other keys (EC, oct, unknown), entries that are not keys, unknown members, a
/// thousand keys and the registered content type are all accepted
#[test]
fn what_is_no_key_is_passed_over() {
    for other in [json!(null), json!("a"), json!(7), json!([]), json!({})] {
        let document = json!({"keys": [other, public_jwk(), other]});
        let set = JwkSet::parse(&document.to_string()).unwrap();
        assert!(set.select(Some(KID)).is_ok(), "{other}");
    }
}

/// Rule (The key set): At most 256 KiB of the key set are read → `keys_too_large`
#[test]
fn a_document_of_256_kibibytes_is_read_and_not_one_byte_more() {
    assert_eq!(MAX_JWK_SET_BYTES, 256 * 1024);
    let of = |bytes: usize| {
        let document = json!({"keys": [public_jwk()]}).to_string();
        format!("{document}{}", " ".repeat(bytes - document.len()))
    };
    let set = JwkSet::parse(&of(MAX_JWK_SET_BYTES)).unwrap();
    assert_eq!((set.len(), set.is_empty()), (1, false));
    assert_eq!(
        JwkSet::parse(&of(MAX_JWK_SET_BYTES + 1)).unwrap_err(),
        JwkSetError::TooLarge
    );
}

/// The issuer's key with these members changed.
fn jwk_with(changes: Value) -> Value {
    changed(public_jwk(), &changes)
}

fn select(jwk: Value) -> Result<usize, TokenError> {
    key_set_of(&[jwk]).select(Some(KID)).map(|key| key.bits())
}

/// Rule (The key set): Other keys (EC, oct, unknown), entries that are not keys, unknown members, a
/// thousand keys and the registered content type are all accepted
#[test]
fn keys_that_may_verify() {
    for changes in [
        json!({}),
        json!({"use": null, "alg": null}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["sign", "verify"]}),
        json!({"x5c": ["anything"], "x5t": 1, "x5u": "https://evil.example/", "unknown": {"a": 1}}),
        json!({"d": "AQAB", "p": "x", "oth": []}),
        json!({"ext": true, "iat": 1, "exp": 1}),
    ] {
        assert_eq!(select(jwk_with(changes.clone())), Ok(2048), "{changes}");
    }
}

/// Rule (The key set): The key is RSA, for signatures, for RS256, for verifying → `unsuitable_key`
///
/// Rule (The key set): The key's exponent is odd and above 2^16 (FIPS 186-5); each number has one
/// encoding
///
/// Rule (The key set): The key's modulus has 2048 to 4096 bits → `weak_key`
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
        (json!({"use": ""}), unsuitable(KeyProblem::Use)),
        (json!({"use": "SIG"}), unsuitable(KeyProblem::Use)),
        (json!({"use": ["sig"]}), unsuitable(KeyProblem::Use)),
        (
            json!({"key_ops": ["sign"]}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (
            json!({"key_ops": ["Verify"]}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (
            json!({"key_ops": {"verify": true}}),
            unsuitable(KeyProblem::KeyOperations),
        ),
        (json!({"alg": 1}), unsuitable(KeyProblem::Algorithm)),
        (json!({"alg": ""}), unsuitable(KeyProblem::Algorithm)),
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
        (json!({"n": 1}), unsuitable(KeyProblem::Modulus)),
        (json!({"n": "AA=="}), unsuitable(KeyProblem::Modulus)),
        (json!({"n": "/+"}), unsuitable(KeyProblem::Modulus)),
        (json!({"n": "AAAA"}), unsuitable(KeyProblem::Modulus)),
        (json!({"e": 65_537}), unsuitable(KeyProblem::Exponent)),
        (json!({"e": "AQA="}), unsuitable(KeyProblem::Exponent)),
        (json!({"e": ""}), unsuitable(KeyProblem::Exponent)),
        (json!({"e": "AA"}), unsuitable(KeyProblem::Exponent)),
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
        (
            json!({"n": encode([&[1][..], &[0; 512]].concat())}),
            unsuitable(KeyProblem::Size(4097)),
        ),
        (json!({"n": encode([1])}), TokenError::WeakKey { bits: 1 }),
    ] {
        assert_eq!(
            select(jwk_with(changes.clone())),
            Err(expected),
            "{changes}"
        );
    }
}

/// FIPS 186-5, A.1.1: odd and above 2^16; implementations reject more than 32 bits.
///
/// Rule (The key set): The key's exponent is odd and above 2^16 (FIPS 186-5); each number has one
/// encoding
#[test]
fn exponents() {
    for (octets, may) in [
        (&[1, 0, 1][..], true),
        (&[1, 0, 3], true),
        (&[0xff, 0xff, 0xff, 0xff], true),
        (&[1, 0xff, 0xff, 0xff, 0xff], true),
        (&[1, 0, 2], false),
        (&[0xff, 0xff, 0xff, 0xfe], false),
        (&[0xff, 0xff], false),
        (&[17], false),
        (&[3], false),
        (&[2, 0, 0, 0, 1], false),
        (&[0, 1, 0, 1], false),
        (&[0xff; 256], false),
    ] {
        let found = select(jwk_with(json!({"e": encode(octets)})));
        let expected = if may {
            Ok(2048)
        } else {
            Err(TokenError::UnsuitableKey(KeyProblem::Exponent))
        };
        assert_eq!(found, expected, "{octets:?}");
    }
}

/// Problems are reported in the order of RFC 7517: key type, intended use, then the numbers.
#[test]
fn the_first_problem_of_a_key_counts() {
    let mut jwk = json!({"kid": KID, "kty": "EC", "use": "enc", "key_ops": [], "alg": "x",
        "n": encode([0x80; 128]), "e": "AA"});
    for (name, mended, problem) in [
        ("kty", json!("RSA"), KeyProblem::KeyType),
        ("use", json!("sig"), KeyProblem::Use),
        ("key_ops", json!(["verify"]), KeyProblem::KeyOperations),
        ("alg", json!("RS256"), KeyProblem::Algorithm),
        ("e", json!("AQAB"), KeyProblem::Exponent),
    ] {
        assert_eq!(select(jwk.clone()), Err(TokenError::UnsuitableKey(problem)));
        jwk[name] = mended;
    }
    assert_eq!(select(jwk), Err(TokenError::WeakKey { bits: 1024 }));
}

/// Rule (The key set): The key's modulus has 2048 to 4096 bits → `weak_key`
#[test]
fn sizes_from_2048_to_4096_bits_are_accepted() {
    for (octets, bits) in [(256, 2048), (384, 3072), (512, 4096)] {
        assert_eq!(
            select(jwk_with(json!({"n": encode(vec![0x80; octets])}))),
            Ok(bits)
        );
    }
}

#[test]
fn a_key_is_chosen_by_name_or_because_it_is_the_only_one() {
    let named = |kid: &str| jwk_with(json!({ "kid": kid }));
    let set = key_set_of(&[
        named("a"),
        named("b"),
        jwk_with(json!({"kid": "c", "use": "enc"})),
    ]);
    assert!(set.select(Some("a")).is_ok());
    assert!(set.select(Some("b")).is_ok());
    assert_eq!(set.select(Some("c")).unwrap_err().code(), "unsuitable_key");
    assert_eq!(set.select(Some("d")).unwrap_err().code(), "key_not_found");
    assert_eq!(set.select(None).unwrap_err().code(), "ambiguous_key");

    let one_usable = key_set_of(&[named("a"), jwk_with(json!({"kid": "b", "kty": "EC"}))]);
    assert!(one_usable.select(None).is_ok());
    for (none_usable, code) in [
        (json!({"kty": "EC"}), "key_not_found"),
        (json!({"n": encode([0x80; 513])}), "key_not_found"),
        // Reported even without a `kid`: no other key can have been meant.
        (json!({"n": encode([0x80; 128])}), "weak_key"),
    ] {
        let set = key_set_of(&[jwk_with(none_usable)]);
        assert_eq!(set.select(None).unwrap_err().code(), code);
    }
}

/// Rule (The key set): Two keys with the same `kid` are ambiguous
#[test]
fn two_keys_of_one_name_are_ambiguous_unless_only_one_can_verify() {
    let set = key_set_of(&[public_jwk(), public_jwk()]);
    assert_eq!(set.select(Some(KID)).unwrap_err().code(), "ambiguous_key");
    let set = key_set_of(&[jwk_with(json!({"kty": "EC"})), public_jwk()]);
    assert!(set.select(Some(KID)).is_ok());
}

/// A `kid` is a string, any other type counts as absent, and partial matches do not count.
///
/// Rule (The key set): Two keys with the same `kid` are ambiguous
#[test]
fn a_key_without_a_proper_name_is_found_by_none() {
    for kid in [json!(1), json!(["test-key"]), json!({}), json!(true)] {
        let set = key_set_of(&[jwk_with(json!({ "kid": kid }))]);
        assert_eq!(set.select(Some(KID)).unwrap_err().code(), "key_not_found");
        assert!(set.select(None).is_ok());
    }
}

/// Rule (The key set): Other keys (EC, oct, unknown), entries that are not keys, unknown members, a
/// thousand keys and the registered content type are all accepted
#[test]
fn a_thousand_keys_are_searched() {
    let elliptic = |index: u32| json!({"kty": "EC", "kid": index.to_string(), "crv": "P-256"});
    for position in [0, 500, 999] {
        let mut keys: Vec<Value> = (0..999).map(elliptic).collect();
        keys.insert(position, public_jwk());
        let set = key_set_of(&keys);
        assert_eq!(set.len(), 1_000);
        assert_eq!(set.select(Some(KID)).unwrap().bits(), 2048);
        assert!(set.select(None).is_ok());
        assert_eq!(
            set.select(Some("7")).unwrap_err(),
            TokenError::UnsuitableKey(KeyProblem::KeyType)
        );
        assert!(verify_at(&token(), &set, now()).1.is_ok());
    }
    // As many RSA keys exceed the size limit.
    let document = json!({"keys": vec![public_jwk(); 1_000]}).to_string();
    assert_eq!(JwkSet::parse(&document), Err(JwkSetError::TooLarge));
}

/// Key rotation: a token under the new key verifies with the new set only, one under the old key
/// with both.
///
/// Rule (The key set): Rotating the keys does not end a connection; the next token is verified with
/// the new key
#[test]
fn keys_rotate() {
    let newer = sign(
        &json!({"alg": "RS256", "kid": "newer"}).to_string(),
        &claims_with(json!({})),
    );
    let named = |kid: &str| jwk_with(json!({ "kid": kid }));
    let both = key_set_of(&[public_jwk(), named("newer")]);
    let after = key_set_of(&[named("newer")]);
    assert_eq!(code(&newer), "key_not_found");
    for (token, keys, verified) in [
        (token(), &both, true),
        (newer.clone(), &both, true),
        (newer, &after, true),
        (token(), &after, false),
    ] {
        assert_eq!(verify_at(&token, keys, now()).1.is_ok(), verified);
    }
    assert_eq!(key_set().len(), 1);
}

/// Rule (The key set): It is cached for `max-age`, between 5 minutes and 24 hours, and for its own
/// address only
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
        // Stored under a clock that was fast, so its age is unknown.
        (Some(cached), Need::Verify, 999, Decision::Fetch),
        (Some(cached), Need::Retry, 1_001, Decision::UseCached),
        (Some(cached), Need::Retry, 1_600, Decision::Fetch),
        (Some(cached), Need::UnknownKid, 1_001, Decision::Fetch),
    ] {
        assert_eq!(decide(cached, need, at(now)), expected, "{need:?} at {now}");
    }
}

/// Rule (The key set): An unknown `kid` has the set fetched once more, and then not again for a
/// minute
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
        // Recorded in the future: no reason to wait.
        (999, Decision::Fetch),
    ] {
        assert_eq!(
            decide(Some(cached), Need::UnknownKid, at(now)),
            expected,
            "at {now}"
        );
    }
}

/// The cache as the page uses it, driven by [`decide`] alone: counts the fetches.
struct Cache {
    kept: Option<Freshness>,
    fetches: u32,
}

impl Cache {
    fn load(&mut self, need: Need, now: i64) {
        if decide(self.kept, need, at(now)) == Decision::UseCached {
            return;
        }
        self.fetches += 1;
        let before = self.kept.and_then(|kept| kept.unknown_kid_at);
        self.kept = Some(Freshness {
            fetched_at: at(now),
            lifetime: 3_600,
            unknown_kid_at: if need == Need::UnknownKid {
                Some(at(now))
            } else {
                before
            },
        });
    }
}

/// One foreign token per second, each with a different unknown key: one fetch per minute.
///
/// Rule (The key set): An unknown `kid` has the set fetched once more, and then not again for a
/// minute
#[test]
fn unknown_keys_repeated_quickly_ask_once_a_minute() {
    let mut cache = Cache {
        kept: None,
        fetches: 0,
    };
    for second in 0..300 {
        cache.load(Need::Verify, second);
        cache.load(Need::UnknownKid, second);
    }
    // Once for the very first token, then at each full minute for an unknown one.
    assert_eq!(cache.fetches, 1 + 5);
    // An impatient user does not cause more fetches.
    for second in 300..359 {
        cache.load(Need::Retry, second);
    }
    assert_eq!(cache.fetches, 1 + 5);
    // A set that is too old to use is fetched even during the cool-down.
    cache.load(Need::Verify, 240 + 3_600);
    assert_eq!(cache.fetches, 1 + 5 + 1);
}

/// The cached lifetime may have been tampered with: no set is kept for more than a day, and no
/// number overflows.
///
/// Rule (The key set): It is cached for `max-age`, between 5 minutes and 24 hours, and for its own
/// address only
#[test]
fn a_remembered_lifetime_is_not_believed_beyond_a_day() {
    let day = 86_400_000;
    for (lifetime, age_millis, expected) in [
        (i64::MAX, day - 1, Decision::UseCached),
        (i64::MAX, day, Decision::Fetch),
        (86_401, day, Decision::Fetch),
        (600, 599_999, Decision::UseCached),
        (600, 600_000, Decision::Fetch),
        (0, 0, Decision::Fetch),
        (-1, 0, Decision::Fetch),
        (i64::MIN, 0, Decision::Fetch),
    ] {
        let kept = Freshness {
            fetched_at: at(1_000),
            lifetime,
            unknown_kid_at: None,
        };
        let now = at(1_000).plus_millis(age_millis);
        for need in [Need::Verify, Need::Retry] {
            assert_eq!(decide(Some(kept), need, now), expected, "{lifetime}");
        }
    }
    for millis in [i64::MIN, i64::MAX] {
        let extreme = Timestamp::from_unix_millis(millis);
        let kept = Freshness {
            fetched_at: extreme,
            lifetime: 600,
            unknown_kid_at: Some(extreme),
        };
        for need in [Need::Verify, Need::Retry, Need::UnknownKid] {
            assert_eq!(decide(Some(kept), need, at(1_000)), Decision::Fetch);
        }
    }
}

/// Rule (The key set): It is cached for `max-age`, between 5 minutes and 24 hours, and for its own
/// address only
#[test]
fn the_lifetime_is_max_age_within_bounds() {
    assert_eq!((MIN_LIFETIME, MAX_LIFETIME), (300, 86_400));
    assert_eq!(UNKNOWN_KID_COOL_DOWN, 60);
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
        (Some("max-age=300"), 300),
        (Some("max-age=301"), 301),
        (Some("max-age=86400"), 86_400),
        (Some("max-age=86401"), MAX_LIFETIME),
        (Some("max-age=4294967296"), MIN_LIFETIME),
        (Some("max-age=3600.5"), MIN_LIFETIME),
        (Some("max-age = 3600"), 3_600),
        (Some(" MAX-AGE=3600 , must-revalidate"), 3_600),
        (Some("NO-STORE"), MIN_LIFETIME),
        (Some("max-age=3600, No-Cache=\"x\""), MIN_LIFETIME),
        (Some("private, max-age=7200"), 7_200),
    ] {
        assert_eq!(lifetime(header), expected, "{header:?}");
    }
}
