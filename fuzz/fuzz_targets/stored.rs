//! Rule (Storage and other tabs): Nothing that is loaded is trusted: not another form, version or
//! source
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::stored(input);
});
