//! Between two tokens of one connection: the old one has ended, the new one is on its way.

use crate::{
    session::Event,
    ui::{
        components::{alert::Alert, skeleton::AccountSkeleton},
        context::{Failure, SessionContext},
        messages,
    },
    words,
};
use leptos::prelude::*;

/// The page. It stands in the place of the one that the person was on, and goes by itself.
pub fn view(context: SessionContext, failure: Option<Failure>) -> impl IntoView {
    super::title(words::RENEWING_PAGE);
    match failure {
        None => view! {
            <div class="late">
                <h1>{words::RENEWING_TITLE.text()}</h1>
            </div>
            <div class="page-body text">
                <div class="card"><AccountSkeleton /></div>
            </div>
        }
        .into_any(),
        Some(failure) => view! {
            <h1>{words::RENEWING_FAILED.text()}</h1>
            <div class="page-body text">
                <Alert code=failure.code() message=messages::not_renewed_yet(&failure)>
                    <button
                        class="button button-primary"
                        type="button"
                        on:click=move |_| context.send(Event::TryAgain)
                    >
                        {words::DO_TRY_AGAIN.text()}
                    </button>
                    <button class="button" type="button" on:click=move |_| context.authorize()>
                        {words::DO_REAUTHORIZE.text()}
                    </button>
                </Alert>
            </div>
        }
        .into_any(),
    }
}
