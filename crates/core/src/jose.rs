//! The part of JOSE that is needed: one RS256 signature in compact form, checked against a JWK Set.
//!
//! [RFC 7515] (JWS), [RFC 7517] (JWK), [RFC 7519] (JWT), following the advice of [RFC 8725]. The
//! algorithm is pinned here and never taken from the token; key material comes from the issuer's
//! JWK Set only. Nothing in this module knows OAuth or a particular issuer: what a kind of token
//! has to contain besides is checked in [`constant_contact`](crate::constant_contact) and
//! [`openid_connect`](crate::openid_connect).
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515.html
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517.html
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519.html
//! [RFC 8725]: https://www.rfc-editor.org/rfc/rfc8725.html

mod base64url;
pub mod claims;
pub mod error;
pub mod jwk_set;
pub mod jwk_set_cache;
pub mod unverified_jwt;
pub mod verify;

pub use claims::{VerificationKey, VerifiedClaims};
pub use error::TokenError;
pub use jwk_set::{JwkSet, JwkSetError};
pub use unverified_jwt::UnverifiedJwt;
pub use verify::{Expectations, verify};
