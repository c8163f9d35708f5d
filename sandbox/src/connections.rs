//! Refreshable connections, each with its family of refresh tokens.

use crate::{allowed::Allowed, random, scenario::Scenario};
use std::collections::HashMap;

/// How long a refresh token is valid after its last use, in seconds.
const IDLE: i64 = 180 * 86_400;
/// How many connections are remembered.
const MAX: usize = 50_000;
/// How many refresh tokens are remembered, including used ones.
const MAX_TOKENS: usize = 100_000;

/// One connection.
pub(crate) struct Connection {
    pub(crate) allowed: Allowed,
    /// What goes wrong at its refreshes.
    pub(crate) scenario: Scenario,
    /// The number of refreshes attempted with a valid refresh token.
    pub(crate) tries: u32,
    /// The valid refresh token.
    current: String,
    last_used: i64,
}

/// All connections, and every refresh token issued.
#[derive(Default)]
pub(crate) struct Connections {
    known: HashMap<u64, Connection>,
    /// The connection of each refresh token, current or not.
    tokens: HashMap<String, u64>,
    uses: Uses,
    last: u64,
}

/// How often each refresh token was presented, for tests. It outlasts the connections.
#[derive(Default)]
struct Uses {
    /// The index of each refresh token in the counts.
    tokens: HashMap<String, usize>,
    counts: Vec<u32>,
}

impl Uses {
    /// A new refresh token.
    fn add(&mut self, token: &str) {
        if self.counts.len() >= MAX_TOKENS {
            *self = Self::default();
        }
        self.tokens.insert(token.to_owned(), self.counts.len());
        self.counts.push(0);
    }

    fn count(&mut self, token: &str) {
        if let Some(index) = self.tokens.get(token) {
            self.counts[*index] += 1;
        }
    }
}

impl Connections {
    /// Begins a connection and issues its first refresh token.
    pub(crate) fn begin(
        &mut self,
        allowed: Allowed,
        scenario: Scenario,
        now: i64,
    ) -> (u64, String) {
        if self.known.len() >= MAX || self.tokens.len() >= MAX_TOKENS {
            self.clear();
        }
        self.last += 1;
        let token = random::text(32);
        self.uses.add(&token);
        self.tokens.insert(token.clone(), self.last);
        self.known.insert(
            self.last,
            Connection {
                allowed,
                scenario,
                tries: 0,
                current: token.clone(),
                last_used: now,
            },
        );
        (self.last, token)
    }

    /// The connection that a refresh token is valid for. Reuse ends the connection: the token has
    /// leaked, and the legitimate client cannot be told from the other.
    pub(crate) fn find(
        &mut self,
        token: &str,
        client_id: &str,
        now: i64,
    ) -> Option<(u64, &mut Connection)> {
        let id = *self.tokens.get(token)?;
        let known = self.known.get(&id)?;
        if known.allowed.client_id != client_id || now - known.last_used >= IDLE {
            return None;
        }
        if known.current != token {
            self.end(id);
            return None;
        }
        Some((id, self.known.get_mut(&id)?))
    }

    /// Marks the refresh token as used and replaces it if it `rotates`. Returns the one that is valid
    /// from now on.
    pub(crate) fn renew(&mut self, id: u64, rotates: bool, now: i64) -> Option<String> {
        let known = self.known.get_mut(&id)?;
        known.last_used = now;
        if rotates {
            known.current = random::text(32);
            self.uses.add(&known.current);
            self.tokens.insert(known.current.clone(), id);
        }
        Some(known.current.clone())
    }

    /// Counts a request with this refresh token, whatever comes of it.
    pub(crate) fn count_use(&mut self, token: &str) {
        self.uses.count(token);
    }

    /// How often each refresh token was presented, in the order in which they were issued.
    pub(crate) fn uses(&self) -> &[u32] {
        &self.uses.counts
    }

    /// Invalidates all its refresh tokens.
    pub(crate) fn end(&mut self, id: u64) {
        self.known.remove(&id);
    }

    /// Ends all connections.
    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.tokens.clear();
    }
}
