//! The requests that the browser sends, as it tells them itself: also those that go to nobody whom
//! the test knows.

use crate::browser::Browser;
use http::Method;
use serde_json::{Value, json};

/// One request that left the browser.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// The method; empty where the browser told only the header fields.
    pub method: String,
    /// The address without its fragment, which is never sent.
    pub url: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body; Firefox does not tell it.
    pub body: String,
}

impl Browser {
    /// Every request since this was last asked, where the test was set up with
    /// [`Setup::recording_requests`](crate::Setup::recording_requests).
    pub async fn sent_requests(&self) -> Vec<SentRequest> {
        if let Some(bidi) = self.bidi() {
            // The console's last word comes after them.
            self.console().await;
            let events = bidi.events();
            return events.iter().filter_map(of_firefox).collect();
        }
        let body = Some(json!({"type": "performance"}));
        let log = self
            .command(Method::POST, "se/log", body)
            .await
            .expect("the test was set up to record requests");
        let log = log.as_array().expect("a log is a list");
        log.iter().filter_map(of_chromium).collect()
    }
}

fn of_firefox(event: &Value) -> Option<SentRequest> {
    if event["method"] != "network.beforeRequestSent" {
        return None;
    }
    let request = &event["params"]["request"];
    let headers = request["headers"].as_array()?;
    let headers = headers
        .iter()
        .map(|header| (text(&header["name"]), text(&header["value"]["value"])));
    Some(SentRequest {
        method: text(&request["method"]),
        url: without_fragment(&text(&request["url"])),
        headers: headers.collect(),
        body: String::new(),
    })
}

fn of_chromium(entry: &Value) -> Option<SentRequest> {
    let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let message = &message["message"];
    let parameters = &message["params"];
    let headers = |of: &Value| -> Vec<(String, String)> {
        let headers = of["headers"].as_object().into_iter().flatten();
        headers
            .map(|(name, value)| (name.to_ascii_lowercase(), text(value)))
            .collect()
    };
    match message["method"].as_str()? {
        "Network.requestWillBeSent" => {
            let request = &parameters["request"];
            Some(SentRequest {
                method: text(&request["method"]),
                url: without_fragment(&text(&request["url"])),
                headers: headers(request),
                body: text(&request["postData"]),
            })
        }
        // What was really sent, with what the browser added.
        "Network.requestWillBeSentExtraInfo" => {
            let headers = headers(parameters);
            let address = |part: &str| {
                let found = headers.iter().find(|(name, _)| name == part);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            Some(SentRequest {
                method: String::new(),
                url: format!("http://{}", address("host")),
                body: String::new(),
                headers,
            })
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn without_fragment(url: &str) -> String {
    let bare = url.split_once('#').map_or(url, |(bare, _)| bare);
    bare.to_owned()
}
