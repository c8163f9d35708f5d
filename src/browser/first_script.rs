//! What the document's first script offers to the modules it loads. Without it (in tests) there is
//! nothing to take, and the page belongs to whoever asks.

use cc_connect::core::{clock::Reading, time::Timestamp};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Who acts on the page. Once one owner does, the other does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The Connect page's own module, which acts only when leaving.
    FirstPage,
    /// The application.
    Application,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    type FirstScript;
    #[wasm_bindgen(thread_local_v2, js_name = ccConnect)]
    static FIRST_SCRIPT: Option<FirstScript>;

    #[wasm_bindgen(method, getter)]
    fn base(this: &FirstScript) -> String;
    #[wasm_bindgen(method, js_name = takeSettings)]
    fn take_settings(this: &FirstScript) -> Option<Promise>;
    #[wasm_bindgen(method)]
    fn load(this: &FirstScript);
    #[wasm_bindgen(method, js_name = loadLater)]
    fn load_later(this: &FirstScript);
    #[wasm_bindgen(method)]
    fn take(this: &FirstScript, owner: &str) -> bool;
    #[wasm_bindgen(method)]
    fn own(this: &FirstScript, owner: &str) -> Promise;
    #[wasm_bindgen(method, js_name = giveUp)]
    fn give_up(this: &FirstScript);
    #[wasm_bindgen(method, js_name = takePress)]
    fn take_press(this: &FirstScript) -> bool;

    type SettingsAnswer;
    #[wasm_bindgen(method, getter)]
    fn response(this: &SettingsAnswer) -> web_sys::Response;
    #[wasm_bindgen(method, getter)]
    fn asked(this: &SettingsAnswer) -> Clocks;
    #[wasm_bindgen(method, getter)]
    fn answered(this: &SettingsAnswer) -> Clocks;

    type Clocks;
    #[wasm_bindgen(method, getter)]
    fn wall(this: &Clocks) -> f64;
    #[wasm_bindgen(method, getter)]
    fn monotonic(this: &Clocks) -> f64;
}

impl Clocks {
    fn reading(&self) -> Reading {
        Reading {
            wall: Timestamp::from_unix_millis(self.wall() as i64),
            monotonic: self.monotonic() as i64,
        }
    }
}

/// The host's response to the request for the settings, and the page's clocks around it.
#[derive(Debug)]
pub struct SettingsResponse {
    /// The response; its body has not been read yet.
    pub response: web_sys::Response,
    /// The page's clocks when the request was sent.
    pub asked: Reading,
    /// The page's clocks when the response began to arrive.
    pub answered: Reading,
}

/// The application's own URL, with a trailing slash.
pub fn base_url() -> Option<String> {
    with_script(FirstScript::base)
}

/// The host's response to the first script's request for the settings; an error if there was none.
/// Later calls return `None`.
pub async fn take_settings() -> Option<Result<SettingsResponse, ()>> {
    let promise = with_script(FirstScript::take_settings)??;
    let answer = JsFuture::from(promise).await.map_err(drop);
    Some(answer.map(|answer| {
        let answer: SettingsAnswer = answer.unchecked_into();
        SettingsResponse {
            response: answer.response(),
            asked: answer.asked().reading(),
            answered: answer.answered().reading(),
        }
    }))
}

/// Starts the application, unless it is already loading. If loading fails, the page says so.
pub fn load_application() {
    with_script(FirstScript::load);
}

/// Fetches the application and starts it when the user does something that needs it, or after a
/// while. If that fails, the page stays as it is and keeps working; the application is fetched
/// again when the user does something that needs it.
pub fn load_application_later() {
    with_script(FirstScript::load_later);
}

impl Owner {
    fn name(self) -> &'static str {
        match self {
            Self::FirstPage => "first-page",
            Self::Application => "application",
        }
    }
}

/// Claims the page. Returns false if the other owner has it.
pub fn take_page(owner: Owner) -> bool {
    with_script(|script| script.take(owner.name())).unwrap_or(true)
}

/// Claims the page, and returns once it is this owner's: immediately, or when the other gives it
/// up.
pub async fn own_page(owner: Owner) {
    if let Some(owned) = with_script(|script| script.own(owner.name())) {
        // The promise never rejects.
        let _ = JsFuture::from(owned).await;
    }
}

/// Hands the page, together with a press of *Connect*, to the application.
pub fn give_up_page() {
    with_script(FirstScript::give_up);
}

/// Whether a press of *Connect* is waiting for the application. Later calls return false.
pub fn take_press() -> bool {
    with_script(FirstScript::take_press).unwrap_or(false)
}

fn with_script<T>(read: impl FnOnce(&FirstScript) -> T) -> Option<T> {
    FIRST_SCRIPT.with(|script| script.as_ref().map(read))
}
