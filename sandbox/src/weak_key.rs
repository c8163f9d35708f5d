//! A key of 1024 bits, for the scenario in which the server signs with one.
//!
//! AWS-LC does not sign with such a small key, so the signature is computed here. The key is
//! public and fixed: it protects nothing.

use num_bigint::BigUint;

/// The modulus, in hexadecimal.
const MODULUS: &[u8] = b"\
    d0eea3487ba104ce0e181c09df9a33656c6cca4ca95d9ed5d1e8f2a518f85c61\
    80b01f191da00facc1cea35a30655ae2288fb7da6d944a70fc48ea642059819d\
    06c6b1d39bcc309d520c0b20815c6c8c44733f845553dd24b75e9c91f1c3545f\
    c259b8c19f063c2b7c3223905edb439280e252cfc76b22e38894240d8691c717";
/// The private exponent, in hexadecimal.
const PRIVATE_EXPONENT: &[u8] = b"\
    1fd02666b4046991e28d833f719fae31c457b05a09f3ea6a8e62d507948cc4ac\
    480709452ec09f8263a44e353e6740766d4cace7028670eb514edcf9cfff30ff\
    ec7d036bc269943c6c0502307e5af36ecfb8623e5593db0d56805942f24e0df6\
    01d1c3a27dab9e2a8c068f61457311f67515860627beffb1bf7a43bc70e9e8b9";
/// Its length in bytes.
const SIZE: usize = 128;
/// The DER encoding of DigestInfo for SHA-256, up to the digest (RFC 8017 §9.2).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

fn number(hexadecimal: &[u8]) -> BigUint {
    BigUint::parse_bytes(hexadecimal, 16).expect("the constants are hexadecimal")
}

/// The modulus, big-endian.
pub(crate) fn modulus() -> Vec<u8> {
    number(MODULUS).to_bytes_be()
}

/// EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §9.2): the number that is raised to the private exponent.
/// With the public exponent 1 it is its own signature.
pub(crate) fn encoded(message: &[u8], size: usize) -> Vec<u8> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message);
    let tail = [&DIGEST_INFO[..], digest.as_ref()].concat();
    let mut encoded = vec![0xff; size];
    encoded[..2].copy_from_slice(&[0x00, 0x01]);
    encoded[size - tail.len() - 1] = 0x00;
    encoded[size - tail.len()..].copy_from_slice(&tail);
    encoded
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1).
pub(crate) fn sign(message: &[u8]) -> Vec<u8> {
    let signature = BigUint::from_bytes_be(&encoded(message, SIZE))
        .modpow(&number(PRIVATE_EXPONENT), &number(MODULUS))
        .to_bytes_be();
    let mut padded = vec![0; SIZE - signature.len()];
    padded.extend(signature);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents,
    };

    #[test]
    fn another_implementation_accepts_the_signature() {
        let key = RsaPublicKeyComponents {
            n: modulus(),
            e: vec![1, 0, 1],
        };
        key.verify(
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            b"message",
            &sign(b"message"),
        )
        .expect("the signature is genuine");
    }
}
