//! A button that puts something on the clipboard and says whether it could.

use crate::browser::clipboard;
use leptos::prelude::*;

/// Copies what `text` returns when it is pressed.
#[component]
pub fn CopyButton(
    /// Its name.
    label: &'static str,
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
            result.set(if clipboard::copy(&text).await {
                "Copied."
            } else {
                "The browser refused. Select the text and copy it yourself."
            });
        });
    };
    view! {
        <button class=class type="button" on:click=copy>{label}</button>
        " "
        <span class="copy-done" role="status">{result}</span>
    }
}
