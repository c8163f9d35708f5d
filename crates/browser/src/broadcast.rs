//! Notifies the other tabs of this browser. A message names an event and carries no data.

use crate::Namespace;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const DISCONNECTED: &str = "disconnected";

/// A channel to the other tabs. In a browser without `BroadcastChannel`, both methods do nothing.
#[derive(Debug)]
pub(crate) struct Tabs {
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Opens the channel; `on_disconnect` is called when another tab disconnects.
    pub(crate) fn listen(namespace: &Namespace, on_disconnect: impl Fn() + 'static) -> Self {
        let channel = BroadcastChannel::new(namespace.channel()).ok();
        if let Some(channel) = &channel {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if event.data().as_string().as_deref() == Some(DISCONNECTED) {
                    on_disconnect();
                }
            });
            channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // The listener lives as long as the page.
            listener.forget();
        }
        Self { channel }
    }

    /// Tells the other tabs that the user disconnected.
    pub(crate) fn announce_disconnect(&self) {
        if let Some(channel) = &self.channel {
            // Fails only on a closed channel; this one is never closed.
            let _ = channel.post_message(&DISCONNECTED.into());
        }
    }
}
