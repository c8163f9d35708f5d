//! *Check this deployment*: what the page can see of its own host.

use super::words;
use crate::{
    browser::deployment,
    config::Config,
    deployment::{Finding, Host, Outcome, Topic, judge},
    ui::{
        components::icon::{FAILED, Icon, NEITHER, PASSED},
        context::SessionContext,
    },
};
use leptos::prelude::*;

/// Where the check stands.
#[derive(Clone)]
enum State {
    NotAsked,
    Looking,
    Done(Vec<Finding>, Option<Host>),
}

/// A button, and what came of it.
#[component]
pub(super) fn Check() -> impl IntoView {
    let config = use_context::<SessionContext>().map(|context| context.config(Config::clone));
    let state = RwSignal::new(State::NotAsked);
    let look = move |_| {
        if matches!(state.get_untracked(), State::Looking) {
            return;
        }
        state.set(State::Looking);
        let config = config.clone();
        leptos::task::spawn_local(async move {
            let seen = deployment::look(config.as_ref()).await;
            state.set(State::Done(judge(&seen), seen.host()));
        });
    };
    let said = move || match state.get() {
        State::NotAsked => String::new(),
        State::Looking => words::LOOKING.to_owned(),
        State::Done(findings, _) => {
            let failed = |finding: &&Finding| finding.outcome == Outcome::Failed;
            words::summary(findings.iter().filter(failed).count(), findings.len())
        }
    };
    let list = move || match state.get() {
        State::Done(findings, host) => {
            let rows = findings.into_iter().map(|finding| row(finding, host));
            Some(view! { <ul class="checks">{rows.collect_view()}</ul> })
        }
        State::NotAsked | State::Looking => None,
    };
    view! {
        <section class="card" aria-labelledby="deployment">
            <h2 id="deployment">{words::HEADING}</h2>
            <p>{words::INTRODUCTION}" "{words::MORE}</p>
            <button class="button" type="button" on:click=look>{words::BUTTON}</button>
            <p role="status">{said}</p>
            {list}
        </section>
    }
}

fn row(finding: Finding, host: Option<Host>) -> impl IntoView {
    let (name, icon) = match finding.outcome {
        Outcome::Passed => ("passed", PASSED),
        Outcome::Failed => ("failed", FAILED),
        Outcome::NotNeeded => ("not-applicable", NEITHER),
    };
    let found = finding.found.filter(|_| finding.outcome == Outcome::Failed);
    let change = (finding.outcome == Outcome::Failed).then(|| {
        let file = match finding.topic {
            Topic::Settings | Topic::Clock => None,
            topic => Some(file(host, topic)),
        };
        view! {
            <p class="check-found">{words::change(finding.topic)}{file.map(|file| view! { <code>{file}</code> })}</p>
        }
    });
    view! {
        <li class="check" data-outcome=name data-check=finding.code>
            <p class="check-outcome"><Icon path=icon />{words::outcome(finding.outcome)}</p>
            <div>
                <p class="check-name">{words::name(finding.code)}</p>
                {found.map(|found| view! { <p class="check-found"><code>{found}</code></p> })}
                {change}
            </div>
        </li>
    }
}

/// The file of this host's folder for it, or what the folder says of it.
fn file(host: Option<Host>, topic: Topic) -> String {
    host.map_or_else(
        || words::YOUR_HOST.to_owned(),
        |host| {
            let file = host.file_for(topic).unwrap_or("README.md");
            format!("deploy/{}/{file}", host.folder)
        },
    )
}
