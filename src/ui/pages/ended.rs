//! After the end of a connection, in the place where the person was.

use crate::{
    browser::{document, intl},
    session::{Event, Reason},
    ui::{
        components::alert::{Alert, Tone},
        context::{SessionContext, countdown},
        language::{redrawn, rich},
        messages::{self, Message},
    },
    words,
};
use leptos::prelude::*;

/// The page.
pub fn view(context: SessionContext, reason: Reason) -> impl IntoView {
    super::title(words::ENDED_PAGE);
    let first = match &reason {
        Reason::Expired { at } => words::ENDED_EXPIRED.with(&[("at", &intl::time(*at))]),
        Reason::NotRenewed(_) => words::ENDED_NOT_RENEWED.text().to_owned(),
        _ => words::ENDED_REJECTED.text().to_owned(),
    };
    let next = [words::ENDED_NOTHING_LOST];
    let message = Message::beginning(words::ENDED_TITLE, first, &next);
    let left =
        Memo::new(move |_| context.session(|session| countdown(session, context.now().get())));
    let offline = Memo::new(move |_| {
        context.now().track();
        !document::is_online()
    });
    // The words around the number, if there is one and nothing has to be waited for.
    let countdown = Memo::new(move |_| {
        let seconds = left.get()?.unsigned_abs();
        Some((!offline.get()).then(|| words::ENDED_COUNTDOWN.text(seconds)))
    });
    view! {
        <div class="text stack-wide">
            <h1>{words::ENDED_TITLE.text()}</h1>
            <Alert code=messages::code(&reason) message=message tone=Tone::Calm untitled=true />
            {redrawn(move || countdown.get().map(|text| match text {
                None => view! { <p class="countdown">{words::ENDED_OFFLINE.text()}</p> }.into_any(),
                Some(text) => {
                    let seconds = move |_: &str| {
                        view! { <strong class="number" translate="no">{move || left.get()}</strong> }.into_any()
                    };
                    view! { <p class="countdown" role="timer">{rich(text, &seconds)}</p> }.into_any()
                }
            }))}
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.authorize()>
                    {words::DO_REAUTHORIZE.text()}
                </button>
                <NotNow context />
            </div>
        </div>
    }
}

/// Stops the countdown; pressed again, or without one, it leaves the page.
#[component]
fn NotNow(context: SessionContext) -> impl IntoView {
    let counting = move || {
        untrack(|| context.session(|session| countdown(session, context.now().get()))).is_some()
    };
    let not_now = move |_| {
        if counting() {
            context.send(Event::StayDisconnected);
        } else {
            context.send(Event::Dismiss);
        }
    };
    view! { <button class="button" type="button" on:click=not_now>{words::DO_NOT_NOW.text()}</button> }
}
