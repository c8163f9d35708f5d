//! The server's answer to the question whether there is a connection.

use super::{budget::Budget, code::ServerCode, failure::ServerFailure};
use crate::{
    json,
    session::{grant::Grant, stored},
    time::Timestamp,
};
use serde_json::{Map, Value};

/// The longest answer that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Whether there is a connection.
    pub told: Told,
    /// The time at the server.
    pub server_time: Timestamp,
}

/// Whether there is a connection.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "it travels in a box")]
pub enum Told {
    /// This browser has no connection.
    NotConnected {
        /// Why an earlier one is gone, if there was one.
        reason: Option<ServerCode>,
        /// Why the last authorization failed, if it did; said once.
        error: Option<ServerCode>,
    },
    /// There is one.
    Connected(Held),
}

/// A connection that the server keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What it permits, and how its token was verified.
    pub grant: Grant,
    /// Whether the server renews it when its token ends.
    pub renews: bool,
    /// What is left of today's requests, if the server says so.
    pub budget: Option<Budget>,
}

impl Answer {
    /// Reads the answer. What decides nothing, `budget`, is left out where it cannot be read.
    ///
    /// ```
    /// use cc_connect_core::session::server::{Answer, ServerCode, ServerFailure, Told};
    ///
    /// let body = br#"{"connected":false,"reason":"session_idle","error":null,"server_time":1790000000000}"#;
    /// let answer = Answer::read(200, body)?;
    /// let reason = Some(ServerCode::read("session_idle"));
    /// assert_eq!(answer.told, Told::NotConnected { reason, error: None });
    ///
    /// let body = br#"{"error":"store_unavailable"}"#;
    /// assert_eq!(Answer::read(503, body), Err(ServerFailure::StoreUnavailable));
    /// # Ok::<(), ServerFailure>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ServerFailure`].
    pub fn read(status: u16, body: &[u8]) -> Result<Self, ServerFailure> {
        if status != 200 {
            return Err(ServerFailure::read(status, body));
        }
        Self::parse(body).ok_or(ServerFailure::Unexpected { status })
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let object = json::parse_object(body).ok()?;
        let server_time = object.get("server_time")?.as_i64()?;
        let told = match object.get("connected")?.as_bool()? {
            false => Told::NotConnected {
                reason: code(&object, "reason")?,
                error: code(&object, "error")?,
            },
            true => Told::Connected(Held {
                grant: stored::grant_in(object.get("grant")?.as_object()?)?,
                renews: object.get("renews")?.as_bool()?,
                budget: object.get("budget").and_then(budget),
            }),
        };
        Some(Self {
            told,
            server_time: Timestamp::read_unix_millis(server_time)?,
        })
    }
}

/// The code in this member, if it has one; `None` if it is something else.
fn code(object: &Map<String, Value>, name: &str) -> Option<Option<ServerCode>> {
    match object.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => Some(Some(ServerCode::read(value.as_str()?))),
    }
}

fn budget(value: &Value) -> Option<Budget> {
    let (left, of) = (value.get("left")?.as_u64()?, value.get("of")?.as_u64()?);
    (left <= of).then_some(Budget { left, of })
}
