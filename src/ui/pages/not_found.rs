//! Pages for addresses that lead nowhere.

use crate::{browser::location, ui::context::AppContext, words};
use leptos::prelude::*;

/// The page for an unknown address.
#[component]
pub fn NotFound() -> impl IntoView {
    super::title(words::NOT_FOUND_PAGE);
    view! {
        <div class="text stack-wide">
            <div>
                <h1>{words::NOT_FOUND_TITLE.text()}</h1>
                <p class="lede">{words::NOT_FOUND_LEDE.text()}</p>
            </div>
            <p><a class="button button-primary" href=location::base_path()>{words::DO_TO_START.text()}</a></p>
        </div>
    }
}

/// The redirection endpoint without a response.
pub fn nothing_returned(context: AppContext) -> impl IntoView {
    super::title(words::NOTHING_RETURNED_PAGE);
    view! {
        <div class="text stack-wide">
            <div>
                <h1>{words::NOTHING_RETURNED_TITLE.text()}</h1>
                <p class="lede">{words::NOTHING_RETURNED_LEDE.text()}</p>
            </div>
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.dismiss()>
                    {words::DO_TO_START.text()}
                </button>
            </div>
        </div>
    }
}
