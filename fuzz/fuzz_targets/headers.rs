//! Rule (The time): The time is the host's: `Date` and `Age` of a response from the page's own
//! origin
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::headers(input);
});
