//! base64url as JOSE defines it: no padding, no white space, exactly one encoding for each value
//! ([RFC 7515 §2](https://www.rfc-editor.org/rfc/rfc7515.html#section-2)).

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Rejects padding and non-zero trailing bits, so that no two texts decode to the same bytes.
const STRICT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STRICT.decode(text).ok()
}
