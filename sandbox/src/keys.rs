//! The signing keys and the JWK Set endpoint.

use crate::{
    faults::{KeysFault, SLOW},
    http,
    json::Object,
    random,
    state::{KeysHiccup, Shared},
    weak_key,
};
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use std::sync::{Arc, OnceLock};

/// How long a client may keep the set, in seconds.
const MAX_AGE: u32 = 3600;
/// The size of the set of [`KeysFault::TooLarge`].
const TOO_LARGE: usize = 2 * 1024 * 1024;

/// An RSA key of 2048 bits, made at start.
pub(crate) struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    public_pem: String,
}

impl SigningKey {
    /// A fresh key; takes some hundred milliseconds.
    pub(crate) fn generate() -> Arc<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("AWS-LC generates RSA keys");
        let private = pair
            .as_der()
            .expect("a generated key can be written as PKCS #8");
        let public = pair.public_key();
        let spki = public
            .as_der()
            .expect("a generated key can be written as X.509");
        Arc::new(Self {
            kid: random::text(32),
            encoding: EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes())
                .expect("the key was just written as PEM"),
            modulus: public.modulus().big_endian_without_leading_zero().to_vec(),
            exponent: public.exponent().big_endian_without_leading_zero().to_vec(),
            public_pem: pem("PUBLIC KEY", spki.as_ref()),
        })
    }

    /// The key that was in use before: one for all sandboxes of the process, since making a key is
    /// what a start takes its time for.
    pub(crate) fn older() -> Arc<Self> {
        static OLDER: OnceLock<Arc<SigningKey>> = OnceLock::new();
        Arc::clone(OLDER.get_or_init(Self::generate))
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half in PEM: what a server that takes the algorithm from the token would use as
    /// an HMAC key.
    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The signature over the message, base64url.
    pub(crate) fn sign(&self, message: &str, algorithm: Algorithm) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding, algorithm)
            .expect("an RSA key of 2048 bits signs with every RSA algorithm")
    }

    fn decoding(&self) -> DecodingKey {
        DecodingKey::from_rsa_raw_components(&self.modulus, &self.exponent)
    }

    fn jwk(&self, r#use: &'static str) -> Object {
        jwk(&self.kid, r#use, &self.exponent, &self.modulus)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn jwk(kid: &str, r#use: &'static str, exponent: &[u8], modulus: &[u8]) -> Object {
    Object::new([
        ("kty", "RSA".into()),
        ("alg", "RS256".into()),
        ("kid", kid.into()),
        ("use", r#use.into()),
        ("e", URL_SAFE_NO_PAD.encode(exponent).into()),
        ("n", URL_SAFE_NO_PAD.encode(modulus).into()),
    ])
}

/// The kid of the key of 1024 bits.
pub(crate) const WEAK_KID: &str = "sandbox-weak-key-1024-bits-do-not-accept-me";

/// A key that a scenario puts into the set beside the two real ones.
pub(crate) enum ExtraKey {
    /// [`weak_key`].
    Weak,
    /// A sound key, published for encryption.
    Encryption(Arc<SigningKey>),
}

/// The keys as they are at the moment.
pub(crate) struct KeyRing {
    pub(crate) current: Arc<SigningKey>,
    pub(crate) older: Arc<SigningKey>,
    pub(crate) extra: Option<ExtraKey>,
}

impl KeyRing {
    /// Puts a new key in front; the one before becomes the older one.
    pub(crate) fn rotate(&mut self, new: Arc<SigningKey>) {
        self.older = std::mem::replace(&mut self.current, new);
        self.extra = None;
    }

    /// The key that the API verifies a signature with.
    pub(crate) fn decoding_key(&self, kid: &str) -> Option<DecodingKey> {
        [&self.current, &self.older]
            .into_iter()
            .find(|key| key.kid == kid)
            .map(|key| key.decoding())
    }

    /// The key published for encryption, while there is one.
    pub(crate) fn encryption_key(&self) -> Option<&Arc<SigningKey>> {
        match &self.extra {
            Some(ExtraKey::Encryption(key)) => Some(key),
            _ => None,
        }
    }

    fn jwk_set(&self) -> String {
        let mut keys = vec![self.current.jwk("sig"), self.older.jwk("sig")];
        match &self.extra {
            None => {}
            Some(ExtraKey::Weak) => {
                keys.push(jwk(WEAK_KID, "sig", &[1, 0, 1], &weak_key::modulus()));
            }
            Some(ExtraKey::Encryption(key)) => keys.push(key.jwk("enc")),
        }
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }
}

/// `GET /oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys`
pub(crate) async fn serve(State(shared): State<Arc<Shared>>) -> Response {
    let (fault, body) = {
        let mut inner = shared.inner();
        let fault = match (inner.keys_fault, &mut inner.keys_hiccup) {
            (Some(fault), _) => Some(fault),
            (None, Some(KeysHiccup { fault, left })) if *left > 0 => {
                *left -= 1;
                Some(*fault)
            }
            _ => None,
        };
        (fault, inner.keys.jwk_set())
    };
    match fault {
        None => keys(body),
        Some(KeysFault::Unreachable) => http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Some(KeysFault::Status(status)) => failing(http::json_text(
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            r#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#.to_owned(),
        )),
        Some(KeysFault::Html) => failing(http::html_garbage()),
        Some(KeysFault::Empty) => {
            failing(http::json_text(StatusCode::OK, r#"{"keys":[]}"#.to_owned()))
        }
        Some(KeysFault::TooLarge) => failing(http::json_text(
            StatusCode::OK,
            format!(r#"{{"padding":"{}",{}"#, "x".repeat(TOO_LARGE), &body[1..]),
        )),
        Some(KeysFault::NoCors) => {
            let mut response = http::json_text(StatusCode::OK, body);
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Some(KeysFault::Slow) => {
            tokio::time::sleep(SLOW).await;
            keys(body)
        }
        Some(KeysFault::Redirect) => {
            failing(http::redirect(StatusCode::FOUND, "/oauth2/default/v1/keys"))
        }
    }
}

fn keys(body: String) -> Response {
    let mut response = failing(http::json_text(StatusCode::OK, body));
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_str(&format!("max-age={MAX_AGE}, must-revalidate"))
            .expect("a number and words make a header value"),
    );
    response
}

/// A fault is readable across origins, and not to be kept.
fn failing(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
