//! Rule (The token): The claims are one JSON object, as strictly as the header → `malformed_claims`
//!
//! Rule (The token): `scp`, and every claim that is not named here, rejects nothing
//!
//! Rule (The token): A report beside an error says which check failed
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::signed_jwt(input);
});
