//! Rule (With a server): The page leaves for an address over https, or on this machine, and for no
//! other
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::server_answer(input);
});
