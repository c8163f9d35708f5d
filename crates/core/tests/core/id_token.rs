//! ID tokens: OpenID Connect Core §3.1.3.7 point by point, each rejection with its own code.

use crate::support::page;
use crate::{
    code_support::{
        self, answer, asking_with_openid, connected_from, connected_with, exchanged,
        exchanging_with_openid, hash_of, id_claims, id_token, keys, pending, refreshed, restored,
        token_of,
    },
    session::Bench,
    support::{
        self, AUDIENCE, CLIENT_ID, ISSUER, REQUESTED, STRANGERS_KEY, at, changed, claims_with,
        encode, header, key_set, key_set_of, loaded_keys, public_jwk, requested, sign, sign_input,
        sign_with, strangers_jwk, token, with_claims,
    },
};
use cc_connect_core::{
    constant_contact::{self, AccessTokenError},
    jose::{Expectations, JwkSet, TokenError, verify},
    oauth::{AccessToken, IdToken, Nonce},
    openid_connect::{CHECKS, Circumstances, IdTokenClaims, IdTokenError, verify_id_token},
    report::{Outcome, Report},
    session::{Event, LoadedKeys, Phase, Reason, Refusal},
    time::Timestamp,
};
use jwt_compact::alg::Rsa;
use serde_json::{Value, json};

/// The access token of OpenID Connect Core A.4, and its hash as printed there.
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";

fn expectations() -> Expectations {
    support::context().id_token_expectations
}

type Verified = (Report, Result<IdTokenClaims, IdTokenError>);

/// Verifies as the session does; at a refresh, `refresh` is the subject of the first ID token.
fn verify_at(
    token: &str,
    keys: &JwkSet,
    refresh: Option<Option<&str>>,
    now: Timestamp,
) -> Verified {
    let circumstances = Circumstances {
        access_token: &AccessToken::new(ACCESS_TOKEN.to_owned()),
        nonce: &Nonce::new(pending().nonce.expose().to_owned()),
        requested_at: requested(),
        refresh,
    };
    let token = IdToken::new(token.to_owned());
    verify_id_token(&token, keys, &expectations(), circumstances, now)
}

fn verdict((_, result): Verified) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "verified")
}

/// The error code for a new ID token, or `verified`.
fn code(token: &str) -> &'static str {
    verdict(verify_at(token, &key_set(), None, support::now()))
}

/// The same for an ID token returned by a refresh, after a first one with this subject.
fn code_at_refresh(token: &str, first: Option<&str>) -> &'static str {
    verdict(verify_at(token, &key_set(), Some(first), support::now()))
}

fn with(changes: Value) -> String {
    id_token(ACCESS_TOKEN, changes)
}

/// Like [`with`], but `null` is set as the claim's value.
fn with_claim(name: &str, value: Value) -> String {
    let mut claims = id_claims(ACCESS_TOKEN);
    claims[name] = value;
    sign(&header().to_string(), &claims.to_string())
}

fn with_header(changes: Value) -> String {
    sign(
        &changed(header(), &changes).to_string(),
        &id_claims(ACCESS_TOKEN).to_string(),
    )
}

#[test]
fn a_good_id_token_is_verified_and_names_a_person() {
    let (report, result) = verify_at(&with(json!({})), &key_set(), None, support::now());
    assert_eq!(result.unwrap().subject(), "00u1ibx8lhb3amvHR0h8");
    assert!(report.is_complete());
}

/// Point 1: the client did not register for encryption, and five parts mean an encrypted token.
///
/// Rule (The ID token): It is an unencrypted JWT in compact form → `id_token_malformed`
#[test]
fn an_encrypted_one_is_not_read() {
    for text in ["a.b.c.d.e", "", "a", "a.b", "....", "é.é.é"] {
        assert_eq!(code(text), "id_token_malformed", "{text}");
    }
    let signed = with(json!({}));
    assert_eq!(code(&format!("{signed} ")), "id_token_malformed");
    assert_eq!(code(&format!("{signed}.")), "id_token_malformed");
}

/// Point 2.
///
/// Rule (The ID token): Its issuer is the configured one, which may differ from that of access
/// tokens → `id_token_issuer_mismatch`
#[test]
fn the_issuer_is_the_configured_one_exactly() {
    for issuer in [
        format!("{ISSUER}/"),
        ISSUER.to_uppercase(),
        "https://identity.constantcontact.com/oauth2/auszx06o5jRefQ8F40h7".to_owned(),
        "https://authz.constantcontact.com/oauth2/default".to_owned(),
    ] {
        assert_eq!(
            code(&with(json!({"iss": issuer}))),
            "id_token_issuer_mismatch",
            "{issuer}"
        );
    }
    assert_eq!(code(&with(json!({"iss": null}))), "id_token_issuer_missing");
    assert_eq!(
        code(&with_claim("iss", json!([ISSUER]))),
        "id_token_malformed"
    );
}

