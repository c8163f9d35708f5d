//! While the answer is examined, and when that cannot be finished.

use crate::{
    session::{Event, KeySetFailure},
    ui::{components::alert::Alert, context::SessionContext, messages},
};
use leptos::prelude::*;

/// The page.
pub fn view(context: SessionContext, failure: Option<KeySetFailure>) -> impl IntoView {
    super::title("Checking");
    match failure {
        None => view! {
            <h1 class="late" role="status">"Checking that the answer is genuine…"</h1>
            <div class="page-body text">
                <div class="card late" aria-hidden="true">
                    <div class="account-head">
                        <span class="bone bone-logo"></span>
                        <span class="bone bone-title w-60"></span>
                    </div>
                    <div>
                        <span class="bone w-80"></span>
                        <span class="bone w-60"></span>
                        <span class="bone w-80"></span>
                        <span class="bone w-40"></span>
                    </div>
                </div>
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
