//! What is asked in the midst of it all, and the answers.

use crate::{browser::Browser, process::PATIENCE, world::INSTANCE};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::{Duration, Instant};

pub(crate) const SESSION: &str = "/auth/session";
pub(crate) const SUMMARY: &str = "/api/v3/account/summary";

/// An answer of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) has_retry_after: bool,
    pub(crate) body: Value,
}

impl Answer {
    /// Why there is no other answer.
    pub(crate) fn code(&self) -> &str {
        let code = self.body["error"].as_str();
        let key = self.body["error_key"].as_str();
        let code = code.or_else(|| key?.strip_prefix("server."));
        code.unwrap_or_default()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.status == StatusCode::OK && self.body["connected"] == true
    }
}

/// Asks once. `None` if the instance did not live to answer.
pub(crate) async fn ask(browser: &Browser, path: &str) -> Option<Answer> {
    let response = browser.script(Method::GET, path).send().await.ok()?;
    // haproxy's own answers have no such header.
    response.headers().get(INSTANCE)?;
    read(response).await
}

/// Asks an instance itself, without haproxy.
pub(crate) async fn ask_directly(browser: &Browser, path: &str) -> Answer {
    let response = browser.script(Method::GET, path).send().await;
    let answer = read(response.expect("a response")).await;
    answer.expect("all of it")
}

async fn read(response: reqwest::Response) -> Option<Answer> {
    let status = response.status();
    let has_retry_after = response.headers().contains_key("retry-after");
    let text = response.text().await.ok()?;
    let body = serde_json::from_str(&text);
    let body = body.unwrap_or_else(|_| panic!("{status}: {text:?} is not JSON"));
    Some(Answer {
        status,
        has_retry_after,
        body,
    })
}

/// Asks until an instance answers, and does not say that it should be asked again.
pub(crate) async fn ask_until_known(browser: &Browser, path: &str) -> Answer {
    let began = Instant::now();
    loop {
        match ask(browser, path).await {
            Some(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => return answer,
            answer => assert!(began.elapsed() < PATIENCE, "{answer:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