/// Points 3 to 5: this client and no other audience; `azp`, if present, must be this client too.
///
/// Rule (The ID token): This client is its only audience; `azp`, if present, names this client →
/// `id_token_audience_mismatch`, `id_token_other_audience`, `id_token_authorized_party_missing`,
/// `id_token_authorized_party_mismatch`
#[test]
fn the_audience_is_this_client_alone() {
    let other = "fa8a06dc-b000-475c-aced-55cec5aee325";
    for (changes, expected) in [
        (json!({"aud": CLIENT_ID}), "verified"),
        (json!({"aud": [CLIENT_ID]}), "verified"),
        (json!({"azp": CLIENT_ID}), "verified"),
        (json!({"aud": [CLIENT_ID], "azp": CLIENT_ID}), "verified"),
        (json!({"aud": null}), "id_token_audience_missing"),
        (json!({"aud": []}), "id_token_audience_mismatch"),
        (json!({"aud": other}), "id_token_audience_mismatch"),
        (json!({"aud": [other]}), "id_token_audience_mismatch"),
        (json!({"aud": AUDIENCE}), "id_token_audience_mismatch"),
        (
            json!({"aud": CLIENT_ID.to_uppercase()}),
            "id_token_audience_mismatch",
        ),
        (
            json!({"aud": format!("{CLIENT_ID},{other}")}),
            "id_token_audience_mismatch",
        ),
        (
            json!({"aud": [CLIENT_ID, other]}),
            "id_token_authorized_party_missing",
        ),
        (
            json!({"aud": [CLIENT_ID, other], "azp": other}),
            "id_token_authorized_party_mismatch",
        ),
        (
            json!({"aud": [CLIENT_ID, other], "azp": CLIENT_ID}),
            "id_token_other_audience",
        ),
        (
            json!({"aud": [other, CLIENT_ID], "azp": CLIENT_ID}),
            "id_token_other_audience",
        ),
        (
            json!({"aud": [CLIENT_ID, CLIENT_ID], "azp": CLIENT_ID}),
            "id_token_other_audience",
        ),
        (json!({"azp": other}), "id_token_authorized_party_mismatch"),
        (json!({"azp": ""}), "id_token_authorized_party_mismatch"),
        (
            json!({"azp": [CLIENT_ID]}),
            "id_token_authorized_party_mismatch",
        ),
        (
            json!({"azp": CLIENT_ID.to_uppercase()}),
            "id_token_authorized_party_mismatch",
        ),
    ] {
        assert_eq!(code(&with(changes.clone())), expected, "{changes}");
    }
    assert_eq!(
        code(&with_claim("azp", json!(null))),
        "id_token_authorized_party_mismatch"
    );
    assert_eq!(code(&with_claim("aud", json!(7))), "id_token_malformed");
}

/// Point 6: TLS alone would satisfy the standard, but not this client.
///
/// Rule (The ID token): It is signed by the issuer with RS256; the HS256 of the documentation's
/// sample is rejected → `id_token_unsupported_algorithm`, `id_token_bad_signature`
#[test]
fn the_signature_is_the_issuers() {
    let claims = id_claims(ACCESS_TOKEN).to_string();
    let input = format!("{}.{}", encode(header().to_string()), encode(claims));
    let strangers = sign_input(Rsa::rs256(), &STRANGERS_KEY, input);
    assert_eq!(code(&strangers), "id_token_bad_signature");

    let signed = with(json!({}));
    let (input, signature) = signed.rsplit_once('.').unwrap();
    let other = encode(changed(id_claims(ACCESS_TOKEN), &json!({"sub": "other"})).to_string());
    let head = input.split_once('.').unwrap().0;
    assert_eq!(
        code(&format!("{head}.{other}.{signature}")),
        "id_token_bad_signature"
    );
    assert_eq!(code(&format!("{input}.")), "id_token_bad_signature");

    let unnamed = changed(public_jwk(), &json!({"kid": "other"}));
    let for_encryption = changed(public_jwk(), &json!({"use": "enc"}));
    for (keys, expected) in [
        (vec![strangers_jwk()], "id_token_bad_signature"),
        (vec![unnamed], "id_token_key_not_found"),
        (vec![for_encryption], "id_token_unsuitable_key"),
        (
            vec![public_jwk(), strangers_jwk()],
            "id_token_ambiguous_key",
        ),
    ] {
        let verified = verify_at(&signed, &key_set_of(&keys), None, support::now());
        assert_eq!(verdict(verified), expected);
    }
}

