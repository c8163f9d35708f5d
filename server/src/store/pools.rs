//! The connections to the database. Every statement is the same text on both databases.

use super::database::{Database, DatabaseError};
use crate::clock::{self, Clock};
use cc_connect_core::time::Timestamp;
use futures_util::future::BoxFuture;
use sqlx::{
    Postgres, Sqlite,
    migrate::{Migrate, Migration, MigrationType, Migrator},
    pool::{Pool, PoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use std::{
    fs,
    ops::Deref,
    path::Path,
    time::{Duration, Instant},
};
use thiserror::Error;

/// How long a statement may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a process that has stopped may take to let go of an SQLite file.
const RELEASE: Duration = Duration::from_secs(3);
/// Connections to PostgreSQL for everything but renewals.
const CONNECTIONS: u32 = 10;

/// The migrations of both databases, by version and name.
const MIGRATIONS: [(i64, &str, &str, &str); 1] = [(
    1,
    "begin",
    include_str!("../../migrations/sqlite/0001_begin.sql"),
    include_str!("../../migrations/postgres/0001_begin.sql"),
)];

/// The database did not answer, or not in time. What was asked for may or may not have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the database did not answer")]
#[non_exhaustive]
pub struct StoreError;

impl StoreError {
    /// When to try again.
    pub const PAUSE: Duration = Duration::from_secs(2);

    /// Its stable name.
    pub fn code(self) -> &'static str {
        "store_unavailable"
    }
}

/// The store. Copies share the connections.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(super) pools: Pools,
}

#[derive(Clone, Debug)]
pub(super) enum Pools {
    Sqlite(Pool<Sqlite>),
    Postgres {
        requests: Pool<Postgres>,
        /// For renewals, each of which holds one: waiting renewals do not keep requests from being
        /// answered.
        renewals: Pool<Postgres>,
    },
}

/// Runs the same code on either database. It has [`PATIENCE`].
macro_rules! on {
    ($store:expr, $pool:ident => $code:block) => {
        $crate::store::pools::within(Box::pin(async {
            match &$store.pools {
                $crate::store::pools::Pools::Sqlite($pool) => $code,
                $crate::store::pools::Pools::Postgres {
                    requests: $pool, ..
                } => $code,
            }
        }))
        .await
    };
}
pub(super) use on;

impl Store {
    /// Opens a database and brings its tables up to date. `renewals` is how many there are at once.
    pub(crate) async fn open(database: &Database, renewals: usize) -> Result<Self, DatabaseError> {
        let pools = match database {
            Database::Sqlite(path) => Pools::Sqlite(open_sqlite(path).await?),
            Database::Postgres(options) => {
                let options = options
                    .as_ref()
                    .clone()
                    .application_name("cc-connect-server");
                let requests = postgres_pool(CONNECTIONS)
                    .connect_with(options.clone())
                    .await
                    .map_err(DatabaseError::Open)?;
                migrate(&requests, |(version, name, _, sql)| (version, name, sql)).await?;
                let renewals = u32::try_from(renewals).unwrap_or(u32::MAX).max(1);
                Pools::Postgres {
                    requests,
                    renewals: postgres_pool(renewals).connect_lazy_with(options),
                }
            }
        };
        Ok(Self { pools })
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        on!(self, pool => {
            sqlx::query("SELECT 1").execute(pool).await.map(drop)
        })
    }

    /// Corrects the clock by the database's, which all instances share. SQLite has none.
    pub(crate) async fn set_clock(&self, clock: &Clock) -> Result<(), StoreError> {
        let Pools::Postgres { requests, .. } = &self.pools else {
            return Ok(());
        };
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        // Not the time that it takes to get a connection.
        let (before, millis) = within(Box::pin(async {
            let mut connection = requests.acquire().await?;
            let before = clock::machine();
            let millis: i64 = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
            Ok((before, millis))
        }))
        .await?;
        clock.correct(before, Timestamp::from_unix_millis(millis));
        Ok(())
    }

    /// Closes the connections.
    pub(crate) async fn close(&self) {
        match &self.pools {
            Pools::Sqlite(pool) => pool.close().await,
            Pools::Postgres { requests, renewals } => {
                requests.close().await;
                renewals.close().await;
            }
        }
    }
}

/// Waits for a statement, but not forever. The database's own words may quote what was stored, so
/// only the kind of an error is logged.
///
/// The future is boxed since the compiler cannot prove otherwise that one which contains it is
/// `Send` (<https://github.com/rust-lang/rust/issues/102211>).
pub(super) async fn within<T>(
    statement: BoxFuture<'_, Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    let error = match tokio::time::timeout(PATIENCE, statement).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(sqlx::Error::Database(error))) => {
            let code = error.code().unwrap_or_default().into_owned();
            tracing::error!(%code, "the database refused a statement");
            "refused"
        }
        Ok(Err(sqlx::Error::PoolTimedOut)) | Err(_) => {
            tracing::warn!("the database did not answer in time");
            "timeout"
        }
        Ok(Err(sqlx::Error::Io(error))) => {
            tracing::warn!(kind = ?error.kind(), "the connection to the database broke");
            "connection"
        }
        Ok(Err(_)) => {
            tracing::error!("the database's answer cannot be used");
            "other"
        }
    };
    metrics::counter!("cc_connect_store_errors_total", "kind" => error).increment(1);
    Err(StoreError)
}

fn postgres_pool(connections: u32) -> PoolOptions<Postgres> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
}

/// One connection, which keeps the file to itself: a second process on it fails here.
async fn open_sqlite(path: &Path) -> Result<Pool<Sqlite>, DatabaseError> {
    create_private(path).map_err(DatabaseError::File)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        // A refresh token that was stored has to survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(1));
    let began = Instant::now();
    let pool = loop {
        let pool = PoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone())
            .await
            .map_err(opening);
        match pool {
            // Whoever has just stopped may not have let go of it yet.
            Err(DatabaseError::InUse) if began.elapsed() < RELEASE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            pool => break pool?,
        }
    };
    migrate(&pool, |(version, name, sql, _)| (version, name, sql)).await?;
    Ok(pool)
}

/// A file that nobody else reads, unless there is one already.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// SQLite's codes for a file that another process keeps to itself.
fn opening(error: sqlx::Error) -> DatabaseError {
    let is_busy = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| ["5", "6", "261"].contains(&code.as_ref()))
    };
    if is_busy(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
        DatabaseError::InUse
    } else {
        DatabaseError::Open(error)
    }
}

type Named = (i64, &'static str, &'static str);

async fn migrate<DB>(
    pool: &Pool<DB>,
    pick: impl Fn((i64, &'static str, &'static str, &'static str)) -> Named,
) -> Result<(), DatabaseError>
where
    DB: sqlx::Database,
    DB::Connection: Migrate,
    sqlx::pool::PoolConnection<DB>: Deref<Target = DB::Connection>,
{
    let migrations = MIGRATIONS.map(pick).map(|(version, name, sql)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into(),
            false,
        )
    });
    let migrator = Migrator {
        migrations: migrations.to_vec().into(),
        ..Migrator::DEFAULT
    };
    migrator.run(pool).await.map_err(DatabaseError::Migrate)
}
