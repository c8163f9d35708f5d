//! Rule (Requests with the token): Each failure has its own words and a way on →
//! `api_unauthorized`, `api_forbidden`, `api_not_found`, `api_throttled`, `api_quota_exceeded`,
//! `api_unavailable`, `api_unreachable`, `api_unexpected`
//!
//! Rule (Requests with the token): A link from the account's data is a web address, or writes to
//! one mail address and nothing more
//!
//! Rule (Requests with the token): A member of an answer that cannot be read costs only itself
//!
//! Rule (What holds the rules together): No parser panics, whatever comes
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = cc_connect_fuzz::checks::v3(input);
});
