//! What a 401 means: tables of rounds, and random histories.

use crate::session::Bench;
use cc_connect_core::{
    ReturnTo,
    session::{
        Event, Grant, Reason, State,
        requests::{Decision, Next, Outcome, RequestId, Requests, TokenVerdict},
    },
};
use proptest::{prelude::*, sample::Index};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

/// The connection's first token, of account 0.
static GRANT: LazyLock<Grant> = LazyLock::new(|| {
    let State::Connected(grant) = Bench::connected().session.snapshot().state else {
        panic!("connected");
    };
    Grant::clone(&grant)
});

/// A state with a new token of this account.
fn connected(account: usize) -> State {
    let mut grant = GRANT.clone();
    grant.account.platform_user_id = account.to_string();
    State::Connected(Arc::new(grant))
}

fn requests() -> Requests<usize> {
    let mut requests = Requests::default();
    assert_eq!(requests.follow(&connected(0)), Decision::default());
    requests
}

fn decided(token: Option<TokenVerdict>, next: &[(RequestId, Next)]) -> Decision {
    let next = next.to_vec();
    Decision { token, next }
}

/// C1: one operation's rejection says nothing about a token that the others accept.
///
/// Rule (The connection and its end): A 401 that nothing contradicts ends the connection; after one
/// to a token that never worked nothing starts → `connection_rejected`
#[test]
fn a_401_counts_against_the_token_only_where_nothing_else_was_accepted() {
    use Next::{Deliver, Hold, Repeat};
    use Outcome::{Accepted, NoToken, Other, Unauthorized};
    use TokenVerdict::Rejected;
    // The outcomes of a round in order; for each what happens to its request, and at the end to
    // those that were held; and the verdict on the token after the last, unless it was accepted.
    for (round, held, verdict) in [
        (&[(Accepted, Deliver)][..], None, None),
        (&[(Other, Deliver)], None, None),
        (&[(NoToken, Deliver)], None, None),
        (&[(Unauthorized, Repeat)], None, Some(Rejected)),
        (
            &[(Unauthorized, Hold), (Unauthorized, Repeat)],
            Some(Repeat),
            Some(Rejected),
        ),
        (
            &[(Unauthorized, Hold), (Other, Deliver)],
            Some(Repeat),
            Some(Rejected),
        ),
        (
            &[(Unauthorized, Hold), (NoToken, Deliver)],
            Some(Repeat),
            Some(Rejected),
        ),
        (
            &[(Other, Deliver), (Unauthorized, Repeat)],
            None,
            Some(Rejected),
        ),
        (&[(Accepted, Deliver), (Other, Deliver)], None, None),
        (&[(Accepted, Deliver), (Unauthorized, Deliver)], None, None),
        (
            &[(Unauthorized, Hold), (Accepted, Deliver)],
            Some(Deliver),
            None,
        ),
        (
            &[
                (Unauthorized, Hold),
                (Other, Deliver),
                (Accepted, Deliver),
                (Unauthorized, Deliver),
            ],
            Some(Deliver),
            None,
        ),
    ] {
        let mut requests = requests();
        let ids: Vec<_> = (0..round.len())
            .map(|index| requests.begin(index))
            .collect();
        for (id, (outcome, next)) in ids.iter().zip(round) {
            let is_last = ids.last() == Some(id);
            let accepted = (*outcome == Accepted).then_some(TokenVerdict::Accepted);
            let mut all = vec![(*id, *next)];
            if let (true, Some(held)) = (is_last, held) {
                let others = ids.iter().zip(round).filter(|(_, (_, next))| *next == Hold);
                all.extend(others.map(|(id, _)| (*id, held)));
            }
            let token = if is_last {
                verdict.or(accepted)
            } else {
                accepted
            };
            let decision = requests.settle(*id, true, *outcome);
            assert_eq!(decision, decided(token, &all), "{round:?}");
        }
    }
}

#[test]
fn requests_one_after_the_other_are_rounds_of_their_own() {
    let mut requests = requests();
    let first = requests.begin(0);
    let _ = requests.settle(first, true, Outcome::Accepted);
    let second = requests.begin(1);
    let decision = requests.settle(second, true, Outcome::Unauthorized);
    assert_eq!(
        decision,
        decided(Some(TokenVerdict::Rejected), &[(second, Next::Repeat)])
    );
}

