//! What the outcome of a request to the API means, for the request and for the token that was sent.
//!
//! The requests of a connection that are under way at the same time form a round. If the API
//! answers one of them with 401 and accepts another, the token is good and the 401 is an error of
//! that operation. If every decided request got a 401, so did the token. Until that is clear the
//! 401 is held back.
//!
//! What the API says about a token from before a renewal says nothing about the next one: such a
//! 401 is repeated with the token in use.
//!
//! Whoever sends requests drives [`Requests`]:
//!
//! 1. [`begin`](Requests::begin) when a request begins, before its token is looked up.
//! 2. [`settle`](Requests::settle) when it has ended, or when there was no token for it.
//! 3. [`follow`](Requests::follow) after every step of the session.
//! 4. [`abandon`](Requests::abandon) if nobody waits for the response any longer.
//!
//! The last three return a [`Decision`]: first tell the session about the token, then do with each
//! request what [`Next`] says. Each request is delivered or canceled exactly once, unless it is
//! abandoned.

use super::{grant::Grant, state::State};
use std::{mem::take, sync::Arc};

/// One request of [`Requests`], and its repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u64);

/// How a request ended, as far as it concerns the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The API accepted the token: the request succeeded.
    Accepted,
    /// 401: the API rejected the token, or the operation.
    Unauthorized,
    /// Neither: no response, or another status. It says nothing about the token.
    Other,
    /// It was not sent, since there was no token.
    NoToken,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// Give its caller the response or the error that came.
    Deliver,
    /// Keep its 401 until a later [`Decision`] names it again.
    Hold,
    /// Send it again with the token in use; while the connection is being renewed, wait for the
    /// next token.
    Repeat,
    /// Its connection has ended: deliver that, whatever came.
    Cancel,
}

/// What the API thinks of the token in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenVerdict {
    /// Send [`Event::Accepted`](super::Event::Accepted).
    Accepted,
    /// Send [`Event::Rejected`](super::Event::Rejected), before anything is repeated.
    Rejected,
}

/// What to do after a request has ended or the connection has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    /// What to tell the session.
    pub token: Option<TokenVerdict>,
    /// What happens to which request.
    pub next: Vec<(RequestId, Next)>,
}

impl Decision {
    /// What happens to this request; `None` if nothing does.
    pub fn next_of(&self, request: RequestId) -> Option<Next> {
        let found = self.next.iter().find(|(id, _)| *id == request);
        found.map(|(_, next)| *next)
    }
}

/// How far a request is that has begun and is not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    UnderWay,
    /// It got a 401, which is held back until it is clear what that concerns.
    Held,
    /// Under way, but its connection has ended.
    Late,
}

#[derive(Clone, Debug)]
struct Request<O> {
    id: RequestId,
    operation: O,
    place: Place,
}

/// The requests that have begun and are not delivered yet. `O` names an operation, for instance by
/// its method and path.
///
/// ```
/// use cc_connect_core::session::requests::{Decision, Next, Outcome, Requests, TokenVerdict};
///
/// let mut requests = Requests::default();
/// let lists = requests.begin("GET /contact_lists");
/// let account = requests.begin("GET /account/summary");
///
/// // A 401 is held back until it is clear what it concerns.
/// let decision = requests.settle(lists, true, Outcome::Unauthorized);
/// assert_eq!(decision.next_of(lists), Some(Next::Hold));
///
/// // The token is good: the 401 is an error of its operation.
/// let decision = requests.settle(account, true, Outcome::Accepted);
/// assert_eq!(decision.token, Some(TokenVerdict::Accepted));
/// assert_eq!(decision.next, [(account, Next::Deliver), (lists, Next::Deliver)]);
///
/// // Nobody waits for this response any longer.
/// let campaigns = requests.begin("GET /emails");
/// assert_eq!(requests.abandon(campaigns), Decision::default());
/// ```
#[derive(Clone, Debug)]
pub struct Requests<O> {
    open: Vec<Request<O>>,
    next_id: u64,
    /// Whether the API has accepted the token in this round.
    accepted: bool,
    /// Whether a request of this round got a 401.
    rejected: bool,
    /// The operations that got a 401 although the token was good. Another 401 says nothing new.
    refused: Vec<O>,
    /// What the current connection permits, if there is one. Each token has its own.
    grant: Option<Arc<Grant>>,
}

impl<O> Default for Requests<O> {
    fn default() -> Self {
        Self {
            open: vec![],
            next_id: 0,
            accepted: false,
            rejected: false,
            refused: vec![],
            grant: None,
        }
    }
}

