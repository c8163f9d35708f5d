//! Rule (The request): The redirect URI is spelled as browsers spell it, so that the address bar
//! shows the same
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::config(input);
});
