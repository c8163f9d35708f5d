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
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
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
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

/// How long a client may keep the set, in seconds.
const MAX_AGE: u32 = 3600;
/// How many keys are remembered that have left the set.
const MAX_RETIRED: usize = 100;
/// How many keys there are in the set of [`Oddity::ManyKeys`].
const MANY: usize = 1000;
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
        Self::generate_named(random::text(32))
    }

    /// A fresh key under this `kid`.
    pub(crate) fn generate_named(kid: String) -> Arc<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("AWS-LC generates RSA keys");
        let private = pair
            .as_der()
            .expect("a generated key can be written as PKCS #8");
        let public = pair.public_key();
        let spki = public
            .as_der()
            .expect("a generated key can be written as X.509");
        Arc::new(Self {
            kid,
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

    /// Somebody else's key, for whole processes as well.
    pub(crate) fn attacker() -> Arc<Self> {
        static ATTACKER: OnceLock<Arc<SigningKey>> = OnceLock::new();
        Arc::clone(ATTACKER.get_or_init(Self::generate))
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The length of the modulus, and so of a signature, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.modulus.len()
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

    fn jwk(&self) -> Object {
        self.jwk_named(&self.kid)
    }

    /// The public half as a JWK that goes by another name.
    pub(crate) fn jwk_named(&self, kid: &str) -> Object {
        jwk(kid, &self.exponent, &self.modulus)
    }
}

/// A key on the curve P-256: one for all sandboxes of the process.
pub(crate) struct EllipticKey {
    kid: String,
    encoding: EncodingKey,
    x: String,
    y: String,
}

impl EllipticKey {
    pub(crate) fn get() -> &'static Self {
        static KEY: OnceLock<EllipticKey> = OnceLock::new();
        KEY.get_or_init(|| {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .expect("AWS-LC generates P-256 keys");
            let private = pair
                .to_pkcs8v1()
                .expect("a generated key can be written as PKCS #8");
            // An uncompressed point: 4, x, y (SEC 1 §2.3.3).
            let point = pair.public_key().as_ref();
            Self {
                kid: random::text(32),
                encoding: EncodingKey::from_ec_der(private.as_ref()),
                x: URL_SAFE_NO_PAD.encode(&point[1..33]),
                y: URL_SAFE_NO_PAD.encode(&point[33..65]),
            }
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The signature over the message with ES256, base64url.
    pub(crate) fn sign(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding, Algorithm::ES256)
            .expect("a key on P-256 signs with ES256")
    }

    fn jwk_named(&self, kid: &str) -> Object {
        Object::new([
            ("kty", "EC".into()),
            ("alg", "ES256".into()),
            ("kid", kid.into()),
            ("use", "sig".into()),
            ("crv", "P-256".into()),
            ("x", self.x.as_str().into()),
            ("y", self.y.as_str().into()),
        ])
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

fn jwk(kid: &str, exponent: &[u8], modulus: &[u8]) -> Object {
    Object::new([
        ("kty", "RSA".into()),
        ("alg", "RS256".into()),
        ("kid", kid.into()),
        ("use", "sig".into()),
        ("e", URL_SAFE_NO_PAD.encode(exponent).into()),
        ("n", URL_SAFE_NO_PAD.encode(modulus).into()),
    ])
}

/// The kid of the key of 1024 bits.
pub(crate) const WEAK_KID: &str = "sandbox-weak-key-1024-bits-do-not-accept-me";

/// What is odd about the set, until the next token is issued.
#[derive(Clone)]
pub(crate) enum Oddity {
    /// [`weak_key`] is in it.
    WeakKey,
    /// A sound key is in it, published for encryption.
    EncryptionKey(Arc<SigningKey>),
    /// [`EllipticKey`] is in it.
    EllipticKey,
    /// A thousand keys are in it.
    ManyKeys,
    /// Keys of other types are in it, one of them under the current key's name.
    OtherKeyTypes,
    /// Members that nobody has defined.
    UnknownMembers,
    /// The current key lacks `use` and `alg`.
    BareKey,
    /// The registered content type (RFC 7517 §8.5).
    MediaType,
    /// The current key is alone and has no `kid`.
    OneNamelessKey,
    /// The older key has the current one's `kid`.
    DuplicateKid,
    /// The current key is not for verifying, by its `key_ops`.
    KeyOperations,
    /// The current key is for another algorithm, by its `alg`.
    KeyAlgorithm,
    /// The current key's exponent is even.
    EvenExponent,
    /// The current key's exponent is 1.
    ExponentOne,
}

/// The keys as they are at the moment.
pub(crate) struct KeyRing {
    pub(crate) current: Arc<SigningKey>,
    pub(crate) older: Arc<SigningKey>,
    /// Those that have left the set. The API knows them still: tokens outlive a publication.
    pub(crate) retired: VecDeque<Arc<SigningKey>>,
    pub(crate) oddity: Option<Oddity>,
}

impl KeyRing {
    /// Puts a new key in front; the one before becomes the older one, unless it had the same name:
    /// then it leaves the set.
    pub(crate) fn rotate(&mut self, new: Arc<SigningKey>) {
        let mut retired = std::mem::replace(&mut self.current, new);
        if retired.kid != self.current.kid {
            std::mem::swap(&mut self.older, &mut retired);
        }
        self.retired.truncate(MAX_RETIRED - 1);
        self.retired.push_front(retired);
        self.oddity = None;
    }

    /// The keys that the API verifies a signature with: all that had this name. The server knows
    /// its own tokens, so one without a name was signed with the current key.
    pub(crate) fn decoding_keys(&self, kid: Option<&str>) -> impl Iterator<Item = DecodingKey> {
        [&self.current, &self.older]
            .into_iter()
            .chain(&self.retired)
            .filter(move |key| match kid {
                Some(kid) => key.kid == kid,
                None => Arc::ptr_eq(key, &self.current),
            })
            .map(|key| key.decoding())
    }

    /// The key published for encryption, while there is one.
    pub(crate) fn encryption_key(&self) -> Option<&Arc<SigningKey>> {
        match &self.oddity {
            Some(Oddity::EncryptionKey(key)) => Some(key),
            _ => None,
        }
    }

    fn jwk_set(&self) -> String {
        let mut current = self.current.jwk();
        let mut older = Some(self.older.jwk());
        let mut others = Vec::new();
        let mut members = String::new();
        match &self.oddity {
            None | Some(Oddity::MediaType) => {}
            Some(Oddity::WeakKey) => {
                others.push(jwk(WEAK_KID, &[1, 0, 1], &weak_key::modulus()));
            }
            Some(Oddity::EncryptionKey(key)) => {
                let mut key = key.jwk();
                key.set("use", "enc");
                others.push(key);
            }
            Some(Oddity::EllipticKey) => {
                let key = EllipticKey::get();
                others.push(key.jwk_named(&key.kid));
            }
            Some(Oddity::ManyKeys) => {
                others.extend(
                    (2..MANY)
                        .map(|number| EllipticKey::get().jwk_named(&format!("sandbox-{number}"))),
                );
            }
            Some(Oddity::OtherKeyTypes) => {
                others.extend(other_key_types(&self.current.kid));
            }
            Some(Oddity::UnknownMembers) => {
                members = r#""sandbox_note":{"see":["README.md"]},"next_update":null,"#.to_owned();
                current.set("sandbox_note", "nobody has defined this");
                current.set("x5t", random::text(20));
                current.set("exp", 1);
            }
            Some(Oddity::BareKey) => {
                current.remove("use");
                current.remove("alg");
            }
            Some(Oddity::OneNamelessKey) => {
                current.remove("kid");
                older = None;
            }
            Some(Oddity::DuplicateKid) => older = Some(self.older.jwk_named(&self.current.kid)),
            Some(Oddity::KeyOperations) => {
                current.remove("use");
                current.set("key_ops", json!(["encrypt", "wrapKey"]));
            }
            Some(Oddity::KeyAlgorithm) => current.set("alg", "RS512"),
            Some(Oddity::EvenExponent) => current.set("e", URL_SAFE_NO_PAD.encode([1, 0, 0])),
            Some(Oddity::ExponentOne) => current.set("e", URL_SAFE_NO_PAD.encode([1])),
        }
        // What a client should pass over comes first.
        let keys: Vec<String> = others
            .iter()
            .chain([&current])
            .chain(&older)
            .map(ToString::to_string)
            .collect();
        format!("{{{members}\"keys\":[{}]}}", keys.join(","))
    }
}

/// Keys that are not RSA keys; the secret one has the name given.
fn other_key_types(kid: &str) -> [Object; 4] {
    [
        EllipticKey::get().jwk_named(EllipticKey::get().kid()),
        Object::new([
            ("kty", "oct".into()),
            ("kid", kid.into()),
            ("k", random::text(32).into()),
        ]),
        // A post-quantum key with a parameter set that does not exist.
        Object::new([
            ("kty", "AKP".into()),
            ("alg", "ML-DSA-99".into()),
            ("kid", "sandbox-akp".into()),
            ("use", "sig".into()),
            ("pub", random::text(48).into()),
        ]),
        Object::new([
            ("kty", "SANDBOX".into()),
            ("kid", "sandbox-made-up".into()),
            ("use", "sig".into()),
        ]),
    ]
}

/// `GET /oauth2/aus1lm3ry9mF7x2Ja0h8/v1/keys`
pub(crate) async fn serve(State(shared): State<Arc<Shared>>) -> Response {
    let (fault, body, media_type) = {
        let mut inner = shared.inner();
        let fault = match (inner.keys_fault, &mut inner.keys_hiccup) {
            (Some(fault), _) => Some(fault),
            (None, Some(KeysHiccup { fault, left })) if *left > 0 => {
                *left -= 1;
                Some(*fault)
            }
            _ => None,
        };
        let media_type = match inner.keys.oddity {
            Some(Oddity::MediaType) => "application/jwk-set+json",
            _ => "application/json",
        };
        (fault, inner.keys.jwk_set(), media_type)
    };
    match fault {
        None => keys(body, media_type),
        Some(KeysFault::Unreachable) => http::text(StatusCode::SERVICE_UNAVAILABLE, ""),
        Some(KeysFault::Status(status)) => readable(http::json_text(
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            r#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#.to_owned(),
        )),
        Some(KeysFault::Html) => readable(http::html_garbage()),
        Some(KeysFault::Empty) => {
            readable(http::json_text(StatusCode::OK, r#"{"keys":[]}"#.to_owned()))
        }
        Some(KeysFault::TooLarge) => readable(http::json_text(
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
            keys(body, media_type)
        }
        Some(KeysFault::Silent) => std::future::pending().await,
        Some(KeysFault::Redirect) => {
            readable(http::redirect(StatusCode::FOUND, "/oauth2/default/v1/keys"))
        }
    }
}

/// `GET /attacker/keys`: where the headers of two scenarios point. A client that asks for it has
/// believed a token before its signature.
pub(crate) async fn serve_attacker(State(shared): State<Arc<Shared>>) -> Response {
    let key = {
        let inner = shared.inner();
        SigningKey::attacker().jwk_named(inner.keys.current.kid())
    };
    readable(http::json_text(
        StatusCode::OK,
        format!("{{\"keys\":[{key}]}}"),
    ))
}

fn keys(body: String, media_type: &'static str) -> Response {
    let mut response = readable(http::json_text(StatusCode::OK, body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_str(&format!("max-age={MAX_AGE}, must-revalidate"))
            .expect("a number and words make a header value"),
    );
    response
}

/// Readable across origins, and not to be kept.
fn readable(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
