//! Pages for a connection in progress: its code is being exchanged, its token verified, or its next
//! token requested. They disappear when that is done, and say so if it has to wait.

use crate::{
    messages,
    ui::{
        components::{alert::Alert, countdown::Countdown, skeleton::AccountSkeleton},
        context::AppContext,
    },
    words,
};
use cc_connect::core::session::Failure;
use leptos::prelude::*;

/// Shown while a response is exchanged and verified, or while the page's server is asked for
/// something.
pub fn verifying(context: AppContext, failure: Option<Failure>) -> impl IntoView {
    let disconnecting = context.snapshot().with_untracked(|shown| shown.phase) == "disconnecting";
    let (page, title) = if disconnecting {
        (
            words::SERVER_DISCONNECTING_PAGE,
            words::SERVER_DISCONNECTING_TITLE,
        )
    } else if context.has_server() {
        (words::SERVER_ASKING_PAGE, words::SERVER_ASKING_TITLE)
    } else {
        (words::VERIFYING_PAGE, words::VERIFYING_TITLE)
    };
    super::title(page);
    match failure {
        None => skeleton(title.text()).into_any(),
        Some(failure) => {
            let message = messages::retried(&failure);
            view! {
                <h1>{title.text()}</h1>
                <Waiting context failure message reauthorize=false />
            }
            .into_any()
        }
    }
}

/// Shown when a connection's token has expired and the next one has not arrived.
pub fn renewing(context: AppContext, failure: Option<Failure>) -> impl IntoView {
    super::title(words::RENEWING_PAGE);
    match failure {
        None => skeleton(words::RENEWING_TITLE.text()).into_any(),
        Some(failure) => {
            let message = messages::not_renewed_yet(&failure);
            view! {
                <h1>{words::RENEWING_FAILED.text()}</h1>
                <Waiting context failure message reauthorize=true />
            }
            .into_any()
        }
    }
}

fn skeleton(title: &'static str) -> impl IntoView {
    view! {
        <div class="late">
            <h1>{title}</h1>
        </div>
        <div class="page-body text">
            <div class="card"><AccountSkeleton /></div>
        </div>
    }
}

/// Why it has to wait, when it is retried, and what the user can do.
#[component]
fn Waiting(
    context: AppContext,
    failure: Failure,
    message: messages::Message,
    reauthorize: bool,
) -> impl IntoView {
    let left = Memo::new(move |_| context.retried_in());
    view! {
        <div class="page-body text">
            <Alert code=failure.code() message=message>
                <button
                    class="button button-primary"
                    type="button"
                    on:click=move |_| context.try_again()
                >
                    {words::DO_TRY_AGAIN.text()}
                </button>
                {reauthorize.then(|| view! {
                    <button class="button" type="button" on:click=move |_| context.connect()>
                        {words::DO_REAUTHORIZE.text()}
                    </button>
                })}
                <button class="button" type="button" on:click=move |_| context.disconnect()>
                    {words::DO_DISCONNECT.text()}
                </button>
            </Alert>
            <Countdown sentence=words::WAITING_NEXT left />
        </div>
    }
}
