//! Maps errors, claims, permissions and the like to the texts in `lang/`. A message says what
//! happened, whether anything was lost, and what to do next, in that order. It blames nobody.
//!
//! Every error has a stable code, and its texts are named by it: `error.CODE` is the title, and
//! `error.CODE.what` has a line for each paragraph. A test checks that every code has its texts.

mod clock;
mod connection;
mod message;
mod names;
mod settings;

pub use clock::{clock_suspected, clock_wrong};
pub use connection::{
    account_changed, api, connection_ended, not_made, not_renewed_yet, not_started, retried,
};
pub use message::Message;
pub use names::{check, claim, nothing_to_check, outcome, permission};
pub use settings::{config_file, mistake};