/// A request that was delivered is not part of any later decision, whatever its outcome.
#[test]
fn a_request_settles_once() {
    let mut requests = requests();
    let (first, second) = (requests.begin(0), requests.begin(1));
    let _ = requests.settle(first, true, Outcome::Accepted);
    let again = requests.settle(first, true, Outcome::Unauthorized);
    assert_eq!(again, Decision::default());
    let held = requests.settle(second, true, Outcome::Unauthorized);
    assert_eq!(held.next_of(second), Some(Next::Deliver));
    assert_eq!(held.next_of(first), None);
}

/// The connection was renewed while the request was under way: its 401 is about the old token.
#[test]
fn a_401_to_an_old_token_is_repeated_with_the_new_one() {
    let mut requests = requests();
    let (old, other) = (requests.begin(0), requests.begin(1));
    assert_eq!(requests.follow(&connected(0)), Decision::default());
    for _ in 0..2 {
        let decision = requests.settle(old, false, Outcome::Unauthorized);
        assert_eq!(decision, decided(None, &[(old, Next::Repeat)]));
    }
    // Accepted with the old token: delivered, which proves nothing about the new one.
    let decision = requests.settle(other, false, Outcome::Accepted);
    assert_eq!(decision, decided(None, &[(other, Next::Deliver)]));
    // The repeated request is still in the round, and its 401 decides about the new token.
    let decision = requests.settle(old, true, Outcome::Unauthorized);
    assert_eq!(
        decision,
        decided(Some(TokenVerdict::Rejected), &[(old, Next::Repeat)])
    );
}

/// A held 401 to a token that is replaced meanwhile is repeated; responses to the new token do not
/// decide about it.
#[test]
fn a_401_held_during_a_renewal_is_repeated() {
    let mut requests = requests();
    let (held, other) = (requests.begin(0), requests.begin(1));
    let _ = requests.settle(held, true, Outcome::Unauthorized);
    assert_eq!(requests.follow(&State::Renewing(None)), Decision::default());
    let decision = requests.follow(&connected(0));
    assert_eq!(decision, decided(None, &[(held, Next::Repeat)]));
    let _ = requests.settle(other, true, Outcome::Accepted);
    let decision = requests.settle(held, true, Outcome::Accepted);
    assert_eq!(decision.next_of(held), Some(Next::Deliver));
}

/// After an operation got a 401 for a token that others accept, its next 401 is delivered at once,
/// until the operation succeeds or the token is rejected.
#[test]
fn a_repeated_401_for_an_operation_is_delivered_and_says_nothing() {
    let refused = || {
        let mut requests = requests();
        let (bad, good) = (requests.begin(0), requests.begin(1));
        let _ = requests.settle(bad, true, Outcome::Unauthorized);
        let decision = requests.settle(good, true, Outcome::Accepted);
        assert_eq!(decision.next_of(bad), Some(Next::Deliver));
        requests
    };
    let unauthorized = |requests: &mut Requests<usize>, operation| {
        let id = requests.begin(operation);
        let decision = requests.settle(id, true, Outcome::Unauthorized);
        (decision.token, decision.next_of(id).unwrap())
    };
    let delivered = (None, Next::Deliver);
    let rejected = (Some(TokenVerdict::Rejected), Next::Repeat);
    let mut requests = refused();
    for _ in 0..3 {
        assert_eq!(unauthorized(&mut requests, 0), delivered);
    }
    assert_eq!(unauthorized(&mut requests, 2), rejected);
    // A new token or a success resets that.
    let mut requests = refused();
    let _ = unauthorized(&mut requests, 2);
    let _ = requests.follow(&State::Ended(Reason::Rejected));
    let _ = requests.follow(&connected(0));
    assert_eq!(unauthorized(&mut requests, 0), rejected);
    let mut requests = refused();
    let id = requests.begin(0);
    let _ = requests.settle(id, true, Outcome::Accepted);
    assert_eq!(unauthorized(&mut requests, 0), rejected);
}

#[test]
fn the_end_of_a_connection_cancels_its_requests() {
    let changed = State::AccountChanged {
        previous: GRANT.account.clone(),
        account: GRANT.account.clone(),
    };
    for end in [
        State::NotConnected(Reason::Disconnected),
        State::Ended(Reason::Rejected),
        State::Checking(None),
        changed,
        connected(1),
    ] {
        let mut requests = requests();
        let (held, late) = (requests.begin(0), requests.begin(1));
        let _ = requests.settle(held, true, Outcome::Unauthorized);
        let decision = requests.follow(&end);
        assert_eq!(decision, decided(None, &[(held, Next::Cancel)]), "{end:?}");
        // A late response is discarded and proves nothing about the next connection's token.
        let _ = requests.follow(&connected(1));
        let decision = requests.settle(late, false, Outcome::Unauthorized);
        assert_eq!(decision, decided(None, &[(late, Next::Cancel)]), "{end:?}");
    }
}

