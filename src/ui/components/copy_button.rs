//! A button that copies something to the clipboard and reports whether that worked.

use crate::{
    ui::language::redrawn,
    words::{self, Word},
};
use cc_connect::clipboard;
use leptos::prelude::*;

/// Copies what `text` returns at the time of the press.
#[component]
pub fn CopyButton(
    /// The button's label.
    label: Word,
    /// Returns the text to copy.
    text: impl Fn() -> String + 'static,
    /// Styles the button less prominently.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let result = RwSignal::new("");
    let class = if quiet {
        "button button-small button-quiet"
    } else {
        "button button-small"
    };
    let copy = move |_| {
        let text = text();
        leptos::task::spawn_local(async move {
            result.set("");
            let said = if clipboard::copy(&text).await {
                words::COPY_DONE
            } else {
                words::COPY_REFUSED
            };
            result.set(said.text());
        });
    };
    view! {
        <button class=class type="button" on:click=copy>{label.text()}</button>
        " "
        <span class="copy-done" role="status">{result_of_copying(result)}</span>
    }
}

/// Shows the outcome of an action, once there is one.
pub fn result_of_copying(result: RwSignal<&'static str>) -> impl IntoView {
    redrawn(move || {
        let text = Some(result.get()).filter(|text| !text.is_empty());
        text.map(|text| view! { <span>{text}</span> })
    })
}