impl<O: PartialEq> Requests<O> {
    /// A request for this operation begins.
    pub fn begin(&mut self, operation: O) -> RequestId {
        let id = RequestId(self.next_id);
        self.next_id += 1;
        self.open.push(Request {
            id,
            operation,
            place: Place::UnderWay,
        });
        id
    }

    /// A request has ended. `token_in_use` says whether the token that was sent is still that of
    /// the connection ([`Session::holds_token`](super::Session::holds_token)), now that the time is
    /// known: it may have expired while the machine slept.
    pub fn settle(&mut self, id: RequestId, token_in_use: bool, outcome: Outcome) -> Decision {
        let Some(index) = self.open.iter().position(|request| request.id == id) else {
            return Decision::default();
        };
        let request = &mut self.open[index];
        let is_late = match request.place {
            Place::Held => return Decision::default(),
            Place::Late => true,
            Place::UnderWay => false,
        };
        let is_refused = self.refused.contains(&request.operation);
        let mut decision = Decision::default();
        let next = match outcome {
            _ if is_late => Next::Cancel,
            // It stays in the round.
            Outcome::Unauthorized if !token_in_use => Next::Repeat,
            Outcome::Unauthorized if !is_refused => Next::Hold,
            _ => Next::Deliver,
        };
        match next {
            Next::Repeat => {}
            Next::Hold => {
                request.place = Place::Held;
                self.rejected = true;
            }
            Next::Cancel => drop(self.open.remove(index)),
            Next::Deliver => {
                let operation = self.open.remove(index).operation;
                if outcome == Outcome::Accepted && token_in_use {
                    self.accepted = true;
                    self.refused.retain(|refused| *refused != operation);
                    decision.token = Some(TokenVerdict::Accepted);
                }
            }
        }
        decision.next.push((id, next));
        self.close_round(&mut decision);
        decision
    }

    /// Nobody waits for this request any longer. It is not named again; the 401 that it may have
    /// got still counts.
    pub fn abandon(&mut self, id: RequestId) -> Decision {
        let mut decision = Decision::default();
        self.open.retain(|request| request.id != id);
        self.close_round(&mut decision);
        decision
    }

    /// The session has taken a step. With a new token the round starts over, and the end of a
    /// connection cancels its requests. Those that began without a connection belong to the next
    /// one.
    pub fn follow(&mut self, state: &State) -> Decision {
        let held = match state {
            // It comes back to what it was, or to something else.
            State::Starting | State::Leaving | State::Renewing(_) => return Decision::default(),
            State::Connected(grant) => match self.grant.replace(grant.clone()) {
                None => return Decision::default(),
                Some(before) if Arc::ptr_eq(&before, grant) => return Decision::default(),
                Some(before) if before.account.is_same_account(&grant.account) => Next::Repeat,
                Some(_) => Next::Cancel,
            },
            State::NotConnected(_)
            | State::Checking(_)
            | State::AccountChanged { .. }
            | State::Ended(_) => {
                if self.grant.take().is_none() {
                    return Decision::default();
                }
                Next::Cancel
            }
        };
        (self.accepted, self.rejected) = (false, false);
        let next = self.release(held);
        if held == Next::Cancel {
            self.refused.clear();
            for request in &mut self.open {
                request.place = Place::Late;
            }
        }
        Decision { token: None, next }
    }

    /// Decides what the held requests mean once nothing is under way.
    fn close_round(&mut self, decision: &mut Decision) {
        if self.is_under_way() {
            return;
        }
        let held = match (take(&mut self.accepted), take(&mut self.rejected)) {
            (_, false) => return,
            (true, true) => Next::Deliver,
            (false, true) => {
                // With the next token the round starts over.
                self.refused.clear();
                decision.token = Some(TokenVerdict::Rejected);
                Next::Repeat
            }
        };
        for (id, next) in self.release(held) {
            match decision.next.iter_mut().find(|(known, _)| *known == id) {
                Some(known) => known.1 = next,
                None => decision.next.push((id, next)),
            }
        }
    }

    /// Takes what is held out of its waiting.
    fn release(&mut self, next: Next) -> Vec<(RequestId, Next)> {
        let (mut released, mut open) = (vec![], vec![]);
        for mut request in take(&mut self.open) {
            if request.place == Place::Held {
                released.push((request.id, next));
                match next {
                    Next::Repeat => request.place = Place::UnderWay,
                    Next::Deliver => {
                        self.refused.push(request.operation);
                        continue;
                    }
                    Next::Cancel | Next::Hold => continue,
                }
            }
            open.push(request);
        }
        self.open = open;
        released
    }

    fn is_under_way(&self) -> bool {
        let mut places = self.open.iter().map(|request| request.place);
        places.any(|place| place == Place::UnderWay)
    }
}
