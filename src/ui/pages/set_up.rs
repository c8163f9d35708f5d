//! How to register the application, enter its API key, and check its host.

use crate::{
    browser::location,
    config::Config,
    ui::{components::copy_button::CopyButton, context::AppContext, language::rich},
    words::{self, Word},
};
use leptos::prelude::*;

/// The `config.json` to write.
fn config() -> String {
    let key = words::SET_UP_WRITE_KEY.text();
    format!("{{\n  \"client_id\": \"{key}\",\n  \"response_type\": \"code\"\n}}")
}

/// The command that checks this deployment from outside.
fn doctor() -> String {
    format!("cargo xtask doctor {}", location::base_url())
}

/// Renders a text without placeholders.
fn plain(word: Word) -> AnyView {
    rich(word.text(), &|_| ().into_any())
}

/// The *Set up* page.
#[component]
pub fn SetUp() -> impl IntoView {
    super::title(words::SET_UP_TITLE);
    // The configured URI, or else the default.
    let context = use_context::<AppContext>();
    let has_server = context.is_some_and(AppContext::has_server);
    let redirect_uri = context
        .and_then(|context| {
            context.config(|config| config.context.client.redirect_uri().to_owned())
        })
        .unwrap_or_else(|| Config::default_redirect_uri(&location::base_url()));
    let shown = redirect_uri.clone();
    view! {
        <div class="text stack-wide">
            <div>
                <h1>{words::SET_UP_TITLE.text()}</h1>
                <p class="lede">
                    {match has_server {
                        true => words::SET_UP_SERVER_LEDE.text(),
                        false => words::SET_UP_LEDE.text(),
                    }}
                </p>
            </div>
            <ol class="steps">
                <li>
                    <h2>{words::SET_UP_CREATE.text()}</h2>
                    <p>
                        {rich(words::SET_UP_CREATE_HOW.text(), &|_portal| view! {
                            <a href="https://developer.constantcontact.com/" rel="noreferrer">{words::SET_UP_PORTAL.text()}</a>
                        }.into_any())}
                    </p>
                </li>
                <li>
                    <h2>{words::SET_UP_SETTING.text()}</h2>
                    {match has_server {
                        true => view! { <p>{plain(words::SET_UP_SERVER_SETTING)}</p> }.into_any(),
                        false => view! {
                            <p>{plain(words::SET_UP_SETTING_PKCE)}</p>
                            <p>{plain(words::SET_UP_SETTING_IMPLICIT)}</p>
                        }
                        .into_any(),
                    }}
                </li>
                <li>
                    <h2>{words::SET_UP_REGISTER.text()}</h2>
                    <p>{words::SET_UP_REGISTER_HOW.text()}</p>
                    <div class="copy">
                        <code id="redirect-uri">{shown}</code>
                        <CopyButton label=words::SET_UP_REGISTER_COPY text=move || redirect_uri.clone() />
                    </div>
                </li>
                {match has_server {
                    true => view! { <OnTheServer /> }.into_any(),
                    false => view! { <InTheFile /> }.into_any(),
                }}
            </ol>
            <section aria-labelledby="deployment">
                <h2 id="deployment">{words::SET_UP_CHECK.text()}</h2>
                <p>{words::SET_UP_CHECK_HOW.text()}</p>
                <div class="copy">
                    <code>{doctor()}</code>
                    <CopyButton label=words::SET_UP_CHECK_COPY text=doctor />
                </div>
            </section>
        </div>
    }
}

/// The last steps, where the page reads a file.
#[component]
fn InTheFile() -> impl IntoView {
    view! {
                <li>
                    <h2>{words::SET_UP_WRITE.text()}</h2>
                    <p>{plain(words::SET_UP_WRITE_HOW)}</p>
                    <div class="copy">
                        <pre id="config-json" tabindex="0" role="group" aria-label="config.json"><code>{config()}</code></pre>
                        <CopyButton label=words::SET_UP_WRITE_COPY text=config />
                    </div>
                </li>
                <li>
                    <h2>{words::SET_UP_RELOAD.text()}</h2>
                    <p>{words::SET_UP_RELOAD_WHAT.text()}</p>
                    <p class="hint">{words::SET_UP_PRIVATE.text()}</p>
                </li>
    }
}

/// The last steps, where the page's server has the settings.
#[component]
fn OnTheServer() -> impl IntoView {
    view! {
        <li>
            <h2>{words::SET_UP_SERVER_WRITE.text()}</h2>
            <p>{plain(words::SET_UP_SERVER_WRITE_HOW)}</p>
            <p class="hint">{words::SET_UP_PRIVATE.text()}</p>
        </li>
    }
}
