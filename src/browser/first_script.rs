//! What the document's first script has for the modules that it loads.

use super::location;
use crate::{
    clock::Reading,
    oauth::{Arrival, CapturedResponse},
    time::Timestamp,
};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Who acts on the page. Once one of them does, the other keeps still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The Connect page's own module, on the way out.
    FirstPage,
    /// The application.
    Application,
}

/// The application's own URL, with a trailing slash.
pub fn base_url() -> Option<String> {
    Reflect::get(&script()?, &"base".into()).ok()?.as_string()
}

/// The response that was taken off the address bar. A second call finds none.
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

/// The host's answer with the settings, for which the first script has asked. A second call finds none.
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

/// An answer, and when it was asked for and given.
#[derive(Debug)]
pub struct Answer {
    /// The answer, its body not yet read.
    pub response: web_sys::Response,
    /// The page's clocks when it was asked for.
    pub asked: Reading,
    /// The page's clocks when it began to come.
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

/// Starts the application, if it is not on its way already. If it does not come, the page says so.
pub fn load_application() {
    call("load", &JsValue::UNDEFINED);
}

/// Fetches the application, and has it start as soon as the person does something that it is there for,
/// or after a while. If it does not come, the page stays as it is and works on; it is asked for again
/// when the person does something that it is there for.
pub fn load_application_later() {
    call("loadLater", &JsValue::UNDEFINED);
}

/// Makes the page this one's, unless it is the other's.
pub fn take_page(owner: Owner) -> bool {
    let name = match owner {
        Owner::FirstPage => "first-page",
        Owner::Application => "application",
    };
    // Without the script there is only one.
    call("take", &name.into()).is_none_or(|taken| taken.is_truthy())
}

/// Leaves the page to the application, and a press of *Connect* with it.
pub fn give_up_page() {
    call("giveUp", &JsValue::UNDEFINED);
}

/// Whether *Connect* was pressed and nothing was done about it. A second call says no.
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
