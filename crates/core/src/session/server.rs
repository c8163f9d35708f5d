//! The session of a page whose server keeps the connection, as a pure state machine:
//! [`ServerSession::step`] takes an event and the time, and returns effects for the browser to carry
//! out. It ends in the same [`Snapshot`](super::Snapshot) as [`Session`](super::Session), so that
//! whoever shows a connection need not know which of the two it is.
//!
//! The page has no token. It asks its server whether there is a connection, and believes the answer:
//! the server has verified the token. What stays with the page is what only it can know, such as
//! which account this tab was connected to before.
//!
//! These invariants hold after every event, whatever the order of events:
//!
//! - One question is under way at a time, and two are at least [`ASK_INTERVAL`] apart. One that
//!   failed is repeated after a pause that grows.
//! - An answer counts only if it was asked for after the last event that could change it: a late one
//!   revives no connection.
//! - Connecting a different account than before takes the user's consent, and refusing it ends the
//!   connection at the server.
//! - The user is disconnected once the server has confirmed it. Until then the page says so.
//! - Nothing leaves the page automatically.
//! - No dead ends: every wait has a limit, or the user can end it.

mod answer;
mod authorization_uri;
pub(super) mod budget;
pub(super) mod code;
mod event;
pub(super) mod failure;
mod machine;
mod polling;
mod snapshot;
mod step;

pub use answer::{Answer, Held, MAX_BYTES, Told};
pub use authorization_uri::{AuthorizationUri, connect_body, read_authorization_uri};
pub use budget::Budget;
pub use code::ServerCode;
pub use event::{Effect, Event};
pub use failure::ServerFailure;
pub use machine::ServerSession;
pub use polling::{ASK_INTERVAL, AskId, FIRST_PAUSE, LONGEST_PAUSE};
