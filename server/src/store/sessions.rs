//! Sessions. Only the callback inserts one; every other write is an update of a version that is
//! still the one that was read, so a late writer never revives a session.

use super::{
    pools::{Store, StoreError, on},
    rows::{FIRST_VERSION, NewSession, SessionRow, TokenTimes},
};
use crate::{seal::Sealed, secrets::Hash};
use cc_connect_core::time::Timestamp;

/// How often the time of the last use is written, in seconds.
const TOUCH_INTERVAL: i64 = 60;
/// How many rows a sweep deletes at once.
const BATCH: i64 = 1000;

type Columns = (
    i64,
    String,
    Vec<u8>,
    i64,
    i64,
    i64,
    Option<i64>,
    i64,
    i64,
    Option<String>,
);

impl From<Columns> for SessionRow {
    fn from(columns: Columns) -> Self {
        let (version, key_id, bytes, expires, renew_from, renewed, asked, idle, absolute, ended) =
            columns;
        let time = Timestamp::from_unix_millis;
        Self {
            version,
            sealed: Sealed { key_id, bytes },
            token: TokenTimes {
                expires: time(expires),
                renew_from: time(renew_from),
                renewed: time(renewed),
            },
            asked: asked.map(time),
            idle_until: time(idle),
            absolute_until: time(absolute),
            ended,
        }
    }
}

