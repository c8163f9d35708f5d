//! The OpenID Foundation's implicit relying-party plan, ported to access tokens.
//!
//! The conformance suite judges relying parties with `oidcc-client-implicit-certification-test-plan`:
//! a provider that misbehaves in one way per module, and a client that must notice. With
//! `response_type=token` Constant Contact returns no ID token, so each module's fault is put into the
//! access token, which this client verifies as the modules want an ID token verified. Where a module
//! watches for a request to the UserInfo endpoint, these tests watch for one to the V3 API. Tests are
//! named for their module.
//!
//! Modules without a counterpart here: `oidcc-client-test-missing-athash` and
//! `oidcc-client-test-invalid-athash` (`at_hash` is a claim of an ID token),
//! `oidcc-client-test-userinfo-invalid-sub` and `oidcc-client-test-scope-userinfo-claims` (no
//! UserInfo endpoint is used). The modules after the nonce are from other plans of the suite.

use cc_connect_e2e::{Setup, World};
use cc_connect_sandbox::Scenario;
use serde_json::json;

/// From the first page to the response.
async fn authorize(world: &World) {
    world.visit("/").await;
    world.click_button("Connect Constant Contact").await;
    world.allow().await;
}

/// How many requests the API has received.
fn api_requests(world: &World) -> usize {
    let requests = world.sandbox.requests();
    let to_api = requests
        .iter()
        .filter(|request| request.path.starts_with("/v3/"));
    to_api.count()
}

/// The client connects and uses the token.
async fn assert_accepted(scenario: Scenario) {
    Setup::new()
        .scenario(scenario)
        .run(async |world: &World| {
            authorize(world).await;
            world.wait_for_session("connected").await;
            world.browser.wait_for_text("Bluebird Bakery").await;
            assert!(world.alerts().await.is_empty());
            assert!(api_requests(world) > 0);
        })
        .await;
}

/// The client reports why it rejects the token, stores nothing, and sends the token nowhere.
async fn assert_rejected(scenario: Scenario, code: &str) {
    Setup::new()
        .scenario(scenario)
        .run(async |world: &World| {
            authorize(world).await;
            world.wait_for_alert(code).await;
            world.wait_for_session("not-connected").await;
            assert_eq!(world.stored("cc-connect/session").await, None);
            assert_eq!(api_requests(world), 0);
        })
        .await;
}

/// `oidcc-client-test` (rp-response_type-id_token+token): a valid response. The access token is the
/// only proof.
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test() {
    assert_accepted(Scenario::Normal).await;
}

/// `oidcc-client-test-invalid-iss` (rp-id_token-issuer-mismatch): `iss` is another issuer's.
///
/// Rule (The token): `iss` is the issuer, code point by code point (RFC 8725 §3.8) →
/// `issuer_mismatch`
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test_invalid_iss() {
    assert_rejected(Scenario::OtherIssuer, "issuer_mismatch").await;
}

/// `oidcc-client-test-missing-sub` (rp-id_token-sub): no `sub`.
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[tokio::test]
async fn oidcc_client_test_missing_sub() {
    assert_rejected(Scenario::NoSubject, "subject_missing").await;
}

/// `oidcc-client-test-invalid-aud` (rp-id_token-aud): `aud` is wrong. An ID token's audience is the
/// client; an access token's is the API.
///
/// Rule (The token): `aud` contains the API (RFC 8725 §3.9) → `audience_mismatch`
#[tokio::test]
async fn oidcc_client_test_invalid_aud() {
    assert_rejected(Scenario::OtherAudience, "audience_mismatch").await;
}

/// `oidcc-client-test-missing-iat` (rp-id_token-iat): no `iat`.
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[tokio::test]
async fn oidcc_client_test_missing_iat() {
    assert_rejected(Scenario::NoIssuedAt, "issued_at_missing").await;
}

/// `oidcc-client-test-kid-absent-single-jwks` (rp-id_token-kid-absent-single-jwks): neither the
/// set's only key nor the token has a `kid`. Accepted.
///
/// Rule (The token): Without `kid` there must be exactly one key that may have signed →
/// `ambiguous_key`
#[tokio::test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    assert_accepted(Scenario::NoKidOneKey).await;
}

/// `oidcc-client-test-kid-absent-multiple-jwks` (rp-id_token-kid-absent-multiple-jwks): no `kid`, and
/// several keys. The module lets a client choose between refusing and trying; this one refuses. Our
/// keys keep their names, which the token does not use.
///
/// Rule (The token): Without `kid` there must be exactly one key that may have signed →
/// `ambiguous_key`
#[tokio::test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    assert_rejected(Scenario::NoKid, "ambiguous_key").await;
}

/// `oidcc-client-test-idtoken-sig-rs256` (rp-id_token-sig-rs256): signed with RS256. The page shows
/// that this signature was verified.
///
/// Rule (The token): A genuine signature is accepted: that of RFC 7515 A.2, and those of other
/// implementations
#[tokio::test]
async fn oidcc_client_test_idtoken_sig_rs256() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            world.click_link("Connection").await;
            world.wait_for_heading("Connection").await;
            let text = world.browser.text().await;
            assert!(text.contains("RS256"), "{text}");
            let outcomes = world
                .browser
                .attributes("[data-outcome]", "data-outcome")
                .await;
            assert!(!outcomes.is_empty());
            assert!(!outcomes.iter().any(|outcome| outcome == "failed"));
        })
        .await;
}

