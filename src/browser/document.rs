//! The document around the application.
//!
//! A screen reader announces what changes in a live region that was there before. Two such regions
//! stand in `index.html` beside the application, which never replaces them: `#spoken` announces the
//! page when it changes, and `#alarm` an error at once, for as long as it is shown. The badge in the
//! header and the notices above the page are live regions of their own. The focus goes to the page when
//! it changes, and stays near where it was when a part of the page is rendered again.

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Document, Element, Event, HtmlElement, PageTransitionEvent};

/// How long a skeleton stays away, in milliseconds, as in the style sheet.
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

/// The element that the application fills, emptied of its first paint.
pub fn take_root() -> HtmlElement {
    let root: HtmlElement = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into().ok())
        .expect("index.html has an element with the id `app`");
    root.replace_children_with_node_0();
    if let Some(html) = html() {
        // What the first script chose for the first paint is over.
        let _ = html.remove_attribute("data-first-paint");
        let age = web_sys::window().and_then(|window| window.performance());
        if age.is_some_and(|clock| clock.now() > SKELETON_DELAY_MILLIS) {
            // The first paint's skeleton was seen: the application's does not wait once more.
            let _ = html.set_attribute(SKELETON_SEEN, "seen");
        }
    }
    root
}

/// Has the first paint say what is asked for with this response type.
pub(super) fn show_response_type(response_type: &str) {
    if let Some(html) = html() {
        // As above.
        let _ = html.set_attribute("data-response-type", response_type);
    }
}

/// The link or button of the first paint that the person has come to with the keyboard.
pub fn first_focus() -> Option<Element> {
    let focused = document().active_element()?;
    focused
        .matches("#app a, #app button")
        .ok()?
        .then_some(focused)
}

/// Brings the person back to the link or button that has taken the place of this one.
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

/// Makes the first paint's buttons call `press`: *Connect Constant Contact* at once, and the one that
/// is there while the browser leaves.
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

/// Has the first paint say that the browser leaves.
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

/// `document.title`.
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

/// Whether somebody can see the page.
pub fn is_visible() -> bool {
    !document().hidden()
}

/// What the browser thinks of the network: a hint. It takes a cable to nowhere for one, and some that
/// work for none (VPNs, virtual adapters).
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// A page later, skeletons stay away for a moment again.
pub fn let_skeletons_wait() {
    if let Some(html) = html() {
        let _ = html.remove_attribute(SKELETON_SEEN);
    }
}

/// After a change of page: it is seen from its top, and its content has the focus.
pub fn begin_page() {
    focus_main();
    scroll_to(0.0);
}

fn scroll_to(y: f64) {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, y);
    }
}

/// Moves the focus to the content of the page, so that a screen reader reads on from there, and Tab goes
/// on from there.
pub fn focus_main() {
    let main = document()
        .get_element_by_id("main")
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(main) = main {
        let _ = main.focus();
    }
}

/// Says what page this is to those who do not see it, once nothing else is being said: its heading,
/// and what it is about to do by itself.
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
        // Said once: a page that is drawn anew is no other page.
        && place.text_content().as_deref() != Some(text)
    {
        place.set_text_content(Some(text));
    }
}

/// Something that those who do not see the page have to hear at once. It stands in the place for
/// such things until this is dropped.
#[derive(Debug)]
pub struct Alarm(Option<Element>);

impl Alarm {
    /// Says the sentences.
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

/// Before the control that has the focus goes: the nearest part of the page around it that can have
/// the focus takes it, so that Tab goes on from there.
pub fn keep_place() {
    let around = document()
        .active_element()
        .and_then(|active| active.closest("[tabindex='-1']").ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(around) = around {
        // A browser that moves no focus leaves it to the person.
        let _ = around.focus();
    }
}

/// After a part of the page was drawn anew: if the control that had the focus went with it, the page
/// has the focus.
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

/// Calls `look` whenever time may have passed unseen: the tab is looked at again, the page comes out
/// of the back-forward cache, the window is focused, the network is back.
pub fn on_attention(look: impl Fn() + Clone + 'static) {
    let window = web_sys::window().expect("the application runs in a window");
    let targets: [(&web_sys::EventTarget, &str); 4] = [
        (&document(), "visibilitychange"),
        (&window, "pageshow"),
        (&window, "focus"),
        (&window, "online"),
    ];
    for (target, event) in targets {
        let look = look.clone();
        listen(target, event, move |_| look());
    }
}

/// Calls `back` when the page comes out of the back-forward cache, as it was when it was left.
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

/// Calls `leave` when the page is left, for good or for the back-forward cache.
pub fn on_hidden(leave: impl Fn() + 'static) {
    let window = web_sys::window().expect("the application runs in a window");
    listen(&window, "pagehide", move |_| leave());
}

fn listen(target: &web_sys::EventTarget, event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener);
    // Fails only for a listener that is not a function.
    let _ = target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // It listens for as long as the page lives.
    listener.forget();
}
