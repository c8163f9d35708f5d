//! While the answer is examined, and when that cannot be finished.

use crate::{
    session::{Event, KeySetFailure},
    ui::{
        components::{alert::Alert, skeleton::AccountSkeleton},
        context::SessionContext,
        messages,
    },
};
use leptos::prelude::*;

/// The page.
pub fn view(context: SessionContext, failure: Option<KeySetFailure>) -> impl IntoView {
    super::title("Checking");
    match failure {
        None => view! {
            <div class="late" role="status">
                <h1>"Checking that the answer is genuine…"</h1>
            </div>
            <div class="page-body text">
                <div class="card"><AccountSkeleton /></div>
            </div>
        }
        .into_any(),
        Some(failure) => view! {
            <h1>"Checking that the answer is genuine…"</h1>
            <div class="page-body text">
                <Alert code=failure.code() message=messages::keys(failure)>
                    <button
                        class="button button-primary"
                        type="button"
                        on:click=move |_| context.send(Event::TryAgain)
                    >
                        "Try again"
                    </button>
                </Alert>
            </div>
        }
        .into_any(),
    }
}
