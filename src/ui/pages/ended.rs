//! After the end of a connection, in the place where the person was.

use crate::{
    browser::{document, intl},
    session::{Event, Reason},
    ui::{
        components::alert::{Alert, Tone},
        context::{SessionContext, countdown},
        messages::{self, Message},
    },
};
use leptos::prelude::*;

/// The page.
pub fn view(context: SessionContext, reason: Reason) -> impl IntoView {
    super::title("Connection ended");
    let first = match &reason {
        Reason::Expired { at } => format!(
            "Your connection ended at {}. Constant Contact ends each one after some hours to protect your account.",
            intl::time(*at)
        ),
        Reason::NotRenewed(_) => "Your connection’s time was over, and Constant Contact did not renew it.".to_owned(),
        _ => "Constant Contact no longer accepts this connection, before its time was over. It may have been ended there.".to_owned(),
    };
    let message = Message {
        title: "Your connection has ended".to_owned(),
        paragraphs: vec![
            first,
            "Nothing was lost. Re-authorize, and you are back on the page where you were."
                .to_owned(),
        ],
    };
    let left =
        Memo::new(move |_| context.session(|session| countdown(session, context.now().get())));
    let offline = Memo::new(move |_| {
        context.now().track();
        !document::is_online()
    });
    view! {
        <div class="text stack-wide">
            <h1>"Your connection has ended"</h1>
            <Alert code=messages::code(&reason) message=message tone=Tone::Calm untitled=true />
            {move || left.get().map(|seconds| if offline.get() {
                view! {
                    <p class="countdown">
                        "This computer is offline. You go to Constant Contact once it is back."
                    </p>
                }.into_any()
            } else {
                view! {
                    <p class="countdown" role="timer">
                        "You go to Constant Contact in "<strong class="number">{seconds}</strong>
                        {if seconds == 1 { " second." } else { " seconds." }}
                    </p>
                }.into_any()
            })}
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.authorize()>
                    "Re-authorize now"
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
    view! { <button class="button" type="button" on:click=not_now>"Not now"</button> }
}
