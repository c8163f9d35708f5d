//! Explains why a connection could not be made.

use crate::{
    browser::location,
    messages,
    ui::{
        components::{
            alert::{Alert, Tone},
            checks::Checks,
            copy_button::CopyButton,
        },
        context::{AppContext, PageClock},
    },
    words,
};
use cc_connect::core::{
    oauth::{NoPendingAuthorization, RedirectionError},
    report::{Outcome, Report},
    session::{Reason, Refusal},
};
use leptos::prelude::*;

/// Renders the page.
pub fn view(context: AppContext, reason: Reason) -> impl IntoView {
    let declined = reason.is_declined();
    let (heading, tone) = if declined {
        (words::ERROR_ACCESS_DENIED, Tone::Calm)
    } else {
        (words::NOT_MADE_TITLE, Tone::Wrong)
    };
    super::title(if declined {
        words::NOT_MADE_PAGE_DECLINED
    } else {
        words::NOT_MADE_PAGE
    });
    let report = match &reason {
        // A missing ID token has no report.
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
    let clock_suspected = (!PageClock::is_certain())
        .then(|| messages::clock_suspected(&reason, PageClock::now()))
        .flatten();
    let details = match &reason {
        Reason::ResponseRefused(RedirectionError::OtherAddress {
            registered,
            arrived,
        }) => words::ALERT_ADDRESSES.with(&[("registered", registered), ("arrived", arrived)]),
        _ => report.as_ref().map(details).unwrap_or_default(),
    };
    let lost = Reason::ResponseRefused(RedirectionError::NoPending(
        NoPendingAuthorization::LostAgain,
    ));
    let address = (reason == lost).then(location::base_url);
    view! {
        <div class="text stack-wide">
            <h1>{heading.text()}</h1>
            <Alert
                code=reason.code()
                message=messages::not_made(&reason)
                tone=tone
                untitled=declined
                clock_suspected=clock_suspected
                details=details
            />
            {address.map(|address| view! {
                <div class="copy">
                    <code>{address.clone()}</code>
                    <CopyButton label=words::NOT_MADE_COPY_ADDRESS text=move || address.clone() />
                </div>
            })}
            <div class="actions">
                <button class="button button-primary" type="button" on:click=move |_| context.connect()>
                    {words::DO_CONNECT.text()}
                </button>
                <button class="button" type="button" on:click=move |_| context.dismiss()>
                    {words::DO_NOT_NOW.text()}
                </button>
            </div>
            {report.map(|report| view! {
                <details class="disclosure">
                    <summary>{words::NOT_MADE_CHECKS.text()}</summary>
                    <div class="card"><Checks report of_id_token /></div>
                </details>
            })}
        </div>
    }
}

/// The report for *Copy details*: check names and outcomes, but no values.
fn details(report: &Report) -> String {
    report
        .checks()
        .iter()
        .filter(|check| check.outcome != Outcome::NotReached)
        .map(|check| {
            format!(
                "{}: {}\n",
                check.name.as_str(),
                messages::outcome(check.outcome)
            )
        })
        .collect()
}
