//! Rule (The code): The response is one JSON object with unique members →
//! `token_response_malformed`
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::token_response(input);
});
