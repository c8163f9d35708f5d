//! The disconnect epoch: how many times somebody has disconnected in this browser. It is a number
//! in localStorage and identifies nobody. A tab that was asleep, frozen or closed during a
//! disconnect missed the message; a changed epoch tells it that its connection predates the
//! disconnect.

use crate::{Namespace, local_storage::Entry};

/// The entry in localStorage, which every tab of this browser reads.
#[derive(Clone, Debug)]
pub(crate) struct Epoch(Entry);

impl Epoch {
    pub(crate) fn new(namespace: &Namespace) -> Self {
        Self(Entry::new(namespace, "epoch"))
    }

    /// The current epoch; `None` before the first disconnect or if the browser stores nothing.
    pub(crate) fn current(&self) -> Option<String> {
        self.0.get()
    }

    /// Starts the next epoch. If the browser stores nothing, only tabs that are awake learn of it.
    pub(crate) fn begin(&self) {
        let number: u64 = self
            .current()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        self.0.set(&number.wrapping_add(1).to_string());
    }
}
