//! What the document's first script has for the modules that it loads.

use crate::oauth::CapturedResponse;
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

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
pub fn take_response() -> Option<CapturedResponse> {
    let captured = call("takeResponse", &JsValue::UNDEFINED).filter(JsValue::is_object)?;
    let text = |name: &str| {
        Reflect::get(&captured, &name.into())
            .ok()
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    };
    Some(CapturedResponse {
        fragment: text("fragment"),
        query: text("query"),
    })
}

/// Starts the application, if it is not on its way already.
pub fn load_application() {
    call("load", &JsValue::UNDEFINED);
}

/// Fetches the application, and has it start as soon as the person does something that it is there for,
/// or after a while.
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
