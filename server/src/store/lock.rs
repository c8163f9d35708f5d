//! The lock of a renewal: over all instances, one renews a session at a time.

use super::pools::{Pools, Store, StoreError, within};
use crate::secrets::Hash;
use sqlx::{Postgres, Transaction};
use std::time::Duration;

/// How long to wait for another instance, longer than a token request takes.
const PATIENCE: Duration = Duration::from_secs(22);

/// For the transaction that holds the lock. One whose process hangs loses it before the next day.
const SETTINGS: [&str; 2] = [
    "SET LOCAL lock_timeout = '20s'",
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
];

/// Held until it is dropped. On PostgreSQL it is an advisory lock of a transaction that does
/// nothing else: it keeps neither a disconnection nor anything else from the row, and it ends with
/// its connection, whatever happens to this process.
#[derive(Debug)]
pub(crate) struct RenewalLock {
    transaction: Option<Transaction<'static, Postgres>>,
}

/// Why there is no lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockError {
    /// Another instance holds it for longer than a renewal takes.
    Busy,
    /// The database did not answer.
    Store(StoreError),
}

impl Store {
    /// Waits for the lock of a session. With SQLite there is one process, which renews a session
    /// once at a time anyway.
    pub(crate) async fn lock_renewal(&self, id: &Hash) -> Result<RenewalLock, LockError> {
        let Pools::Postgres { renewals, .. } = &self.pools else {
            return Ok(RenewalLock { transaction: None });
        };
        let begun = within(Box::pin(async {
            let mut transaction = renewals.begin().await?;
            for sql in SETTINGS {
                sqlx::query(sql).execute(&mut *transaction).await?;
            }
            Ok(transaction)
        }));
        let mut transaction = begun.await.map_err(LockError::Store)?;
        let [a, b, c, d, e, f, g, h, ..] = *id;
        let key = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(key)
            .execute(&mut *transaction);
        match tokio::time::timeout(PATIENCE, lock).await {
            Ok(Ok(_)) => Ok(RenewalLock {
                transaction: Some(transaction),
            }),
            // lock_not_available
            Ok(Err(sqlx::Error::Database(error))) if error.code().as_deref() == Some("55P03") => {
                Err(LockError::Busy)
            }
            Ok(Err(_)) | Err(_) => Err(LockError::Store(StoreError)),
        }
    }
}

impl RenewalLock {
    /// Releases it. What the renewal wrote has been committed before.
    pub(crate) async fn release(self) {
        if let Some(transaction) = self.transaction {
            let _ = within(Box::pin(transaction.rollback())).await;
        }
    }
}
