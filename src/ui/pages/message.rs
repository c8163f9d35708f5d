//! Why a connection was not made.

use crate::{
    jose::{Outcome, Report},
    session::{Event, Reason, Refusal},
    ui::{
        components::{
            alert::{Alert, Tone},
            checks::Checks,
        },
        context::SessionContext,
        messages,
    },
};
use leptos::prelude::*;

/// The page.
pub fn view(context: SessionContext, reason: Reason) -> impl IntoView {
    let declined = matches!(reason, Reason::Declined(_));
    let (heading, tone) = if declined {
        ("You chose not to give access", Tone::Calm)
    } else {
        ("The connection was not made", Tone::Wrong)
    };
    super::title(if declined { "Not connected" } else { "Error" });
    let report = match &reason {
        // An ID token that did not come has no report.
        Reason::TokenRefused { report, .. } if !report.checks().is_empty() => Some(report.clone()),
        _ => None,
    };
    let of_id_token = matches!(
        &reason,
        Reason::TokenRefused {
            error: Refusal::IdToken(_),
            ..
        }
    );
    let clock_suspected = messages::clock_suspected(&reason);
    let details = report.as_ref().map(details).unwrap_or_default();
    view! {
        <div class="text stack-wide">
            <h1>{heading}</h1>
            <Alert
                code=messages::code(&reason)
                message=messages::not_made(&reason)
                tone=tone
                untitled=declined
                clock_suspected=clock_suspected
                details=details
            />
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.authorize()>
                    "Connect Constant Contact"
                </button>
                <button class="button" type="button" on:click=move |_| context.send(Event::Dismiss)>
                    "Not now"
                </button>
            </div>
            {report.map(|report| view! {
                <details class="disclosure">
                    <summary>"For developers: how far the checks came"</summary>
                    <div class="card"><Checks report of_id_token /></div>
                </details>
            })}
        </div>
    }
}

/// The report for *Copy details*: names and outcomes, none of the values.
fn details(report: &Report) -> String {
    report
        .checks()
        .iter()
        .filter(|check| check.outcome != Outcome::NotReached)
        .map(|check| format!("{}: {}\n", check.name, messages::outcome(check.outcome)))
        .collect()
}
