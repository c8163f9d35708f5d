//! Rule (The response): The place to return to is a page of this application, never another
//! address
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::return_to(input);
});
