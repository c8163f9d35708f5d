//! What must still be true when the browser comes back.

use super::{Client, CodeVerifier, Nonce, ResponseType, Scope, StateParameter};
use crate::{route::Route, time::Timestamp};

/// How long an authorization may take where nothing else is configured, in seconds.
pub const MAX_AGE: i64 = 10 * 60;
/// How many may be under way at once in one tab.
pub const MAX_COUNT: usize = 5;

/// A request that was sent and not answered yet. It is stored under its `state`, read once, and
/// gone before anything is done with the answer.
#[derive(Clone, Debug)]
pub struct PendingAuthorization {
    /// As sent.
    pub state: StateParameter,
    /// As sent.
    pub nonce: Nonce,
    /// What the challenge was made of; only where a code was asked for.
    pub code_verifier: Option<CodeVerifier>,
    /// As sent.
    pub client_id: String,
    /// As sent.
    pub redirect_uri: String,
    /// As sent.
    pub scope: Scope,
    /// Who was asked, so that an answer of another issuer is noticed.
    pub issuer: String,
    /// When.
    pub created_at: Timestamp,
    /// Where the person was.
    pub return_to: Route,
}

/// Why there is no record for a response's `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPendingAuthorization {
    /// The storage holds none at all: another tab's answer, an old link, or one already used.
    NoneStored,
    /// As [`NoneStored`](Self::NoneStored), for the second time within [`MAX_AGE`]: this browser
    /// probably loses what is stored on the way to the authorization server and back.
    LostAgain,
    /// The storage holds some, under other states.
    OtherState,
    /// The record could not be read.
    Unreadable,
}

impl PendingAuthorization {
    /// Whether it is too old for `client` to be answered, or from a future that a changed clock made.
    pub fn is_stale(&self, client: &Client, now: Timestamp) -> bool {
        is_stale(self.created_at, client.max_authorization_time, now)
    }

    /// Whether it was made by a client with these settings.
    pub fn is_of(&self, client: &Client) -> bool {
        self.client_id == client.client_id
            && self.redirect_uri == client.redirect_uri
            && self.issuer == client.issuer
            && self.code_verifier.is_some() == (client.response_type == ResponseType::Code)
    }
}

/// Whether a response without a record is the second one in a row, where the one before came at
/// `before`.
pub fn is_lost_again(before: Option<Timestamp>, now: Timestamp) -> bool {
    before.is_some_and(|before| !is_stale(before, MAX_AGE, now))
}

/// `max_age` is in seconds.
fn is_stale(created_at: Timestamp, max_age: i64, now: Timestamp) -> bool {
    let age = now.millis_since(created_at);
    let most = max_age.saturating_mul(1000);
    !(-most..=most).contains(&age)
}

/// Which of the stored records to remove before another is added: the unreadable (`None`), the
/// stale, and the oldest above [`MAX_COUNT`] − 1.
pub fn sweep<K>(stored: Vec<(K, Option<Timestamp>)>, client: &Client, now: Timestamp) -> Vec<K> {
    let mut remove = Vec::new();
    let mut keep = Vec::new();
    for (key, created_at) in stored {
        match created_at {
            Some(created_at) if !is_stale(created_at, client.max_authorization_time, now) => {
                keep.push((key, created_at))
            }
            _ => remove.push(key),
        }
    }
    keep.sort_unstable_by_key(|(_, created_at)| *created_at);
    let surplus = (keep.len() + 1).saturating_sub(MAX_COUNT);
    remove.extend(keep.into_iter().take(surplus).map(|(key, _)| key));
    remove
}
