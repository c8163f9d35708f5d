#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::token_response(input);
});
