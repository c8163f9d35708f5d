//! Which database, from its address.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::{fmt, path::PathBuf, str::FromStr};
use thiserror::Error;

/// Where the sessions are stored.
///
/// ```
/// use cc_connect_server::Database;
///
/// assert!(matches!("sqlite:data/cc.db".parse(), Ok(Database::Sqlite(_))));
/// let postgres: Database = "postgres://cc:canary@db.example/cc".parse()?;
/// assert!(!format!("{postgres:?}").contains("canary"));
/// assert!("mysql://db.example/cc".parse::<Database>().is_err());
/// # Ok::<(), cc_connect_server::DatabaseError>(())
/// ```
#[derive(Clone)]
pub enum Database {
    /// One file, for one process.
    Sqlite(PathBuf),
    /// A server, for any number of processes. On another machine it has to prove who it is with
    /// TLS, unless the address has another `sslmode`.
    Postgres(Box<PgConnectOptions>),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // The address may have a password.
            Self::Postgres(_) => f.write_str("Postgres(redacted)"),
        }
    }
}

impl FromStr for Database {
    type Err = DatabaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_file = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return is_file
                .then(|| Self::Sqlite(PathBuf::from(path)))
                .ok_or(DatabaseError::Address);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = text.parse::<PgConnectOptions>();
            let mut options = options.map_err(|_| DatabaseError::Address)?;
            if !text.contains("sslmode=") && !is_here(&options) {
                options = options.ssl_mode(PgSslMode::VerifyFull);
            }
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(DatabaseError::Address)
    }
}

/// Whether the connection stays on this machine.
fn is_here(options: &PgConnectOptions) -> bool {
    options.get_socket().is_some()
        || ["localhost", "127.0.0.1", "::1"].contains(&options.get_host())
}

/// Why a database cannot be used. No text contains the address, which may have a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// Not an address of a database.
    #[error("expected sqlite:PATH or postgres://USER@HOST/NAME")]
    Address,
    /// The file of the database cannot be created.
    #[error("the file of the database cannot be created")]
    File(#[source] std::io::Error),
    /// Another process has the file open.
    #[error(
        "another process has the database open: SQLite is for one process, PostgreSQL for several"
    )]
    InUse,
    /// It cannot be opened or reached.
    #[error("the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// Its tables cannot be brought up to date.
    #[error("the tables of the database cannot be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}
