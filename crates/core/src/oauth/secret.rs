//! Secrets: they have no `Display` and no `Serialize`, and their `Debug` prints only the type.
//! Reading one takes a call to `expose`, so every place that does can be searched for.
//!
//! ```
//! use cc_connect_core::oauth::AccessToken;
//!
//! let token = AccessToken::new("2YotnFZFEjr1zCsicMWpAA".to_owned());
//! assert_eq!(format!("{token:?}"), "AccessToken(redacted)");
//! assert_eq!(token.expose(), "2YotnFZFEjr1zCsicMWpAA");
//! assert!(token.is_same_secret(&token.clone()));
//! assert!(!token.is_secret_text("2YotnFZFEjr1zCsicMWpA"));
//! ```

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Wraps the text. Its memory is wiped when the value is dropped.
            pub fn new(text: String) -> Self {
                Self(Zeroizing::new(text))
            }

            /// The secret itself, for the one place where it belongs.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Whether `other` holds the same text, compared in constant time.
            pub fn is_same_secret(&self, other: &Self) -> bool {
                self.is_secret_text(other.expose())
            }

            /// Whether the secret is this text, compared in constant time.
            pub fn is_secret_text(&self, other: &str) -> bool {
                self.0.as_bytes().ct_eq(other.as_bytes()).into()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

secret! {
    /// An access token ([RFC 6749 §1.4](https://www.rfc-editor.org/rfc/rfc6749.html#section-1.4)).
    AccessToken
}
secret! {
    /// The `state` parameter: binds a response to this browser's request
    /// ([RFC 6749 §10.12](https://www.rfc-editor.org/rfc/rfc6749.html#section-10.12)).
    StateParameter
}
secret! {
    /// The `nonce` parameter. Constant Contact requires it but returns it only in an ID token.
    Nonce
}
secret! {
    /// An authorization code
    /// ([RFC 6749 §1.3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-1.3.1)): good for one
    /// access token, to whoever has the code verifier.
    AuthorizationCode
}
secret! {
    /// A code verifier ([RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.1)).
    CodeVerifier
}
secret! {
    /// A refresh token ([RFC 6749 §1.5](https://www.rfc-editor.org/rfc/rfc6749.html#section-1.5)).
    /// A rotating one can be used once.
    RefreshToken
}
secret! {
    /// The secret of a confidential client
    /// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3.1)). It belongs on
    /// a server.
    ClientSecret
}
secret! {
    /// An ID token
    /// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)) as
    /// received. It identifies the user.
    IdToken
}

impl StateParameter {
    /// 256 random bits as base64url.
    pub fn from_entropy(bytes: [u8; 32]) -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Whether `text` has the form that [`from_entropy`](Self::from_entropy) produces.
    pub(super) fn is_well_formed(text: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == 32)
    }
}

impl Nonce {
    /// 256 random bits as base64url.
    pub fn from_entropy(bytes: [u8; 32]) -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl CodeVerifier {
    /// 256 random bits as base64url: 43 unreserved characters, the least that
    /// [RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.1) allows.
    ///
    /// ```
    /// use cc_connect_core::oauth::CodeVerifier;
    ///
    /// # let random = || [7; 32];
    /// let verifier = CodeVerifier::from_entropy(random());
    /// assert_eq!(verifier.expose().len(), 43);
    /// ```
    pub fn from_entropy(bytes: [u8; 32]) -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The code challenge of the method `S256`
    /// ([RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.2)). It is not a
    /// secret.
    ///
    /// ```
    /// use cc_connect_core::oauth::CodeVerifier;
    ///
    /// // The example of RFC 7636 appendix B.
    /// let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
    /// assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    /// ```
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_secret_does_not_show_it() {
        let canary = "canary-4f1c";
        for shown in [
            format!("{:?}", AccessToken::new(canary.to_owned())),
            format!("{:?}", StateParameter::new(canary.to_owned())),
            format!("{:#?}", Nonce::new(canary.to_owned())),
            format!("{:?}", AuthorizationCode::new(canary.to_owned())),
            format!("{:#?}", CodeVerifier::new(canary.to_owned())),
            format!("{:?}", RefreshToken::new(canary.to_owned())),
            format!("{:?}", ClientSecret::new(canary.to_owned())),
            format!("{:?}", IdToken::new(canary.to_owned())),
        ] {
            assert!(!shown.contains(canary), "{shown}");
            assert!(shown.ends_with("(redacted)"), "{shown}");
        }
    }

    #[test]
    fn entropy_becomes_43_characters_of_base64url() {
        let state = StateParameter::from_entropy([0xff; 32]);
        assert_eq!(state.expose().len(), 43);
        assert!(
            state
                .expose()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
    }

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = CodeVerifier::from_entropy(octets);
        assert!(verifier.is_secret_text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn comparison_is_of_the_whole_text() {
        let state = StateParameter::new("abc".to_owned());
        assert!(state.is_secret_text("abc"));
        for other in ["abd", "ab", "abcd", ""] {
            assert!(!state.is_secret_text(other), "{other}");
        }
    }
}