#[test]
fn what_passes_keeps_the_requests() {
    for passing in [State::Starting, State::Leaving, State::Renewing(None)] {
        let mut requests = requests();
        let (held, other) = (requests.begin(0), requests.begin(1));
        let _ = requests.settle(held, true, Outcome::Unauthorized);
        assert_eq!(requests.follow(&passing), Decision::default());
        let decision = requests.settle(other, true, Outcome::Accepted);
        assert_eq!(decision.next_of(held), Some(Next::Deliver), "{passing:?}");
    }
}

/// The last request of a round may be abandoned, or the one whose 401 is held.
#[test]
fn an_abandoned_request_does_not_block_the_others() {
    let mut requests = requests();
    let (held, gone) = (requests.begin(0), requests.begin(1));
    let _ = requests.settle(held, true, Outcome::Unauthorized);
    assert_eq!(
        requests.abandon(gone),
        decided(Some(TokenVerdict::Rejected), &[(held, Next::Repeat)])
    );
    let (gone, last) = (requests.begin(0), requests.begin(1));
    let _ = requests.settle(held, true, Outcome::Other);
    let _ = requests.settle(gone, true, Outcome::Unauthorized);
    assert_eq!(requests.abandon(gone), Decision::default());
    // Its 401 still counts.
    let decision = requests.settle(last, true, Outcome::Other);
    assert_eq!(
        decision,
        decided(Some(TokenVerdict::Rejected), &[(last, Next::Deliver)])
    );
}

/// With a session: a rejected token ends the connection and cancels every request.
#[test]
fn a_rejected_token_ends_the_connection_and_its_requests() {
    let mut bench = Bench::connected();
    let mut requests = Requests::default();
    let _ = requests.follow(&bench.session.snapshot().state);
    let id = requests.begin("GET /account");
    let decision = requests.settle(id, true, Outcome::Unauthorized);
    assert_eq!(decision.token, Some(TokenVerdict::Rejected));
    bench.send(Event::Rejected {
        page: ReturnTo::START,
    });
    let _ = requests.follow(&bench.session.snapshot().state);
    // It should be repeated, but there is no token.
    assert!(bench.session.token().is_none());
    let decision = requests.settle(id, false, Outcome::NoToken);
    assert_eq!(decision.next_of(id), Some(Next::Cancel));
}

/// An event in a history of requests.
#[derive(Clone, Debug)]
enum Happening {
    Begin(usize),
    Settle(Index, Outcome),
    Abandon(Index),
    /// The connection has a new token, of this account.
    Token(usize),
    End,
    Leave,
}

fn happening() -> impl Strategy<Value = Happening> {
    let outcome = prop_oneof![
        3 => Just(Outcome::Unauthorized),
        2 => Just(Outcome::Accepted),
        1 => Just(Outcome::Other),
    ];
    prop_oneof![
        6 => (0..3usize).prop_map(Happening::Begin),
        8 => (any::<Index>(), outcome).prop_map(|(which, how)| Happening::Settle(which, how)),
        1 => any::<Index>().prop_map(Happening::Abandon),
        2 => Just(Happening::Token(0)),
        1 => Just(Happening::Token(1)),
        1 => Just(Happening::End),
        1 => Just(Happening::Leave),
    ]
}

/// A simulation of the callers, and what they know.
#[derive(Default)]
struct Senders {
    requests: Requests<usize>,
    /// The token in use: its number, and its account.
    token: Option<(usize, usize)>,
    tokens: usize,
    connection: usize,
    /// Under way: the connection that it began in, if any, and the token that was sent.
    under_way: BTreeMap<RequestId, (Option<usize>, Option<usize>)>,
    held: BTreeMap<RequestId, Option<usize>>,
    begun: BTreeSet<RequestId>,
    over: BTreeSet<RequestId>,
    /// Whether the token in use got a 401.
    was_unauthorized: bool,
    /// How often a 401 may still renew the connection.
    renewals: usize,
}

impl Senders {
    fn connection(&self) -> Option<usize> {
        self.token.map(|_| self.connection)
    }

    fn begin(&mut self, operation: usize) {
        let id = self.requests.begin(operation);
        assert!(self.begun.insert(id), "an id is used once");
        let token = self.token.map(|(token, _)| token);
        self.under_way.insert(id, (self.connection(), token));
    }

