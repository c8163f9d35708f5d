//! Random octets, from the operating system through AWS-LC.

use cc_connect_core::oauth::Entropy;

/// Random octets.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // AWS-LC ends the process rather than go on without entropy.
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has entropy");
    bytes
}

/// The entropy of one authorization request.
pub fn entropy() -> Entropy {
    Entropy {
        state: bytes(),
        nonce: bytes(),
        code_verifier: bytes(),
    }
}
