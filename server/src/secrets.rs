//! The two random secrets that live in cookies. They have no `Display` and no `Serialize`, their
//! `Debug` prints only the type, and their memory is wiped.

use crate::random;
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;
use zeroize::Zeroizing;

/// What a row is found by: a hash that leads back to no secret.
pub(crate) type Hash = [u8; 32];

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident, $purpose:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// A new one: 256 random bits, 43 characters of base64url.
            pub fn generate() -> Self {
                let bytes = Zeroizing::new(random::bytes::<32>());
                Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
            }

            /// Reads a cookie's value; `None` if it has another form than
            /// [`generate`](Self::generate) gives it.
            pub fn parse(text: &str) -> Option<Self> {
                let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
                (bytes.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
            }

            /// The cookie's value, for the cookie only.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// What its rows are found by.
            pub(crate) fn hash(&self) -> Hash {
                hash($purpose, self.expose())
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
    /// Names a session and opens its seal: the value of the session's cookie.
    ///
    /// ```
    /// use cc_connect_server::SessionSecret;
    ///
    /// let secret = SessionSecret::generate();
    /// assert_eq!(secret.expose().len(), 43);
    /// assert!(SessionSecret::parse(secret.expose()).is_some());
    /// assert!(SessionSecret::parse("too short").is_none());
    /// assert_eq!(format!("{secret:?}"), "SessionSecret(redacted)");
    /// ```
    SessionSecret, "cc-connect session"
}
secret! {
    /// Binds the attempts to connect to the browser that began them, and opens their seals: the
    /// value of the attempts' cookie.
    BindingSecret, "cc-connect binding"
}

/// The hash of a secret for one purpose: another purpose gives another hash.
pub(crate) fn hash(purpose: &str, secret: &str) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(purpose.as_bytes());
    context.update(secret.as_bytes());
    let digest = context.finish();
    let bytes = digest.as_ref().try_into();
    bytes.expect("SHA-256 has 32 octets")
}
