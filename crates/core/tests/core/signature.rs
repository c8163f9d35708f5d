//! Algorithm, key and signature: only RS256 with a key of the issuer, whatever the token claims
//! (RFC 8725 §3.1).

use crate::support::{
    ISSUERS_KEY, KID, STRANGERS_KEY, changed, claims_with, code, decode, encode, header, key_set,
    key_set_of, public_jwk, refused, refused_by, sign, sign_input, sign_with, strangers_jwk, token,
    with_header,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cc_connect_core::jose::{TokenError, error::KeyProblem};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature as _,
    alg::{Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key, Rsa},
};
use serde_json::{Value, json};

fn unsupported(algorithm: &str) -> TokenError {
    TokenError::UnsupportedAlgorithm(algorithm.to_owned())
}

/// The signature by the issuer's key is valid, but the header misnames the algorithm.
///
/// Rule (The token): `alg` is RS256 and nothing else (RFC 8725 §3.1): not `none` →
/// `unsupported_algorithm`
#[test]
fn every_name_but_rs256_is_refused() {
    for name in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        " ",
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "ＲＳ256",
        "RS",
        "RSA",
        "SHA256",
        "RS1",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "HS256",
        "HS384",
        "HS512",
        "RSA-OAEP",
        "dir",
    ] {
        let token = with_header(json!({"alg": name}));
        assert_eq!(refused(&token), unsupported(name), "{name:?}");
    }
}

/// RFC 7515 appendix A.5: no signature, in every spelling of `none`.
///
/// Rule (The token): `alg` is RS256 and nothing else (RFC 8725 §3.1): not `none` →
/// `unsupported_algorithm`
#[test]
fn an_unsecured_token_is_refused() {
    for name in ["none", "None", "NONE"] {
        let header = json!({"alg": name, "kid": KID}).to_string();
        let token = format!("{}.{}.", encode(header), encode(claims_with(json!({}))));
        assert_eq!(refused(&token), unsupported(name));
    }
    let stripped = token();
    let stripped = &stripped[..=stripped.rfind('.').unwrap()];
    assert_eq!(refused(stripped), TokenError::BadSignature);
}

/// Properly signed with the issuer's own key, which the key set declares for that algorithm.
///
/// Rule (The token): RS384, RS512, PS256 and ES256 are rejected, however well signed
#[test]
fn another_rsa_algorithm_is_refused_under_its_own_name() {
    for (name, algorithm) in [
        ("RS384", Rsa::rs384()),
        ("RS512", Rsa::rs512()),
        ("PS256", Rsa::ps256()),
        ("PS384", Rsa::ps384()),
        ("PS512", Rsa::ps512()),
    ] {
        let header = changed(header(), &json!({"alg": name})).to_string();
        let token = sign_with(algorithm, &header, &claims_with(json!({})));
        for key_algorithm in [json!("RS256"), json!(name), Value::Null] {
            let keys = key_set_of(&[changed(public_jwk(), &json!({"alg": key_algorithm}))]);
            assert_eq!(refused_by(&token, &keys), unsupported(name));
        }
    }
}

/// Signed by the right key with a different algorithm, under a header that claims RS256.
///
/// Rule (The token): A signature of another algorithm labeled RS256 is rejected
#[test]
fn another_rsa_algorithm_under_our_name_does_not_verify() {
    for algorithm in [
        Rsa::rs384(),
        Rsa::rs512(),
        Rsa::ps256(),
        Rsa::ps384(),
        Rsa::ps512(),
    ] {
        let token = sign_with(algorithm, &header().to_string(), &claims_with(json!({})));
        assert_eq!(refused(&token), TokenError::BadSignature);
    }
}

/// A key only works with the algorithm the issuer declared for it (RFC 8725 §3.1), even if the
/// header says RS256.
///
/// Rule (The key set): The key is RSA, for signatures, for RS256, for verifying → `unsuitable_key`
#[test]
fn a_key_for_another_algorithm_does_not_verify_rs256() {
    for algorithm in [
        "RS384", "RS512", "PS256", "HS256", "none", "", "rs256", "RSA-OAEP",
    ] {
        let keys = key_set_of(&[changed(public_jwk(), &json!({"alg": algorithm}))]);
        assert_eq!(
            refused_by(&token(), &keys),
            TokenError::UnsuitableKey(KeyProblem::Algorithm),
            "{algorithm}"
        );
    }
}

