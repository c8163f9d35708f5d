//! The examples of the standards and of Constant Contact's documentation.

use crate::{
    code_support::id_token,
    support::{expectations, key_set, key_set_of, now, token},
};
use cc_connect_core::{
    constant_contact::{self, ACCESS_TOKEN_TYPES, Circumstances},
    jose::{Expectations, JwkSet, TokenError, UnverifiedJwt, error::Malformation, verify},
    oauth::{
        AuthorizationResponse, CapturedResponse, Nonce, Scope, access_token_response,
        parameters::{Parameters, ParametersError},
    },
    report::{CheckName, Outcome, Report},
    session::stored,
    time::Timestamp,
};
use serde_json::{Value, json};

const JWS: &str = include_str!("../vectors/rfc7515-a2.jws");
const ACCESS_TOKEN: &str = include_str!("../vectors/documentation-access-token.txt");
const ID_TOKEN: &str = include_str!("../vectors/documentation-id-token.txt");
const KEYS_2022: &str = include_str!("../vectors/jwks-2022-06-25.json");

fn rfc7515_a2_keys() -> JwkSet {
    let jwk: Value = serde_json::from_str(include_str!("../vectors/rfc7515-a2-jwk.json")).unwrap();
    key_set_of(&[json!({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})])
}

fn outcome(report: &Report, name: CheckName) -> Outcome {
    let mut checks = report.checks().iter();
    checks.find(|check| check.name == name).unwrap().outcome
}

/// The signature of RFC 7515 A.2 verifies; its claims (`iss` joe, no `aud`) then fail, as they
/// should.
///
/// Rule (The token): A genuine signature is accepted: that of RFC 7515 A.2, and those of other
/// implementations
#[test]
fn rfc_7515_a2_signature_verifies() {
    let expectations = Expectations {
        types: ACCESS_TOKEN_TYPES,
        issuer: "joe".to_owned(),
        audience: "nobody".to_owned(),
        max_lifetime: verify::MAX_LIFETIME,
    };
    let now = Timestamp::from_unix_seconds(1_300_819_000);
    let (report, result) = verify(JWS.trim(), &rfc7515_a2_keys(), &expectations, now, now);
    assert_eq!(outcome(&report, CheckName::Signature), Outcome::Passed);
    assert_eq!(outcome(&report, CheckName::Issuer), Outcome::Passed);
    assert_eq!(outcome(&report, CheckName::Audience), Outcome::Failed);
    assert_eq!(result.unwrap_err(), TokenError::MissingClaim("aud"));
}

#[test]
fn rfc_7515_a2_signature_with_one_bit_flipped_does_not() {
    let jws = JWS.trim();
    let (input, signature) = jws.rsplit_once('.').unwrap();
    // The first character holds the top six bits; `c` is 28, `d` is 29.
    let flipped = format!("{input}.d{}", &signature[1..]);
    assert_ne!(flipped, jws);
    let now = Timestamp::from_unix_seconds(1_300_819_000);
    let (_, result) = verify(&flipped, &rfc7515_a2_keys(), &expectations(), now, now);
    assert_eq!(result.unwrap_err(), TokenError::BadSignature);
}

/// RFC 7515 A.5: the unsecured JWS, `alg` none.
///
/// Rule (The token): `alg` is RS256 and nothing else (RFC 8725 §3.1): not `none` →
/// `unsupported_algorithm`
#[test]
fn rfc_7515_a5_unsecured_is_refused_for_its_algorithm() {
    let unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    let (_, result) = verify(unsecured, &rfc7515_a2_keys(), &expectations(), now(), now());
    assert_eq!(
        result.unwrap_err(),
        TokenError::UnsupportedAlgorithm("none".to_owned())
    );
}

/// The JOSE cookbook (RFC 7520 §4) and RFC 7515 A.3: each signature is valid under the key next to
/// it, but only the RS256 one is even checked. It verifies, but its payload is not a claims set.
///
/// Rule (The token): RS384, RS512, PS256 and ES256 are rejected, however well signed
#[test]
fn the_jose_cookbook() {
    let examples: Value =
        serde_json::from_str(include_str!("../vectors/jws-examples.json")).unwrap();
    let examples = examples.as_array().unwrap();
    assert_eq!(examples.len(), 6);
    for example in examples {
        let algorithm = example["alg"].as_str().unwrap().to_owned();
        let keys = key_set_of(std::slice::from_ref(&example["jwk"]));
        let compact = example["compact"].as_str().unwrap();
        let (report, result) = verify(compact, &keys, &expectations(), now(), now());
        let ours = algorithm == "RS256";
        let passed = outcome(&report, CheckName::Signature) == Outcome::Passed;
        assert_eq!(passed, ours, "{}", example["section"]);
        let expected = if ours {
            TokenError::MalformedClaims
        } else {
            TokenError::UnsupportedAlgorithm(algorithm)
        };
        assert_eq!(result.unwrap_err(), expected);
    }
}

/// RFC 7516 A.1 has five parts: encrypted, not signed.
///
/// Rule (The token): Three parts: not two, four or five (RFC 7515 §7.1); no other serialization,
/// nothing encrypted, no token in a token → `malformed_token`
#[test]
fn rfc_7516_a1_encrypted_is_refused_for_its_form() {
    let error = UnverifiedJwt::parse("eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d").unwrap_err();
    assert_eq!(error, TokenError::Malformed(Malformation::PartCount(5)));
}

