//! Rule (The response): Whatever anyone else sends, nothing is accepted without our `state`
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::authorization_response(input);
});
