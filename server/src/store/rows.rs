//! What is stored and what is read back.

use crate::{seal::Sealed, secrets::Hash};
use cc_connect_core::time::Timestamp;

/// A session as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub(crate) version: i64,
    /// The account and the tokens.
    pub(crate) sealed: Sealed,
    pub(crate) token: TokenTimes,
    /// When a renewal was sent whose answer is not stored.
    pub(crate) asked: Option<Timestamp>,
    pub(crate) idle_until: Timestamp,
    pub(crate) absolute_until: Timestamp,
    /// Why the connection ended.
    pub(crate) ended: Option<String>,
}

/// What may be known of a token without opening the seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenTimes {
    /// `exp`.
    pub(crate) expires: Timestamp,
    /// When a renewal is due.
    pub(crate) renew_from: Timestamp,
    /// When it came.
    pub(crate) renewed: Timestamp,
}

/// A session to be stored, in its first version.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) id: Hash,
    pub(crate) sealed: Sealed,
    pub(crate) token: TokenTimes,
    pub(crate) created: Timestamp,
    pub(crate) idle_until: Timestamp,
    pub(crate) absolute_until: Timestamp,
}

/// The version of a session that has just been stored.
pub(crate) const FIRST_VERSION: i64 = 1;

/// An attempt to be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewAttempt {
    pub(crate) state: Hash,
    pub(crate) binding: Hash,
    pub(crate) sealed: Sealed,
    /// The session to be deleted when this attempt succeeds.
    pub(crate) previous: Option<Hash>,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
}

/// An attempt that was stored under a `state`, which it no longer is.
#[derive(Clone, Debug)]
pub(crate) enum TakenAttempt {
    /// It is this browser's.
    Taken {
        sealed: Sealed,
        previous: Option<Hash>,
    },
    /// Another browser's, and still stored.
    OtherBrowser,
    /// No attempt has this `state`, or it was taken before.
    Missing,
}

/// The state of the budget after a request for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A request may be sent at this time.
    At {
        time: Timestamp,
        /// How many requests were sent today, this one included.
        used: i64,
    },
    /// The next time to send one is too far away.
    Later(Timestamp),
    /// Today's requests are used up.
    UsedUp,
}
