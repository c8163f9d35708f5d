//! The record of an authorization request, kept until the browser comes back.

use super::{
    client::Client,
    scope::Scope,
    secret::{CodeVerifier, Nonce, StateParameter},
};
use crate::{return_to::ReturnTo, time::Timestamp};
use thiserror::Error;

/// How long an authorization may take by default, in seconds.
pub const MAX_AGE: i64 = 10 * 60;
/// How many authorizations may be pending at once in one tab.
pub const MAX_COUNT: usize = 5;

/// A request without a response yet. It is stored under its `state`, read once, and removed before
/// the response is processed.
///
/// ```
/// # use cc_connect_core::{ReturnTo, constant_contact, time::Timestamp};
/// # use cc_connect_core::oauth::{Client, Entropy, ResponseType, authorization_request};
/// # let redirect_uri = "https://app.example/callback";
/// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
/// # let client = Client::new(registration.clone())?;
/// # let entropy = Entropy { state: [1; 32], nonce: [2; 32], code_verifier: [3; 32] };
/// # let now = Timestamp::from_unix_seconds(1_790_000_000);
/// let pending = authorization_request(&client, &entropy, ReturnTo::START, now).pending;
/// assert!(!pending.is_stale(&client, now.plus_seconds(client.max_authorization_time())));
/// assert!(pending.is_stale(&client, now.plus_seconds(3_600)));
///
/// assert!(pending.was_made_with(&client));
/// # let other = constant_contact::registration("other", redirect_uri, ResponseType::Code);
/// # let other = Client::new(other)?;
/// assert!(!pending.was_made_with(&other));
/// # Ok::<(), cc_connect_core::oauth::ClientError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PendingAuthorization {
    /// `state`, as sent: the response has to repeat it.
    pub state: StateParameter,
    /// `nonce`, as sent: an ID token has to repeat it.
    pub nonce: Nonce,
    /// What `code_challenge` was derived from, if the client uses PKCE.
    pub code_verifier: Option<CodeVerifier>,
    /// `client_id`, as sent, to notice a change of settings.
    pub client_id: String,
    /// `redirect_uri`, as sent. The token request repeats it.
    pub redirect_uri: String,
    /// `scope`, as sent: what counts as granted if the response does not say.
    pub scope: Scope,
    /// The configured issuer at that time, to notice a change of settings.
    pub issuer: String,
    /// When the request was made: it expires, and no token is older.
    pub created_at: Timestamp,
    /// The page to come back to.
    pub return_to: ReturnTo,
}

/// Why there is no record for a response's `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoPendingAuthorization {
    /// Nothing is stored: another tab's response, an old link, or one already used.
    #[error("no request is stored")]
    NoneStored,
    /// As [`NoneStored`](Self::NoneStored), for the second time within [`MAX_AGE`]: this browser
    /// probably loses its storage on the way to the authorization server and back.
    #[error("no request is stored, for the second time in a row")]
    LostAgain,
    /// Records are stored, but none under this `state`.
    #[error("no request is stored with this state")]
    OtherState,
    /// The record could not be read.
    #[error("the stored request cannot be read")]
    Unreadable,
}

impl PendingAuthorization {
    /// Whether it is older than `client` allows, or too far in the future because the clock was set
    /// back.
    pub fn is_stale(&self, client: &Client, now: Timestamp) -> bool {
        is_stale(self.created_at, client.max_authorization_time(), now)
    }

    /// Whether it was made with the settings of `client`.
    pub fn was_made_with(&self, client: &Client) -> bool {
        self.client_id == client.client_id()
            && self.redirect_uri == client.redirect_uri()
            && self.issuer == client.issuer()
            && self.code_verifier.is_some() == client.uses_pkce()
    }
}

/// Whether a response without a record, after another one at `before`, counts as the second in a
/// row.
///
/// ```
/// use cc_connect_core::{oauth::pending_authorization::is_lost_again, time::Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_790_000_000);
/// assert!(!is_lost_again(None, now));
/// assert!(is_lost_again(Some(now.plus_seconds(-60)), now));
/// assert!(!is_lost_again(Some(now.plus_seconds(-3_600)), now));
/// ```
pub fn is_lost_again(before: Option<Timestamp>, now: Timestamp) -> bool {
    before.is_some_and(|before| !is_stale(before, MAX_AGE, now))
}

/// `max_age` is in seconds.
fn is_stale(created_at: Timestamp, max_age: i64, now: Timestamp) -> bool {
    let age = now.millis_since(created_at);
    let most = max_age.saturating_mul(1000);
    !(-most..=most).contains(&age)
}

/// Which stored records to remove before another is added: the unreadable (`None`), the stale, and
/// the oldest beyond [`MAX_COUNT`] − 1.
///
/// ```
/// # use cc_connect_core::{constant_contact, oauth::{Client, ResponseType}, time::Timestamp};
/// use cc_connect_core::oauth::pending_authorization::sweep;
///
/// # let registration = constant_contact::registration("id", "https://app.example/", ResponseType::Code);
/// # let client = Client::new(registration)?;
/// let now = Timestamp::from_unix_seconds(1_790_000_000);
/// let stored = vec![
///     ("unreadable", None),
///     ("an hour ago", Some(now.plus_seconds(-3_600))),
///     ("a minute ago", Some(now.plus_seconds(-60))),
/// ];
/// assert_eq!(sweep(stored, &client, now), ["unreadable", "an hour ago"]);
/// # Ok::<(), cc_connect_core::oauth::ClientError>(())
/// ```
pub fn sweep<K>(stored: Vec<(K, Option<Timestamp>)>, client: &Client, now: Timestamp) -> Vec<K> {
    let mut remove = Vec::new();
    let mut keep = Vec::new();
    for (key, created_at) in stored {
        match created_at {
            Some(created_at) if !is_stale(created_at, client.max_authorization_time(), now) => {
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
