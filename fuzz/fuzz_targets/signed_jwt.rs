//! Rule (The token): The claims are one JSON object, parsed as strictly as the header →
//! `malformed_claims`
//!
//! Rule (The token): `scp`, and every claim that no rule names, rejects nothing
//!
//! Rule (The token): The report that accompanies an error shows which check failed
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::signed_jwt(input);
});
