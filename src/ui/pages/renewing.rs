//! Between two tokens of one connection: the old one has ended, the new one is on its way.

use crate::{
    session::Event,
    ui::{
        components::{alert::Alert, skeleton::AccountSkeleton},
        context::{Failure, SessionContext},
        messages,
    },
};
use leptos::prelude::*;

/// The page. It stands in the place of the one that the person was on, and goes by itself.
pub fn view(context: SessionContext, failure: Option<Failure>) -> impl IntoView {
    super::title("Renewing");
    match failure {
        None => view! {
            <div class="late">
                <h1>"Renewing your connection…"</h1>
            </div>
            <div class="page-body text">
                <div class="card"><AccountSkeleton /></div>
            </div>
        }
        .into_any(),
        Some(failure) => view! {
            <h1>"Your connection could not be renewed yet"</h1>
            <div class="page-body text">
                <Alert code=failure.code() message=messages::not_renewed_yet(&failure)>
                    <button
                        class="button button-primary"
                        type="button"
                        on:click=move |_| context.send(Event::TryAgain)
                    >
                        "Try again"
                    </button>
                    <button class="button" type="button" on:click=move |_| context.authorize()>
                        "Re-authorize now"
                    </button>
                </Alert>
            </div>
        }
        .into_any(),
    }
}
