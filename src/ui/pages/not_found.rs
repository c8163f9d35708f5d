//! Addresses with nothing behind them.

use crate::{browser::location, session::Event, ui::context::SessionContext};
use leptos::prelude::*;

/// No such page.
#[component]
pub fn NotFound() -> impl IntoView {
    super::title("Not found");
    view! {
        <div class="text stack-wide">
            <div>
                <h1>"This page does not exist"</h1>
                <p class="lede">"The address may be mistyped or out of date. Nothing was lost."</p>
            </div>
            <p><a class="button button-primary" href=location::base_path()>"Go to the start"</a></p>
        </div>
    }
}

/// The redirection endpoint without a response.
pub fn nothing_returned(context: SessionContext) -> impl IntoView {
    super::title("Nothing to finish");
    view! {
        <div class="text stack-wide">
            <div>
                <h1>"Nothing to finish here"</h1>
                <p class="lede">
                    "This address is where Constant Contact sends you back to. It was opened without an answer, perhaps from the history or a bookmark."
                </p>
            </div>
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.send(Event::Dismiss)>
                    "Go to the start"
                </button>
            </div>
        </div>
    }
}
