//! A socket next to the WebDriver session, for commands that WebDriver lacks and for browser
//! events: WebDriver BiDi in Firefox, the DevTools Protocol in Chromium.
//!
//! thirtyfour 0.38.1 was considered and rejected, although its `bidi` and `cdp` carry both browsers:
//!
//! - It would replace this file, 95 lines of code, and compile 29 more crates for it. `cdp.rs` and
//!   `firefox.rs` would stay: what they send and read is specific to these tests.
//! - Its events come through a broadcast channel that drops the oldest beyond 1,024. Here they decide
//!   whether a test passes: a lost one would hide an error.
//! - Like fantoccini, it has no *Get Computed Label*, by which the tests find every control.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The socket, closed on drop.
pub(crate) struct Socket {
    commands: mpsc::UnboundedSender<(Value, oneshot::Sender<Value>)>,
    next_id: AtomicU64,
    events: Arc<Mutex<Vec<Value>>>,
    traffic: JoinHandle<()>,
}

impl Socket {
    /// Connects to the address reported by the session.
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url)
            .await
            .unwrap_or_else(|error| panic!("no socket at {url}: {error}"));
        let (mut to_browser, mut from_browser) = socket.split();
        let (commands, mut sent) = mpsc::unbounded_channel::<(Value, oneshot::Sender<Value>)>();
        let events = Arc::new(Mutex::new(Vec::new()));
        let received = events.clone();
        let traffic = tokio::spawn(async move {
            let mut waiting = HashMap::new();
            loop {
                tokio::select! {
                    Some((command, response)) = sent.recv() => {
                        waiting.insert(command["id"].as_u64(), response);
                        let text = Message::text(command.to_string());
                        if to_browser.send(text).await.is_err() {
                            break;
                        }
                    }
                    Some(Ok(message)) = from_browser.next() => {
                        let Message::Text(text) = message else { continue };
                        let message: Value =
                            serde_json::from_str(&text).expect("messages are JSON");
                        let id = message["id"].as_u64();
                        if id.is_none() {
                            received.lock().expect("no holder panics").push(message);
                        } else if let Some(response) = waiting.remove(&id) {
                            // The caller may have given up.
                            let _ = response.send(message);
                        }
                    }
                    else => break,
                }
            }
        });
        Self {
            commands,
            next_id: AtomicU64::new(1),
            events,
            traffic,
        }
    }

    /// Sends a command and waits for its result.
    pub(crate) async fn command(&self, method: &str, parameters: Value) -> Value {
        let result = self.try_command(method, parameters).await;
        result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Like [`Socket::command`], but returns an error if the browser rejects the command.
    pub(crate) async fn try_command(
        &self,
        method: &str,
        parameters: Value,
    ) -> Result<Value, String> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let command = json!({"id": id, "method": method, "params": parameters});
        let (response, responded) = oneshot::channel();
        self.commands
            .send((command, response))
            .unwrap_or_else(|_| panic!("{method}: the socket is closed"));
        let response = tokio::time::timeout(TIMEOUT, responded).await;
        let response = response
            .unwrap_or_else(|_| panic!("{method}: no response within {} s", TIMEOUT.as_secs()))
            .unwrap_or_else(|_| panic!("{method}: the socket was closed"));
        // One protocol nests the message in the error, the other puts it next to the error.
        match &response["error"] {
            Value::Null => Ok(response["result"].clone()),
            error => Err(format!("{error} {}", response["message"])),
        }
    }

    /// Events since [`Socket::forget_events`], oldest first, each with `method` and `params`.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.events.lock().expect("no holder panics").clone()
    }

    /// Discards all events so far.
    pub(crate) fn forget_events(&self) {
        self.events.lock().expect("no holder panics").clear();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.traffic.abort();
    }
}
