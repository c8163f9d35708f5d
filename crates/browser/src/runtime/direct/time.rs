//! What the passing of time does: each second, and whenever time may have passed unnoticed.

use super::Direct;
use crate::page;
use cc_connect_core::{clock::Look, session::Event};
use futures_channel::oneshot;
use wasm_bindgen_futures::spawn_local;

impl Direct {
    /// Reads the clock, and returns once the session knows the time: immediately, or after asking
    /// the host if the machine has slept or its clock has been set.
    pub(super) async fn the_time(&self) {
        self.look_at_the_clock();
        let waiting = self.0.asking.borrow_mut().as_mut().map(|waiting| {
            let (sender, receiver) = oneshot::channel();
            waiting.push(sender);
            receiver
        });
        if let Some(waiting) = waiting {
            // Ends when the senders are dropped.
            let _ = waiting.await;
        }
    }

    pub(super) fn look_at_the_clock(&self) {
        match self.0.clock.look() {
            Look::Time(_) => self.tick(),
            Look::Ask => self.ask_for_the_time(),
        }
    }

    /// No `Tick` is sent until the host responds: expiry cannot be judged without the time.
    pub(super) fn ask_for_the_time(&self) {
        let mut asking = self.0.asking.borrow_mut();
        if asking.is_some() {
            return;
        }
        *asking = Some(Vec::new());
        let this = self.clone();
        spawn_local(async move {
            this.0.clock.ask().await;
            let waiting = this.0.asking.take();
            this.tick();
            drop(waiting);
        });
    }

    pub(super) fn tick(&self) {
        self.notice_disconnect();
        let inner = &self.0;
        (inner.callbacks.show_time)(inner.clock.now(), inner.clock.deviation());
        let page = self.page();
        self.send_event(Event::Tick {
            visible: page::is_visible() && inner.settings.may_leave(&page),
            online: page::is_online(),
            page,
        });
    }
}
