//! Rule (Requests with the token): Each failure has its own message and a next step →
//! `api_unauthorized`, `api_forbidden`, `api_not_found`, `api_throttled`, `api_quota_exceeded`,
//! `api_unavailable`, `api_unreachable`, `api_unexpected`
//!
//! Rule (Requests with the token): A link made from the account's data is a web address, or a mail
//! link to a single address
//!
//! Rule (Requests with the token): A member of a response that cannot be read is left out, and the
//! rest is used
//!
//! Rule (What holds the rules together): No parser panics, whatever the input
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::v3(input);
});
