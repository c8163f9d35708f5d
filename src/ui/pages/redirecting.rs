//! Shown while the browser leaves for the authorization server.

use crate::{ui::context::AppContext, words};
use leptos::prelude::*;

/// Names the destination; if the browser does not leave, the user can try again or stay.
#[component]
pub fn Redirecting() -> impl IntoView {
    super::title(words::REDIRECTING_PAGE);
    let context = AppContext::expect();
    view! {
        <div class="text stack">
            <h1>{words::REDIRECTING_TITLE.text()}</h1>
            <p class="lede">{words::REDIRECTING_LEDE.text()}</p>
            <p class="later">
                {words::REDIRECTING_NOTHING.text()}" "
                <button class="button button-small" type="button" on:click=move |_| context.connect()>
                    {words::REDIRECTING_GO.text()}
                </button>
                " "
                <button class="button button-small" type="button" on:click=move |_| context.stay()>
                    {words::REDIRECTING_STAY.text()}
                </button>
            </p>
        </div>
    }
}
