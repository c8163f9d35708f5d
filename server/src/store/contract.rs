//! What a store promises, on both databases.

mod budget;
mod interleavings;
mod one_database;

use super::{
    Database, FIRST_VERSION, NewAttempt, NewSession, SessionRow, Store, TakenAttempt, TokenTimes,
};
use crate::{cluster::postgres, seal::Sealed, secrets::Hash};
use budget::{
    a_day_has_so_many_turns, a_turn_too_far_away_is_not_taken, turns_are_an_interval_apart,
};
use cc_connect_core::time::Timestamp;
use interleavings::no_order_of_events_revives_a_session;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_790_000_000);
const LIMIT: u32 = 1000;

fn hash(number: u8) -> Hash {
    [number; 32]
}

fn sealed(text: &str) -> Sealed {
    Sealed {
        key_id: "2026-11".to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn times(expires_in: i64) -> TokenTimes {
    TokenTimes {
        expires: NOW.plus_seconds(expires_in),
        renew_from: NOW.plus_seconds(expires_in - 300),
        renewed: NOW,
    }
}

fn new_session(id: Hash) -> NewSession {
    NewSession {
        id,
        sealed: sealed("first"),
        token: times(3_600),
        created: NOW,
        idle_until: NOW.plus_seconds(600),
        absolute_until: NOW.plus_seconds(6_000),
    }
}

fn new_attempt(state: u8, binding: u8) -> NewAttempt {
    NewAttempt {
        state: hash(state),
        binding: hash(binding),
        sealed: sealed("pending"),
        previous: None,
        created: NOW.plus_seconds(state.into()),
        expires: NOW.plus_seconds(600),
    }
}

async fn create(store: &Store, id: u8) {
    let session = new_session(hash(id));
    store.create(&session, None, &hash(0)).await.unwrap();
}

async fn read(store: &Store, id: u8) -> SessionRow {
    store.session(&hash(id)).await.unwrap().unwrap()
}

async fn exists(store: &Store, id: u8) -> bool {
    store.session(&hash(id)).await.unwrap().is_some()
}

async fn sqlite() -> (Option<Store>, Option<tempfile::TempDir>) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("cc.db"));
    let store = Store::open(&database, 8).await.unwrap();
    (Some(store), Some(folder))
}

async fn open_postgres() -> (Option<Store>, Option<tempfile::TempDir>) {
    let store = match postgres().await {
        Some(address) => Some(Store::open(&address.parse().unwrap(), 8).await.unwrap()),
        None => None,
    };
    (store, None)
}

macro_rules! contract {
    ($($name:ident)*) => {
        contract!(on_sqlite: sqlite, $($name)*);
        contract!(on_postgres: open_postgres, $($name)*);
    };
    ($module:ident: $open:ident, $($name:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let (store, _folder) = super::$open().await;
                    if let Some(store) = store {
                        super::$name(store).await;
                    }
                }
            )*
        }
    };
}

contract! {
    a_session_is_read_as_it_was_stored
    a_session_takes_the_place_of_another
    only_the_version_that_was_read_is_replaced
    a_late_writer_revives_nothing
    an_ended_session_keeps_its_reason_and_nothing_else
    a_touch_prolongs_only_what_lives
    an_attempt_is_taken_once_by_its_browser
    a_browser_has_five_attempts
    all_browsers_together_have_so_many
    an_outcome_is_given_once
    the_sweep_deletes_what_is_over
    turns_are_an_interval_apart
    a_turn_too_far_away_is_not_taken
    a_day_has_so_many_turns
    no_order_of_events_revives_a_session
    a_closed_store_does_not_answer
}

async fn a_session_is_read_as_it_was_stored(store: Store) {
    assert!(!exists(&store, 1).await);
    create(&store, 1).await;
    let row = read(&store, 1).await;
    assert_eq!(row.version, FIRST_VERSION);
    assert_eq!(row.sealed.key_id, "2026-11");
    assert_eq!(row.sealed.bytes, b"first");
    assert_eq!(row.token, times(3_600));
    assert_eq!(row.asked, None);
    assert_eq!(row.idle_until, NOW.plus_seconds(600));
    assert_eq!(row.absolute_until, NOW.plus_seconds(6_000));
    assert_eq!(row.ended, None);
    // Nobody else's, and no second one of the same name.
    assert!(!exists(&store, 2).await);
    let again = store.create(&new_session(hash(1)), None, &hash(0)).await;
    assert!(again.is_err());
}

