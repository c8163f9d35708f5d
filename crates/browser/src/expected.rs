//! Whether a connection is to be expected when a page is opened, in a browser whose server keeps it:
//! one word in localStorage that identifies nobody. The first script reads it, so that the first
//! paint is that of a connected page. The server's answer alone counts.

use crate::{Namespace, local_storage::Entry};

/// The entry. Its name is that of a stored token, in the other storage.
#[derive(Clone, Debug)]
pub(crate) struct Expected(Entry);

impl Expected {
    pub(crate) fn new(namespace: &Namespace) -> Self {
        Self(Entry::new(namespace, "session"))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.get().is_some()
    }

    pub(crate) fn set(&self, expected: bool) {
        match expected {
            true => self.0.set("server"),
            false => self.0.remove(),
        }
    }
}
