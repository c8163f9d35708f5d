//! The foot of every page.

use crate::{
    browser::{location, theme::Theme},
    route::Route,
};
use leptos::prelude::*;

/// The foot: what this is, and light or dark.
#[component]
pub fn Footer() -> impl IntoView {
    let current = Theme::current();
    let choice = |theme: Theme| {
        let label = match theme {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
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
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <footer class="footer">
            <div class="wrap">
                <p>
                    "CC Connect runs in this browser alone. "
                    <a href=location::path_of(Route::SetUp)>"Set up"</a>
                </p>
                <fieldset class="theme">
                    <legend>"Theme"</legend>
                    {Theme::ALL.map(choice).collect_view()}
                </fieldset>
            </div>
        </footer>
    }
}
