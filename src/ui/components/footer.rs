//! The footer of every page.

use crate::{
    browser::{location, theme::Theme},
    route::Route,
    ui::{
        context::AppContext,
        language::{self, redrawn_in_language},
    },
    words::{self, LANGUAGES},
};
use leptos::prelude::*;

/// The footer: project notice, theme and language. It is not recreated when the language changes,
/// since the user is operating one of its controls at that moment.
#[component]
pub fn Footer() -> impl IntoView {
    let current = Theme::current();
    let has_server = use_context::<AppContext>().is_some_and(AppContext::has_server);
    let runs = match has_server {
        true => words::FOOTER_SERVER,
        false => words::FOOTER_ALONE,
    };
    let choice = |theme: Theme| {
        let label = match theme {
            Theme::System => words::FOOTER_THEME_SYSTEM,
            Theme::Light => words::FOOTER_THEME_LIGHT,
            Theme::Dark => words::FOOTER_THEME_DARK,
        };
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    value=theme.name()
                    checked=theme == current
                    on:change=move |_| theme.choose()
                />
                {redrawn_in_language(move || view! { <span>{label.text()}</span> })}
            </label>
        }
    };
    view! {
        <footer class="footer">
            <div class="wrap">
                {redrawn_in_language(move || view! {
                    <p>
                        {runs.text()}" "
                        <a href=location::path_of(Route::SetUp)>{words::SET_UP_TITLE.text()}</a>
                    </p>
                })}
                <LanguageChoice />
                <fieldset class="theme">
                    {redrawn_in_language(|| view! { <legend>{words::FOOTER_THEME.text()}</legend> })}
                    {Theme::ALL.map(choice).collect_view()}
                </fieldset>
            </div>
        </footer>
    }
}

/// Lists every language by its own name.
#[component]
fn LanguageChoice() -> impl IntoView {
    let list = NodeRef::<leptos::html::Select>::new();
    let choose = move |event| {
        let code = event_target_value(&event);
        leptos::task::spawn_local(async move {
            language::choose(&code).await;
            // If the language cannot be loaded, reset the list to the page's language.
            if let Some(list) = list.get_untracked() {
                list.set_value(language::code());
            }
        });
    };
    let option = |(code, name): (&'static str, &'static str)| {
        view! { <option value=code lang=code selected=code == language::code()>{name}</option> }
    };
    view! {
        <label class="language">
            {redrawn_in_language(|| view! { <span>{words::FOOTER_LANGUAGE.text()}</span> })}" "
            <select node_ref=list on:change=choose>{LANGUAGES.map(option).collect_view()}</select>
        </label>
    }
}
