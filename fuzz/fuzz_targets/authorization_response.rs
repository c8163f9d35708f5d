//! Rule (The response): Whatever a stranger sends, without our `state` nothing is accepted
//!
//! Rule (What holds the rules together): No parser panics, whatever comes
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::authorization_response(input);
});
