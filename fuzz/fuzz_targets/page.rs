//! Rule (Requests with the token): Requests go to the configured API: a request has a path and no
//! host
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::page(input);
});