/// `oidcc-client-test-invalid-sig-rs256` (rp-id_token-bad-sig-rs256): the signature belongs to
/// another token.
///
/// Rule (The token): The signature is the issuer's in every octet; one that is truncated, all zero,
/// longer than the modulus or above it is rejected → `bad_signature`
///
/// Rule (The token): A token that fails verification is neither stored nor used
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test_invalid_sig_rs256() {
    assert_rejected(Scenario::BadSignature, "bad_signature").await;
}

/// `oidcc-client-test-nonce-unless-code-flow` (rp-nonce-unless-code-flow): every request has a
/// `nonce`. With `response_type=token` it need not be returned.
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test_nonce_unless_code_flow() {
    Setup::new()
        .run(async |world: &World| {
            world.connect().await;
            let requests = world.authorization_requests();
            assert_eq!(requests.len(), 1);
            let nonces: Vec<&str> = requests[0]
                .iter()
                .filter(|(name, _)| name == "nonce")
                .map(|(_, value)| value.as_str())
                .collect();
            assert_eq!(nonces.len(), 1);
            assert!(nonces[0].len() >= 43, "256 bits");
        })
        .await;
}

/// `oidcc-client-test-nonce-invalid` (rp-nonce-invalid): a `nonce` other than the one sent. It is
/// optional in an access token, but a wrong one is rejected.
///
/// Rule (The token): `nonce`, if present, is ours → `nonce_mismatch`
#[tokio::test]
async fn oidcc_client_test_nonce_invalid() {
    assert_rejected(Scenario::OtherNonce, "nonce_mismatch").await;
}

/// `oidcc-client-test-missing-aud`: no `aud`.
///
/// Rule (The token): No required claim is missing or empty → `issuer_missing`, `audience_missing`,
/// `expiry_missing`, `issued_at_missing`, `subject_missing`, `client_missing`,
/// `platform_user_id_missing`, `claim_missing`
#[tokio::test]
async fn oidcc_client_test_missing_aud() {
    assert_rejected(Scenario::NoAudience, "audience_missing").await;
}

/// `oidcc-client-test-idtoken-sig-none`: unsigned. A client of the code flow may accept that from
/// the token endpoint; a token from the address bar must be signed.
///
/// Rule (The token): `alg` is RS256 and nothing else (RFC 8725 §3.1): not `none` →
/// `unsupported_algorithm`
#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    assert_rejected(Scenario::AlgNone, "unsupported_algorithm").await;
}

/// `oidcc-client-test-invalid-sig-hs256`: the module signs with a wrong secret; this client has no
/// secret, so the public key is used as one.
///
/// Rule (The token): HS256 with the public key as the secret is rejected
#[tokio::test]
async fn oidcc_client_test_invalid_sig_hs256() {
    assert_rejected(Scenario::AlgHs256, "unsupported_algorithm").await;
}

/// `oidcc-client-test-invalid-sig-es256`: the module corrupts the signature; here it is genuine,
/// and the algorithm alone causes the rejection.
///
/// Rule (The token): RS384, RS512, PS256 and ES256 are rejected, however well signed
#[tokio::test]
async fn oidcc_client_test_invalid_sig_es256() {
    assert_rejected(Scenario::AlgEs256, "unsupported_algorithm").await;
}

/// `oidcc-client-test-ignores-unparseable-key-in-jwks`: the set also contains keys of types that do
/// not exist (yet); the signing key is found anyway.
///
/// Rule (The key set): Other keys (EC, oct, unknown), entries that are not keys, unknown members, a
/// thousand keys and the registered content type are all accepted
#[tokio::test]
async fn oidcc_client_test_ignores_unparseable_key_in_jwks() {
    assert_accepted(Scenario::OtherKeyTypes).await;
}

/// `oidcc-client-test-signing-key-rotation` (rp-key-rotation-op-sign-key): the keys change after
/// the first token; the second one is verified with a refetched set. By then the first key has left
/// the set, as in the module.
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    Setup::new()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            assert_eq!(world.key_requests(), 1);
            let first = kid(&world.stored_token().await);
            world.sandbox.rotate_keys();
            world.sandbox.rotate_keys();
            renew(world).await;
            assert_eq!(world.key_requests(), 2);
            assert_ne!(kid(&world.stored_token().await), first);
        })
        .await;
}

/// `oidcc-client-test-signing-key-rotation-just-before-signing`
/// (rp-key-rotation-op-sign-key-native): the keys change while the user is at the authorization
/// server.
///
/// Rule (The token): The OpenID Foundation's implicit relying-party test plan holds, applied to
/// access tokens
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    Setup::new()
        .token_lifetime(240)
        .run(async |world: &World| {
            world.connect().await;
            let first = kid(&world.stored_token().await);
            world.sandbox.use_scenario(Scenario::RotatedKey);
            renew(world).await;
            assert_eq!(world.key_requests(), 2);
            assert_ne!(kid(&world.stored_token().await), first);
        })
        .await;
}

/// A second authorization while the first token is still valid.
async fn renew(world: &World) {
    let first = world.stored_token().await;
    world.click_button("Re-authorize now").await;
    world.allow().await;
    cc_connect_e2e::eventually("another token", async || {
        let session = world.glance().await?["session"].clone();
        let stored = world.stored("cc-connect/session").await;
        match stored {
            Some(stored) if session == json!("connected") && !stored.contains(&first) => Ok(()),
            _ => Err(format!("session {session}")),
        }
    })
    .await;
}

/// The `kid` of the key that signed a token.
fn kid(token: &str) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
    let header = token.split('.').next().expect("a header");
    let header = BASE64URL.decode(header).expect("it is base64url");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("it is JSON");
    header["kid"].as_str().expect("it names a key").to_owned()
}
