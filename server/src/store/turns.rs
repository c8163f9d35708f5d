//! The budget: when the next request to the API may be sent, and how many were sent today.

use super::{
    pools::{Store, StoreError, on},
    rows::Slot,
};
use cc_connect_core::time::Timestamp;
use std::time::Duration;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// How far away the next turn may be, in milliseconds. One that is farther was written under
/// another clock.
const FARTHEST: i64 = 60 * 1000;

/// The bounds of the budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The time between two requests.
    pub(crate) interval: Duration,
    /// Requests a day.
    pub(crate) per_day: u32,
}

impl Store {
    /// Makes sure that there is a budget for this client.
    pub(crate) async fn begin_budget(&self, client_id: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO budget (client_id, next_at, day, used) VALUES ($1, 0, 0, 0) \
                   ON CONFLICT (client_id) DO NOTHING";
        on!(self, pool => {
            sqlx::query(sql).bind(client_id).execute(pool).await.map(drop)
        })
    }

    /// Takes the next turn, if it comes within `wait`.
    pub(crate) async fn take_slot(
        &self,
        client_id: &str,
        bounds: Bounds,
        wait: Duration,
        now: Timestamp,
    ) -> Result<Slot, StoreError> {
        // One statement, so that no two instances take the same turn.
        let sql = "UPDATE budget SET \
                   next_at = CASE WHEN next_at > $2 AND next_at <= $3 THEN next_at ELSE $2 END + $4, \
                   used = CASE WHEN day < $5 THEN 1 ELSE used + 1 END, \
                   day = CASE WHEN day < $5 THEN $5 ELSE day END \
                   WHERE client_id = $1 AND (next_at < $6 OR next_at > $3) \
                   AND (day < $5 OR used < $7) RETURNING next_at - $4, used";
        let look = "SELECT next_at, day, used FROM budget WHERE client_id = $1";
        let at = now.unix_millis();
        let farthest = at.saturating_add(FARTHEST);
        let latest = at.saturating_add(millis(wait)).min(farthest);
        let (day, limit) = (at.div_euclid(DAY), i64::from(bounds.per_day));
        on!(self, pool => {
            let taken: Option<(i64, i64)> = sqlx::query_as(sql)
                .bind(client_id)
                .bind(at)
                .bind(farthest)
                .bind(millis(bounds.interval))
                .bind(day)
                .bind(latest)
                .bind(limit)
                .fetch_optional(pool)
                .await?;
            if let Some((time, used)) = taken {
                let time = Timestamp::from_unix_millis(time);
                return Ok(Slot::At { time, used });
            }
            let (next_at, stored, used): (i64, i64, i64) = sqlx::query_as(look)
                .bind(client_id)
                .fetch_one(pool)
                .await?;
            Ok(if stored >= day && used >= limit {
                Slot::UsedUp
            } else {
                Slot::Later(Timestamp::from_unix_millis(next_at))
            })
        })
    }

    /// Nothing is sent before this time.
    pub(crate) async fn hold_until(
        &self,
        client_id: &str,
        time: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE budget SET next_at = $2 WHERE client_id = $1 AND next_at < $2";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(client_id)
                .bind(time.unix_millis())
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Nothing more is sent today.
    pub(crate) async fn use_up(
        &self,
        client_id: &str,
        bounds: Bounds,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE budget SET day = $2, used = $3 WHERE client_id = $1 AND day <= $2";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(client_id)
                .bind(now.unix_millis().div_euclid(DAY))
                .bind(i64::from(bounds.per_day))
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// How many requests were sent today.
    pub(crate) async fn used_today(
        &self,
        client_id: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        on!(self, pool => {
            let sql = "SELECT used FROM budget WHERE client_id = $1 AND day >= $2";
            let used: Option<i64> = sqlx::query_scalar(sql)
                .bind(client_id)
                .bind(now.unix_millis().div_euclid(DAY))
                .fetch_optional(pool)
                .await?;
            Ok(used.unwrap_or(0))
        })
    }
}

/// How long until the day ends, at 00:00 UTC.
pub(crate) fn until_tomorrow(now: Timestamp) -> Duration {
    let left = DAY - now.unix_millis().rem_euclid(DAY);
    Duration::from_millis(left.unsigned_abs())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
