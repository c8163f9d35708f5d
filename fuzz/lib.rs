//! Shared by the fuzz targets: the checks, which the ordinary tests run as well.

pub mod checks;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair, KeyPairComponents, PublicKeyComponents},
    signature::RSA_PKCS1_SHA256,
};
use std::sync::LazyLock;

/// `dp`, `dq` and `qi` of RFC 7515 A.2, which the JWK in the test vectors omits.
const CRT: [&str; 3] = [
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];

static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    let jwk: serde_json::Value = serde_json::from_str(include_str!(
        "../crates/core/tests/vectors/rfc7515-a2-jwk.json"
    ))
    .expect("the RFC's key is JSON");
    let decode = |text| URL_SAFE_NO_PAD.decode(text).expect("it is base64url");
    let number = |name: &str| decode(jwk[name].as_str().expect("its members are strings"));
    let [dp, dq, qi] = CRT.map(decode);
    KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents {
            n: number("n"),
            e: number("e"),
        },
        d: number("d"),
        p: number("p"),
        q: number("q"),
        dP: dp,
        dQ: dq,
        qInv: qi,
    })
    .expect("it is an RSA key")
});

/// Signs `input` with RS256 and the key of RFC 7515 A.2.
fn rs256(input: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; KEY.public().modulus_len()];
    KEY.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        input,
        &mut signature,
    )
    .expect("an RSA key of 2048 bits signs");
    signature
}