/// Points 7 and 8: RS256, whatever key the issuer may have for another algorithm.
///
/// Rule (The ID token): It is signed by the issuer with RS256; the HS256 of the documentation's
/// sample is rejected → `id_token_unsupported_algorithm`, `id_token_bad_signature`
#[test]
fn the_algorithm_is_rs256() {
    for algorithm in [
        "none", "None", "", "HS256", "HS512", "rs256", "RS384", "RS512", "PS256", "ES256", "EdDSA",
    ] {
        assert_eq!(
            code(&with_header(json!({"alg": algorithm}))),
            "id_token_unsupported_algorithm",
            "{algorithm}"
        );
    }
    for (name, algorithm) in [("RS512", Rsa::rs512()), ("PS256", Rsa::ps256())] {
        let header = changed(header(), &json!({"alg": name})).to_string();
        let token = sign_with(algorithm, &header, &id_claims(ACCESS_TOKEN).to_string());
        assert_eq!(code(&token), "id_token_unsupported_algorithm");
    }
    let unsigned = format!(
        "{}.{}.",
        encode(json!({"alg": "none"}).to_string()),
        encode(id_claims(ACCESS_TOKEN).to_string())
    );
    assert_eq!(code(&unsigned), "id_token_unsupported_algorithm");
    assert_eq!(
        code(&with_header(json!({"crit": ["exp"]}))),
        "id_token_critical_header"
    );
}

/// The documentation's sample is signed with HS256, for which this client has no secret.
///
/// Rule (The ID token): It is signed by the issuer with RS256; the HS256 of the documentation's
/// sample is rejected → `id_token_unsupported_algorithm`, `id_token_bad_signature`
#[test]
fn the_sample_of_the_documentation_is_refused() {
    let sample = include_str!("../vectors/documentation-id-token.txt").trim();
    let (report, result) = verify_at(sample, &key_set(), None, at(1_644_857_848));
    assert_eq!(
        result.unwrap_err(),
        IdTokenError::Token(TokenError::UnsupportedAlgorithm("HS256".to_owned()))
    );
    assert_eq!(code(sample), "id_token_unsupported_algorithm");
    assert_eq!(failed(&report), Some("alg"));
}

/// Points 9 and 10, with exactly the allowed leeway.
///
/// Rule (The ID token): `exp` and `iat` are within their bounds → `id_token_expired`,
/// `id_token_issued_in_the_future`
#[test]
fn the_times_have_their_bounds() {
    let issued = REQUESTED + 2;
    for (changes, expected) in [
        (json!({"exp": null}), "id_token_expiry_missing"),
        (json!({"iat": null}), "id_token_issued_at_missing"),
        (
            json!({"iat": REQUESTED - 300, "exp": issued - 59}),
            "verified",
        ),
        (
            json!({"iat": REQUESTED - 300, "exp": issued - 60}),
            "id_token_expired",
        ),
        (json!({"iat": issued + 300}), "verified"),
        (
            json!({"iat": issued + 301}),
            "id_token_issued_in_the_future",
        ),
        (
            json!({"iat": REQUESTED - 301}),
            "id_token_issued_before_request",
        ),
        (json!({"nbf": issued + 60}), "verified"),
        (json!({"nbf": issued + 61}), "id_token_not_yet_valid"),
        (json!({"exp": issued + 86_460}), "verified"),
        (
            json!({"exp": issued + 86_461}),
            "id_token_lifetime_too_long",
        ),
        (json!({"exp": "soon"}), "id_token_malformed"),
        (json!({"iat": -1}), "id_token_malformed"),
    ] {
        assert_eq!(code(&with(changes.clone())), expected, "{changes}");
    }
}

/// Point 11.
///
/// Rule (The ID token): `nonce` is the one that was sent; in a renewal it may be absent →
/// `id_token_nonce_missing`, `id_token_nonce_mismatch`
#[test]
fn the_nonce_is_the_one_sent() {
    let nonce = pending().nonce.expose().to_owned();
    for (changes, expected) in [
        (json!({"nonce": nonce}), "verified"),
        (json!({"nonce": null}), "id_token_nonce_missing"),
        (json!({"nonce": "860825603"}), "id_token_nonce_mismatch"),
        (json!({"nonce": ""}), "id_token_nonce_mismatch"),
        (json!({"nonce": 860_825_603}), "id_token_nonce_mismatch"),
        (json!({"nonce": [nonce]}), "id_token_nonce_mismatch"),
        (
            json!({"nonce": nonce.to_lowercase()}),
            "id_token_nonce_mismatch",
        ),
        (
            json!({"nonce": format!("{nonce} ")}),
            "id_token_nonce_mismatch",
        ),
        (json!({"nonce": nonce[1..]}), "id_token_nonce_mismatch"),
    ] {
        assert_eq!(code(&with(changes.clone())), expected, "{changes}");
    }
    assert_eq!(
        code(&with_claim("nonce", json!(null))),
        "id_token_nonce_mismatch"
    );
}

