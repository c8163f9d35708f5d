//! The language of the page: which one it is, where its words are.

use super::{body, deadline::Deadline, document::html, location};
use gloo_net::http::Request;
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{RequestCredentials, RequestRedirect};

/// The person's choice in localStorage. It says nothing about anybody.
const KEY: &str = "cc-connect/language";

/// The words are worth waiting for, but not for long: English is here.
const DEADLINE_MILLIS: u32 = 5_000;
const MAX_BYTES: usize = 256 * 1024;

thread_local! {
    static CURRENT: Cell<&'static str> = const { Cell::new("en") };
}

/// The language that the first script has found for this visit.
pub fn wanted() -> String {
    html()
        .and_then(|html| html.get_attribute("lang"))
        .unwrap_or_default()
}

/// Makes this the language of the document, of dates and of numbers.
pub fn set_current(code: &'static str) {
    CURRENT.set(code);
    if let Some(html) = html() {
        // Fails only for an invalid attribute name.
        let _ = html.set_attribute("lang", code);
    }
}

/// Keeps the person's choice for the next visit, where the browser lets us.
pub fn remember(code: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, code);
    }
}

/// Forgets the choice for the next visit; the page stays as it is.
pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(KEY);
    }
}

/// Fetches the file with the words of a language, which lies beside the page; `None` if there is
/// none to be had.
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

/// Begins at once, while other things are waited for; the future ends with the work.
pub fn in_background(work: impl Future<Output = ()> + 'static) -> impl Future<Output = ()> {
    let promise = future_to_promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    });
    async move {
        // It is never rejected.
        let _ = JsFuture::from(promise).await;
    }
}

/// The code of the current language.
pub(super) fn current() -> &'static str {
    CURRENT.get()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
