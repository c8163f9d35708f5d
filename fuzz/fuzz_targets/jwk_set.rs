//! Rule (The key set): It is a JWK Set: one JSON object, parsed strictly (RFC 7517 §5); not an HTML
//! page with status 200 → `keys_malformed`
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::jwk_set(input);
});