/// §12.2: a refreshed ID token should omit the nonce; if present, it must be the original one.
///
/// Rule (The ID token): `nonce` is the one that was sent; in a renewal it may be absent →
/// `id_token_nonce_missing`, `id_token_nonce_mismatch`
#[test]
fn at_a_refresh_the_nonce_may_be_absent_and_not_another() {
    let first = Some("00u1ibx8lhb3amvHR0h8");
    for (changes, expected) in [
        (json!({"nonce": null}), "verified"),
        (json!({}), "verified"),
        (json!({"nonce": "other"}), "id_token_nonce_mismatch"),
        (json!({"nonce": ""}), "id_token_nonce_mismatch"),
    ] {
        assert_eq!(
            code_at_refresh(&with(changes.clone()), first),
            expected,
            "{changes}"
        );
    }
}

/// Rule (The ID token): In a renewal it names the same user → `id_token_subject_mismatch`,
/// `id_token_subject_missing`
#[test]
fn at_a_refresh_the_person_is_the_same() {
    for (first, expected) in [
        (Some("00u1ibx8lhb3amvHR0h8"), "verified"),
        // The first response had no ID token, so there is no subject to compare with.
        (None, "verified"),
        (Some("other"), "id_token_subject_mismatch"),
        (Some("00U1IBX8LHB3AMVHR0H8"), "id_token_subject_mismatch"),
        (Some(""), "id_token_subject_mismatch"),
    ] {
        assert_eq!(
            code_at_refresh(&with(json!({"nonce": null})), first),
            expected,
            "{first:?}"
        );
    }
    for sub in [json!(null), json!("")] {
        assert_eq!(code(&with_claim("sub", sub)), "id_token_subject_missing");
    }
    assert_eq!(code(&with_claim("sub", json!(7))), "id_token_malformed");
}

/// §3.1.3.6, with the example of appendix A.4.
///
/// Rule (The ID token): `at_hash`, if present, is that of the access token that came with it →
/// `id_token_hash_mismatch`
#[test]
fn at_hash_is_of_the_access_token_that_came_with_it() {
    assert_eq!(hash_of(ACCESS_TOKEN), AT_HASH);
    for (changes, expected) in [
        (json!({"at_hash": AT_HASH}), "verified"),
        (json!({"at_hash": null}), "verified"),
        (
            json!({"at_hash": hash_of("another")}),
            "id_token_hash_mismatch",
        ),
        (json!({"at_hash": ""}), "id_token_hash_mismatch"),
        (json!({"at_hash": 7}), "id_token_hash_mismatch"),
        (json!({"at_hash": [AT_HASH]}), "id_token_hash_mismatch"),
        (
            json!({"at_hash": format!("{AT_HASH}==")}),
            "id_token_hash_mismatch",
        ),
        (json!({"at_hash": AT_HASH[..21]}), "id_token_hash_mismatch"),
        // The whole digest instead of its left half.
        (
            json!({"at_hash": encode(<sha2::Sha256 as sha2::Digest>::digest(ACCESS_TOKEN))}),
            "id_token_hash_mismatch",
        ),
    ] {
        assert_eq!(code(&with(changes.clone())), expected, "{changes}");
    }
    assert_eq!(
        code(&with_claim("at_hash", json!(null))),
        "id_token_hash_mismatch"
    );
}

