//! Rule (Storage and other tabs): What is loaded is believed in nothing: another form, another
//! version, another source
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::stored(input);
});
