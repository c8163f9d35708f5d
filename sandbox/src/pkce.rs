//! Proof Key for Code Exchange (RFC 7636), S256 only.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Whether this is a valid challenge: 32 bytes in base64url (§4.2).
pub(crate) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier is well-formed (§4.1) and matches the challenge (§4.6).
pub(crate) fn verify(verifier: &str, challenge: &str) -> bool {
    is_verifier(verifier)
        && URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge
}

/// 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_rfc_7636_verifies() {
        assert!(is_challenge(CHALLENGE));
        assert!(verify(VERIFIER, CHALLENGE));
        assert!(!verify(CHALLENGE, CHALLENGE), "that would be plain");
        assert!(!verify(&VERIFIER.to_lowercase(), CHALLENGE));
    }

    #[test]
    fn malformed_verifiers_and_challenges_are_rejected() {
        let of = |text: &str| URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
        for (verifier, sound) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("-._~Az09".repeat(16), true),
            ("a".repeat(129), false),
            ("a".repeat(42) + "+", false),
            ("a".repeat(42) + " ", false),
        ] {
            assert_eq!(verify(&verifier, &of(&verifier)), sound, "{verifier}");
        }
        for challenge in [
            "",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}="),
            &format!("{CHALLENGE}A"),
            &CHALLENGE.replace('-', "+"),
        ] {
            assert!(!is_challenge(challenge), "{challenge}");
        }
    }
}