/// Every form of the issuer's public key that could be mistaken for a shared secret.
fn public_key_as_secret() -> Vec<(&'static str, Vec<u8>)> {
    let jwk = public_jwk();
    let (n, e) = (jwk["n"].as_str().unwrap(), jwk["e"].as_str().unwrap());
    let modulus = decode(n);
    // RFC 8017 A.1.1 and RFC 5280 §4.1 for 2048 bits and exponent 65537, all lengths fixed.
    let pkcs1 = [
        &[0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00][..],
        &modulus,
        &[0x02, 0x03, 0x01, 0x00, 0x01],
    ]
    .concat();
    let spki = [
        &[
            0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
            0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00,
        ][..],
        &pkcs1,
    ]
    .concat();
    let pem = |label: &str, der: &[u8]| {
        let base64 = STANDARD.encode(der);
        let lines: Vec<&str> = (0..base64.len())
            .step_by(64)
            .map(|start| &base64[start..(start + 64).min(base64.len())])
            .collect();
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            lines.join("\n")
        )
    };
    let (spki_pem, pkcs1_pem) = (pem("PUBLIC KEY", &spki), pem("RSA PUBLIC KEY", &pkcs1));
    vec![
        ("nothing", vec![]),
        ("the name of the key", KID.as_bytes().to_vec()),
        ("PEM", spki_pem.clone().into_bytes()),
        (
            "PEM without the last line feed",
            spki_pem.trim_end().as_bytes().to_vec(),
        ),
        ("PEM with CRLF", spki_pem.replace('\n', "\r\n").into_bytes()),
        ("PKCS #1 PEM", pkcs1_pem.clone().into_bytes()),
        (
            "PKCS #1 PEM without the last line feed",
            pkcs1_pem.trim_end().as_bytes().to_vec(),
        ),
        ("SubjectPublicKeyInfo", spki.clone()),
        (
            "SubjectPublicKeyInfo in base64",
            STANDARD.encode(&spki).into_bytes(),
        ),
        ("RSAPublicKey", pkcs1),
        ("the modulus", modulus),
        ("the modulus in base64url", n.as_bytes().to_vec()),
        ("modulus and exponent", format!("{n}.{e}").into_bytes()),
        ("the JWK", jwk.to_string().into_bytes()),
        (
            "the thumbprint's input",
            json!({"e": e, "kty": "RSA", "n": n})
                .to_string()
                .into_bytes(),
        ),
        (
            "the JWK Set",
            json!({"keys": [jwk]}).to_string().into_bytes(),
        ),
    ]
}

/// Rule (The token): HS256 with the public key as the secret is rejected
#[test]
fn the_public_key_is_no_shared_secret() {
    type Mac = fn(&[u8], &[u8]) -> Vec<u8>;
    let algorithms: [(&str, Mac); 3] = [
        ("HS256", |key, text| {
            Hs256.sign(&Hs256Key::new(key), text).as_bytes().to_vec()
        }),
        ("HS384", |key, text| {
            Hs384.sign(&Hs384Key::new(key), text).as_bytes().to_vec()
        }),
        ("HS512", |key, text| {
            Hs512.sign(&Hs512Key::new(key), text).as_bytes().to_vec()
        }),
    ];
    for (what, secret) in public_key_as_secret() {
        // A key set that lists the secret as a symmetric key, next to the RSA key or instead of it.
        let symmetric = json!({"kty": "oct", "use": "sig", "kid": KID, "k": encode(&secret)});
        let sets = [
            vec![public_jwk()],
            vec![public_jwk(), symmetric.clone()],
            vec![symmetric],
        ];
        for (name, mac) in algorithms {
            let under = |algorithm: &str| {
                let header = changed(header(), &json!({"alg": algorithm})).to_string();
                let input = format!("{}.{}", encode(header), encode(claims_with(json!({}))));
                let signature = mac(&secret, input.as_bytes());
                format!("{input}.{}", encode(signature))
            };
            for set in &sets {
                let keys = key_set_of(set);
                assert_eq!(refused_by(&under(name), &keys), unsupported(name), "{what}");
                let expected = match set.len() {
                    1 if set[0]["kty"] == "oct" => TokenError::UnsuitableKey(KeyProblem::KeyType),
                    _ => TokenError::BadSignature,
                };
                assert_eq!(refused_by(&under("RS256"), &keys), expected, "{what}");
            }
        }
    }
}

