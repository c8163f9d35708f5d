//! Carries out the session's effects.

use super::Server;
use crate::leave::leave_as_told;
use cc_connect_core::session::server::{Effect, Event};
use wasm_bindgen_futures::spawn_local;

impl Server {
    pub(super) fn carry_out(&self, effect: Effect) {
        let inner = &self.0;
        let this = self.clone();
        match effect {
            Effect::Ask(id) => spawn_local(async move {
                let answer = this.0.server.ask(&this.0.deployment.clock).await;
                this.send(Event::Answered(id, answer.map(Box::new)));
            }),
            Effect::Begin { return_to, scope } => spawn_local(async move {
                let begun = this.0.server.begin(&return_to, scope.as_ref()).await;
                this.send(Event::Begun(begun));
            }),
            Effect::Leave(uri, return_to) => {
                let left = leave_as_told(&uri, &return_to, &inner.deployment.namespace);
                if let Err(error) = left {
                    this.send(Event::NotStarted(error));
                }
            }
            Effect::Disconnect => spawn_local(async move {
                let result = this.0.server.disconnect().await;
                this.send(Event::Disconnected(result));
            }),
            Effect::Forget => spawn_local(async move {
                let _ = this.0.server.disconnect().await;
            }),
            Effect::Expect(expected) => inner.expected.set(expected),
            Effect::RememberAccount(account) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, a change of account is not asked about.
                    let _ = storage.remember_account(&account);
                }
            }
            Effect::EraseEverything => {
                if let Some(storage) = &inner.storage {
                    storage.erase_everything();
                }
                inner.expected.set(false);
                (inner.callbacks.erase)();
            }
            Effect::AnnounceDisconnect => inner.disconnects.announce(),
            Effect::GoTo(page) => (inner.callbacks.go_to)(&page),
        }
    }
}
