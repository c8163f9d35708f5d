//! A button that puts something on the clipboard and says whether it could.

use crate::{
    browser::clipboard,
    ui::language::redrawn,
    words::{self, Word},
};
use leptos::prelude::*;

/// Copies what `text` returns when it is pressed.
#[component]
pub fn CopyButton(
    /// Its name.
    label: Word,
    /// What to copy.
    text: impl Fn() -> String + 'static,
    /// Less visible.
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
        <span class="copy-done" role="status">{said(result)}</span>
    }
}

/// What came of something, once there is something to say.
pub fn said(result: RwSignal<&'static str>) -> impl IntoView {
    redrawn(move || {
        let text = Some(result.get()).filter(|text| !text.is_empty());
        text.map(|text| view! { <span>{text}</span> })
    })
}