/// RFC 6749 §4.2.2: the example of a successful response, whose `token_type` is not `Bearer`.
///
/// Rule (The response): `token_type` is `Bearer`, in any case → `unsupported_token_type`
#[test]
fn rfc_6749_access_token_response_example() {
    let captured = CapturedResponse {
        fragment:
            "access_token=2YotnFZFEjr1zCsicMWpAA&state=xyz&token_type=example&expires_in=3600"
                .to_owned(),
        query: String::new(),
    };
    let response = AuthorizationResponse::parse(&captured).unwrap();
    assert_eq!(response.state(), Some("xyz"));
}

/// RFC 6749 §4.2.2.1: the example of an error response.
#[test]
fn rfc_6749_error_response_example() {
    let parameters = Parameters::parse("error=access_denied&state=xyz").unwrap();
    assert_eq!(parameters.get("error"), Some("access_denied"));
    assert_eq!(parameters.get("state"), Some("xyz"));
}

/// RFC 6749 appendix B: the example of the encoding.
///
/// Rule (The response): The response is decoded exactly once
#[test]
fn rfc_6749_appendix_b_example() {
    let parameters = Parameters::parse("v=+%25%26%2B%C2%A3%E2%82%AC").unwrap();
    assert_eq!(parameters.get("v"), Some(" %&+£€"));
    assert_eq!(
        Parameters::parse("v=%A3").unwrap_err(),
        ParametersError::Malformed
    );
}

/// RFC 6749 §3.3: a scope is a set of space-delimited words.
///
/// Rule (The response): What decides nothing rejects nothing: `expires_in` and `scope` are left out
/// if they cannot be read
#[test]
fn rfc_6749_scope_grammar() {
    assert_eq!(Scope::parse("b a").unwrap().to_string(), "a b");
    for bad in ["", " ", "a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "é"] {
        assert!(Scope::parse(bad).is_err(), "{bad:?}");
    }
}

/// The documentation's sample is well-formed but signed with a key that has been rotated out.
#[test]
fn documented_access_token_meets_key_not_found_in_the_key_set_of_2022() {
    let keys = JwkSet::parse(KEYS_2022).unwrap();
    assert_eq!(keys.len(), 2);
    let nonce = Nonce::new("n".to_owned());
    let circumstances = Circumstances {
        client_id: "cc94c2d6-6e70-426c-afd1-71c8fa5f4890",
        nonce: &nonce,
        requested_at: Timestamp::from_unix_seconds(1_644_427_770),
    };
    let now = Timestamp::from_unix_seconds(1_644_427_780);
    let (report, result) = constant_contact::verify_access_token(
        ACCESS_TOKEN.trim(),
        &keys,
        &expectations(),
        circumstances,
        now,
    );
    let error = result.unwrap_err();
    assert_eq!(error.code(), "key_not_found");
    assert!(!report.is_complete());
}

/// Neither key of the set verifies it: a `kid` is not just a label.
#[test]
fn documented_access_token_does_not_verify_under_either_key_of_2022() {
    let set: Value = serde_json::from_str(KEYS_2022).unwrap();
    for key in set["keys"].as_array().unwrap() {
        let keys = key_set_of(&[json!({
            "kty": "RSA", "n": key["n"], "e": key["e"],
            "kid": "3H7KUZdH9r58zEUCK3X2Tuoj4J5tzWVP_EELPL7z_xc",
        })]);
        let now = Timestamp::from_unix_seconds(1_644_427_780);
        let (_, result) = verify(ACCESS_TOKEN.trim(), &keys, &expectations(), now, now);
        assert_eq!(result.unwrap_err(), TokenError::BadSignature);
    }
}

/// Rule (The token): An ID token is not accepted as an access token (RFC 8725 §3.12)
#[test]
fn documented_id_token_is_refused_for_its_algorithm() {
    let keys = JwkSet::parse(KEYS_2022).unwrap();
    let (_, result) = verify(ID_TOKEN.trim(), &keys, &expectations(), now(), now());
    assert_eq!(
        result.unwrap_err(),
        TokenError::UnsupportedAlgorithm("HS256".to_owned())
    );
}

/// `expires_in` is a duration, whatever the documentation's examples look like.
#[test]
fn documented_spellings_of_expires_in() {
    for (text, expected) in [
        ("28800", Some(28_800)),
        ("\"28800\"", Some(28_800)),
        ("7200", Some(7_200)),
    ] {
        assert_eq!(access_token_response::parse_seconds(text), expected);
    }
}

/// The files that the examples of the documentation read are what these tests sign.
#[test]
fn the_examples_of_the_documentation_have_our_tokens() {
    let access_token = include_str!("../vectors/access-token.jws").trim();
    assert_eq!(access_token, token());
    let id_token_of_it = include_str!("../vectors/id-token.jws").trim();
    assert_eq!(id_token_of_it, id_token(access_token, json!({})));
    let keys = include_str!("../vectors/key-set.json");
    assert_eq!(JwkSet::parse(keys).unwrap(), key_set());
    let record = include_str!("../vectors/stored-token.json");
    let restored = stored::read_token(record).unwrap();
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(record["access_token"], access_token);
    assert_eq!(
        stored::write_token(&restored).parse::<Value>().unwrap(),
        record
    );
}
