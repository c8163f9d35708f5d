//! On the way out.

use crate::ui::context::SessionContext;
use leptos::prelude::*;

/// Says where the browser is going, and offers another try if it does not go.
#[component]
pub fn Redirecting() -> impl IntoView {
    super::title("Leaving");
    let context = SessionContext::expect();
    view! {
        <div class="text stack">
            <h1>"Taking you to Constant Contact…"</h1>
            <p class="lede">"You sign in there and choose what to allow. Afterwards you are back on this page."</p>
            <p class="later">
                "Nothing happening? "
                <button class="button button-small" type="button" on:click=move |_| context.authorize()>
                    "Go to Constant Contact"
                </button>
            </p>
        </div>
    }
}
