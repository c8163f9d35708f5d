//! *Disconnect* in one tab applies to the whole browser: a message reaches the tabs that are awake,
//! and a number in localStorage those that were asleep.

use crate::{Namespace, broadcast::Tabs, epoch::Epoch};
use std::cell::RefCell;

/// What this tab knows of the others.
#[derive(Debug)]
pub(crate) struct Disconnects {
    epoch: Epoch,
    /// The disconnect epoch when it was last read.
    known: RefCell<Option<String>>,
    tabs: RefCell<Option<Tabs>>,
}

impl Disconnects {
    pub(crate) fn new(namespace: &Namespace) -> Self {
        let epoch = Epoch::new(namespace);
        Self {
            known: RefCell::new(epoch.current()),
            epoch,
            tabs: RefCell::new(None),
        }
    }

    /// Calls `hear` whenever another tab says that it has disconnected.
    pub(crate) fn listen(&self, namespace: &Namespace, hear: impl Fn() + 'static) {
        self.tabs.replace(Some(Tabs::listen(namespace, hear)));
    }

    /// Tells the other tabs that the user has disconnected here.
    pub(crate) fn announce(&self) {
        self.epoch.begin();
        self.note();
        if let Some(tabs) = &*self.tabs.borrow() {
            tabs.announce_disconnect();
        }
    }

    /// Whether somebody has disconnected since this was last called: a tab that was asleep missed
    /// the message.
    pub(crate) fn note(&self) -> bool {
        let current = self.epoch.current();
        self.known.replace(current.clone()) != current
    }

    /// The disconnect epoch when it was last read.
    pub(crate) fn known(&self) -> Option<String> {
        self.known.borrow().clone()
    }
}
