//! Telling the other tabs of this browser. Messages say what happened and carry nothing.

use super::names::own;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "cc-connect";
const DISCONNECTED: &str = "disconnected";

/// A connection to the other tabs. Without one (an old browser) tabs only know of themselves.
#[derive(Debug)]
pub struct Tabs {
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Listens; `on_disconnect` is called when another tab disconnects.
    pub fn listen(on_disconnect: impl Fn() + 'static) -> Self {
        let channel = BroadcastChannel::new(&own(CHANNEL)).ok();
        if let Some(channel) = &channel {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if event.data().as_string().as_deref() == Some(DISCONNECTED) {
                    on_disconnect();
                }
            });
            channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // It listens for as long as the page lives.
            listener.forget();
        }
        Self { channel }
    }

    /// Tells the other tabs that the person disconnected.
    pub fn announce_disconnect(&self) {
        if let Some(channel) = &self.channel {
            // Fails only on a closed channel, and this one is never closed.
            let _ = channel.post_message(&DISCONNECTED.into());
        }
    }
}
