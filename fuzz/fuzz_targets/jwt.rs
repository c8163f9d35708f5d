//! Rule (The token): No claim is read before the signature is verified
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::jwt(input);
});
