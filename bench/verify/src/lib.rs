//! The application's verification alone, as WebAssembly, so that a single verification can be timed
//! without exporting anything from the application. It is compiled with the same settings.
#![cfg(target_arch = "wasm32")]

use cc_connect_core::{
    constant_contact::{Circumstances, access_token_expectations, verify_access_token},
    jose::{Expectations, JwkSet},
    oauth::Nonce,
    time::Timestamp,
};
use wasm_bindgen::prelude::*;

/// An issuer's keys, and what its tokens must contain.
#[wasm_bindgen]
pub struct Verifier {
    keys: JwkSet,
    expectations: Expectations,
    client_id: String,
    requested_at: Timestamp,
}

#[wasm_bindgen]
impl Verifier {
    /// Makes a verifier from the text of a JWK Set. `requested_at` is when the tokens were
    /// requested, in milliseconds since the epoch.
    ///
    /// # Errors
    ///
    /// The error's code, if the text is not a valid JWK Set.
    #[wasm_bindgen(constructor)]
    pub fn new(
        keys: &str,
        issuer: String,
        audience: String,
        client_id: String,
        requested_at: f64,
    ) -> Result<Verifier, JsError> {
        Ok(Self {
            keys: JwkSet::parse(keys).map_err(|error| JsError::new(error.code()))?,
            expectations: Expectations {
                issuer,
                audience,
                ..access_token_expectations()
            },
            client_id,
            requested_at: Timestamp::from_unix_millis(requested_at as i64),
        })
    }

    /// Makes every check that the application makes of an access token. `now` is in milliseconds
    /// since the epoch.
    ///
    /// # Errors
    ///
    /// The error's code, if the token is rejected.
    pub fn verify(&self, compact: &str, now: f64) -> Result<(), JsError> {
        let now = Timestamp::from_unix_millis(now as i64);
        let circumstances = Circumstances {
            client_id: &self.client_id,
            nonce: &Nonce::new(String::new()),
            requested_at: self.requested_at,
        };
        let (_, result) =
            verify_access_token(compact, &self.keys, &self.expectations, circumstances, now);
        result
            .map(|_| ())
            .map_err(|error| JsError::new(error.code()))
    }
}
