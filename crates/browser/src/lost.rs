//! When a response last arrived whose request this tab no longer knew: a time in localStorage
//! that identifies nobody. In-app browsers may lose a tab's storage on the way to the authorization
//! server and back, every time.

use crate::{Namespace, local_storage::Entry};
use cc_connect_core::{oauth::pending_authorization::is_lost_again, time::Timestamp};

/// The entry in localStorage, since the tab that lost its storage reads it.
#[derive(Clone, Debug)]
pub(crate) struct Lost(Entry);

impl Lost {
    pub(crate) fn new(namespace: &Namespace) -> Self {
        Self(Entry::new(namespace, "lost"))
    }

    /// Records a request that was lost by `now`. Returns whether it is the second in a row.
    pub(crate) fn record(&self, now: Timestamp) -> bool {
        let before = self
            .0
            .get()
            .and_then(|millis| millis.parse().ok())
            .map(Timestamp::from_unix_millis);
        self.0.set(&now.unix_millis().to_string());
        is_lost_again(before, now)
    }

    /// Forgets when that was, so that the next one is a first one again.
    pub(crate) fn erase(&self) {
        self.0.remove();
    }
}
