//! The application's frame, routes and focus handling.

use super::{
    components::{footer::Footer, header::Header, notices::Notices},
    context::{AppContext, PageClock},
    language::redrawn_in_language,
    pages,
    start::{Kind, Start},
};
use crate::{
    browser::{document, first_script, language, location, theme::Theme},
    route::Route,
    screen::Screen,
};
use cc_connect::Connection;
use cc_connect::core::{ReturnTo, session::Reason};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::{FlatRoutes, Route as RoutePath, Router},
    hooks::{use_location, use_navigate},
    path,
};
use std::mem::{Discriminant, discriminant};

/// Replaces the first paint with the application.
pub fn mount(start: Start) {
    location::normalize_address();
    let focus = document::first_focus();
    let root = document::take_root();
    leptos::mount::mount_to(root, move || {
        let start = StoredValue::new_local(Some(start));
        view! { <App start /> }
    })
    .forget();
    if let Some(focus) = focus {
        document::focus_successor(&focus);
    }
}

#[component]
fn App(start: StoredValue<Option<Start>, LocalStorage>) -> impl IntoView {
    let base = location::base_path().trim_end_matches('/').to_owned();
    view! {
        <Router base=base>
            <Shell start />
        </Router>
    }
}

#[component]
fn Shell(start: StoredValue<Option<Start>, LocalStorage>) -> impl IntoView {
    let mut taken = None;
    start.update_value(|start| taken = start.take());
    let Some(start) = taken else {
        // Mounted once, there is a start.
        return ().into_any();
    };
    PageClock::provide(start.clock);
    match start.kind {
        Kind::Ready(setup, prepared) => {
            let navigate = use_navigate();
            let go_to = move |page: &ReturnTo| {
                let options = NavigateOptions {
                    replace: true,
                    // The router would strip the trailing slash of the base path.
                    resolve: false,
                    ..NavigateOptions::default()
                };
                navigate(&location::path_of(Route::for_page(page)), options);
            };
            let erase = || {
                Theme::forget();
                language::forget();
            };
            let connection = Connection::start(*prepared, go_to, erase);
            let snapshot = connection.snapshot();
            Effect::new(move |_| document::set_session(snapshot.with(|shown| shown.phase)));
            let context = AppContext::provide(connection, setup);
            follow_focus(context);
            if first_script::take_press() {
                context.connect();
            }
            view! {
                {redrawn_in_language(move || view! { <Header context=Some(context) /> })}
                <main id="main" class="main wrap" tabindex="-1">
                    {redrawn_in_language(move || view! { <Notices context /> })}
                    <FlatRoutes fallback=|| view! { <Gate route=None /> }>
                        <RoutePath path=path!("") view=|| view! { <Gate route=Some(Route::Overview) /> } />
                        <RoutePath path=path!("connection") view=|| view! { <Gate route=Some(Route::Connection) /> } />
                        <RoutePath path=path!("set-up") view=|| view! { <Gate route=Some(Route::SetUp) /> } />
                    </FlatRoutes>
                </main>
                <Footer />
            }
            .into_any()
        }
        Kind::NotSetUp => frame(redrawn_in_language(|| view! { <pages::set_up::SetUp /> })),
        Kind::Failed(error, answered) => {
            without_session(move || pages::config_error::view(&error, answered).into_any())
        }
        Kind::Framed => frame(redrawn_in_language(pages::framed::view)),
    }
}

/// A page without a session, whatever the address.
fn frame(page: impl IntoView + 'static) -> AnyView {
    view! {
        {redrawn_in_language(|| view! { <Header context=None /> })}
        <main id="main" class="main wrap" tabindex="-1">
            <div class="notices"></div>
            {page}
        </main>
        <Footer />
    }
    .into_any()
}

/// Like [`frame`], but keeps the Set up page reachable, since it explains configuration mistakes.
fn without_session(page: impl Fn() -> AnyView + Clone + Send + Sync + 'static) -> AnyView {
    let page = move || redrawn_in_language(page.clone());
    let set_up = || redrawn_in_language(|| view! { <pages::set_up::SetUp /> });
    frame(view! {
        <FlatRoutes fallback=page>
            <RoutePath path=path!("set-up") view=set_up />
        </FlatRoutes>
    })
}

/// The page of a route, or what the session shows instead.
#[component]
fn Gate(route: Option<Route>) -> impl IntoView {
    let context = AppContext::expect();
    redrawn_in_language(move || match (context.screen().get(), route) {
        (Screen::Redirecting, _) => view! { <pages::redirecting::Redirecting /> }.into_any(),
        // This page may explain whatever is wrong.
        (_, Some(Route::SetUp)) => view! { <pages::set_up::SetUp /> }.into_any(),
        (Screen::AccountChanged(accounts), _) => {
            pages::account_changed::view(context, &accounts.0, &accounts.1).into_any()
        }
        (Screen::Verifying(failure), _) => pages::waiting::verifying(context, failure).into_any(),
        (Screen::Renewing(failure), _) => pages::waiting::renewing(context, failure).into_any(),
        (Screen::Message(reason), _) => match *reason {
            Reason::NothingReturned => pages::not_found::nothing_returned(context).into_any(),
            reason => pages::message::view(context, reason).into_any(),
        },
        (Screen::Ended(reason), _) => pages::ended::view(context, *reason).into_any(),
        (Screen::NotConnected, Some(_)) => view! { <pages::connect::Connect /> }.into_any(),
        (Screen::Connected, Some(Route::Overview)) => {
            view! { <pages::overview::Overview /> }.into_any()
        }
        (Screen::Connected, Some(Route::Connection)) => {
            view! { <pages::connection::Connection /> }.into_any()
        }
        // The redirection endpoint, after the message about a response has been dismissed.
        (Screen::NotConnected, None) if context.is_at_redirection_endpoint() => {
            view! { <pages::connect::Connect /> }.into_any()
        }
        (_, None) => view! { <pages::not_found::NotFound /> }.into_any(),
    })
}

/// The kind of page shown, whether it reports a failure, and its path.
type Place = (Discriminant<Screen>, bool, String);

/// Moves focus to a new page; otherwise a screen reader would not notice the change.
fn follow_focus(context: AppContext) {
    let path = use_location().pathname;
    let place = Memo::new(move |_| -> Place {
        let screen = context.screen().get();
        // Retrying removes the button that had focus.
        let failed = matches!(
            screen,
            Screen::Verifying(Some(_)) | Screen::Renewing(Some(_))
        );
        (discriminant(&screen), failed, path.get())
    });
    Effect::new(move |before: Option<Place>| {
        // Read, not only tracked: a memo that is never read is never computed.
        let place = place.get();
        if let Some(before) = before
            && before != place
        {
            document::begin_page();
            // The page after verification has the same skeleton, which may be visible already.
            if before.0 != discriminant(&Screen::Verifying(None)) {
                document::let_skeletons_wait();
            }
        }
        place
    });
}
