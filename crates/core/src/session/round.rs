//! What a 401 from the API means: it concerns the connection only if no other request contradicts
//! it.
//!
//! The requests of a connection that are in flight at the same time form a round. If one is
//! rejected and another accepted, the token is good and the rejection is an error of that
//! operation. If every decided request is rejected, so is the token.

/// The requests in flight for one connection.
///
/// ```
/// use cc_connect_core::session::{Ending, Round, Verdict};
///
/// let mut round = Round::default();
/// round.begin();
/// round.begin();
/// assert_eq!(round.end(Ending::Rejected), None);
/// assert_eq!(round.end(Ending::Accepted), Some(Verdict::Operation));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    under_way: u32,
    accepted: bool,
    rejected: bool,
}

/// How one request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The API accepted the token of the connection.
    Accepted,
    /// The API rejected the token of the connection with 401.
    Rejected,
    /// Neither: no response, another status, or a token from before a renewal.
    Undecided,
}

/// What the rejected requests of a round mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The token is good: each 401 is an error of its operation.
    Operation,
    /// The token is rejected.
    Token,
}

impl Round {
    /// Counts a request that begins.
    pub fn begin(&mut self) {
        self.under_way += 1;
    }

    /// Counts a request that has ended. The last one returns the verdict, if any was rejected.
    pub fn end(&mut self, outcome: Ending) -> Option<Verdict> {
        self.accepted |= outcome == Ending::Accepted;
        self.rejected |= outcome == Ending::Rejected;
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way > 0 {
            return None;
        }
        let Self {
            accepted, rejected, ..
        } = std::mem::take(self);
        rejected.then_some(if accepted {
            Verdict::Operation
        } else {
            Verdict::Token
        })
    }
}
