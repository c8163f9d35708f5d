//! Who goes next: sessions take turns, whoever came first within each. One turn is out at a time,
//! so that who goes next is decided as late as possible.

use crate::secrets::Hash;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The queue of an instance. Copies are the same queue.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    state: Arc<Mutex<State>>,
    /// How many may wait.
    longest: usize,
    /// How many of one session may be on their way at once.
    in_flight: usize,
}

#[derive(Debug, Default)]
struct State {
    /// The sessions with somebody waiting, whose turn is next first.
    order: VecDeque<Hash>,
    lines: HashMap<Hash, Line>,
    waiting: usize,
    turn_is_out: bool,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<oneshot::Sender<Turn>>,
    in_flight: usize,
}

impl State {
    fn length(&self, id: &Hash) -> usize {
        self.lines.get(id).map_or(0, |line| line.waiting.len())
    }
}

/// There are too many waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The one turn. Whoever has it departs, or drops it.
#[derive(Debug)]
pub(crate) struct Turn {
    place: Option<InFlight>,
}

/// A place among those on their way, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    queue: Queue,
    id: Hash,
}

impl Queue {
    pub(crate) fn new(longest: usize, in_flight: usize) -> Self {
        Self {
            state: Arc::default(),
            longest,
            in_flight,
        }
    }

