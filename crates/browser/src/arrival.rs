//! The authorization response, taken off the address bar.
//!
//! A document's first script can do that before anything else is loaded. It then offers the
//! response as `window.ccConnect.takeResponse()`, once. Without such a script it is taken where the
//! program begins ([`capture_response`]): until then it stands in the address bar, where the page's
//! own scripts and the browser's extensions can read it.

use crate::address;
use cc_connect_core::oauth::{
    Arrival, CapturedResponse, authorization_response::RESPONSE_PARAMETERS,
};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::UrlSearchParams;

#[wasm_bindgen]
extern "C" {
    type Captured;
    #[wasm_bindgen(method, getter)]
    fn fragment(this: &Captured) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn query(this: &Captured) -> Option<String>;

    /// Throws where no first script runs.
    #[wasm_bindgen(catch, js_namespace = ccConnect, js_name = takeResponse)]
    fn take_from_first_script() -> Result<Option<Captured>, JsValue>;
}

thread_local! {
    static CAPTURED: RefCell<Option<Arrival>> = const { RefCell::new(None) };
}

/// Takes an authorization response off the address bar, if there is one, before anything else can
/// read it. Call this first in `main`. With a first script it has nothing left to do.
pub fn capture_response() {
    let (fragment, query) = address::fragment_and_query();
    let response = CapturedResponse { fragment, query };
    if !is_response(&response) {
        return;
    }
    if address::drop_query_and_fragment() {
        CAPTURED.set(Some(Arrival {
            address: address::here(),
            response,
        }));
    } else {
        // The response is lost with the page, but its secrets do not stay visible.
        let _ = address::window().location().replace(&address::here());
    }
}

/// The names are decoded by the browser, as in the project's first script.
fn is_response(captured: &CapturedResponse) -> bool {
    [&captured.fragment, &captured.query].iter().any(|text| {
        let parameters = UrlSearchParams::new_with_str(text);
        parameters.is_ok_and(|found| RESPONSE_PARAMETERS.iter().any(|name| found.has(name)))
    })
}

/// Whether a response that may be to one of our requests has arrived. If no [`Runtime`] starts, it
/// is lost: this takes it.
///
/// [`Runtime`]: crate::Runtime
pub fn has_response() -> bool {
    take_response().is_some_and(|arrival| arrival.may_be_ours())
}

/// The captured response. Later calls return `None`.
pub(crate) fn take_response() -> Option<Arrival> {
    capture_response();
    let captured = take_from_first_script().ok().flatten();
    let arrival = captured.map(|captured| Arrival {
        address: address::here(),
        response: CapturedResponse {
            fragment: captured.fragment().unwrap_or_default(),
            query: captured.query().unwrap_or_default(),
        },
    });
    arrival.or_else(|| CAPTURED.take())
}
