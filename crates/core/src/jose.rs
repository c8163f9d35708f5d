//! The part of JOSE that is needed: one RS256 signature in compact form, checked against a JWK Set.
//!
//! [RFC 7515] (JWS), [RFC 7517] (JWK), [RFC 7519] (JWT), following the advice of [RFC 8725]. The
//! algorithm is pinned here and never taken from the token; key material comes from the issuer's
//! JWK Set only. The module does not depend on [`oauth`](crate::oauth), but it is not a general
//! library either: [`TokenError`] covers the claims that
//! [`constant_contact`](crate::constant_contact) checks, and [`ACCESS_TOKEN_TYPES`] is Okta's.
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
pub mod report;
pub mod unverified_jwt;
pub mod verify;

pub use claims::VerifiedClaims;
pub use error::TokenError;
pub use jwk_set::{JwkSet, JwkSetError};
pub use report::{Check, Outcome, Report, Section};
pub use unverified_jwt::UnverifiedJwt;
pub use verify::{ACCESS_TOKEN_TYPES, Expectations, ID_TOKEN_TYPES, Verification, verify};
