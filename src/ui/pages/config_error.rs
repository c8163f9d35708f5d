//! The settings cannot be used: lists every mistake, and what to write instead.

use crate::{
    browser::location,
    config::{self, Config, ConfigError, ConfigFileError, Mistake},
    messages::{self, Message},
    route::Route,
    ui::{
        components::{
            alert::{self, Alert},
            icon::{Icon, WARNING},
        },
        language::rich,
    },
    words,
};
use leptos::prelude::*;

/// Renders the page. `answered`: a response arrived, which cannot be processed without settings.
pub fn view(error: &ConfigFileError, answered: bool) -> impl IntoView + use<> {
    super::title(words::SETTINGS_PAGE);
    let code = error.code();
    let message = messages::config_file(error, &config::file_url(&location::base_url()));
    let alert = match error {
        ConfigFileError::Config(ConfigError::Mistakes(mistakes)) => {
            list(code, message, mistakes.clone()).into_any()
        }
        _ => view! { <Alert code message /> }.into_any(),
    };
    view! {
        <div class="text stack-wide">
            <div>
                <h1>{words::SETTINGS_TITLE.text()}</h1>
                <p class="lede">{rich(words::SETTINGS_LEDE.text(), &|_| ().into_any())}</p>
            </div>
            {answered.then(|| view! { <p data-code="response_unused">{words::SETTINGS_ANSWERED.text()}</p> })}
            {alert}
            <div class="actions">
                <button class="button button-primary" type="button" on:click=|_| location::reload()>
                    {words::DO_TRY_AGAIN.text()}
                </button>
                <a class="button" href=location::path_of(Route::SetUp)>{words::SET_UP_TITLE.text()}</a>
            </div>
        </div>
    }
}

fn list(code: &'static str, message: Message, mistakes: Vec<Mistake>) -> impl IntoView {
    let redirect_uri = Config::default_redirect_uri(&location::base_url());
    alert::announce([message.title.as_str()]);
    view! {
        <div class="alert" data-code=code>
            <p class="alert-title"><Icon path=WARNING />{message.title}</p>
            <ul class="mistakes">
                {mistakes.into_iter().map(|mistake| {
                    let (wrong, instead) = messages::mistake(&mistake, &redirect_uri);
                    view! {
                        <li data-code=mistake.problem.code()>
                            <h2><code>{mistake.key}</code></h2>
                            <p>{wrong}</p>
                            <p>{instead}</p>
                        </li>
                    }
                }).collect_view()}
            </ul>
        </div>
    }
}