/// Rule (The token): `typ` is absent, or that of a JWT or an access token → `unsupported_type`
#[test]
fn types_of_tokens() {
    for (name, expected) in [
        ("JWT", "verified"),
        ("jwt", "verified"),
        ("at+jwt", "verified"),
        ("AT+JWT", "verified"),
        ("application/at+jwt", "verified"),
        ("application/okta-internal-at+jwt", "verified"),
        ("", "unsupported_type"),
        (" JWT", "unsupported_type"),
        ("JWTs", "unsupported_type"),
        ("application/jwt", "unsupported_type"),
        ("id_token+jwt", "unsupported_type"),
        ("logout+jwt", "unsupported_type"),
        ("dpop+jwt", "unsupported_type"),
        ("secevent+jwt", "unsupported_type"),
        ("oauth-authz-req+jwt", "unsupported_type"),
        ("JOSE", "unsupported_type"),
        ("JWE", "unsupported_type"),
    ] {
        let token = with_header(json!({"typ": name}));
        assert_eq!(code(&token), expected, "{name:?}");
    }
    assert_eq!(
        refused(&with_header(json!({"typ": "dpop+jwt"}))),
        TokenError::UnsupportedType("dpop+jwt".to_owned())
    );
}

/// None of them is supported, so their mere presence is enough (RFC 7515 §4.1.11).
///
/// Rule (The token): A header that requires an extension is rejected: `crit`, `b64` (RFC 7515
/// §4.1.11, RFC 7797) → `critical_header`
#[test]
fn what_must_be_understood_is_refused() {
    for changes in [
        json!({"crit": ["exp"]}),
        json!({"crit": ["alg"]}),
        json!({"crit": []}),
        json!({"crit": [""]}),
        json!({"crit": {}}),
        json!({"crit": false}),
        json!({"crit": "b64"}),
        json!({"crit": ["b64"], "b64": true}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"crit": ["http://example.invalid/UNDEFINED"], "http://example.invalid/UNDEFINED": true}),
    ] {
        assert_eq!(
            refused(&with_header(changes.clone())),
            TokenError::CriticalHeader,
            "{changes}"
        );
    }
    for name in ["crit", "b64"] {
        let mut header = header();
        header[name] = Value::Null;
        assert_eq!(
            refused(&sign(&header.to_string(), &claims_with(json!({})))),
            TokenError::CriticalHeader,
            "{name}: null"
        );
    }
}

/// RFC 7797: an unencoded payload, signed as such.
///
/// Rule (The token): A header that requires an extension is rejected: `crit`, `b64` (RFC 7515
/// §4.1.11, RFC 7797) → `critical_header`
#[test]
fn an_unencoded_payload_is_refused() {
    let header = json!({"alg": "RS256", "kid": KID, "b64": false, "crit": ["b64"]}).to_string();
    let payload = encode(claims_with(json!({})));
    let input = format!("{}.{payload}", encode(header));
    let token = sign_input(Rsa::rs256(), &ISSUERS_KEY, input);
    assert_eq!(refused(&token), TokenError::CriticalHeader);
}

