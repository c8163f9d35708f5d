//! The budget over all instances.

use super::NOW;
use crate::store::{Bounds, Slot, Store};
use cc_connect_core::time::Timestamp;
use std::time::Duration;

const BOUNDS: Bounds = Bounds {
    interval: Duration::from_millis(260),
    per_day: 5,
};

async fn turn(store: &Store, wait: u64, now: Timestamp) -> Slot {
    let wait = Duration::from_secs(wait);
    store.take_slot("c", BOUNDS, wait, now).await.unwrap()
}

pub(super) async fn turns_are_an_interval_apart(store: Store) {
    store.begin_budget("c").await.unwrap();
    // At once, from many instances.
    let turns = (0..5).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { turn(&store, 60, NOW).await })
    });
    let mut found = Vec::new();
    for turn in turns.collect::<Vec<_>>() {
        match turn.await.unwrap() {
            Slot::At { time, used } => found.push((time.millis_since(NOW), used)),
            other => panic!("{other:?}"),
        }
    }
    found.sort_unstable();
    assert_eq!(found, [(0, 1), (260, 2), (520, 3), (780, 4), (1040, 5)]);
    // Another instance that begins changes nothing.
    store.begin_budget("c").await.unwrap();
    assert_eq!(store.used_today("c", NOW).await.unwrap(), 5);
    assert_eq!(store.used_today("other", NOW).await.unwrap(), 0);
}

pub(super) async fn a_turn_too_far_away_is_not_taken(store: Store) {
    store.begin_budget("c").await.unwrap();
    let held = NOW.plus_seconds(2);
    store.hold_until("c", held).await.unwrap();
    assert_eq!(turn(&store, 1, NOW).await, Slot::Later(held));
    let at = Slot::At {
        time: held,
        used: 1,
    };
    assert_eq!(
        turn(&store, 3, NOW).await,
        at,
        "what was refused is not counted"
    );
    // An earlier time does not shorten it.
    store.hold_until("c", NOW).await.unwrap();
    assert!(matches!(turn(&store, 1, NOW).await, Slot::Later(_)));
    // What another clock has written does not last.
    store
        .hold_until("c", NOW.plus_seconds(86_400))
        .await
        .unwrap();
    assert_eq!(turn(&store, 1, NOW).await, Slot::At { time: NOW, used: 2 });
}

pub(super) async fn a_day_has_so_many_turns(store: Store) {
    store.begin_budget("c").await.unwrap();
    for used in 1..=5 {
        let at = turn(&store, 60, NOW).await;
        assert!(matches!(at, Slot::At { used: found, .. } if found == used));
    }
    assert_eq!(turn(&store, 60, NOW).await, Slot::UsedUp);
    let tomorrow = NOW.plus_seconds(86_400);
    assert_eq!(store.used_today("c", tomorrow).await.unwrap(), 0);
    let at = turn(&store, 60, tomorrow).await;
    assert_eq!(
        at,
        Slot::At {
            time: tomorrow,
            used: 1
        }
    );
    store.use_up("c", BOUNDS, tomorrow).await.unwrap();
    assert_eq!(turn(&store, 60, tomorrow).await, Slot::UsedUp);
}
