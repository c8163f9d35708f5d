//! The code grant in Firefox: connecting, the callback and a renewal. Its other tests run in
//! Chromium, and what both grants share is tested in both browsers.

use crate::{callback, connect, renewal};
use cc_connect_e2e::{Setup, with_code_in_firefox};

with_code_in_firefox!(
    a_person_connects_and_sees_the_account,
    back_and_forward_never_show_a_code,
    a_code_is_used_once,
    a_connection_is_renewed_shortly_before_its_end_and_only_then,
);

async fn a_person_connects_and_sees_the_account(setup: Setup) {
    connect::a_person_connects_and_sees_the_account(setup).await;
}

async fn back_and_forward_never_show_a_code(setup: Setup) {
    callback::back_and_forward_never_show_a_token(setup).await;
}

async fn a_code_is_used_once(setup: Setup) {
    renewal::a_code_is_used_once(setup).await;
}

async fn a_connection_is_renewed_shortly_before_its_end_and_only_then(setup: Setup) {
    renewal::a_connection_is_renewed_shortly_before_its_end_and_only_then(setup).await;
}
