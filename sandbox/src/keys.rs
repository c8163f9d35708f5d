//! The signing keys, and the JWK Set that publishes them.

pub(crate) mod endpoint;

use crate::{faults::KeysFault, json::Object, random, weak_key};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

/// How many keys are remembered after they have left the set.
const MAX_RETIRED: usize = 100;
/// How many keys there are in the set of [`Oddity::ManyKeys`].
const MANY: usize = 1000;

/// An RSA key of 2048 bits, made at start.
pub(crate) struct SigningKey {
    kid: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Takes some hundred milliseconds.
    pub(crate) fn generate() -> Arc<Self> {
        Self::generate_named(random::text(32))
    }

    /// A new key with this `kid`.
    pub(crate) fn generate_named(kid: String) -> Arc<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("AWS-LC generates RSA keys");
        Arc::new(Self { kid, pair })
    }

    /// The previous key: one for all sandboxes of the process, since generating a key is the slowest
    /// part of a start.
    pub(crate) fn older() -> Arc<Self> {
        static OLDER: OnceLock<Arc<SigningKey>> = OnceLock::new();
        Arc::clone(OLDER.get_or_init(Self::generate))
    }

    /// An attacker's key, also one for the process.
    pub(crate) fn attacker() -> Arc<Self> {
        static ATTACKER: OnceLock<Arc<SigningKey>> = OnceLock::new();
        Arc::clone(ATTACKER.get_or_init(Self::generate))
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The length of the modulus, and so of a signature, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.pair.public_modulus_len()
    }

    /// The public key in DER, which a verifier that trusts the token's `alg` might use as an HMAC
    /// key.
    pub(crate) fn public_der(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The signature over the message, base64url.
    pub(crate) fn sign(&self, message: &str, algorithm: &'static dyn RsaEncoding) -> String {
        let mut signature = vec![0; self.size()];
        self.pair
            .sign(
                algorithm,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .expect("an RSA key of 2048 bits signs with every RSA algorithm");
        URL_SAFE_NO_PAD.encode(signature)
    }

    fn modulus(&self) -> &[u8] {
        let modulus = self.pair.public_key().modulus();
        modulus.big_endian_without_leading_zero()
    }

    fn exponent(&self) -> &[u8] {
        let exponent = self.pair.public_key().exponent();
        exponent.big_endian_without_leading_zero()
    }

    fn decoding(&self) -> DecodingKey {
        DecodingKey::from_rsa_raw_components(self.modulus(), self.exponent())
    }

    fn jwk(&self) -> Object {
        self.jwk_named(&self.kid)
    }

    /// The public key as a JWK with this `kid`.
    pub(crate) fn jwk_named(&self, kid: &str) -> Object {
        jwk(kid, self.exponent(), self.modulus())
    }
}

/// A key on the curve P-256: one for all sandboxes of the process.
pub(crate) struct EllipticKey {
    kid: String,
    pair: EcdsaKeyPair,
}

impl EllipticKey {
    pub(crate) fn get() -> &'static Self {
        static KEY: OnceLock<EllipticKey> = OnceLock::new();
        KEY.get_or_init(|| {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
            Self {
                kid: random::text(32),
                pair: pair.expect("AWS-LC generates P-256 keys"),
            }
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The signature over the message with ES256, base64url.
    pub(crate) fn sign(&self, message: &str) -> String {
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        URL_SAFE_NO_PAD.encode(signature.expect("a key on P-256 signs with ES256"))
    }

    fn jwk_named(&self, kid: &str) -> Object {
        // An uncompressed point: 4, x, y (SEC 1 §2.3.3).
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        Object::new([
            ("kty", "EC".into()),
            ("alg", "ES256".into()),
            ("kid", kid.into()),
            ("use", "sig".into()),
            ("crv", "P-256".into()),
            ("x", URL_SAFE_NO_PAD.encode(x).into()),
            ("y", URL_SAFE_NO_PAD.encode(y).into()),
        ])
    }
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

/// A peculiarity of the set, until the next token is issued.
#[derive(Clone)]
pub(crate) enum Oddity {
    /// [`weak_key`] is in it.
    WeakKey,
    /// A good key is in it, published for encryption.
    EncryptionKey(Arc<SigningKey>),
    /// [`EllipticKey`] is in it.
    EllipticKey,
    /// A thousand keys are in it.
    ManyKeys,
    /// Keys of other types are in it, one of them under the current key's name.
    OtherKeyTypes,
    /// It has undefined members.
    UnknownMembers,
    /// The current key lacks `use` and `alg`.
    BareKey,
    /// It has the registered media type (RFC 7517 §8.5).
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

/// A temporary fault of the endpoint.
pub(crate) struct Hiccup {
    pub(crate) fault: KeysFault,
    /// For how many more requests.
    pub(crate) left: u32,
}

/// All keys, and the state of their endpoint.
pub(crate) struct KeyRing {
    pub(crate) current: Arc<SigningKey>,
    pub(crate) older: Arc<SigningKey>,
    /// Keys that have left the set. The API still accepts them, since tokens outlive a rotation.
    retired: VecDeque<Arc<SigningKey>>,
    pub(crate) oddity: Option<Oddity>,
    /// Until it is cleared.
    pub(crate) fault: Option<KeysFault>,
    pub(crate) hiccup: Option<Hiccup>,
}

impl KeyRing {
    pub(crate) fn new(current: Arc<SigningKey>, older: Arc<SigningKey>) -> Self {
        Self {
            current,
            older,
            retired: VecDeque::new(),
            oddity: None,
            fault: None,
            hiccup: None,
        }
    }

    /// The fault of the next response, if any.
    fn next_fault(&mut self) -> Option<KeysFault> {
        if self.fault.is_some() {
            return self.fault;
        }
        let hiccup = self.hiccup.as_mut()?;
        hiccup.left = hiccup.left.checked_sub(1)?;
        Some(hiccup.fault)
    }

    fn media_type(&self) -> &'static str {
        match self.oddity {
            Some(Oddity::MediaType) => "application/jwk-set+json",
            _ => "application/json",
        }
    }

    /// Makes a new key the current one. The previous one becomes the older key, unless it has the
    /// same `kid`: then it leaves the set.
    pub(crate) fn rotate(&mut self, new: Arc<SigningKey>) {
        let mut retired = std::mem::replace(&mut self.current, new);
        if retired.kid != self.current.kid {
            std::mem::swap(&mut self.older, &mut retired);
        }
        self.retired.truncate(MAX_RETIRED - 1);
        self.retired.push_front(retired);
        self.oddity = None;
    }

    /// The keys that the API verifies a signature with: all that ever had this `kid`. A token
    /// without `kid` is verified with the current key.
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

    /// The key that is published for encryption, if any.
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
                current.set("sandbox_note", "undefined by any standard");
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
        // The keys that a client should skip come first.
        let keys: Vec<String> = others
            .iter()
            .chain([&current])
            .chain(&older)
            .map(ToString::to_string)
            .collect();
        format!("{{{members}\"keys\":[{}]}}", keys.join(","))
    }
}

/// Keys that are not RSA keys. The symmetric one has this `kid`.
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
