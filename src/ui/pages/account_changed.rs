//! The question after a change of account. Until the user responds, no API request is sent, and
//! only the login names of the two accounts are shown.

use crate::{
    messages,
    ui::{
        components::alert::{Alert, Tone},
        context::AppContext,
    },
    words,
};
use cc_connect::core::session::Account;
use leptos::prelude::*;

/// Renders the page.
pub fn view(context: AppContext, previous: &Account, account: &Account) -> impl IntoView {
    super::title(words::ACCOUNT_CHANGED_PAGE);
    view! {
        <div class="text stack-wide">
            <h1>{words::ACCOUNT_CHANGED_TITLE.text()}</h1>
            <Alert
                code="account_changed"
                message=messages::account_changed(previous, account)
                tone=Tone::Calm
                untitled=true
            />
            <div class="actions">
                <button
                    class="button button-primary"
                    type="button"
                    on:click=move |_| context.accept_account()
                >
                    {words::ACCOUNT_CHANGED_CONTINUE.text()}
                </button>
                <button
                    class="button"
                    type="button"
                    on:click=move |_| context.refuse_account()
                >
                    {words::ACCOUNT_CHANGED_REFUSE.text()}
                </button>
            </div>
        </div>
    }
}
