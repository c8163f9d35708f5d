//! The page after the end of a connection, shown at the address where the user was.

use crate::{
    browser::{document, intl},
    messages,
    ui::{
        components::{
            alert::{Alert, Tone},
            countdown::Countdown,
        },
        context::AppContext,
    },
    words,
};
use cc_connect::core::session::Reason;
use leptos::prelude::*;

/// Renders the page.
pub fn view(context: AppContext, reason: Reason) -> impl IntoView {
    super::title(words::ENDED_PAGE);
    let at = match &reason {
        Reason::Expired { at } => intl::time(*at),
        _ => String::new(),
    };
    let message = messages::connection_ended(&reason, &at);
    let left = Memo::new(move |_| context.countdown());
    let offline = Memo::new(move |_| {
        context.now().track();
        !document::is_online()
    });
    let counted = Memo::new(move |_| left.get().filter(|_| !offline.get()));
    let waits = Memo::new(move |_| left.get().is_some() && offline.get());
    view! {
        <div class="text stack-wide">
            <h1>{words::ENDED_TITLE.text()}</h1>
            <Alert code=reason.code() message=message tone=Tone::Calm untitled=true />
            {move || waits.get().then(|| view! { <p class="countdown">{words::ENDED_OFFLINE.text()}</p> })}
            <Countdown sentence=words::ENDED_COUNTDOWN left=counted role="timer" />
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.connect()>
                    {words::DO_REAUTHORIZE.text()}
                </button>
                <NotNow context />
            </div>
        </div>
    }
}

/// The first press stops the countdown; without one, a press leaves the page.
#[component]
fn NotNow(context: AppContext) -> impl IntoView {
    let counting = move || untrack(|| context.countdown()).is_some();
    let not_now = move |_| {
        if counting() {
            context.stay_disconnected();
        } else {
            context.dismiss();
        }
    };
    view! { <button class="button" type="button" on:click=not_now>{words::DO_NOT_NOW.text()}</button> }
}
