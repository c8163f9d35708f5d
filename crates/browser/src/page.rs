//! What happens to the page: it is looked at, hidden, restored, and goes online.

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Document, Event, EventTarget, PageTransitionEvent};

fn document() -> Document {
    let document = crate::address::window().document();
    document.expect("the application runs in a document")
}

/// Whether the page is visible.
pub(crate) fn is_visible() -> bool {
    !document().hidden()
}

/// The browser's guess about the network. It is only a hint: a connected cable that leads nowhere
/// counts as online, and some working connections (VPNs, virtual adapters) count as offline.
pub(crate) fn is_online() -> bool {
    crate::address::window().navigator().on_line()
}

/// Calls `look` whenever time may have passed unnoticed: when the tab becomes visible or is hidden,
/// the page comes out of the back-forward cache, the window gains focus, or the network returns.
pub(crate) fn on_attention(look: impl Fn() + Clone + 'static) {
    let window = crate::address::window();
    let targets: [(&EventTarget, &str); 4] = [
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

/// Calls `back` when the page is restored from the back-forward cache in the state it was left in.
pub(crate) fn on_restored_from_cache(back: impl Fn() + 'static) {
    listen(&crate::address::window(), "pageshow", move |event| {
        let persisted = event
            .dyn_ref::<PageTransitionEvent>()
            .is_some_and(PageTransitionEvent::persisted);
        if persisted {
            back();
        }
    });
}

/// Calls `leave` when the user leaves the page, for good or into the back-forward cache.
pub(crate) fn on_hidden(leave: impl Fn() + 'static) {
    listen(&crate::address::window(), "pagehide", move |_| leave());
}

fn listen(target: &EventTarget, event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener);
    // Fails only for a listener that is not a function.
    let _ = target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    // The listener lives as long as the page.
    listener.forget();
}
