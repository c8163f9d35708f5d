//! The verification report: every check with its outcome and the section of the standard behind it.

use super::{
    icon::{FAILED, Icon, NEITHER, PASSED},
    moment::{Exactness, Moment},
};
use crate::{messages, words};
use cc_connect::core::{
    report::{Check, CheckName, Outcome, Report},
    time::Timestamp,
};
use leptos::prelude::*;

/// A report as a list of checks.
#[component]
pub fn Checks(
    /// The checks and their outcomes.
    report: Report,
    /// Whether an ID token was checked, rather than an access token.
    #[prop(optional)]
    of_id_token: bool,
) -> impl IntoView {
    view! {
        <ul class="checks">
            {report.checks().iter().map(|check| row(check.clone(), of_id_token)).collect_view()}
        </ul>
    }
}

/// A summary of the report: `15 passed, 0 failed, 3 not needed`.
pub fn summary(report: &Report) -> String {
    let count = |outcome| {
        report
            .checks()
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
            .to_string()
    };
    let unreached = count(Outcome::NotReached);
    let word = match unreached.as_str() {
        "0" => words::CHECKS_SUMMARY,
        _ => words::CHECKS_SUMMARY_NOT_REACHED,
    };
    word.with(&[
        ("passed", &count(Outcome::Passed)),
        ("failed", &count(Outcome::Failed)),
        ("unneeded", &count(Outcome::NotApplicable)),
        ("unreached", &unreached),
    ])
}

/// Whether what a check found is a time.
fn is_time(check: CheckName) -> bool {
    [CheckName::Expiry, CheckName::NotBefore, CheckName::IssuedAt].contains(&check)
}

fn row(check: Check, of_id_token: bool) -> impl IntoView {
    let (name, section) = (check.name.as_str(), check.name.section());
    let (outcome, icon) = match check.outcome {
        Outcome::Passed => ("passed", PASSED),
        Outcome::Failed => ("failed", FAILED),
        Outcome::NotApplicable => ("not-applicable", NEITHER),
        Outcome::NotReached => ("not-reached", NEITHER),
    };
    let found = match (check.outcome, check.found) {
        (Outcome::NotApplicable, _) => {
            view! { {messages::nothing_to_check(check.name)} }.into_any()
        }
        (Outcome::Passed, Some(found)) if !found.is_empty() => match found.parse() {
            Ok(seconds) if is_time(check.name) => {
                let at = Timestamp::from_unix_seconds(seconds);
                view! { <Moment at exactness=Exactness::Exact /> }.into_any()
            }
            _ if check.name == CheckName::KeySize => {
                words::CHECKS_BITS.with(&[("bits", &found)]).into_any()
            }
            _ => view! { <code translate="no">{found}</code> }.into_any(),
        },
        _ => ().into_any(),
    };
    view! {
        <li class="check" data-outcome=outcome data-check=name>
            <p class="check-outcome"><Icon path=icon />{messages::outcome(check.outcome)}</p>
            <div>
                <p class="check-name">{messages::check(check.name, of_id_token)}</p>
                <p class="check-found">{found}</p>
            </div>
            <p class="check-source">
                <a href=section.url rel="noreferrer">{section.label}</a>
            </p>
        </li>
    }
}
