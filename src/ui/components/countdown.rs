//! A number of seconds that goes down, in a sentence.

use crate::{
    ui::language::{redrawn, rich},
    words::Plural,
};
use leptos::prelude::*;

/// The sentence, while there is a number.
#[component]
pub fn Countdown(
    /// The words, with `{count}`.
    sentence: Plural,
    /// The seconds left.
    left: Memo<Option<i64>>,
    /// `timer` where something is about to happen to the person.
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
