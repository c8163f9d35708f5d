//! The session as a pure state machine: [`Session::step`] takes an event and the time, and returns
//! effects for the browser to carry out.
//!
//! These invariants hold after every event, whatever the order of events:
//!
//! - A session is connected only while it holds a [`VerifiedAccessToken`] that has not expired.
//! - An automatic authorization starts at most once a minute and never after an error.
//! - Connecting a different account than before takes the user's consent.
//! - A code is sent once, a refresh token in one request at a time, and a new refresh token is
//!   stored before anything else happens with it.
//! - No unbounded work: a 401 renews the connection at most once per [`REJECTION_INTERVAL`], and
//!   automatic requests are spaced out.
//! - No dead ends: every wait has a limit, or the user can end it.
//! - The browser's online flag is only a hint: what the user asks for is tried regardless.
//!
//! Whoever carries out effects does so in order; events that arrive meanwhile are queued.
//! While redirecting to the authorization server the session keeps its state
//! ([`Session::redirecting`]), since the navigation may fail.
//!
//! The two grants differ in two places only: a code is exchanged before there is a token to verify,
//! and a token with a refresh token is renewed before or after it expires.
//!
//! [`requests`] decides what the API's responses mean for the connection. Where a server keeps the
//! connection, its page has another, smaller session: [`server`].
//!
//! The state machine is small enough for `tests/core/promises.rs` to search it exhaustively.

mod account;
mod automatic;
mod context;
mod effect;
mod event;
pub mod expiry;
mod grant;
mod keys;
mod machine;
mod phase;
pub mod renewal;
pub mod requests;
pub mod server;
mod state;
mod step;
pub mod stored;
mod unverified_access_token;
mod verified_access_token;
mod verifying;

pub use account::Account;
pub use automatic::{AUTOMATIC_INTERVAL, COUNTDOWN, Countdown, REJECTION_INTERVAL, Remembered};
pub use context::{Context, Reauthorize, TokenStorage};
pub use effect::Effect;
pub use event::{Event, Returned, StartError};
pub use grant::Grant;
pub use keys::{KeySetFailure, KeyUsed, LoadedKeys};
pub use machine::Session;
pub use phase::{
    AccountChanged, Connected, Exchanging, NotConnected, Phase, Reason, Redirecting, Renewing,
};
pub use renewal::{Renewal, Stage};
pub use state::{Failure, RenewalState, Snapshot, State};
pub use unverified_access_token::UnverifiedAccessToken;
pub use verified_access_token::{Refusal, VerifiedAccessToken, VerifiedIdToken};
pub use verifying::Verifying;
