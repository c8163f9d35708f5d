//! What is left of today's requests.

/// Today's requests to the API, shared by everybody who uses the application. The day ends at
/// midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many are left.
    pub left: u64,
    /// How many there are in a day.
    pub of: u64,
}