async fn a_session_takes_the_place_of_another(store: Store) {
    create(&store, 1).await;
    store
        .set_outcome(&hash(9), "access_denied", NOW.plus_seconds(60))
        .await
        .unwrap();
    let successor = new_session(hash(2));
    store
        .create(&successor, Some(&hash(1)), &hash(9))
        .await
        .unwrap();
    assert!(!exists(&store, 1).await);
    assert!(exists(&store, 2).await);
    let outcome = store.take_outcome(&hash(9), NOW).await.unwrap();
    assert_eq!(
        outcome, None,
        "a success spoils no page with an old failure"
    );
}

async fn only_the_version_that_was_read_is_replaced(store: Store) {
    create(&store, 1).await;
    let (id, new) = (hash(1), sealed("second"));
    assert!(store.set_asked(&id, 1, Some(NOW)).await.unwrap());
    assert_eq!(read(&store, 1).await.asked, Some(NOW));
    assert!(store.replace(&id, 1, &new, times(7_200)).await.unwrap());
    let row = read(&store, 1).await;
    assert_eq!((row.version, row.asked), (2, None));
    assert_eq!(row.sealed.bytes, b"second");
    assert_eq!(row.token, times(7_200));
    // Whoever has read the first version comes too late.
    let late = sealed("late");
    assert!(!store.replace(&id, 1, &late, times(1)).await.unwrap());
    assert!(!store.set_asked(&id, 1, Some(NOW)).await.unwrap());
    assert!(!store.set_ended(&id, 1, "invalid_grant").await.unwrap());
    store.set_times(&id, 1, times(1)).await.unwrap();
    let row = read(&store, 1).await;
    assert_eq!(row.sealed.bytes, b"second");
    assert_eq!(
        (row.token, row.asked, row.ended),
        (times(7_200), None, None)
    );
    store.set_times(&id, 2, times(60)).await.unwrap();
    assert_eq!(read(&store, 1).await.token.expires, NOW.plus_seconds(60));
}

async fn a_late_writer_revives_nothing(store: Store) {
    create(&store, 1).await;
    let id = hash(1);
    store.delete(&id).await.unwrap();
    assert!(!store.replace(&id, 1, &sealed("x"), times(1)).await.unwrap());
    assert!(!store.set_ended(&id, 1, "invalid_grant").await.unwrap());
    assert!(!store.set_asked(&id, 1, Some(NOW)).await.unwrap());
    store.set_times(&id, 1, times(1)).await.unwrap();
    let later = NOW.plus_seconds(900);
    store.touch(&id, later, NOW).await.unwrap();
    store.delete(&id).await.unwrap();
    assert!(!exists(&store, 1).await);
}

async fn an_ended_session_keeps_its_reason_and_nothing_else(store: Store) {
    create(&store, 1).await;
    let id = hash(1);
    assert!(store.set_ended(&id, 1, "invalid_grant").await.unwrap());
    let row = read(&store, 1).await;
    assert_eq!(row.ended.as_deref(), Some("invalid_grant"));
    assert!(row.sealed.bytes.is_empty(), "its tokens are forgotten");
    let new = sealed("x");
    for version in [1, 2] {
        assert!(!store.replace(&id, version, &new, times(1)).await.unwrap());
        assert!(!store.set_ended(&id, version, "other").await.unwrap());
    }
    store.touch(&id, NOW.plus_seconds(900), NOW).await.unwrap();
    assert_eq!(read(&store, 1).await.idle_until, NOW.plus_seconds(600));
    store.delete_ended(&id, NOW).await.unwrap();
    assert!(!exists(&store, 1).await);
}

async fn a_touch_prolongs_only_what_lives(store: Store) {
    create(&store, 1).await;
    let id = hash(1);
    store.delete_ended(&id, NOW).await.unwrap();
    store.touch(&id, NOW.plus_seconds(900), NOW).await.unwrap();
    let row = read(&store, 1).await;
    assert_eq!(row.idle_until, NOW.plus_seconds(900));
    assert_eq!(row.version, 1, "a renewal under way does not notice");
    // Left alone for too long: whoever read it before does not revive it.
    let late = NOW.plus_seconds(901);
    store
        .touch(&id, NOW.plus_seconds(2_000), late)
        .await
        .unwrap();
    assert_eq!(read(&store, 1).await.idle_until, NOW.plus_seconds(900));
    store.delete_ended(&id, late).await.unwrap();
    assert!(!exists(&store, 1).await);
}

