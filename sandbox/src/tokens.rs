//! Access tokens, sound ones and all the others.

use crate::{
    data::User,
    json::Object,
    keys::{KeyRing, WEAK_KID},
    random,
    scenario::Scenario,
    weak_key,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// What a token says.
pub(crate) struct Grant<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) user: &'a User,
    pub(crate) scope: &'a [&'a str],
    pub(crate) nonce: &'a str,
    pub(crate) lifetime: i64,
    pub(crate) now: i64,
}

/// An access token in compact form, and its `jti`.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) id: String,
}

const HOUR: i64 = 3600;

/// Makes the token that a scenario calls for.
pub(crate) fn issue(scenario: Scenario, grant: &Grant<'_>, keys: &KeyRing) -> Issued {
    let id = format!("AT.{}", random::text(32));
    let mut claims = access_token_claims(grant, &id);
    spoil_claims(scenario, grant, &mut claims);
    if scenario == Scenario::IdToken {
        claims = id_token_claims(grant);
    }
    Issued {
        token: sign(scenario, &claims, keys),
        id,
    }
}

fn access_token_claims(grant: &Grant<'_>, id: &str) -> Object {
    Object::new([
        ("ver", 1.into()),
        ("jti", id.into()),
        ("iss", grant.issuer.into()),
        ("aud", grant.audience.into()),
        ("iat", grant.now.into()),
        ("exp", (grant.now + grant.lifetime).into()),
        ("cid", grant.client_id.into()),
        ("uid", grant.user.uid.into()),
        ("scp", grant.scope.into()),
        ("sub", grant.user.login.into()),
        ("platform_user_id", grant.user.platform_user_id.into()),
    ])
}

/// The kind of token that `response_type=id_token` would give.
fn id_token_claims(grant: &Grant<'_>) -> Object {
    Object::new([
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
        ("auth_time", (grant.now - 60).into()),
        ("at_hash", random::text(16).into()),
    ])
}

fn spoil_claims(scenario: Scenario, grant: &Grant<'_>, claims: &mut Object) {
    let now = grant.now;
    match scenario {
        Scenario::Expired => {
            claims.set("iat", now - 200);
            claims.set("exp", now - 120);
        }
        Scenario::NotYetValid => claims.set("nbf", now + HOUR),
        Scenario::IssuedInTheFuture => {
            claims.set("iat", now + HOUR);
            claims.set("exp", now + HOUR + grant.lifetime);
        }
        Scenario::IssuedBeforeRequest => claims.set("iat", now - HOUR),
        // The issuer of the ID token in Constant Contact's documentation.
        Scenario::OtherIssuer => {
            let other = grant
                .issuer
                .replace("aus1lm3ry9mF7x2Ja0h8", "auszx06o5jRefQ8F40h7");
            claims.set("iss", other);
        }
        Scenario::OtherAudience => claims.set("aud", "https://api.example.com/v3"),
        Scenario::AudienceArray => {
            claims.set("aud", json!([grant.audience, "https://api.example.com/v3"]));
        }
        Scenario::OtherClient => claims.set("cid", "cc94c2d6-6e70-426c-afd1-71c8fa5f4890"),
        Scenario::NoIssuer => claims.remove("iss"),
        Scenario::NoAudience => claims.remove("aud"),
        Scenario::NoExpiry => claims.remove("exp"),
        Scenario::NoIssuedAt => claims.remove("iat"),
        Scenario::NoSubject => claims.remove("sub"),
        Scenario::NoClient => claims.remove("cid"),
        Scenario::NoPlatformUser => claims.remove("platform_user_id"),
        Scenario::UnassignedUser => claims.set("platform_user_id", "UNASSIGNED"),
        Scenario::MalformedClaims => claims.set("exp", "soon"),
        Scenario::OtherNonce => claims.set("nonce", "not-the-nonce-of-this-request"),
        Scenario::MatchingNonce => claims.set("nonce", grant.nonce),
        Scenario::LongLifetime => claims.set("exp", now + 25 * HOUR),
        _ => {}
    }
}

fn sign(scenario: Scenario, claims: &Object, keys: &KeyRing) -> String {
    let key = &keys.current;
    let header = |kid: &str, alg: &'static str| {
        Object::new([("kid", Value::from(kid)), ("alg", alg.into())])
    };
    let rs256 = |header: &Object| {
        let input = signing_input(header, claims);
        let signature = key.sign(&input, Algorithm::RS256);
        format!("{input}.{signature}")
    };
    match scenario {
        Scenario::AlgNone => signing_input(&header(key.kid(), "none"), claims) + ".",
        Scenario::AlgHs256 => {
            let input = signing_input(&header(key.kid(), "HS256"), claims);
            let secret = EncodingKey::from_secret(key.public_pem().as_bytes());
            let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &secret, Algorithm::HS256)
                .expect("any bytes make an HMAC key");
            format!("{input}.{signature}")
        }
        Scenario::AlgRs384 => {
            let input = signing_input(&header(key.kid(), "RS384"), claims);
            let signature = key.sign(&input, Algorithm::RS384);
            format!("{input}.{signature}")
        }
        Scenario::BadSignature => {
            let input = signing_input(&header(key.kid(), "RS256"), claims);
            let mut signature = URL_SAFE_NO_PAD
                .decode(key.sign(&input, Algorithm::RS256))
                .expect("a signature was just encoded");
            if let Some(last) = signature.last_mut() {
                *last ^= 1;
            }
            format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
        Scenario::UnknownKey => rs256(&header(&random::text(32), "RS256")),
        Scenario::NoKid => rs256(&Object::new([("alg", "RS256".into())])),
        Scenario::CriticalHeader => {
            let mut header = header(key.kid(), "RS256");
            header.set("crit", json!(["https://example.com/single-use"]));
            header.set("https://example.com/single-use", true);
            rs256(&header)
        }
        // The form of RFC 7516, with nothing encrypted in it.
        Scenario::FiveParts => {
            let header = Object::new([("alg", "RSA-OAEP".into()), ("enc", "A256GCM".into())]);
            [
                URL_SAFE_NO_PAD.encode(header.to_string()),
                random::text(256),
                random::text(12),
                random::text(480),
                random::text(16),
            ]
            .join(".")
        }
        Scenario::GarbageToken => "this-is-not-a-token".to_owned(),
        Scenario::WeakKey => {
            let input = signing_input(&header(WEAK_KID, "RS256"), claims);
            let signature = URL_SAFE_NO_PAD.encode(weak_key::sign(input.as_bytes()));
            format!("{input}.{signature}")
        }
        Scenario::EncKey => {
            let input_key = keys.encryption_key().unwrap_or(key);
            let input = signing_input(&header(input_key.kid(), "RS256"), claims);
            let signature = input_key.sign(&input, Algorithm::RS256);
            format!("{input}.{signature}")
        }
        _ => rs256(&header(key.kid(), "RS256")),
    }
}

fn signing_input(header: &Object, claims: &Object) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}
