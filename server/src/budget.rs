//! What may be sent to the API: one request every 260 ms and 10,000 a day, over all instances.

use std::time::Duration;
use thiserror::Error;

/// A turn to send one request. Dropping it lets the session's next request go.
#[derive(Debug)]
pub struct Ticket {
    left_today: u32,
}

impl Ticket {
    /// How many requests are left today, after this one.
    pub fn left_today(&self) -> u32 {
        self.left_today
    }

    /// The API answered with 429: everybody waits a second longer.
    pub async fn throttled(&self) {
        unimplemented!()
    }

    /// The API says that today's requests are used up: nothing is sent until tomorrow.
    pub async fn quota_exceeded(&self) {
        unimplemented!()
    }
}

/// Why a request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BudgetRefusal {
    /// Too many requests wait already, or this one has waited too long.
    #[error("too many requests are waiting")]
    Wait {
        /// When to try again.
        retry_after: Duration,
    },
    /// Today's requests are used up.
    #[error("today's requests are used up")]
    Day {
        /// Until 00:00 UTC.
        retry_after: Duration,
    },
    /// The database did not answer.
    #[error("the database did not answer")]
    Store {
        /// When to try again.
        retry_after: Duration,
    },
}

impl BudgetRefusal {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wait { .. } => "budget_wait",
            Self::Day { .. } => "budget_day",
            Self::Store { .. } => "store_unavailable",
        }
    }

    /// When to try again.
    pub fn retry_after(self) -> Duration {
        match self {
            Self::Wait { retry_after } | Self::Day { retry_after } | Self::Store { retry_after } => {
                retry_after
            }
        }
    }
}