    fn settle(&mut self, id: RequestId, outcome: Outcome) {
        let (began_in, sent) = self.under_way.remove(&id).unwrap();
        let in_use = sent.is_some() && sent == self.token.map(|(token, _)| token);
        let outcome = if sent.is_some() {
            outcome
        } else {
            Outcome::NoToken
        };
        self.was_unauthorized |= in_use && outcome == Outcome::Unauthorized;
        let decision = self.requests.settle(id, in_use, outcome);
        let next = decision.next_of(id).expect("what has settled is decided");
        let is_late = began_in.is_some() && began_in != self.connection();
        assert_eq!(
            is_late,
            next == Next::Cancel,
            "canceled with its connection"
        );
        match next {
            Next::Hold => assert!(outcome == Outcome::Unauthorized && in_use),
            Next::Repeat => assert!(outcome == Outcome::Unauthorized),
            _ => {}
        }
        self.held.insert(id, began_in);
        self.carry_out(decision);
    }

    /// Carries out a decision, the session's part first.
    fn carry_out(&mut self, decision: Decision) {
        if decision.token == Some(TokenVerdict::Rejected) {
            assert!(self.was_unauthorized, "only a 401 rejects a token");
            match (self.token, self.renewals) {
                (Some((_, account)), 1..) => {
                    self.renewals -= 1;
                    self.set_token(Some(account));
                }
                _ => self.set_token(None),
            }
        }
        for (id, next) in decision.next {
            let began_in = self.held.remove(&id).expect("one that waits");
            match next {
                Next::Hold => {
                    self.held.insert(id, began_in);
                }
                Next::Repeat => {
                    let token = self.token.map(|(token, _)| token);
                    self.under_way.insert(id, (began_in, token));
                }
                Next::Deliver | Next::Cancel => {
                    assert!(self.over.insert(id), "delivered once");
                }
            }
        }
    }

    fn set_token(&mut self, account: Option<usize>) {
        let before = self.token.map(|(_, account)| account);
        if before.is_some() && before != account {
            self.connection += 1;
        }
        if before.is_none() && account.is_some() {
            let all = self.under_way.values_mut();
            all.for_each(|(began_in, _)| *began_in = began_in.or(Some(self.connection)));
        }
        self.tokens += 1;
        self.token = account.map(|account| (self.tokens, account));
        self.was_unauthorized = false;
        let state = match account {
            Some(account) => connected(account),
            None => State::Ended(Reason::Rejected),
        };
        let decision = self.requests.follow(&state);
        assert_eq!(decision.token, None);
        self.carry_out(decision);
    }

    fn waits_for_something(&self) -> bool {
        !self.under_way.is_empty() || self.held.is_empty()
    }

    fn happens(&mut self, happening: Happening) {
        let pick = |which: Index, ids: Vec<RequestId>| {
            (!ids.is_empty()).then(|| ids[which.index(ids.len())])
        };
        match happening {
            Happening::Begin(operation) => self.begin(operation),
            Happening::Settle(which, outcome) => {
                if let Some(id) = pick(which, self.under_way.keys().copied().collect()) {
                    self.settle(id, outcome);
                }
            }
            Happening::Abandon(which) => {
                let ids = self.begun.difference(&self.over).copied().collect();
                if let Some(id) = pick(which, ids) {
                    self.under_way.remove(&id);
                    self.held.remove(&id);
                    self.over.insert(id);
                    let decision = self.requests.abandon(id);
                    self.carry_out(decision);
                }
            }
            Happening::Token(account) => self.set_token(Some(account)),
            Happening::End => self.set_token(None),
            Happening::Leave => {
                assert_eq!(self.requests.follow(&State::Leaving), Decision::default());
            }
        }
    }
}

proptest! {
    /// Every request that begins is delivered or canceled once, or repeated until it is, whatever
    /// the order; none is forgotten.
    #[test]
    fn no_request_is_lost(
        history in proptest::collection::vec(happening(), 0..60),
        renewals in 0..4usize,
        last in prop_oneof![Just(Outcome::Accepted), Just(Outcome::Other), Just(Outcome::Unauthorized)],
    ) {
        let mut senders = Senders { renewals, ..Senders::default() };
        for happening in history {
            senders.happens(happening);
            prop_assert!(senders.waits_for_something());
        }
        // Everything settles eventually, even if the API rejects every token.
        let mut rest = 1_000;
        while let Some(id) = senders.under_way.keys().next().copied() {
            senders.settle(id, last);
            rest -= 1;
            prop_assert!(rest > 0, "repeated forever");
        }
        prop_assert!(senders.held.is_empty());
        prop_assert_eq!(senders.begun, senders.over);
    }
}
