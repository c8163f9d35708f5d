//! What the document's first script offers to the modules it loads.

use super::location;
use crate::{
    clock::Reading,
    oauth::{Arrival, CapturedResponse},
    time::Timestamp,
};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Who acts on the page. Once one owner does, the other does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The Connect page's own module, which acts only when leaving.
    FirstPage,
    /// The application.
    Application,
}

/// The application's own URL, with a trailing slash.
pub fn base_url() -> Option<String> {
    Reflect::get(&script()?, &"base".into()).ok()?.as_string()
}

/// The response taken off the address bar. Later calls return `None`.
pub fn take_response() -> Option<Arrival> {
    let captured = call("takeResponse", &JsValue::UNDEFINED).filter(JsValue::is_object)?;
    let text = |name: &str| {
        Reflect::get(&captured, &name.into())
            .ok()
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    };
    Some(Arrival {
        address: location::here(),
        response: CapturedResponse {
            fragment: text("fragment"),
            query: text("query"),
        },
    })
}

/// The host's response to the first script's request for the settings. Later calls return `None`.
pub async fn take_settings() -> Option<Result<Answer, ()>> {
    let promise = call("takeSettings", &JsValue::UNDEFINED)?
        .dyn_into::<Promise>()
        .ok()?;
    let answer = JsFuture::from(promise).await;
    Some(
        answer
            .map_err(drop)
            .and_then(|answer| Answer::read(&answer).ok_or(())),
    )
}

/// A response, and the page's clocks around it.
#[derive(Debug)]
pub struct Answer {
    /// The response; its body has not been read yet.
    pub response: web_sys::Response,
    /// The page's clocks when the request was sent.
    pub asked: Reading,
    /// The page's clocks when the response began to arrive.
    pub answered: Reading,
}

impl Answer {
    fn read(answer: &JsValue) -> Option<Self> {
        let member = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
        let reading = |name| {
            let clocks = member(answer, name)?;
            Some(Reading {
                wall: Timestamp::from_unix_millis(member(&clocks, "wall")?.as_f64()? as i64),
                monotonic: member(&clocks, "monotonic")?.as_f64()? as i64,
            })
        };
        Some(Self {
            response: member(answer, "response")?.dyn_into().ok()?,
            asked: reading("asked")?,
            answered: reading("answered")?,
        })
    }
}

/// Starts the application, unless it is already loading. If loading fails, the page says so.
pub fn load_application() {
    call("load", &JsValue::UNDEFINED);
}

/// Fetches the application and starts it when the user does something that needs it, or after a
/// while. If that fails, the page stays as it is and keeps working; the application is fetched
/// again when the user does something that needs it.
pub fn load_application_later() {
    call("loadLater", &JsValue::UNDEFINED);
}

/// Claims the page. Returns false if the other owner has it.
pub fn take_page(owner: Owner) -> bool {
    let name = match owner {
        Owner::FirstPage => "first-page",
        Owner::Application => "application",
    };
    // Without the first script there is only one owner.
    call("take", &name.into()).is_none_or(|taken| taken.is_truthy())
}

/// Hands the page, together with a press of *Connect*, to the application.
pub fn give_up_page() {
    call("giveUp", &JsValue::UNDEFINED);
}

/// Whether a press of *Connect* is waiting for the application. Later calls return false.
pub fn take_press() -> bool {
    call("takePress", &JsValue::UNDEFINED).is_some_and(|pressed| pressed.is_truthy())
}

fn call(name: &str, argument: &JsValue) -> Option<JsValue> {
    let script = script()?;
    let function: Function = Reflect::get(&script, &name.into()).ok()?.dyn_into().ok()?;
    function.call1(&script, argument).ok()
}

fn script() -> Option<JsValue> {
    let window: JsValue = web_sys::window()?.into();
    Reflect::get(&window, &"ccConnect".into())
        .ok()
        .filter(JsValue::is_object)
}
