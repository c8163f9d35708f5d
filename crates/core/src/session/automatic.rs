//! What happens without the user, and how often at most: automatic authorizations, and renewals
//! after a 401.

use super::{account::Account, context::Reauthorize};
use crate::time::Timestamp;

/// Minimum time between two automatic authorizations, in seconds.
pub const AUTOMATIC_INTERVAL: i64 = 60;
/// Minimum time between two renewals, or countdowns to an authorization, that a 401 caused, in
/// seconds. Otherwise an API that rejects fresh tokens would be retried forever and use up the
/// daily quota that everyone with the API key shares.
pub const REJECTION_INTERVAL: i64 = 10 * 60;
/// How long the page waits after expiry before it re-authorizes automatically, in seconds: the time
/// WCAG 2.2 (success criterion 2.2.1) gives the user to cancel.
pub const COUNTDOWN: i64 = 20;

/// What this tab remembers across page loads, besides the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// When an automatic authorization last started.
    pub last_automatic: Option<Timestamp>,
    /// When a 401 last ended a connection whose token had been accepted before.
    pub last_rejection: Option<Timestamp>,
    /// The account that was connected last.
    pub account: Option<Account>,
}

/// Whether a new authorization starts automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// Nothing starts until the user presses a button.
    None,
    /// It will, [`COUNTDOWN`] seconds after the page becomes visible.
    Waiting,
    /// It will, at this time.
    Until(Timestamp),
}

impl Remembered {
    /// The countdown after a connection that worked has ended.
    pub(super) fn countdown(&self, reauthorize: Reauthorize, now: Timestamp) -> Countdown {
        match reauthorize {
            Reauthorize::Automatic if !self.authorized_recently(now) => Countdown::Waiting,
            _ => Countdown::None,
        }
    }

    /// Whether an automatic authorization started less than [`AUTOMATIC_INTERVAL`] ago.
    pub(super) fn authorized_recently(&self, now: Timestamp) -> bool {
        is_recent(self.last_automatic, AUTOMATIC_INTERVAL, now)
    }

    /// Whether a 401 ended a connection less than [`REJECTION_INTERVAL`] ago.
    pub(super) fn was_rejected_recently(&self, now: Timestamp) -> bool {
        is_recent(self.last_rejection, REJECTION_INTERVAL, now)
    }
}

/// What a tick does to a countdown.
pub(super) enum Count {
    /// It goes on like this, or has been called off.
    Down(Countdown),
    /// It is over: an authorization starts.
    Over,
}

impl Countdown {
    /// Seconds left before an authorization starts automatically; `None` if none will.
    ///
    /// ```
    /// use cc_connect_core::{session::{COUNTDOWN, Countdown}, time::Timestamp};
    ///
    /// let now = Timestamp::from_unix_seconds(1_790_000_000);
    /// assert_eq!(Countdown::None.seconds_left(now), None);
    /// // It has not begun, as nobody sees the page.
    /// assert_eq!(Countdown::Waiting.seconds_left(now), Some(COUNTDOWN));
    /// assert_eq!(Countdown::Until(now.plus_seconds(7)).seconds_left(now), Some(7));
    /// ```
    pub fn seconds_left(self, now: Timestamp) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Waiting => Some(COUNTDOWN),
            Self::Until(end) => Some(end.seconds_since(now).clamp(0, COUNTDOWN)),
        }
    }

    /// Time has passed. `visible` says whether the user sees the page, `recently` whether an
    /// automatic authorization has started recently.
    pub(super) fn tick(self, visible: bool, recently: bool, now: Timestamp) -> Count {
        Count::Down(match self {
            Self::None => Self::None,
            Self::Waiting | Self::Until(_) if !visible => Self::Waiting,
            Self::Waiting => Self::Until(now.plus_seconds(COUNTDOWN)),
            // If the clock was set back, do not wait for the old time.
            Self::Until(end) if end > now => Self::Until(end.min(now.plus_seconds(COUNTDOWN))),
            // Checked again: the clock may have been set back since the countdown began.
            Self::Until(_) if recently => Self::None,
            Self::Until(_) => return Count::Over,
        })
    }
}

/// Whether `last` is less than `interval` seconds ago. A time in the future was recorded under
/// another clock and counts as recent.
fn is_recent(last: Option<Timestamp>, interval: i64, now: Timestamp) -> bool {
    last.is_some_and(|last| now.millis_since(last) < interval * 1000)
}
