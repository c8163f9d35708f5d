//! Where the time comes from.

/// Where the time comes from, by which tokens are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// The computer's own clock. The default. If it is wrong, genuine tokens are rejected.
    #[default]
    Device,
    /// The `Date` of the response to a request for this file of the page's own host, however wrong
    /// the computer's clock is.
    HostDate(String),
}
