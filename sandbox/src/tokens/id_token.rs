//! ID tokens (OpenID Connect Core §2), valid and faulty ones.

use super::signing::{
    Grant, HOUR, OTHER_CLIENT, header, hs256, one_bit_flipped, other_issuer, signing_input,
};
use crate::{
    json::Object,
    keys::{KeyRing, Oddity},
    random,
    scenario::Scenario,
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// The sample from Constant Contact's documentation of the authorization code flow, verbatim.
const DOCUMENTED: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.",
    "eyJzdWIiOiIwMDEyMzQ1ejRXMzhHS3BPMGg3IiwibmFtZSI6IkpvaG4gRG9lIiwiZW1haWwiOiJqZG9lQGFiYy5j",
    "b20iLCJ2ZXIiOjEsImlzcyI6Imh0dHBzOi8vaWRlbnRpdHkuY29uc3RhbnRjb250YWN0LmNvbS9vYXV0aDIvYXVz",
    "engwNm81alJlZlE4RjQwaDciLCJhdWQiOiJmYThhMDZkYy1iMDAwLTQ3NWMtYWNlZC01NWNlYzVhZWUzMjUiLCJp",
    "YXQiOjE2NDQ4NTc4NDcsImV4cCI6MTY0NDg2MTQ0NywianRpIjoiSUQuRFhRQ2pxQmd3M28xMnVHdlN5R2ZpQTJ2",
    "QjVFcGNvSktsajBqbFhSc2lqayIsImFtciI6WyJwd2QiXSwiaWRwIjoiMDBvbnBtc2prYmdPc0wydlcwaDciLCJu",
    "b25jZSI6Ijg2MDgyNTYwMyIsInByZWZlcnJlZF91c2VybmFtZSI6Impkb2UiLCJhdXRoX3RpbWUiOjE2NDQ4NTc4",
    "NDQsImF0X2hhc2giOiJuWk5sRjduWGo2bV9UNEFKcXl0c1RRIn0",
    ".ToO_Ye1YHRx4hWCMBnrT6yksWvkrpHfGmXcHTh7B75A",
);

/// Makes the ID token of a scenario, for this access token.
pub(crate) fn issue(
    scenario: Scenario,
    grant: &Grant<'_>,
    access_token: &str,
    keys: &KeyRing,
) -> String {
    match scenario {
        Scenario::IdTokenGarbage => return "this-is-not-a-token".to_owned(),
        Scenario::IdTokenIsAccessToken => return access_token.to_owned(),
        Scenario::UnrequestedIdToken => return DOCUMENTED.to_owned(),
        _ => {}
    }
    let mut claims = claims(grant, &hash(access_token));
    spoil(scenario, grant, &mut claims);
    if scenario == Scenario::IdTokenHs256 {
        return as_documented(&claims);
    }
    let mut header = header(keys.current.kid(), "RS256");
    if matches!(keys.oddity, Some(Oddity::OneNamelessKey)) {
        header.remove("kid");
    }
    let input = signing_input(&header, &claims);
    let signature = keys.current.sign(&input, &RSA_PKCS1_SHA256);
    match scenario {
        Scenario::IdTokenBadSignature => format!("{input}.{}", one_bit_flipped(&signature)),
        _ => format!("{input}.{signature}"),
    }
}

/// The claims of Okta's ID tokens.
pub(super) fn claims(grant: &Grant<'_>, hash: &str) -> Object {
    let mut claims = Object::new([
        ("sub", grant.user.uid.into()),
        ("name", grant.user.name.into()),
        ("email", grant.user.email.into()),
        ("ver", 1.into()),
        ("iss", grant.issuer.into()),
        ("aud", grant.client_id.into()),
        ("iat", grant.now.into()),
        ("exp", (grant.now + HOUR).into()),
        ("jti", format!("ID.{}", random::text(32)).into()),
        ("amr", json!(["pwd"])),
        ("idp", "00o1ibx7yvn2rPqDk0h8".into()),
        ("nonce", grant.nonce.into()),
        ("preferred_username", grant.user.login.into()),
        ("auth_time", grant.signed_in_at.into()),
        ("at_hash", hash.into()),
    ]);
    if grant.nonce.is_none() {
        claims.remove("nonce");
    }
    claims
}

/// `at_hash`: the left half of the access token's SHA-256 (§3.1.3.6).
fn hash(access_token: &str) -> String {
    let digest = digest(&SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

fn spoil(scenario: Scenario, grant: &Grant<'_>, claims: &mut Object) {
    let now = grant.now;
    match scenario {
        Scenario::IdTokenOtherIssuer => claims.set("iss", other_issuer(grant)),
        Scenario::IdTokenOtherAudience => claims.set("aud", OTHER_CLIENT),
        Scenario::IdTokenTwoAudiences => {
            claims.set("aud", json!([grant.client_id, OTHER_CLIENT]));
        }
        Scenario::IdTokenOtherParty => claims.set("azp", OTHER_CLIENT),
        Scenario::IdTokenOtherNonce => claims.set("nonce", "not-the-nonce-of-this-request"),
        Scenario::IdTokenNoNonce => claims.remove("nonce"),
        Scenario::IdTokenOtherHash => claims.set("at_hash", hash("another access token")),
        Scenario::IdTokenExpired => {
            claims.set("iat", now - 200);
            claims.set("exp", now - 120);
        }
        Scenario::IdTokenFuture => {
            claims.set("iat", now + HOUR);
            claims.set("exp", now + 2 * HOUR);
        }
        Scenario::IdTokenNoSubject => claims.remove("sub"),
        Scenario::RefreshIdTokenOtherSubject => {
            let other = crate::data::user_of_another_account(grant.user);
            claims.set("sub", other.uid);
        }
        _ => {}
    }
}

/// Like the sample in Constant Contact's documentation, signed with a random key.
fn as_documented(claims: &Object) -> String {
    let header = Object::new([("typ", "JWT".into()), ("alg", "HS256".into())]);
    let input = signing_input(&header, claims);
    let signature = hs256(random::text(32).as_bytes(), &input);
    format!("{input}.{signature}")
}