async fn an_attempt_is_taken_once_by_its_browser(store: Store) {
    let attempt = NewAttempt {
        previous: Some(hash(7)),
        ..new_attempt(1, 5)
    };
    assert!(store.begin(&attempt, LIMIT).await.unwrap());
    for other in [None, Some(hash(6))] {
        let taken = store
            .take_attempt(&hash(1), other.as_ref(), NOW)
            .await
            .unwrap();
        assert!(matches!(taken, TakenAttempt::OtherBrowser));
        // Who needed too long has lost the cookie, which is no other browser.
        let late = NOW.plus_seconds(601);
        let taken = store
            .take_attempt(&hash(1), other.as_ref(), late)
            .await
            .unwrap();
        assert!(matches!(taken, TakenAttempt::Missing));
    }
    let taken = store
        .take_attempt(&hash(2), Some(&hash(5)), NOW)
        .await
        .unwrap();
    assert!(matches!(taken, TakenAttempt::Missing));
    // At once, many times: one gets it.
    let takes = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_attempt(&hash(1), Some(&hash(5)), NOW).await })
    });
    let mut taken = 0;
    for take in takes.collect::<Vec<_>>() {
        match take.await.unwrap().unwrap() {
            TakenAttempt::Taken { sealed, previous } => {
                taken += 1;
                assert_eq!(sealed.bytes, b"pending");
                assert_eq!(previous, Some(hash(7)));
            }
            TakenAttempt::Missing | TakenAttempt::OtherBrowser => {}
        }
    }
    assert_eq!(taken, 1);
}

async fn a_browser_has_five_attempts(store: Store) {
    for state in 1..=7 {
        assert!(store.begin(&new_attempt(state, 5), LIMIT).await.unwrap());
    }
    assert!(store.begin(&new_attempt(8, 6), LIMIT).await.unwrap());
    for (state, is_there) in [(1, false), (2, false), (3, true), (7, true)] {
        let taken = store.take_attempt(&hash(state), Some(&hash(5)), NOW).await;
        let taken = matches!(taken.unwrap(), TakenAttempt::Taken { .. });
        assert_eq!(taken, is_there, "{state}");
    }
}

async fn all_browsers_together_have_so_many(store: Store) {
    for state in 1..=3 {
        assert!(store.begin(&new_attempt(state, state), 3).await.unwrap());
    }
    assert!(!store.begin(&new_attempt(4, 4), 3).await.unwrap());
    let later = NOW.plus_seconds(601);
    assert_eq!(store.sweep(0, later).await.unwrap(), 3);
    assert!(store.begin(&new_attempt(4, 4), 3).await.unwrap());
}

async fn an_outcome_is_given_once(store: Store) {
    let later = NOW.plus_seconds(60);
    for code in ["access_denied", "state_mismatch"] {
        store.set_outcome(&hash(5), code, later).await.unwrap();
    }
    let take = |now| store.take_outcome(&HASH, now);
    const HASH: Hash = [5; 32];
    assert_eq!(take(NOW).await.unwrap().as_deref(), Some("state_mismatch"));
    assert_eq!(take(NOW).await.unwrap(), None);
    store.set_outcome(&HASH, "late", later).await.unwrap();
    assert_eq!(take(later).await.unwrap(), None);
}

async fn the_sweep_deletes_what_is_over(store: Store) {
    create(&store, 1).await;
    create(&store, 2).await;
    let later = NOW.plus_seconds(700);
    store
        .touch(&hash(2), NOW.plus_seconds(5_000), NOW)
        .await
        .unwrap();
    assert!(store.begin(&new_attempt(1, 5), LIMIT).await.unwrap());
    store
        .set_outcome(&hash(5), "x", NOW.plus_seconds(60))
        .await
        .unwrap();
    assert_eq!(store.sweep(600, NOW).await.unwrap(), 0);
    // The session stays a while, to say why it is none.
    assert_eq!(store.sweep(600, later).await.unwrap(), 2);
    assert!(exists(&store, 1).await);
    assert_eq!(store.sweep(60, later).await.unwrap(), 1);
    assert!(!exists(&store, 1).await);
    assert!(exists(&store, 2).await);
    assert_eq!(store.count_sessions().await.unwrap(), 1);
}

async fn a_closed_store_does_not_answer(store: Store) {
    create(&store, 1).await;
    store.ping().await.unwrap();
    store.close().await;
    assert!(store.ping().await.is_err());
}
