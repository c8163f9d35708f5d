//! What may be sent to the API: 4 requests a second and 10,000 a day for one API key. The database
//! keeps count over all instances; each instance lets its sessions take turns.

use crate::{
    clock::Clock,
    limits::Limits,
    queue::{InFlight, Queue},
    secrets::Hash,
    store::{Bounds, Slot, Store, StoreError, until_tomorrow},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use thiserror::Error;

/// How long everybody waits after a 429 of the API.
const THROTTLED: Duration = Duration::from_secs(1);

/// The budget. Copies are of the same one.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    client_id: String,
    bounds: Bounds,
    longest_wait: Duration,
    queue: Queue,
}

/// A turn to send one request. Dropping it lets the session's next request go.
#[derive(Debug)]
pub struct Ticket {
    left_today: u32,
    budget: Budget,
    _in_flight: InFlight,
}

impl Ticket {
    /// How many requests are left today, after this one.
    pub fn left_today(&self) -> u32 {
        self.left_today
    }

    /// The API answered with 429: everybody waits a second longer.
    pub async fn throttled(&self) {
        let shared = &self.budget.shared;
        let time = shared.clock.now().plus_millis(millis(THROTTLED));
        let _ = shared.store.hold_until(&shared.client_id, time).await;
    }

    /// The API says that today's requests are used up: nothing is sent until tomorrow.
    pub async fn quota_exceeded(&self) {
        let shared = &self.budget.shared;
        let now = shared.clock.now();
        let Shared { store, bounds, .. } = &**shared;
        let _ = store.use_up(&shared.client_id, *bounds, now).await;
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
            Self::Wait { retry_after }
            | Self::Day { retry_after }
            | Self::Store { retry_after } => retry_after,
        }
    }
}

impl From<StoreError> for BudgetRefusal {
    fn from(_: StoreError) -> Self {
        Self::Store {
            retry_after: StoreError::PAUSE,
        }
    }
}

impl Budget {
    pub(crate) fn new(store: Store, clock: Clock, client_id: String, limits: Limits) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                clock,
                client_id,
                bounds: Bounds {
                    interval: limits.interval,
                    per_day: limits.per_day,
                },
                longest_wait: limits.longest_wait,
                queue: Queue::new(limits.waiting, limits.in_flight),
            }),
        }
    }

    /// Makes sure that there is a budget in the database.
    pub(crate) async fn begin(&self) -> Result<(), StoreError> {
        let shared = &self.shared;
        shared.store.begin_budget(&shared.client_id).await
    }

    /// Waits for a session's turn.
    pub(crate) async fn take(&self, id: Hash) -> Result<Ticket, BudgetRefusal> {
        let shared = &self.shared;
        let began = Instant::now();
        let turn = tokio::time::timeout(shared.longest_wait, shared.queue.enter(id)).await;
        let Ok(Ok(turn)) = turn else {
            return Err(self.too_many());
        };
        let wait = shared.longest_wait.saturating_sub(began.elapsed());
        let now = shared.clock.now();
        let Shared { store, bounds, .. } = &**shared;
        let slot = store.take_slot(&shared.client_id, *bounds, wait, now);
        match slot.await? {
            Slot::At { time, used } => {
                let ahead = time.millis_since(shared.clock.now());
                let ahead = u64::try_from(ahead).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(ahead)).await;
                metrics::histogram!("cc_connect_budget_wait_seconds").record(began.elapsed());
                Ok(Ticket {
                    left_today: self.left(used),
                    budget: self.clone(),
                    _in_flight: turn.depart(),
                })
            }
            Slot::Later(time) => {
                let ahead = time.millis_since(shared.clock.now());
                let retry_after = Duration::from_millis(u64::try_from(ahead).unwrap_or(0));
                Err(BudgetRefusal::Wait { retry_after })
            }
            Slot::UsedUp => {
                let retry_after = until_tomorrow(shared.clock.now());
                Err(BudgetRefusal::Day { retry_after })
            }
        }
    }

    /// How many requests are left today.
    pub(crate) async fn left_today(&self) -> Result<u32, StoreError> {
        let shared = &self.shared;
        let used = shared
            .store
            .used_today(&shared.client_id, shared.clock.now());
        Ok(self.left(used.await?))
    }

    fn left(&self, used: i64) -> u32 {
        let limit = i64::from(self.shared.bounds.per_day);
        u32::try_from((limit - used).max(0)).unwrap_or(0)
    }

    /// The queue has to get shorter first.
    fn too_many(&self) -> BudgetRefusal {
        let waiting = u32::try_from(self.shared.queue.len()).unwrap_or(u32::MAX);
        let retry_after = self.shared.bounds.interval.saturating_mul(waiting);
        BudgetRefusal::Wait {
            retry_after: retry_after.max(Duration::from_secs(1)),
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
