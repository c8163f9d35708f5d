//! What a 401 of the API says: something about the connection only if no other request says otherwise.
//!
//! The requests of a connection that are under way at the same time are a round. Where one of them is
//! rejected and another is accepted, the token is good and the rejection is the operation's own error.
//! Where all that were decided are rejected, the token is.

/// The requests that are under way with one connection.
///
/// ```
/// use cc_connect::session::{Ending, Round, Verdict};
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
    /// It answered 401 to the token of the connection.
    Rejected,
    /// Neither: no response, another status, or a token from before a renewal.
    Undecided,
}

/// What the rejected requests of a round say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The token is good: each 401 is an error of its operation.
    Operation,
    /// The token is rejected.
    Token,
}

impl Round {
    /// A request begins.
    pub fn begin(&mut self) {
        self.under_way += 1;
    }

    /// A request ends. The last one brings the verdict, if any was rejected.
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
