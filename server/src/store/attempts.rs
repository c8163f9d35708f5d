//! Attempts to connect, and how the last one of a browser ended.

use super::{
    pools::{Store, StoreError, on},
    rows::{NewAttempt, TakenAttempt},
};
use crate::{seal::Sealed, secrets::Hash};
use cc_connect_core::{oauth::pending_authorization::MAX_COUNT, time::Timestamp};

impl Store {
    /// Stores an attempt, in the place of the browser's oldest one if it has too many; `false` if
    /// all browsers together have `limit`.
    pub(crate) async fn begin(&self, attempt: &NewAttempt, limit: u32) -> Result<bool, StoreError> {
        let count = "SELECT count(*) FROM (SELECT 1 FROM attempt LIMIT $1) AS stored";
        let make_room = "DELETE FROM attempt WHERE state_hash IN (SELECT state_hash FROM attempt \
                         WHERE binding_hash = $1 ORDER BY created DESC LIMIT $2 OFFSET $3)";
        let insert = "INSERT INTO attempt (state_hash, binding_hash, key_id, sealed, previous, \
                      created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let keep = i64::try_from(MAX_COUNT - 1).unwrap_or(i64::MAX);
        on!(self, pool => {
            let mut transaction = pool.begin().await?;
            sqlx::query(make_room)
                .bind(&attempt.binding[..])
                .bind(i64::from(limit))
                .bind(keep)
                .execute(&mut *transaction)
                .await?;
            let stored: i64 = sqlx::query_scalar(count)
                .bind(i64::from(limit))
                .fetch_one(&mut *transaction)
                .await?;
            if stored >= i64::from(limit) {
                return Ok(false);
            }
            sqlx::query(insert)
                .bind(&attempt.state[..])
                .bind(&attempt.binding[..])
                .bind(attempt.sealed.key_id.as_str())
                .bind(&attempt.sealed.bytes[..])
                .bind(attempt.previous.as_ref().map(|hash| &hash[..]))
                .bind(attempt.created.unix_millis())
                .bind(attempt.expires.unix_millis())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(true)
        })
    }

    /// Takes an attempt out of the store, if this browser began it.
    pub(crate) async fn take_attempt(
        &self,
        state: &Hash,
        binding: Option<&Hash>,
        now: Timestamp,
    ) -> Result<TakenAttempt, StoreError> {
        let take = "DELETE FROM attempt WHERE state_hash = $1 AND binding_hash = $2 \
                    RETURNING key_id, sealed, previous";
        on!(self, pool => {
            if let Some(binding) = binding {
                let taken: Option<(String, Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(take)
                    .bind(&state[..])
                    .bind(&binding[..])
                    .fetch_optional(pool)
                    .await?;
                if let Some((key_id, bytes, previous)) = taken {
                    return Ok(TakenAttempt::Taken {
                        sealed: Sealed { key_id, bytes },
                        previous: previous.and_then(|hash| hash.try_into().ok()),
                    });
                }
            }
            // Past its time, a browser has forgotten that it began it.
            let other = "SELECT created FROM attempt WHERE state_hash = $1 AND expires > $2";
            let other: Option<i64> = sqlx::query_scalar(other)
                    .bind(&state[..])
                    .bind(now.unix_millis())
                    .fetch_optional(pool)
                    .await?;
            Ok(match other {
                Some(_) => TakenAttempt::OtherBrowser,
                None => TakenAttempt::Missing,
            })
        })
    }

    /// Keeps the code of a browser's failed attempt.
    pub(crate) async fn set_outcome(
        &self,
        binding: &Hash,
        code: &str,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO outcome (binding_hash, code, expires) VALUES ($1, $2, $3) \
                   ON CONFLICT (binding_hash) DO UPDATE \
                   SET code = excluded.code, expires = excluded.expires";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(&binding[..])
                .bind(code)
                .bind(expires.unix_millis())
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Takes the code of a browser's failed attempt out of the store.
    pub(crate) async fn take_outcome(
        &self,
        binding: &Hash,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let sql = "DELETE FROM outcome WHERE binding_hash = $1 RETURNING code, expires";
        on!(self, pool => {
            let taken: Option<(String, i64)> = sqlx::query_as(sql)
                .bind(&binding[..])
                .fetch_optional(pool)
                .await?;
            Ok(taken
                .filter(|(_, expires)| *expires > now.unix_millis())
                .map(|(code, _)| code))
        })
    }
}
