//! Access tokens, valid and faulty ones. ID tokens are in [`id_token`].

mod id_token;
mod signing;

pub(crate) use id_token::issue as issue_id_token;
pub(crate) use signing::Grant;

use crate::{
    json::Object,
    keys::{EllipticKey, KeyRing, SigningKey, WEAK_KID},
    random,
    scenario::Scenario,
    weak_key,
};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use signing::{HOUR, OTHER_CLIENT, header, hs256, one_bit_flipped, other_issuer, signing_input};

/// An access token in compact form, and its `jti`.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) id: String,
}

/// Makes the access token of a scenario.
pub(crate) fn issue(scenario: Scenario, grant: &Grant<'_>, keys: &KeyRing) -> Issued {
    let id = format!("AT.{}", random::text(32));
    let mut claims = access_token_claims(grant, &id);
    spoil_claims(scenario, grant, &mut claims);
    if scenario == Scenario::IdToken {
        claims = id_token::claims(grant, &random::text(16));
    }
    Issued {
        token: sign(scenario, grant, &claims, keys),
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
        Scenario::OtherIssuer => claims.set("iss", other_issuer(grant)),
        Scenario::OtherAudience => claims.set("aud", "https://api.example.com/v3"),
        Scenario::AudienceArray => {
            claims.set("aud", json!([grant.audience, "https://api.example.com/v3"]));
        }
        Scenario::OtherClient => claims.set("cid", OTHER_CLIENT),
        Scenario::NoIssuer => claims.remove("iss"),
        Scenario::NoAudience => claims.remove("aud"),
        Scenario::NoExpiry => claims.remove("exp"),
        Scenario::NoIssuedAt => claims.remove("iat"),
        Scenario::NoSubject => claims.remove("sub"),
        Scenario::NoClient => claims.remove("cid"),
        Scenario::NoPlatformUser => claims.remove("platform_user_id"),
        Scenario::UnassignedUser => claims.set("platform_user_id", "UNASSIGNED"),
        Scenario::MalformedClaims => claims.set("exp", "soon"),
        Scenario::ExpiryAsText => claims.set("exp", (now + grant.lifetime).to_string()),
        Scenario::ExpiryNegative => claims.set("exp", -1),
        Scenario::ExpiryEnormous => claims.set("exp", 1e300),
        Scenario::FractionalTimes => {
            claims.set("iat", now as f64 + 0.25);
            claims.set("exp", (now + grant.lifetime) as f64 + 0.5);
        }
        Scenario::DuplicateClaim => {
            claims.set("cid", OTHER_CLIENT);
            claims.repeat("cid", grant.client_id);
        }
        Scenario::OtherNonce => claims.set("nonce", "not-the-nonce-of-this-request"),
        Scenario::MatchingNonce => {
            if let Some(nonce) = grant.nonce {
                claims.set("nonce", nonce);
            }
        }
        Scenario::LongLifetime => claims.set("exp", now + 25 * HOUR),
        Scenario::ScpText => claims.set("scp", grant.scope.join(" ")),
        Scenario::ScpEmpty => claims.set("scp", json!([])),
        _ => {}
    }
}

fn sign(scenario: Scenario, grant: &Grant<'_>, claims: &Object, keys: &KeyRing) -> String {
    let key = &keys.current;
    let mut header = header(key.kid(), "RS256");
    match scenario {
        Scenario::TwoParts => return signing_input(&header, claims),
        Scenario::FiveParts => return five_parts(),
        Scenario::GarbageToken => return "this-is-not-a-token".to_owned(),
        Scenario::AlgNone => {
            header.set("alg", "none");
            return signing_input(&header, claims) + ".";
        }
        Scenario::AlgHs256 => header.set("alg", "HS256"),
        Scenario::AlgRs384 => header.set("alg", "RS384"),
        Scenario::AlgRs512 => header.set("alg", "RS512"),
        Scenario::AlgPs256 => header.set("alg", "PS256"),
        Scenario::AlgEs256 => {
            header.set("kid", EllipticKey::get().kid());
            header.set("alg", "ES256");
        }
        Scenario::UnknownKey => header.set("kid", random::text(32)),
        Scenario::NoKid | Scenario::NoKidOneKey => header.remove("kid"),
        Scenario::WeakKey => header.set("kid", WEAK_KID),
        Scenario::EncKey => {
            header.set("kid", keys.encryption_key().unwrap_or(key).kid());
        }
        Scenario::CriticalHeader => {
            header.set("crit", json!(["https://example.com/single-use"]));
            header.set("https://example.com/single-use", true);
        }
        Scenario::DuplicateHeaderMember => {
            header.set("alg", "none");
            header.repeat("alg", "RS256");
        }
        Scenario::KeyUrls | Scenario::AttackerKey => {
            point_elsewhere(&mut header, grant.attacker, key.kid());
        }
        _ => {}
    }
    let input = signing_input(&header, claims);
    let signature = match scenario {
        // A verifier that trusts the header's algorithm would use the public key as the secret.
        Scenario::AlgHs256 => hs256(key.public_der(), &input),
        Scenario::AlgRs384 => key.sign(&input, &RSA_PKCS1_SHA384),
        Scenario::AlgRs512 => key.sign(&input, &RSA_PKCS1_SHA512),
        Scenario::AlgPs256 | Scenario::AlgMislabelled => key.sign(&input, &RSA_PSS_SHA256),
        Scenario::AlgEs256 => EllipticKey::get().sign(&input),
        Scenario::AttackerKey => SigningKey::attacker().sign(&input, &RSA_PKCS1_SHA256),
        Scenario::WeakKey => URL_SAFE_NO_PAD.encode(weak_key::sign(input.as_bytes())),
        Scenario::TinyExponent => {
            URL_SAFE_NO_PAD.encode(weak_key::encoded(input.as_bytes(), key.size()))
        }
        Scenario::EncKey => keys
            .encryption_key()
            .unwrap_or(key)
            .sign(&input, &RSA_PKCS1_SHA256),
        Scenario::BadSignature => one_bit_flipped(&key.sign(&input, &RSA_PKCS1_SHA256)),
        _ => key.sign(&input, &RSA_PKCS1_SHA256),
    };
    format!("{input}.{signature}")
}

/// Adds the header parameters that supply a key (RFC 7515 §4.1.2 to §4.1.6), all of them the
/// attacker's.
fn point_elsewhere(header: &mut Object, attacker: &str, kid: &str) {
    let jwk = SigningKey::attacker().jwk_named(kid).to_string();
    let jwk: Value = serde_json::from_str(&jwk).expect("a JWK is JSON");
    header.set("jku", format!("{attacker}/keys"));
    header.set("jwk", jwk);
    header.set("x5u", format!("{attacker}/certificate.pem"));
    header.set("x5c", json!([STANDARD.encode(b"not a certificate")]));
}

/// The form of a JWE (RFC 7516), without real contents.
fn five_parts() -> String {
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
