//! Notifies the other tabs of this browser. A message names an event and carries no data.

use super::names::own;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "cc-connect";
const DISCONNECTED: &str = "disconnected";

/// A channel to the other tabs. In a browser without `BroadcastChannel`, both methods do nothing.
#[derive(Debug)]
pub struct Tabs {
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Opens the channel; `on_disconnect` is called when another tab disconnects.
    pub fn listen(on_disconnect: impl Fn() + 'static) -> Self {
        let channel = BroadcastChannel::new(&own(CHANNEL)).ok();
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
    pub fn announce_disconnect(&self) {
        if let Some(channel) = &self.channel {
            // Fails only on a closed channel; this one is never closed.
            let _ = channel.post_message(&DISCONNECTED.into());
        }
    }
}