/// A token cannot choose its key (RFC 8725 §3.10), whether that would help or hurt.
///
/// Rule (The token): `jku`, `x5u`, `jwk` and `x5c` are ignored and never fetched (RFC 8725 §3.10)
#[test]
fn a_key_in_the_header_counts_for_nothing() {
    let claims = claims_with(json!({}));
    let by_stranger = |header: Value| {
        let input = format!("{}.{}", encode(header.to_string()), encode(&claims));
        sign_input(Rsa::rs256(), &STRANGERS_KEY, input)
    };
    for hint in [
        json!({"jwk": strangers_jwk()}),
        json!({"jwk": changed(strangers_jwk(), &json!({"kid": "stranger"}))}),
        json!({"jku": "https://evil.example/keys"}),
        json!({"jku": "https://identity.constantcontact.com@evil.example/keys"}),
        json!({"x5u": "https://evil.example/chain.pem"}),
        json!({"x5c": ["MIIB"]}),
        json!({"x5t": "AAAA", "x5t#S256": "AAAA"}),
        json!({"jwk": 1, "jku": [], "x5u": null, "x5c": {}}),
    ] {
        let ours = changed(header(), &hint);
        assert_eq!(code(&with_header(hint.clone())), "verified", "{hint}");
        assert_eq!(
            refused(&by_stranger(ours.clone())),
            TokenError::BadSignature,
            "{hint}"
        );
        let unnamed = changed(ours.clone(), &json!({"kid": null}));
        assert_eq!(
            refused(&by_stranger(unnamed)),
            TokenError::BadSignature,
            "{hint}"
        );
        let named = changed(ours, &json!({"kid": "stranger"}));
        assert_eq!(
            refused(&by_stranger(named)),
            TokenError::KeyNotFound {
                kid: Some("stranger".to_owned())
            },
            "{hint}"
        );
    }
}

/// `kid` is merely a name in the issuer's set: not a path, a query or a pattern.
///
/// Rule (The token): `kid` is only a name in the issuer's set → `key_not_found`
#[test]
fn a_name_is_only_looked_up() {
    for kid in [
        "",
        "other",
        "Test-Key",
        "test-key ",
        "test-ke",
        "test-key\0",
        "*",
        "../../dev/null",
        "' OR '1'='1",
        "__proto__",
        "constructor",
        "https://evil.example/key",
    ] {
        assert_eq!(
            refused(&with_header(json!({"kid": kid}))),
            TokenError::KeyNotFound {
                kid: Some(kid.to_owned())
            },
            "{kid}"
        );
    }
}

/// Rule (The token): `kid` is only a name in the issuer's set → `key_not_found`
#[test]
fn a_strangers_key_does_not_verify() {
    let input = format!(
        "{}.{}",
        encode(header().to_string()),
        encode(claims_with(json!({})))
    );
    let forged = sign_input(Rsa::rs256(), &STRANGERS_KEY, input);
    assert_eq!(refused(&forged), TokenError::BadSignature);
    // A valid signature, but someone else's.
    let theirs = key_set_of(&[strangers_jwk()]);
    assert_eq!(
        crate::support::verify_at(&forged, &theirs, crate::support::now())
            .1
            .err(),
        None
    );
    assert_eq!(refused_by(&token(), &theirs), TokenError::BadSignature);
}

/// Without a `kid`, exactly one usable key is required; with several, none is tried.
///
/// Rule (The token): Without `kid` there must be exactly one key that may have signed →
/// `ambiguous_key`
#[test]
fn a_token_without_a_name_needs_a_set_of_one() {
    let unnamed = with_header(json!({"kid": null}));
    let other = changed(strangers_jwk(), &json!({"kid": "other"}));
    let encryption = changed(other.clone(), &json!({"use": "enc"}));
    let elliptic = json!({"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"});
    let anonymous = changed(public_jwk(), &json!({"kid": null}));
    let verified = |keys: &[Value]| {
        let result = crate::support::verify_at(&unnamed, &key_set_of(keys), crate::support::now());
        result.1.map_or_else(|error| error.code(), |_| "verified")
    };
    assert_eq!(verified(&[public_jwk()]), "verified");
    assert_eq!(verified(std::slice::from_ref(&anonymous)), "verified");
    assert_eq!(
        verified(&[elliptic.clone(), public_jwk(), encryption.clone()]),
        "verified"
    );
    assert_eq!(verified(&[public_jwk(), other.clone()]), "ambiguous_key");
    assert_eq!(verified(&[other, public_jwk()]), "ambiguous_key");
    assert_eq!(verified(&[public_jwk(), public_jwk()]), "ambiguous_key");
    assert_eq!(verified(&[elliptic, encryption]), "key_not_found");
    // A key without a `kid` is not found by one.
    assert_eq!(
        refused_by(&token(), &key_set_of(&[anonymous])).code(),
        "key_not_found"
    );
}

