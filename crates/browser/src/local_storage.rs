//! localStorage: what every tab of this browser may know. Nothing in it identifies anybody.

use crate::Namespace;
use web_sys::Storage;

/// One entry. Where the browser stores nothing, it is empty, and stays so.
#[derive(Clone, Debug)]
pub(crate) struct Entry(String);

impl Entry {
    pub(crate) fn new(namespace: &Namespace, name: &str) -> Self {
        Self(namespace.name(name))
    }

    pub(crate) fn get(&self) -> Option<String> {
        storage()?.get_item(&self.0).ok().flatten()
    }

    pub(crate) fn set(&self, value: &str) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(&self.0, value);
        }
    }

    pub(crate) fn remove(&self) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.0);
        }
    }
}

fn storage() -> Option<Storage> {
    crate::address::window().local_storage().ok().flatten()
}
