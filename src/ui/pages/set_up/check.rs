//! *Check this deployment*: what the page can see of its own host.

use crate::{
    browser::deployment,
    config::Config,
    deployment::{Finding, Host, Outcome, Topic, judge},
    ui::{
        components::icon::{FAILED, Icon, NEITHER, PASSED},
        context::SessionContext,
        language::{redrawn, rich},
    },
    words::{self, Word},
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
        State::NotAsked => None,
        State::Looking => Some(words::DEPLOYMENT_LOOKING.text().to_owned()),
        State::Done(findings, _) => {
            let failed = |finding: &&Finding| finding.outcome == Outcome::Failed;
            let failed = findings.iter().filter(failed).count();
            let word = match failed {
                0 => words::DEPLOYMENT_PASSED,
                _ => words::DEPLOYMENT_FAILED,
            };
            let (failed, all) = (failed.to_string(), findings.len().to_string());
            Some(word.with(&[("failed", &failed), ("all", &all)]))
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
            <h2 id="deployment">{words::DEPLOYMENT_TITLE.text()}</h2>
            <p>{words::DEPLOYMENT_LEDE.text()}" "{rich(words::DEPLOYMENT_MORE.text(), &|_| ().into_any())}</p>
            <button class="button" type="button" on:click=look>{words::DEPLOYMENT_CHECK.text()}</button>
            <p role="status">{redrawn(move || said().map(|text| view! { <span>{text}</span> }))}</p>
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
        let topic = finding.topic;
        let change = rich(change(topic).text(), &move |_file| {
            view! { <code>{file(host, topic)}</code> }.into_any()
        });
        view! { <p class="check-found">{change}</p> }
    });
    view! {
        <li class="check" data-outcome=name data-check=finding.code>
            <p class="check-outcome"><Icon path=icon />{outcome(finding.outcome).text()}</p>
            <div>
                <p class="check-name">{check(finding.code).map(Word::text)}</p>
                {found.map(|found| view! { <p class="check-found"><code>{found}</code></p> })}
                {change}
            </div>
        </li>
    }
}

/// The file of this host's folder for it, or what the folder says of it.
fn file(host: Option<Host>, topic: Topic) -> String {
    host.map_or_else(
        || words::DEPLOYMENT_YOUR_HOST.text().to_owned(),
        |host| format!("deploy/{}/{}", host.folder, host.file_for(topic)),
    )
}

fn outcome(outcome: Outcome) -> Word {
    match outcome {
        Outcome::Passed => words::CHECKS_PASSED,
        Outcome::Failed => words::CHECKS_FAILED,
        Outcome::NotNeeded => words::CHECKS_NOT_NEEDED,
    }
}

/// What is so if the check of this name passed.
fn check(code: &str) -> Option<Word> {
    Some(match code {
        "policy" => words::DEPLOYMENT_POLICY,
        "framing" => words::DEPLOYMENT_FRAMING,
        "referrer_policy" => words::DEPLOYMENT_REFERRER_POLICY,
        "opener_policy" => words::DEPLOYMENT_OPENER_POLICY,
        "resource_policy" => words::DEPLOYMENT_RESOURCE_POLICY,
        "content_type_options" => words::DEPLOYMENT_CONTENT_TYPE_OPTIONS,
        "permissions_policy" => words::DEPLOYMENT_PERMISSIONS_POLICY,
        "transport_security" => words::DEPLOYMENT_TRANSPORT_SECURITY,
        "fallback" => words::DEPLOYMENT_FALLBACK,
        "callback" => words::DEPLOYMENT_CALLBACK,
        "callback_cache" => words::DEPLOYMENT_CALLBACK_CACHE,
        "document_cache" => words::DEPLOYMENT_DOCUMENT_CACHE,
        "config_file" => words::DEPLOYMENT_CONFIG_FILE,
        "config_cache" => words::DEPLOYMENT_CONFIG_CACHE,
        "hashed_cache" => words::DEPLOYMENT_HASHED_CACHE,
        "keys" => words::DEPLOYMENT_KEYS,
        "clock" => words::DEPLOYMENT_CLOCK,
        _ => return None,
    })
}

/// What to change.
fn change(topic: Topic) -> Word {
    match topic {
        Topic::Headers => words::DEPLOYMENT_CHANGE_HEADERS,
        Topic::Cache => words::DEPLOYMENT_CHANGE_CACHE,
        Topic::Fallback => words::DEPLOYMENT_CHANGE_FALLBACK,
        Topic::Keys => words::DEPLOYMENT_CHANGE_KEYS,
        Topic::Settings => words::DEPLOYMENT_CHANGE_SETTINGS,
        Topic::Clock => words::DEPLOYMENT_CHANGE_CLOCK,
    }
}