    /// How many are waiting.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting
    }

    /// Waits for a turn. If too many wait, the last one of the longest line has to leave.
    pub(crate) async fn enter(&self, id: Hash) -> Result<Turn, Full> {
        let mut waiter = self.line_up(id)?;
        let turn = match &mut waiter.receiver {
            Some(receiver) => receiver.await.map_err(|_| Full),
            None => Err(Full),
        };
        // Nothing is left in it.
        waiter.receiver = None;
        turn
    }

    fn line_up(&self, id: Hash) -> Result<Waiter<'_>, Full> {
        let mut state = self.lock();
        if state.waiting >= self.longest {
            let longest = state.order.iter().max_by_key(|id| state.length(id));
            let longest = longest.copied().ok_or(Full)?;
            if state.length(&longest) <= state.length(&id) + 1 {
                return Err(Full);
            }
            if let Some(line) = state.lines.get_mut(&longest) {
                line.waiting.pop_back();
                state.waiting -= 1;
            }
        }
        let (sender, receiver) = oneshot::channel();
        let line = state.lines.entry(id).or_default();
        line.waiting.push_back(sender);
        let is_first = line.waiting.len() == 1;
        state.waiting += 1;
        if is_first {
            state.order.push_back(id);
        }
        self.dispatch(&mut state);
        Ok(Waiter {
            queue: self,
            id,
            receiver: Some(receiver),
        })
    }

    /// Gives the turn to the next session that may have it.
    fn dispatch(&self, state: &mut State) {
        let mut candidates = state.order.len();
        while !state.turn_is_out && candidates > 0 {
            candidates -= 1;
            let Some(id) = state.order.pop_front() else {
                return;
            };
            let Some(line) = state.lines.get_mut(&id) else {
                continue;
            };
            while line.in_flight < self.in_flight {
                let Some(next) = line.waiting.pop_front() else {
                    break;
                };
                state.waiting -= 1;
                line.in_flight += 1;
                let place = InFlight {
                    queue: self.clone(),
                    id,
                };
                match next.send(Turn { place: Some(place) }) {
                    Ok(()) => {
                        state.turn_is_out = true;
                        break;
                    }
                    // Whoever waited has left. Dropped here, its place would lock again.
                    Err(mut turn) => {
                        std::mem::forget(turn.place.take());
                        line.in_flight -= 1;
                    }
                }
            }
            if !line.waiting.is_empty() {
                state.order.push_back(id);
            } else if line.in_flight == 0 {
                state.lines.remove(&id);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Passes the turn on, and keeps the place among those on their way.
    pub(crate) fn depart(mut self) -> InFlight {
        let place = self.place.take();
        let place = place.expect("a turn has its place until it departs");
        place.pass_on();
        place
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            place.pass_on();
        }
    }
}

impl InFlight {
    fn pass_on(&self) {
        let mut state = self.queue.lock();
        state.turn_is_out = false;
        self.queue.dispatch(&mut state);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        if let Some(line) = state.lines.get_mut(&self.id) {
            line.in_flight -= 1;
            if line.in_flight == 0 && line.waiting.is_empty() {
                state.lines.remove(&self.id);
            }
        }
        self.queue.dispatch(&mut state);
    }
}

/// Somebody who waits, and may leave.
struct Waiter<'a> {
    queue: &'a Queue,
    id: Hash,
    receiver: Option<oneshot::Receiver<Turn>>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        // A turn that is already in it is passed on.
        let Some(receiver) = self.receiver.take() else {
            return;
        };
        drop(receiver);
        let mut state = self.queue.lock();
        let Some(line) = state.lines.get_mut(&self.id) else {
            return;
        };
        let before = line.waiting.len();
        line.waiting.retain(|sender| !sender.is_closed());
        let left = before - line.waiting.len();
        let is_empty = line.waiting.is_empty();
        if is_empty && line.in_flight == 0 {
            state.lines.remove(&self.id);
        }
        state.waiting -= left;
        if is_empty {
            let id = self.id;
            state.order.retain(|other| *other != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::{future::Future, pin::Pin};

    type Entering<'a> = Pin<Box<dyn Future<Output = Result<Turn, Full>> + 'a>>;

    fn session(number: u8) -> Hash {
        [number; 32]
    }

    /// Lines up, and says whether it is its turn already.
    fn enter(queue: &Queue, number: u8) -> (Entering<'_>, Option<Result<Turn, Full>>) {
        let mut entering: Entering<'_> = Box::pin(queue.enter(session(number)));
        let at_once = entering.as_mut().now_or_never();
        (entering, at_once)
    }

    #[tokio::test]
    async fn sessions_take_turns_whatever_their_lines() {
        let queue = Queue::new(100, 2);
        let first = queue.enter(session(0)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in [1, 1, 1, 1, 2, 2, 3] {
            let (queue, order) = (queue.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let turn = queue.enter(session(number)).await.unwrap();
                order.lock().unwrap().push(number);
                drop(turn.depart());
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.len(), 7);
        drop(first.depart());
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [1, 2, 3, 1, 2, 1, 1]);
        assert_eq!(queue.len(), 0);
        assert!(queue.lock().lines.is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn a_session_has_two_requests_on_their_way_at_most() {
        let queue = Queue::new(100, 2);
        let one = queue.enter(session(1)).await.unwrap().depart();
        let two = queue.enter(session(1)).await.unwrap().depart();
        let (mut third, at_once) = enter(&queue, 1);
        assert!(at_once.is_none());
        // Another session does not wait for it.
        drop(queue.enter(session(2)).await.unwrap());
        drop(one);
        assert!(
            third
                .as_mut()
                .now_or_never()
                .is_some_and(|turn| turn.is_ok())
        );
        drop(two);
    }

    #[tokio::test]
    async fn whoever_leaves_makes_room_even_with_the_turn_in_hand() {
        let queue = Queue::new(2, 2);
        let turn = queue.enter(session(0)).await.unwrap();
        let (leaving, _) = enter(&queue, 1);
        let (mut staying, _) = enter(&queue, 2);
        drop(turn);
        // The turn is on its way to the one that leaves.
        drop(leaving);
        assert!(staying.as_mut().now_or_never().unwrap().is_ok());
        assert_eq!(queue.len(), 0);
    }

    #[tokio::test]
    async fn in_a_full_queue_the_longest_line_makes_room() {
        let queue = Queue::new(3, 2);
        let turn = queue.enter(session(0)).await.unwrap();
        let (mut first, _) = enter(&queue, 1);
        let (mut second, _) = enter(&queue, 1);
        let (mut third, _) = enter(&queue, 1);
        // One more of the same has to wait elsewhere.
        assert_eq!(enter(&queue, 1).1.unwrap().unwrap_err(), Full);
        let (mut other, at_once) = enter(&queue, 2);
        assert!(at_once.is_none());
        assert_eq!(third.as_mut().now_or_never().unwrap().unwrap_err(), Full);
        assert_eq!(queue.len(), 3);
        drop(turn);
        drop(first.as_mut().now_or_never().unwrap().unwrap());
        drop(other.as_mut().now_or_never().unwrap().unwrap());
        drop(second.as_mut().now_or_never().unwrap().unwrap());
    }
}
