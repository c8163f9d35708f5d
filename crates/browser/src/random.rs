//! Random values from `crypto.getRandomValues`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cc_connect_core::oauth::Entropy;

/// Fresh entropy for one authorization request; `None` if the browser provides none.
pub(crate) fn entropy() -> Option<Entropy> {
    Some(Entropy {
        state: bytes()?,
        nonce: bytes()?,
        code_verifier: bytes()?,
    })
}

/// A unique tab name; `None` if the browser provides no entropy. It is not a secret.
pub(crate) fn name() -> Option<String> {
    let bytes = bytes()?;
    Some(URL_SAFE_NO_PAD.encode(&bytes[..12]))
}

fn bytes() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    web_sys::window()?
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    // A source that returns only zeros is broken.
    (bytes != [0; 32]).then_some(bytes)
}
