//! The header of every page: product, connection state as text, account, navigation.

use super::{
    icon::{CONNECTION, Icon, OVERVIEW},
    moment::Moment,
};
use crate::{
    browser::location,
    route::Route,
    screen::Screen,
    ui::{
        context::AppContext,
        language::{redrawn, rich},
    },
    words::{self, Word},
};
use cc_connect::core::session::expiry;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The header. Without a session (missing or invalid settings) it has only the product's name.
#[component]
pub fn Header(
    /// The session, if there is one.
    context: Option<AppContext>,
) -> impl IntoView {
    let sandbox = Memo::new(move |_| context.is_some_and(AppContext::is_sandbox));
    view! {
        <a class="skip-link" href="#main" on:click=skip>{words::APP_SKIP.text()}</a>
        <header class="masthead">
            {move || sandbox.get().then(|| view! { <p class="sandbox">{words::APP_SANDBOX.text()}</p> })}
            <div class="bar wrap">
                <a class="brand" href=location::base_path()>
                    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                        <path d="M15.5 9.5a7.5 7.5 0 1 0 0 13M16.5 22.5a7.5 7.5 0 1 0 0-13M12 16h8"></path>
                    </svg>
                    {words::APP_NAME.text()}
                </a>
                {context.map(|context| view! {
                    <Navigation context />
                    <Status context />
                })}
            </div>
        </header>
    }
}

/// Keeps the fragment out of the address bar: fragments are where responses arrive.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    event.stop_propagation();
    crate::browser::document::focus_main();
}

#[component]
fn Navigation(context: AppContext) -> impl IntoView {
    let connected = Memo::new(move |_| context.screen().get() == Screen::Connected);
    move || {
        connected.get().then(|| {
            view! {
                <nav class="nav" aria-label=words::APP_NAVIGATION.text()>
                    <ul>
                        <li><NavigationLink route=Route::Overview icon=OVERVIEW label=words::OVERVIEW_TITLE /></li>
                        <li><NavigationLink route=Route::Connection icon=CONNECTION label=words::CONNECTION_TITLE /></li>
                    </ul>
                </nav>
            }
        })
    }
}

#[component]
fn NavigationLink(route: Route, icon: &'static str, label: Word) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || {
        path.with(|path| location::route_of(path) == Some(route))
            .then_some("page")
    };
    view! {
        <a href=location::path_of(route) aria-current=current>
            <Icon path=icon />
            {label.text()}
        </a>
    }
}

/// What the badge shows.
#[derive(Clone, Copy, PartialEq)]
enum Badge {
    NotConnected,
    Redirecting,
    Verifying,
    Renewing,
    Connected(cc_connect::core::time::Timestamp, bool),
    /// Until somebody ends it.
    Lasting,
}

#[component]
fn Status(context: AppContext) -> impl IntoView {
    let badge = Memo::new(move |_| match context.screen().get() {
        Screen::NotConnected
        | Screen::Message(_)
        | Screen::Ended(_)
        | Screen::AccountChanged(_) => Badge::NotConnected,
        Screen::Redirecting => Badge::Redirecting,
        Screen::Verifying(_) => Badge::Verifying,
        Screen::Renewing(_) => Badge::Renewing,
        Screen::Connected if context.lasts_at_server() => Badge::Lasting,
        Screen::Connected => match context.expires_at() {
            Some(at) => Badge::Connected(
                at,
                !context.renews_itself() && expiry::expires_soon(at, context.now().get()),
            ),
            None => Badge::NotConnected,
        },
    });
    let name = move || context.account.ready().and_then(|account| account.name());
    view! {
        <div class="status" role="status" aria-atomic="false">
            {redrawn(move || match badge.get() {
                Badge::NotConnected => {
                    view! { <span class="badge">{words::BADGE_NOT_CONNECTED.text()}</span> }.into_any()
                }
                Badge::Redirecting => {
                    view! { <span class="badge badge-half">{words::BADGE_REDIRECTING.text()}</span> }.into_any()
                }
                Badge::Verifying => {
                    view! { <span class="badge badge-half">{words::BADGE_VERIFYING.text()}</span> }.into_any()
                }
                Badge::Renewing => {
                    view! { <span class="badge badge-half">{words::BADGE_RENEWING.text()}</span> }.into_any()
                }
                Badge::Lasting => {
                    view! { <span class="badge badge-good">{words::BADGE_LASTING.text()}</span> }.into_any()
                }
                Badge::Connected(at, soon) => {
                    let class = if soon { "badge badge-caution badge-half" } else { "badge badge-good" };
                    let text = rich(words::BADGE_CONNECTED.text(), &move |_at| view! { <Moment at /> }.into_any());
                    view! { <span class=class>{text}</span> }.into_any()
                }
            })}
            {move || name().map(|name| view! { <span class="account-name" dir="auto" translate="no">{name}</span> })}
        </div>
    }
}
