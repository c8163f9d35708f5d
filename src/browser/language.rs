//! The language of the page: which one it is, and where its texts are.

use super::{choice, document::html, location};
use cc_connect::{Deadline, body};
use gloo_net::http::Request;
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{RequestCredentials, RequestRedirect};

/// The key of the user's choice.
const KEY: &str = "cc-connect/language";

/// Texts are worth a short wait only: English is built in.
const DEADLINE_MILLIS: u32 = 5_000;
const MAX_BYTES: usize = 256 * 1024;

thread_local! {
    static CURRENT: Cell<&'static str> = const { Cell::new("en") };
}

/// The language that the first script chose for this visit.
pub fn wanted() -> String {
    html()
        .and_then(|html| html.get_attribute("lang"))
        .unwrap_or_default()
}

/// Sets the language of the document, of dates and of numbers.
pub fn set_current(code: &'static str) {
    CURRENT.set(code);
    if let Some(html) = html() {
        // Fails only for an invalid attribute name.
        let _ = html.set_attribute("lang", code);
    }
}

/// Saves the user's choice for the next visit, if the browser allows it.
pub fn remember(code: &str) {
    choice::keep(KEY, code);
}

/// Forgets the saved choice; the page keeps its language.
pub fn forget() {
    choice::forget(KEY);
}

/// Fetches a language's texts, which sit next to the page; `None` if that fails.
pub async fn fetch(code: &str) -> Option<Vec<u8>> {
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = Request::get(&format!("{}lang/{code}.json", location::base_url()))
        .abort_signal(deadline.signal().as_ref())
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Error)
        .send()
        .await
        .ok()
        .filter(|response| response.status() == 200)?;
    let text = body::read(response.body(), MAX_BYTES).await;
    text.ok().map(String::into_bytes)
}

/// Starts `work` immediately, without waiting for the returned future to be polled; the future
/// completes when the work does.
pub fn in_background(work: impl Future<Output = ()> + 'static) -> impl Future<Output = ()> {
    let promise = future_to_promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    });
    async move {
        // The promise never rejects.
        let _ = JsFuture::from(promise).await;
    }
}

/// The code of the current language.
pub(super) fn current() -> &'static str {
    CURRENT.get()
}