/// Rule (The token): The signature is the issuer's in every octet; one that is truncated, all zero,
/// longer than the modulus or above it is rejected → `bad_signature`
#[test]
fn every_octet_of_the_signature_counts() {
    let good = token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let octets = decode(signature);
    assert_eq!(octets.len(), 256);
    for index in 0..octets.len() {
        let mut damaged = octets.clone();
        damaged[index] ^= 1 << (index % 8);
        let token = format!("{input}.{}", encode(damaged));
        assert_eq!(refused(&token), TokenError::BadSignature, "octet {index}");
    }
}

/// Rule (The token): The signature is the issuer's in every octet; one that is truncated, all zero,
/// longer than the modulus or above it is rejected → `bad_signature`
#[test]
fn a_signature_of_another_length_or_value_is_refused() {
    let good = token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let octets = decode(signature);
    let modulus = decode(public_jwk()["n"].as_str().unwrap());
    let mut modulus_less_one = modulus.clone();
    *modulus_less_one.last_mut().unwrap() -= 1;
    let one = [vec![0; 255], vec![1]].concat();
    for (what, other) in [
        ("nothing", vec![]),
        ("one octet", vec![1]),
        ("the first octet cut off", octets[1..].to_vec()),
        ("the last octet cut off", octets[..255].to_vec()),
        ("half", octets[..128].to_vec()),
        ("a leading zero", [&[0][..], &octets].concat()),
        ("a trailing zero", [&octets[..], &[0]].concat()),
        ("twice", [&octets[..], &octets].concat()),
        ("all zero", vec![0; 256]),
        ("all ones", vec![0xff; 256]),
        ("the number one", one),
        ("the modulus", modulus.clone()),
        ("the modulus less one", modulus_less_one),
        ("reversed", octets.iter().rev().copied().collect()),
        ("as long as a 4096-bit key's", vec![0x5a; 512]),
        ("as long as may be", vec![0x5a; 8_000]),
    ] {
        let token = format!("{input}.{}", encode(other));
        assert_eq!(refused(&token), TokenError::BadSignature, "{what}");
    }
}

/// The signature plus the modulus has the same remainder: another encoding of a valid signature,
/// rejected as out of range by RFC 8017 §5.2.2.
///
/// Rule (The token): The signature is the issuer's in every octet; one that is truncated, all zero,
/// longer than the modulus or above it is rejected → `bad_signature`
#[test]
fn a_signature_above_the_modulus_is_refused() {
    let modulus = decode(public_jwk()["n"].as_str().unwrap());
    let mut seen = 0;
    for jti in 0..16 {
        let good = sign(&header().to_string(), &claims_with(json!({ "jti": jti })));
        let (input, signature) = good.rsplit_once('.').unwrap();
        let (carry, sum) = add(&decode(signature), &modulus);
        // 257 octets with a carry; otherwise the normal length.
        let other = if carry {
            [&[1][..], &sum].concat()
        } else {
            sum
        };
        seen |= 1 << u8::from(carry);
        assert_eq!(
            refused(&format!("{input}.{}", encode(other))),
            TokenError::BadSignature,
            "{jti}"
        );
    }
    assert_eq!(seen, 0b11, "both lengths were tried");
}

/// The sum of two big-endian numbers of equal length, and whether it overflows.
fn add(a: &[u8], b: &[u8]) -> (bool, Vec<u8>) {
    let mut sum = vec![0; a.len()];
    let mut carry = 0;
    for index in (0..a.len()).rev() {
        let digit = u16::from(a[index]) + u16::from(b[index]) + carry;
        sum[index] = digit.to_le_bytes()[0];
        carry = digit >> 8;
    }
    (carry > 0, sum)
}

/// A signature is only valid for the token it was made for.
///
/// Rule (The token): The signature is the issuer's in every octet; one that is truncated, all zero,
/// longer than the modulus or above it is rejected → `bad_signature`
#[test]
fn a_signature_is_not_transferable() {
    let (one, other) = (token(), with_header(json!({"typ": "JWT"})));
    let (input, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(
        refused(&format!("{input}.{signature}")),
        TokenError::BadSignature
    );
    assert_eq!(code(&one), "verified");
    assert!(!key_set().is_empty());
}