/// RFC 8725 §3.12: neither kind of token is accepted as the other, although one key signs both.
///
/// Rule (The ID token): An access token is not accepted as an ID token, nor the reverse (RFC 8725
/// §3.12)
#[test]
fn an_access_token_is_no_id_token_and_the_reverse() {
    assert_eq!(code(&token()), "id_token_audience_mismatch");
    for r#type in [
        "at+jwt",
        "application/at+jwt",
        "AT+JWT",
        "application/okta-internal-at+jwt",
        "application/jwt",
        "logout+jwt",
        "",
    ] {
        assert_eq!(
            code(&with_header(json!({"typ": r#type}))),
            "id_token_unsupported_type",
            "{type}"
        );
    }
    for r#type in [json!("JWT"), json!("jwt"), json!(null)] {
        assert_eq!(code(&with_header(json!({"typ": r#type}))), "verified");
    }
    // An access token whose audience also includes this client.
    assert_eq!(
        code(&with_claims(json!({"aud": [AUDIENCE, CLIENT_ID]}))),
        "id_token_authorized_party_missing"
    );
    assert_eq!(
        code(&with_claims(json!({"aud": CLIENT_ID}))),
        "id_token_nonce_missing"
    );
    assert_eq!(support::code(&with(json!({}))), "audience_mismatch");
}

fn failed(report: &Report) -> Option<&'static str> {
    let mut checks = report.checks().iter();
    let failed = checks.find(|check| check.outcome == Outcome::Failed);
    failed.map(|check| check.name.as_str())
}

/// Every check in order, once; none runs after the first failure.
///
/// Rule (The ID token): The report of its checks is complete
#[test]
fn the_report_is_whole_whatever_comes_of_it() {
    let names: Vec<&str> = cc_connect_core::jose::verify::CHECKS
        .iter()
        .chain(CHECKS)
        .map(|name| name.as_str())
        .collect();
    for (token, name) in [
        (with(json!({})), None),
        ("x".to_owned(), Some("compact")),
        (with_header(json!({"typ": "at+jwt"})), Some("typ")),
        (with_header(json!({"alg": "HS256"})), Some("alg")),
        (with_header(json!({"kid": "other"})), Some("kid")),
        (with(json!({"iss": "x"})), Some("iss")),
        (with(json!({"sub": null})), Some("sub")),
        (with(json!({"azp": "x"})), Some("azp")),
        (
            with(json!({"azp": CLIENT_ID, "aud": [CLIENT_ID, "x"]})),
            Some("only_aud"),
        ),
        (with(json!({"nonce": "x"})), Some("id_nonce")),
        (with(json!({"at_hash": "x"})), Some("at_hash")),
    ] {
        let (report, result) = verify_at(&token, &key_set(), None, support::now());
        assert_eq!(result.is_ok(), name.is_none());
        assert_eq!(report.is_complete(), name.is_none());
        assert_eq!(failed(&report), name);
        let found: Vec<&str> = report
            .checks()
            .iter()
            .map(|check| check.name.as_str())
            .collect();
        assert_eq!(found, names, "{name:?}");
        let after = report
            .checks()
            .iter()
            .skip_while(|check| check.outcome != Outcome::Failed)
            .skip(1);
        for check in after {
            assert_eq!(check.outcome, Outcome::NotReached, "{}", check.name);
        }
    }
    let (report, _) = verify_at(
        &with(json!({})),
        &key_set(),
        Some(Some("x")),
        support::now(),
    );
    assert_eq!(failed(&report), Some("same_sub"));
}

#[test]
fn what_an_id_token_need_not_have_is_not_applicable() {
    let outcomes = |token: &str, refresh| {
        let (report, result) = verify_at(token, &key_set(), refresh, support::now());
        assert!(result.is_ok());
        let last = report.checks()[report.checks().len() - CHECKS.len()..].iter();
        last.map(|check| (check.outcome, check.found.clone().unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let passed = |found: &str| (Outcome::Passed, found.to_owned());
    let none = (Outcome::NotApplicable, String::new());
    assert_eq!(
        outcomes(&with(json!({})), None),
        [
            none.clone(),
            passed(CLIENT_ID),
            passed(""),
            passed(AT_HASH),
            none.clone()
        ]
    );
    assert_eq!(
        outcomes(
            &with(json!({"azp": CLIENT_ID, "nonce": null, "at_hash": null})),
            Some(Some("00u1ibx8lhb3amvHR0h8"))
        ),
        [
            passed(CLIENT_ID),
            passed(CLIENT_ID),
            none.clone(),
            none,
            passed("")
        ]
    );
}

/// The first failure is reported, in the order of the checks.
///
/// Rule (The ID token): The report of its checks is complete
#[test]
fn the_order_of_the_checks() {
    let mut claims = json!({
        "iss": "x", "aud": [CLIENT_ID, "x"], "exp": 1, "iat": REQUESTED + 2, "azp": "x",
        "nonce": "x", "at_hash": "x", "sub": "other",
    });
    for (expected, mended) in [
        ("id_token_issuer_mismatch", json!({"iss": ISSUER})),
        ("id_token_expired", json!({"exp": REQUESTED + 3_600})),
        (
            "id_token_authorized_party_mismatch",
            json!({"azp": CLIENT_ID}),
        ),
        ("id_token_other_audience", json!({"aud": CLIENT_ID})),
        ("id_token_nonce_mismatch", json!({"nonce": null})),
        ("id_token_hash_mismatch", json!({"at_hash": null})),
        (
            "id_token_subject_mismatch",
            json!({"sub": "00u1ibx8lhb3amvHR0h8"}),
        ),
    ] {
        let token = sign(&header().to_string(), &claims.to_string());
        let first = Some("00u1ibx8lhb3amvHR0h8");
        assert_eq!(code_at_refresh(&token, first), expected);
        claims = changed(claims, &mended);
    }
    let token = sign(&header().to_string(), &claims.to_string());
    assert_eq!(
        code_at_refresh(&token, Some("00u1ibx8lhb3amvHR0h8")),
        "verified"
    );
}

/// ID token errors and access token errors have distinct codes.
///
/// Rule (The ID token): An invalid ID token rejects the access token that came with it
#[test]
fn every_code_says_which_of_the_two_tokens_is_meant() {
    let errors = [
        TokenError::MalformedClaims,
        TokenError::MalformedClaim("exp"),
        TokenError::CriticalHeader,
        TokenError::BadSignature,
        TokenError::MissingClaim("exp"),
        TokenError::WeakKey { bits: 1_024 },
        TokenError::LifetimeOutOfRange { seconds: -1 },
    ];
    for error in errors {
        assert!(!error.code().starts_with("id_token"));
        assert!(IdTokenError::Token(error).code().starts_with("id_token_"));
    }
}

fn openid(access_token: &str, id_token: Option<String>) -> Value {
    answer(
        access_token,
        json!({
            "scope": "account_read openid offline_access",
            "id_token": id_token.map_or(Value::Null, Value::from),
        }),
    )
}

fn refused(bench: &Bench) -> (&'static str, Report) {
    match bench.session.phase() {
        Phase::NotConnected(state) => match &state.reason {
            Reason::TokenRefused { error, report } => (error.code(), report.clone()),
            reason => panic!("{reason:?}"),
        },
        _ => panic!("{}", bench.phase()),
    }
}

#[test]
fn a_connection_keeps_what_was_verified_with_it() {
    let access_token = token();
    let bench = connected_from(
        exchanging_with_openid(),
        &access_token,
        json!({"id_token": id_token(&access_token, json!({}))}),
    );
    let verified = bench.session.token().unwrap();
    let id_token = verified.id_token().unwrap();
    assert_eq!(id_token.claims.subject(), "00u1ibx8lhb3amvHR0h8");
    assert!(id_token.report.is_complete());
    assert!(constant_contact::is_proof(verified.report()));
}

/// The access token is valid but its ID token is not, so there is no connection.
///
/// Rule (The ID token): An invalid ID token rejects the access token that came with it
#[test]
fn a_bad_id_token_refuses_the_access_token_that_it_came_with() {
    let access_token = token();
    for (id_token, code, check) in [
        (
            id_token(&access_token, json!({"nonce": "other"})),
            "id_token_nonce_mismatch",
            "id_nonce",
        ),
        (
            id_token("another", json!({})),
            "id_token_hash_mismatch",
            "at_hash",
        ),
        (access_token.clone(), "id_token_audience_mismatch", "aud"),
        (
            id_token(&access_token, json!({"aud": "other"})),
            "id_token_audience_mismatch",
            "aud",
        ),
        (
            include_str!("../vectors/documentation-id-token.txt")
                .trim()
                .to_owned(),
            "id_token_unsupported_algorithm",
            "alg",
        ),
    ] {
        let mut bench = exchanging();
        bench.send(exchanged(&openid(&access_token, Some(id_token))));
        assert!(bench.send(keys()).is_empty());
        let (found, report) = refused(&bench);
        assert_eq!((found, failed(&report)), (code, Some(check)));
    }
}

/// The access token is verified first: its errors come before those of the ID token.
///
/// Rule (The ID token): An access token is not accepted as an ID token, nor the reverse (RFC 8725
/// §3.12)
#[test]
fn an_id_token_in_place_of_the_access_token_is_refused() {
    let good = id_token("x", json!({"at_hash": null}));
    let mut bench = exchanging();
    bench.send(exchanged(&openid(&good, Some(good.clone()))));
    assert!(bench.send(keys()).is_empty());
    assert_eq!(refused(&bench).0, "audience_mismatch");
}

/// §3.1.3.3: if `openid` was requested and granted, the code exchange returns an ID token. Not in
/// the implicit grant, which has nowhere to put it here; not at a refresh (§12.2); not from
/// storage, where it never was.
///
/// Rule (The ID token): If `openid` was requested and granted with a code, it is required →
/// `id_token_missing`
#[test]
fn a_missing_id_token_is_noticed_where_there_must_be_one() {
    let mut bench = exchanging();
    bench.send(exchanged(&openid(&token(), None)));
    assert!(bench.send(keys()).is_empty());
    let (code, report) = refused(&bench);
    assert_eq!(code, "id_token_missing");
    assert!(report.checks().is_empty());

    // No `scope` in the response: everything requested was granted.
    let mut bench = exchanging();
    bench.send(exchanged(&answer(&token(), json!({"scope": null}))));
    bench.send(keys());
    assert_eq!(refused(&bench).0, "id_token_missing");

    // Not granted; not requested.
    for exchanging in [exchanging(), code_support::exchanging()] {
        let bench = connected_from(exchanging, &token(), json!({"scope": "account_read"}));
        assert!(bench.session.token().unwrap().id_token().is_none());
    }

    // The implicit grant.
    let mut bench = Bench::new();
    let state = pending_of_the_implicit_grant().state.expose().to_owned();
    let fragment = format!(
        "access_token={}&token_type=Bearer&scope=account_read+openid&state={state}",
        token()
    );
    bench.send(Event::Returned(Box::new(
        cc_connect_core::session::Returned::Response {
            response: crate::code_support::response(&fragment, ""),
            pending: Ok(pending_of_the_implicit_grant()),
        },
    )));
    bench.send(keys());
    assert_eq!(bench.phase(), "connected", "{}", bench.code());

    // A refresh.
    let mut bench = asking();
    let renewed = token_of(bench.now);
    bench.send(refreshed(&openid(&renewed, None)));
    assert!(bench.send(keys()).is_empty());
    assert_eq!(bench.phase(), "connected", "{}", bench.code());

    // A reload.
    let mut bench = crate::code_support::bench();
    bench.send(restored(
        &token(),
        json!({"scope": "account_read openid", "id_token": id_token(&token(), json!({}))}),
    ));
    assert_eq!(bench.send(keys()), ["remember geeksquad"]);
    assert_eq!(bench.phase(), "connected", "{}", bench.code());
    assert!(bench.session.token().unwrap().id_token().is_none());
}

/// C7: if `openid` was not requested, an ID token is neither read nor missed, whatever its value
/// and whatever the response's `scope`: unrequested members are ignored (RFC 6749 §5.1).
///
/// Rule (The ID token): If `openid` was not requested, it is neither read nor required
#[test]
fn an_id_token_that_nobody_asked_for_is_ignored() {
    let access_token = token();
    let sample = include_str!("../vectors/documentation-id-token.txt").trim();
    let good = id_token(&access_token, json!({}));
    let requested = "account_read campaign_data contact_data offline_access";
    let widened = format!("{requested} openid email profile");
    for scope in [json!(null), json!(requested), json!(widened)] {
        for id_token in [
            json!(null),
            json!(""),
            json!(sample),
            json!(good),
            json!("no token"),
            json!(7),
            json!({"a": ["b"]}),
        ] {
            let changes = json!({"scope": scope, "id_token": id_token});
            let mut bench = connected_with(&access_token, changes.clone());
            let connected = bench.session.token().unwrap();
            assert!(connected.id_token().is_none(), "{changes}");
            assert!(connected.grant().withheld().is_empty(), "{changes}");
            assert!(connected.grant().unasked().is_empty(), "{changes}");

            // The same at a renewal.
            let due = connected.expires_at().plus_seconds(-300);
            bench.now = due;
            assert_eq!(bench.tick(0, true), ["refresh"]);
            let renewed = token_of(bench.now);
            bench.send(refreshed(&answer(&renewed, changes.clone())));
            assert!(bench.send(keys()).is_empty(), "{changes}");
            assert_eq!(bench.phase(), "connected", "{}", bench.code());
            let connected = bench.session.token().unwrap();
            assert!(connected.id_token().is_none(), "{changes}");
        }
    }
}

/// Strict, because it matters: if `openid` was requested, a non-string is not an ID token.
///
/// Rule (The ID token): If it was requested, only a string is accepted as an ID token
#[test]
fn an_id_token_that_was_asked_for_is_read_strictly() {
    for wrong in [json!(7), json!(["a.b.c"]), json!({"a": "b"}), json!(true)] {
        let changes = json!({"id_token": wrong});
        let mut bench = exchanging();
        bench.send(exchanged(&answer(&token(), changes.clone())));
        assert!(bench.send(keys()).is_empty());
        assert_eq!(refused(&bench).0, "id_token_malformed", "{wrong}");

        let mut bench = asking();
        bench.send(refreshed(&answer(&token_of(bench.now), changes)));
        assert_eq!(bench.send(keys()), ["erase token"]);
        assert_eq!(refused(&bench).0, "id_token_malformed", "{wrong}");
    }
}

/// S1: servers differ in whether they list technical scopes. If the token arrived, they were
/// granted, and they are never reported as missing or as excessive.
///
/// Rule (The response): If less is granted than a page needs and requested, it connects and reports
/// that; technical scopes (`openid`, `offline_access`) are not permissions → `scope_narrowed`
#[test]
fn a_server_may_list_the_permissions_of_its_api_alone() {
    let access_token = token();
    let api = "account_read campaign_data contact_data";
    for id in [None, Some(id_token(&access_token, json!({})))] {
        let came = id.is_some();
        let changes = json!({"scope": api, "id_token": id});
        let bench = connected_from(exchanging(), &access_token, changes);
        let token = bench.session.token().unwrap();
        assert!(token.requested().contains("openid"));
        assert_eq!(token.granted().contains("openid"), came);
        assert!(token.granted().contains("offline_access"));
        assert!(token.grant().withheld().is_empty());
        assert!(token.grant().unasked().is_empty());
    }
    // Even without a refresh token in the response.
    let bench = connected_with(&access_token, json!({"scope": api, "refresh_token": null}));
    let token = bench.session.token().unwrap();
    assert!(!token.granted().contains("offline_access"));
    assert!(token.grant().withheld().is_empty());
}

fn exchanging() -> Bench {
    exchanging_with_openid()
}

fn asking() -> Bench {
    asking_with_openid()
}

fn pending_of_the_implicit_grant() -> cc_connect_core::oauth::PendingAuthorization {
    cc_connect_core::oauth::authorization_request(
        &support::client(),
        &support::entropy(),
        page("connection"),
        requested(),
    )
    .pending
}

/// A refreshed ID token is compared with the first one, even after a reload.
///
/// Rule (The ID token): In a renewal it names the same user → `id_token_subject_mismatch`,
/// `id_token_subject_missing`
#[test]
fn the_person_is_remembered_across_a_reload() {
    for (sub, expected) in [
        ("00u1ibx8lhb3amvHR0h8", "none"),
        ("another", "id_token_subject_mismatch"),
    ] {
        for reload in [false, true] {
            let access_token = token();
            let id = id_token(&access_token, json!({}));
            let mut bench = exchanging();
            bench.send(exchanged(&answer(&access_token, json!({"id_token": id}))));
            let effects = bench.effects(keys());
            let stored = crate::code_support::written(&effects).unwrap();
            assert_eq!(stored["sub"], "00u1ibx8lhb3amvHR0h8");
            assert_eq!(stored.get("id_token"), None);
            if reload {
                let read =
                    cc_connect_core::session::stored::read_token(&stored.to_string()).unwrap();
                bench = crate::code_support::bench();
                let route = page("connection");
                bench.send(Event::Restored(Box::new(read), route));
                bench.send(keys());
            }
            // Twice: the value compared once is kept for the next time.
            for _ in 0..2 {
                assert_eq!(bench.phase(), "connected", "{}", bench.code());
                let due = bench.session.token().unwrap().expires_at();
                bench.now = due.plus_seconds(-300);
                assert_eq!(bench.tick(0, true), ["refresh"]);
                let renewed = token_of(bench.now);
                let issued = bench.now.unix_seconds();
                let id = id_token(
                    &renewed,
                    json!({"sub": sub, "nonce": null, "iat": issued, "exp": issued + 3_600}),
                );
                bench.send(refreshed(&answer(&renewed, json!({"id_token": id}))));
                bench.send(keys());
                assert_eq!(bench.code(), expected);
                if bench.phase() != "connected" {
                    break;
                }
            }
        }
    }
}

/// The issuer rotated its key, and the cached key set does not contain it yet.
#[test]
fn an_id_token_under_an_unknown_key_has_the_keys_fetched_anew() {
    let access_token = token();
    let id = sign(
        &changed(header(), &json!({"kid": "new-key"})).to_string(),
        &id_claims(&access_token).to_string(),
    );
    let mut bench = exchanging();
    bench.send(exchanged(&openid(&access_token, Some(id))));
    assert_eq!(bench.send(keys()), ["load keys: UnknownKid"]);
    let new = changed(public_jwk(), &json!({"kid": "new-key"}));
    let fetched = LoadedKeys {
        set: key_set_of(&[public_jwk(), new]),
        ..loaded_keys(false)
    };
    bench.send(Event::KeysLoaded(Ok(fetched)));
    assert_eq!(bench.phase(), "connected", "{}", bench.code());

    // Only once: an unknown key stays unknown.
    let mut bench = exchanging();
    let unknown = sign(
        &changed(header(), &json!({"kid": "nobody's"})).to_string(),
        &id_claims(&access_token).to_string(),
    );
    bench.send(exchanged(&openid(&access_token, Some(unknown))));
    assert_eq!(bench.send(keys()), ["load keys: UnknownKid"]);
    assert!(bench.send(keys()).is_empty());
    assert_eq!(refused(&bench).0, "id_token_key_not_found");
}

/// The two kinds of token have separate expectations.
///
/// Rule (The ID token): Its issuer is the configured one, which may differ from that of access
/// tokens → `id_token_issuer_mismatch`
#[test]
fn the_own_issuer_setting_counts_for_id_tokens_alone() {
    let own = "https://identity.constantcontact.com/oauth2/auszx06o5jRefQ8F40h7";
    let access_token = token();
    for (issuer, expected) in [(own, "none"), (ISSUER, "id_token_issuer_mismatch")] {
        let mut bench = exchanging();
        bench.context.id_token_expectations.issuer = own.to_owned();
        let id = id_token(&access_token, json!({"iss": issuer}));
        bench.send(exchanged(&openid(&access_token, Some(id))));
        bench.send(keys());
        assert_eq!(bench.code(), expected, "{issuer}");
    }
    let claims = claims_with(json!({"iss": own}));
    let (_, result) = verify(
        &sign(&header().to_string(), &claims),
        &key_set(),
        &support::expectations(),
        requested(),
        support::now(),
    );
    assert!(result.is_err());
}

#[test]
fn a_refusal_is_of_one_token_or_the_other() {
    assert_eq!(
        Refusal::AccessToken(AccessTokenError::Token(TokenError::BadSignature)).code(),
        "bad_signature"
    );
    assert_eq!(
        Refusal::IdToken(IdTokenError::Token(TokenError::BadSignature)).code(),
        "id_token_bad_signature"
    );
}
