//! What an application does for the runtime.

use cc_connect_core::{ReturnTo, clock::Deviation, session::Snapshot, time::Timestamp};
use std::fmt;

/// What an application does for the runtime.
pub struct Callbacks {
    /// Called after each event.
    pub show: Box<dyn Fn(Snapshot)>,
    /// Called at each tick with the time, and with which clock is wrong, if any.
    pub show_time: Box<dyn Fn(Timestamp, Option<Deviation>)>,
    /// Shows a page, replacing the current history entry.
    pub go_to: Box<dyn Fn(&ReturnTo)>,
    /// Called when the user has disconnected: erases what the application itself has stored.
    pub erase: Box<dyn Fn()>,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callbacks")
    }
}
