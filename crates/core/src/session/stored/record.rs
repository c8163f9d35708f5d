//! What all records share: the version, the form of times, and how they become text.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of these records. It changes whenever a record of before can no longer be read as
/// what it meant: a pending authorization is then begun again, and a connection made again.
pub const VERSION: u32 = 1;

/// A time in milliseconds since the epoch; one that cannot be shown as a date is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub(super) struct Millis(pub(super) Timestamp);

impl TryFrom<i64> for Millis {
    type Error = &'static str;

    fn try_from(millis: i64) -> Result<Self, Self::Error> {
        Timestamp::read_unix_millis(millis)
            .map(Self)
            .ok_or("no date")
    }
}

impl From<Millis> for i64 {
    fn from(Millis(time): Millis) -> Self {
        time.unix_millis()
    }
}

/// Serializes a struct of JSON values, strings and numbers, which cannot fail.
pub(super) fn to_json(form: &impl Serialize) -> String {
    serde_json::to_string(form).expect("a struct of strings and numbers is always JSON")
}
