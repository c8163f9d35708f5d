//! Which clock is wrong, and by how much.

use crate::words::{self, duration::ahead_or_behind};
use cc_connect_core::{
    clock::Deviation,
    constant_contact::AccessTokenError,
    jose::TokenError,
    openid_connect::IdTokenError,
    session::{Reason, Refusal},
    time::Timestamp,
};

/// Which clock is wrong, and by how much.
pub fn clock_wrong(deviation: Deviation) -> String {
    let (word, seconds) = match deviation {
        Deviation::Computer(seconds) => (words::CLOCK_WRONG, seconds),
        Deviation::Host(seconds) => (words::CLOCK_HOST_WRONG, seconds),
    };
    word.with(&[("size", &ahead_or_behind(seconds))])
}

/// Suggests that this computer's clock may be wrong, if an error looks like the result. `now` is
/// what this clock says; the correct time is not known.
pub fn clock_suspected(reason: &Reason, now: Timestamp) -> Option<String> {
    let Reason::TokenRefused { error, .. } = reason else {
        return None;
    };
    let (Refusal::AccessToken(AccessTokenError::Token(error))
    | Refusal::IdToken(IdTokenError::Token(error))) = error
    else {
        return None;
    };
    let ahead = match error {
        TokenError::Expired { at }
        | TokenError::NotYetValid { from: at }
        | TokenError::IssuedInTheFuture { at } => now.seconds_since(*at),
        TokenError::IssuedBeforeRequest { at, requested } => requested.seconds_since(*at),
        _ => return None,
    };
    Some(words::CLOCK_SUSPECTED.with(&[("size", &ahead_or_behind(ahead))]))
}
