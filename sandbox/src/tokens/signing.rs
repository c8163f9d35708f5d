//! What access tokens and ID tokens have in common: the grant that they are for, and how they are
//! signed.

use crate::{data::User, json::Object};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The contents of a token.
pub(crate) struct Grant<'a> {
    pub(crate) issuer: &'a str,
    /// Of access tokens.
    pub(crate) audience: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) user: &'a User,
    pub(crate) scope: &'a [&'a str],
    pub(crate) nonce: Option<&'a str>,
    /// When the user signed in.
    pub(crate) signed_in_at: i64,
    /// Where the attacker's keys are.
    pub(crate) attacker: &'a str,
    /// Of access tokens.
    pub(crate) lifetime: i64,
    pub(crate) now: i64,
}

pub(super) const HOUR: i64 = 3600;
/// The application in the documentation's sample token.
pub(super) const OTHER_CLIENT: &str = "cc94c2d6-6e70-426c-afd1-71c8fa5f4890";

/// The issuer in the documentation's sample ID token.
pub(super) fn other_issuer(grant: &Grant<'_>) -> String {
    grant
        .issuer
        .replace("aus1lm3ry9mF7x2Ja0h8", "auszx06o5jRefQ8F40h7")
}

pub(super) fn header(kid: &str, alg: &'static str) -> Object {
    Object::new([("kid", Value::from(kid)), ("alg", alg.into())])
}

pub(super) fn signing_input(header: &Object, claims: &Object) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// The HMAC of a message, base64url.
pub(super) fn hs256(secret: &[u8], message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()))
}

pub(super) fn one_bit_flipped(signature: &str) -> String {
    let mut signature = URL_SAFE_NO_PAD
        .decode(signature)
        .expect("a signature was just encoded");
    if let Some(last) = signature.last_mut() {
        *last ^= 1;
    }
    URL_SAFE_NO_PAD.encode(signature)
}
