//! The document around the application.
//!
//! A screen reader announces changes only in live regions that already existed. `index.html` has
//! two of them next to the application, which never replaces them: `#spoken` announces a change of
//! page, and `#alarm` announces an error immediately and holds it for as long as it is shown. The
//! badge in the header and the notices above the page are live regions too. Focus moves to the page
//! when it changes, and stays close to where it was when part of a page is re-rendered.

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Document, Element, Event, HtmlElement, PageTransitionEvent};

/// How long a skeleton stays hidden, in milliseconds; the style sheet uses the same value.
const SKELETON_DELAY_MILLIS: f64 = 200.0;
const SKELETON_SEEN: &str = "data-bars";

fn document() -> Document {
    web_sys::window()
        .and_then(|window| window.document())
        .expect("the application runs in a document")
}

/// The `<html>` element.
pub(super) fn html() -> Option<Element> {
    document().document_element()
}

/// The application's root element, with its first paint removed.
pub fn take_root() -> HtmlElement {
    let root: HtmlElement = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into().ok())
        .expect("index.html has an element with the id `app`");
    root.replace_children_with_node_0();
    if let Some(html) = html() {
        // Chosen by the first script for the first paint, which is now gone.
        let _ = html.remove_attribute("data-first-paint");
        let age = web_sys::window().and_then(|window| window.performance());
        if age.is_some_and(|clock| clock.now() > SKELETON_DELAY_MILLIS) {
            // The first paint's skeleton is visible already: don't hide the application's again.
            let _ = html.set_attribute(SKELETON_SEEN, "seen");
        }
    }
    root
}

/// Makes the first paint list what is requested with this response type.
pub(super) fn show_response_type(response_type: &str) {
    if let Some(html) = html() {
        // Fails only for an invalid attribute name.
        let _ = html.set_attribute("data-response-type", response_type);
    }
}

/// The link or button of the first paint that has keyboard focus.
pub fn first_focus() -> Option<Element> {
    let focused = document().active_element()?;
    focused
        .matches("#app a, #app button")
        .ok()?
        .then_some(focused)
}

/// Moves focus to the link or button that replaced this one.
pub fn focus_successor(of: &Element) {
    let Ok(all) = document().query_selector_all("#app a, #app button") else {
        return;
    };
    let all = (0..all.length()).filter_map(|index| all.item(index)?.dyn_into::<HtmlElement>().ok());
    let name = |element: &Element| element.text_content().map(|text| text.trim().to_owned());
    let (kind, called) = (of.tag_name(), name(of));
    let successor = all
        .into_iter()
        .find(|other| other.tag_name() == kind && name(other) == called);
    if let Some(successor) = successor {
        let _ = successor.focus();
    }
}

/// Makes the first paint's buttons call `press`: *Connect Constant Contact* immediately, and the
/// one shown while the browser is leaving.
pub(super) fn enable_connect(press: impl Fn() + Clone + 'static) {
    for id in ["first-connect", "first-again"] {
        let Some(button) = document().get_element_by_id(id) else {
            continue;
        };
        let press = press.clone();
        listen(&button, "click", move |_| press());
        let _ = button.remove_attribute("disabled");
    }
}

/// Makes the first paint show that the browser is leaving.
pub(super) fn show_leaving() {
    set_session("redirecting");
    if let Some(html) = html() {
        let _ = html.set_attribute("data-first-paint", "leaving");
    }
    focus_main();
    if let Some(heading) = text_of(".first-leaving h1") {
        say(&heading);
    }
}

/// Sets `document.title`.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Mirrors the session in `<html data-session>`.
pub fn set_session(name: &str) {
    if let Some(html) = html() {
        // Fails only for an invalid attribute name.
        let _ = html.set_attribute("data-session", name);
    }
}

/// The browser's guess about the network, which is only a hint.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Makes skeletons stay hidden for a moment again, after a change of page.
pub fn let_skeletons_wait() {
    if let Some(html) = html() {
        let _ = html.remove_attribute(SKELETON_SEEN);
    }
}

/// Scrolls to the top and focuses the content, after a change of page.
pub fn begin_page() {
    focus_main();
    scroll_to(0.0);
}

fn scroll_to(y: f64) {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, y);
    }
}

/// Moves focus to the page's content, so that a screen reader and the Tab key continue from there.
pub fn focus_main() {
    let main = document()
        .get_element_by_id("main")
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(main) = main {
        let _ = main.focus();
    }
}

/// Announces the page to screen readers, once they have finished speaking: its heading, and what it
/// is about to do automatically.
pub fn say_page() {
    let said = [text_of("#main h1"), text_of("#main .countdown")];
    say(&said.into_iter().flatten().collect::<Vec<_>>().join(". "));
}

fn text_of(selector: &str) -> Option<String> {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|element| element.text_content())
}

fn say(text: &str) {
    if let Some(place) = document().get_element_by_id("spoken")
        // Announce changes only: re-rendering is not a page change.
        && place.text_content().as_deref() != Some(text)
    {
        place.set_text_content(Some(text));
    }
}

/// Text that screen readers announce immediately. It stays in `#alarm` until this is dropped.
#[derive(Debug)]
pub struct Alarm(Option<Element>);

impl Alarm {
    /// Announces the sentences.
    pub fn raise<'a>(sentences: impl IntoIterator<Item = &'a str>) -> Self {
        let element = |name| document().create_element(name).ok();
        let alarm = element("div");
        for sentence in sentences {
            if let (Some(alarm), Some(line)) = (&alarm, element("p")) {
                line.set_text_content(Some(sentence));
                let _ = alarm.append_child(&line);
            }
        }
        if let (Some(alarm), Some(place)) = (&alarm, document().get_element_by_id("alarm")) {
            let _ = place.append_child(alarm);
        }
        Self(alarm)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(alarm) = &self.0 {
            alarm.remove();
        }
    }
}

/// Call before removing the focused control: focus moves to the nearest focusable part of the page
/// around it, so that Tab continues from there.
pub fn keep_place() {
    let around = document()
        .active_element()
        .and_then(|active| active.closest("[tabindex='-1']").ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(around) = around {
        // If the browser does not move focus, the user has to.
        let _ = around.focus();
    }
}

/// Call after re-rendering part of a page: if the focused control is gone, focus moves to the
/// content without scrolling.
pub fn find_place() {
    let lost = match document().active_element() {
        Some(active) => active.tag_name() == "BODY",
        None => true,
    };
    if lost {
        let seen_from = web_sys::window().and_then(|window| window.scroll_y().ok());
        focus_main();
        scroll_to(seen_from.unwrap_or_default());
    }
}

/// Calls `back` when the page is restored from the back-forward cache in the state it was left in.
pub fn on_restored_from_cache(back: impl Fn() + 'static) {
    let window = web_sys::window().expect("the application runs in a window");
    listen(&window, "pageshow", move |event| {
        let persisted = event
            .dyn_ref::<PageTransitionEvent>()
            .is_some_and(PageTransitionEvent::persisted);
        if persisted {
            back();
        }
    });
}

fn listen(target: &web_sys::EventTarget, event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener);
    // Fails only for a listener that is not a function.
    let _ = target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // The listener lives as long as the page.
    listener.forget();
}
