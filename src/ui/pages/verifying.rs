//! While the answer is exchanged and examined, and when that cannot be finished.

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

/// The page.
pub fn view(context: SessionContext, failure: Option<Failure>) -> impl IntoView {
    super::title(words::VERIFYING_PAGE);
    match failure {
        None => view! {
            <div class="late">
                <h1>{words::VERIFYING_TITLE.text()}</h1>
            </div>
            <div class="page-body text">
                <div class="card"><AccountSkeleton /></div>
            </div>
        }
        .into_any(),
        Some(failure) => view! {
            <h1>{words::VERIFYING_TITLE.text()}</h1>
            <div class="page-body text">
                <Alert code=failure.code() message=messages::failure(&failure)>
                    <button
                        class="button button-primary"
                        type="button"
                        on:click=move |_| context.send(Event::TryAgain)
                    >
                        {words::DO_TRY_AGAIN.text()}
                    </button>
                </Alert>
            </div>
        }
        .into_any(),
    }
}
