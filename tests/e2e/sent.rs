//! Requests as recorded by the browser itself, including those to hosts unknown to the test, and
//! the sizes of the responses.

use crate::browser::Browser;
use crate::kind::Kind;
use http::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

/// One request that left the browser.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// The method; empty if the browser only reported the header fields.
    pub method: String,
    /// The address without its fragment, which is never sent.
    pub url: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body; not reported by Firefox.
    pub body: String,
}

impl Browser {
    /// Every request since the last call, if the test was set up with
    /// [`Setup::recording_requests`](crate::Setup::recording_requests).
    pub async fn sent_requests(&self) -> Vec<SentRequest> {
        if let Some(bidi) = self.bidi() {
            // The console's final marker comes after them.
            self.console().await;
            let events = bidi.events();
            return events.iter().filter_map(of_firefox).collect();
        }
        let log = self.performance_log().await;
        log.iter().filter_map(of_chromium).collect()
    }
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct ReceivedResponse {
    /// The address of the request.
    pub url: String,
    /// Its size in bytes on the network: header fields and body, compressed.
    pub bytes: u64,
}

impl Browser {
    /// Every response since the last call of this or [`Browser::sent_requests`], if the test was
    /// set up with [`Setup::recording_requests`](crate::Setup::recording_requests).
    ///
    /// # Panics
    ///
    /// In Firefox, which does not report them.
    pub async fn received_responses(&self) -> Vec<ReceivedResponse> {
        assert_eq!(
            self.kind(),
            Kind::Chromium,
            "only Chromium counts the bytes"
        );
        responses(&self.performance_log().await)
    }

    /// Chromium's log since the last call.
    pub(crate) async fn performance_log(&self) -> Vec<Value> {
        let body = Some(json!({"type": "performance"}));
        let log = self
            .command(Method::POST, "se/log", body)
            .await
            .expect("the test was set up to record requests");
        let log = log.as_array().expect("a log is a list");
        let messages = log.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            Some(message["message"].clone())
        });
        messages.collect()
    }
}

fn responses(log: &[Value]) -> Vec<ReceivedResponse> {
    let mut asked = HashMap::new();
    let mut responses = Vec::new();
    for message in log {
        let parameters = &message["params"];
        let id = text(&parameters["requestId"]);
        match message["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                asked.insert(id, without_fragment(&text(&parameters["request"]["url"])));
            }
            Some("Network.loadingFinished") => {
                let url = asked.get(&id).cloned();
                let bytes = parameters["encodedDataLength"].as_f64();
                // The address of a request from before the log began is unknown.
                if let (Some(url), Some(bytes)) = (url, bytes) {
                    responses.push(ReceivedResponse {
                        url,
                        bytes: bytes as u64,
                    });
                }
            }
            _ => {}
        }
    }
    responses
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

fn of_chromium(message: &Value) -> Option<SentRequest> {
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
        // What was actually sent, including what the browser added.
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

#[cfg(test)]
mod tests {
    use super::responses;
    use serde_json::json;

    #[test]
    fn an_answer_has_the_address_of_its_request() {
        let event = |method: &str, params| json!({"method": method, "params": params});
        let sent = |id: &str, url: &str| {
            let params = json!({"requestId": id, "request": {"url": url}});
            event("Network.requestWillBeSent", params)
        };
        let finished = |id: &str, bytes: f64| {
            let params = json!({"requestId": id, "encodedDataLength": bytes});
            event("Network.loadingFinished", params)
        };
        let log = [
            finished("0", 9.0),
            sent("1", "http://localhost/#fragment"),
            sent("2", "http://localhost/main.css"),
            finished("2", 1234.0),
            event("Network.dataReceived", json!({"requestId": "1"})),
            finished("1", 567.0),
            sent("3", "http://localhost/late.js"),
        ];
        let responses: Vec<_> = responses(&log)
            .into_iter()
            .map(|response| (response.url, response.bytes))
            .collect();
        let expected = [
            ("http://localhost/main.css".to_owned(), 1234),
            ("http://localhost/".to_owned(), 567),
        ];
        assert_eq!(responses, expected);
    }
}
