//! What only one of the databases can promise.

use super::{NOW, create, exists, hash};
use crate::{
    cluster::postgres,
    store::{Database, DatabaseError, LockError, Store},
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

#[tokio::test]
async fn a_second_process_on_the_file_fails_at_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("new/cc.db"));
    let first = Store::open(&database, 8).await.unwrap();
    let second = Store::open(&database, 8).await;
    assert!(matches!(second.unwrap_err(), DatabaseError::InUse));
    create(&first, 1).await;
    first.close().await;
    let again = Store::open(&database, 8).await.unwrap();
    assert!(exists(&again, 1).await);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cc.db");
    let store = Store::open(&Database::Sqlite(path.clone()), 8)
        .await
        .unwrap();
    create(&store, 1).await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_renewal_excludes_others_of_its_session_and_nothing_else() {
    let Some(address) = postgres().await else {
        return;
    };
    let database: Database = address.parse().unwrap();
    let one = Store::open(&database, 1).await.unwrap();
    let other = Store::open(&database, 2).await.unwrap();
    create(&one, 1).await;
    let lock = one.lock_renewal(&hash(1)).await.unwrap();
    let waiting = tokio::spawn({
        let other = other.clone();
        async move { other.lock_renewal(&hash(1)).await.map(drop) }
    });
    // Another session, and everything that is no renewal, goes on.
    other.lock_renewal(&hash(2)).await.unwrap().release().await;
    let began = Instant::now();
    other
        .touch(&hash(1), NOW.plus_seconds(900), NOW)
        .await
        .unwrap();
    other.delete(&hash(1)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(!waiting.is_finished());
    lock.release().await;
    assert_eq!(waiting.await.unwrap(), Ok::<(), LockError>(()));
}

#[tokio::test]
async fn instances_agree_on_the_time() {
    let Some(address) = postgres().await else {
        return;
    };
    let store = Store::open(&address.parse().unwrap(), 1).await.unwrap();
    let clock = crate::clock::Clock::default();
    // This machine's clock is wrong by ten minutes.
    let wrong = crate::clock::machine().plus_seconds(600);
    clock.correct(wrong, wrong.plus_seconds(1_200));
    store.set_clock(&clock).await.unwrap();
    let apart = clock.now().millis_since(crate::clock::machine());
    assert!(apart.abs() < 2_000, "{apart}");
}

/// The migrations are told apart by their numbers, on both databases.
#[tokio::test]
async fn the_tables_are_the_same_on_both_databases() {
    let columns = |sql: &str| -> HashMap<String, Vec<String>> {
        let mut tables: HashMap<String, Vec<String>> = HashMap::new();
        let mut table = String::new();
        for line in sql.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("CREATE") if words.next() == Some("TABLE") => {
                    table = words.next().unwrap().to_owned();
                }
                Some(column) if line.starts_with("    ") => {
                    tables
                        .entry(table.clone())
                        .or_default()
                        .push(column.to_owned());
                }
                _ => {}
            }
        }
        tables
    };
    let sqlite = include_str!("../../../migrations/sqlite/0001_begin.sql");
    let postgres = include_str!("../../../migrations/postgres/0001_begin.sql");
    assert_eq!(columns(sqlite), columns(postgres));
    assert_eq!(columns(sqlite).len(), 4);
}
