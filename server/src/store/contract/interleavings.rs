//! Whatever the order of events, nothing that has ended begins again.

use super::{NOW, create, hash, sealed, times};
use crate::store::{FIRST_VERSION, Store};
use proptest::prelude::*;

/// What may happen to a session. A number in it is what somebody has read before, however long ago.
#[derive(Clone, Debug)]
enum Event {
    Read,
    Replace(usize),
    SetAsked(usize),
    SetEnded(usize),
    SetTimes(usize),
    Touch,
    Delete,
    DeleteEnded,
    Sweep,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Read),
        4 => (0..8_usize).prop_map(Event::Replace),
        1 => (0..8_usize).prop_map(Event::SetAsked),
        1 => (0..8_usize).prop_map(Event::SetEnded),
        1 => (0..8_usize).prop_map(Event::SetTimes),
        1 => Just(Event::Touch),
        1 => Just(Event::Delete),
        1 => Just(Event::DeleteEnded),
        1 => Just(Event::Sweep),
    ]
}

/// Whoever acts on what was read before may act at any later time.
pub(super) async fn no_order_of_events_revives_a_session(store: Store) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        runner
            .run(&proptest::collection::vec(event(), 1..30), |events| {
                handle.block_on(happen(&store, &events));
                Ok(())
            })
            .unwrap();
    });
}

async fn happen(store: &Store, events: &[Event]) {
    let id = hash(1);
    // What a case before has left.
    store.delete(&id).await.unwrap();
    create(store, 1).await;
    let mut versions = Vec::new();
    // `None` if it is gone; whether it has ended.
    let mut model = Some((FIRST_VERSION, false));
    for event in events {
        let seen = |index: &usize| versions.get(*index).copied().unwrap_or(FIRST_VERSION);
        let may = |version| model == Some((version, false));
        match event {
            Event::Read => versions.extend(model.map(|(version, _)| version)),
            Event::Replace(index) => {
                let version = seen(index);
                let done = store.replace(&id, version, &sealed("x"), times(60)).await;
                assert_eq!(done.unwrap(), may(version));
                if may(version) {
                    model = Some((version + 1, false));
                }
            }
            Event::SetAsked(index) => {
                let done = store.set_asked(&id, seen(index), Some(NOW)).await;
                assert_eq!(done.unwrap(), may(seen(index)));
            }
            Event::SetEnded(index) => {
                let version = seen(index);
                let done = store.set_ended(&id, version, "invalid_grant").await;
                assert_eq!(done.unwrap(), may(version));
                if may(version) {
                    model = Some((version + 1, true));
                }
            }
            Event::SetTimes(index) => store.set_times(&id, seen(index), times(9)).await.unwrap(),
            Event::Touch => store.touch(&id, NOW.plus_seconds(900), NOW).await.unwrap(),
            Event::Delete => {
                store.delete(&id).await.unwrap();
                model = None;
            }
            Event::DeleteEnded => {
                store.delete_ended(&id, NOW).await.unwrap();
                model = model.filter(|(_, ended)| !ended);
            }
            Event::Sweep => drop(store.sweep(0, NOW).await.unwrap()),
        }
        let row = store.session(&id).await.unwrap();
        let row = row.map(|row| (row.version, row.ended.is_some()));
        assert_eq!(row, model, "after {event:?} of {events:?}");
    }
}
