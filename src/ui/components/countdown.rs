//! A sentence with a number of seconds that counts down.

use crate::{
    ui::language::{redrawn, rich},
    words::Plural,
};
use leptos::prelude::*;

/// Shows the sentence while there is a number.
#[component]
pub fn Countdown(
    /// The text, with `{count}`.
    sentence: Plural,
    /// The seconds left.
    left: Memo<Option<i64>>,
    /// Use `timer` if something is about to happen to the user.
    #[prop(optional, into)]
    role: Option<&'static str>,
) -> impl IntoView {
    let text = Memo::new(move |_| Some(sentence.text(left.get()?.unsigned_abs())));
    redrawn(move || {
        text.get().map(|text| {
            let seconds = move |_: &str| {
                view! { <strong class="number" translate="no">{move || left.get()}</strong> }
                    .into_any()
            };
            view! { <p class="countdown" role=role>{rich(text, &seconds)}</p> }
        })
    })
}