impl Store {
    /// A session, whether or not it has ended.
    pub(crate) async fn session(&self, id: &Hash) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT version, key_id, sealed, token_expires, renew_from, renewed, asked, \
                   idle_until, absolute_until, ended FROM session WHERE id_hash = $1";
        on!(self, pool => {
            let row: Option<Columns> = sqlx::query_as(sql)
                .bind(&id[..])
                .fetch_optional(pool)
                .await?;
            Ok(row.map(SessionRow::from))
        })
    }

    /// Stores a session in the place of `previous`, and forgets how the browser's last attempt
    /// ended.
    pub(crate) async fn create(
        &self,
        session: &NewSession,
        previous: Option<&Hash>,
        binding: &Hash,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO session (id_hash, version, key_id, sealed, token_expires, \
                      renew_from, renewed, created, idle_until, absolute_until) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        on!(self, pool => {
            let mut transaction = pool.begin().await?;
            sqlx::query(insert)
                .bind(&session.id[..])
                .bind(FIRST_VERSION)
                .bind(session.sealed.key_id.as_str())
                .bind(&session.sealed.bytes[..])
                .bind(session.token.expires.unix_millis())
                .bind(session.token.renew_from.unix_millis())
                .bind(session.token.renewed.unix_millis())
                .bind(session.created.unix_millis())
                .bind(session.idle_until.unix_millis())
                .bind(session.absolute_until.unix_millis())
                .execute(&mut *transaction)
                .await?;
            if let Some(previous) = previous {
                sqlx::query("DELETE FROM session WHERE id_hash = $1")
                    .bind(&previous[..])
                    .execute(&mut *transaction)
                    .await?;
            }
            sqlx::query("DELETE FROM outcome WHERE binding_hash = $1")
                .bind(&binding[..])
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        })
    }

    /// Deletes a session; there may be none.
    pub(crate) async fn delete(&self, id: &Hash) -> Result<(), StoreError> {
        on!(self, pool => {
            sqlx::query("DELETE FROM session WHERE id_hash = $1")
                .bind(&id[..])
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Deletes a session that has ended, whose reason has been told.
    pub(crate) async fn delete_ended(&self, id: &Hash, now: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM session WHERE id_hash = $1 \
                   AND (ended IS NOT NULL OR idle_until <= $2 OR absolute_until <= $2)";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(&id[..])
                .bind(now.unix_millis())
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Prolongs a session that has been used, unless it has ended meanwhile.
    pub(crate) async fn touch(
        &self,
        id: &Hash,
        idle_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE session SET idle_until = $2 \
                   WHERE id_hash = $1 AND idle_until > $3 AND ended IS NULL";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(&id[..])
                .bind(idle_until.unix_millis())
                .bind(now.unix_millis())
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Replaces the tokens of this version; `false` if it is no longer there.
    pub(crate) async fn replace(
        &self,
        id: &Hash,
        version: i64,
        sealed: &Sealed,
        token: TokenTimes,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE session SET version = version + 1, key_id = $3, sealed = $4, \
                   token_expires = $5, renew_from = $6, renewed = $7, asked = NULL \
                   WHERE id_hash = $1 AND version = $2 AND ended IS NULL";
        on!(self, pool => {
            let done = sqlx::query(sql)
                .bind(&id[..])
                .bind(version)
                .bind(sealed.key_id.as_str())
                .bind(&sealed.bytes[..])
                .bind(token.expires.unix_millis())
                .bind(token.renew_from.unix_millis())
                .bind(token.renewed.unix_millis())
                .execute(pool)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Corrects the times of this version, whose token has been verified.
    pub(crate) async fn set_times(
        &self,
        id: &Hash,
        version: i64,
        token: TokenTimes,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE session SET token_expires = $3, renew_from = $4 \
                   WHERE id_hash = $1 AND version = $2 AND ended IS NULL";
        on!(self, pool => {
            sqlx::query(sql)
                .bind(&id[..])
                .bind(version)
                .bind(token.expires.unix_millis())
                .bind(token.renew_from.unix_millis())
                .execute(pool)
                .await
                .map(drop)
        })
    }

    /// Records that a renewal of this version is about to be sent, or that it was certainly not
    /// processed. `false` if the version is no longer there.
    pub(crate) async fn set_asked(
        &self,
        id: &Hash,
        version: i64,
        asked: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE session SET asked = $3 \
                   WHERE id_hash = $1 AND version = $2 AND ended IS NULL";
        on!(self, pool => {
            let done = sqlx::query(sql)
                .bind(&id[..])
                .bind(version)
                .bind(asked.map(Timestamp::unix_millis))
                .execute(pool)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Ends the connection of this version and forgets its tokens. The reason stays until it is
    /// read, or swept. `false` if the version is no longer there.
    pub(crate) async fn set_ended(
        &self,
        id: &Hash,
        version: i64,
        code: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE session SET version = version + 1, sealed = $3, ended = $4 \
                   WHERE id_hash = $1 AND version = $2 AND ended IS NULL";
        let nothing: &[u8] = &[];
        on!(self, pool => {
            let done = sqlx::query(sql)
                .bind(&id[..])
                .bind(version)
                .bind(nothing)
                .bind(code)
                .execute(pool)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// How many sessions are stored, for the metrics.
    pub(crate) async fn count_sessions(&self) -> Result<i64, StoreError> {
        on!(self, pool => {
            sqlx::query_scalar("SELECT count(*) FROM session WHERE ended IS NULL")
                .fetch_one(pool)
                .await
        })
    }

    /// Deletes what has ended, in batches, and says how many rows that was. A session stays
    /// readable for `grace` seconds, to say why it ended.
    pub(crate) async fn sweep(&self, grace: i64, now: Timestamp) -> Result<u64, StoreError> {
        let before = now.plus_seconds(-grace).unix_millis();
        let now = now.unix_millis();
        let mut swept = 0;
        for (sql, until) in [
            (
                "DELETE FROM session WHERE id_hash IN \
                 (SELECT id_hash FROM session WHERE idle_until < $1 LIMIT $2)",
                before,
            ),
            (
                "DELETE FROM attempt WHERE state_hash IN \
                 (SELECT state_hash FROM attempt WHERE expires < $1 LIMIT $2)",
                now,
            ),
            (
                "DELETE FROM outcome WHERE binding_hash IN \
                 (SELECT binding_hash FROM outcome WHERE expires < $1 LIMIT $2)",
                now,
            ),
        ] {
            loop {
                let deleted = on!(self, pool => {
                    let done = sqlx::query(sql).bind(until).bind(BATCH).execute(pool).await?;
                    Ok(done.rows_affected())
                })?;
                swept += deleted;
                if deleted < BATCH.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(swept)
    }
}

/// Whether a session whose use now lasts until `idle_until` has to be [touched](Store::touch).
pub(crate) fn is_worth_a_touch(row: &SessionRow, idle_until: Timestamp) -> bool {
    idle_until.millis_since(row.idle_until) >= TOUCH_INTERVAL * 1000
        || (idle_until == row.absolute_until && row.idle_until < idle_until)
}
