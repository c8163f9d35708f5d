//! An application of one's own: its own router, style and callback path.

use cc_connect::{
    ConnectButton, ConnectionProvider, Load, RequireConnection, Settings,
    core::{session::State, v3::contact_lists},
    use_connection,
};
use leptos::prelude::*;
use leptos_router::{
    components::{A, FlatRoutes, Route, Router},
    path,
};

fn main() {
    // First, so that nothing else sees an authorization response in the address bar.
    cc_connect::capture_response();
    leptos::mount::mount_to_body(App);
}

fn settings() -> Settings {
    let settings = Settings::new("3c9e5b72-0a4d-4f18-8b6e-d71f2c05a9e4")
        .redirect_path("signed-in")
        .scope("account_read contact_data offline_access");
    // `SANDBOX=http://localhost:8081 trunk serve`; otherwise Constant Contact itself.
    match option_env!("SANDBOX") {
        Some(origin) => settings.sandbox(origin),
        None => settings,
    }
}

#[component]
fn App() -> impl IntoView {
    view! {
        <ConnectionProvider settings=settings()>
            <Router>
                <nav><A href="/">"Home"</A>" "<A href="/lists">"Lists"</A></nav>
                <FlatRoutes fallback=Home>
                    <Route path=path!("") view=Home />
                    <Route path=path!("lists") view=Lists />
                    <Route path=path!("signed-in") view=Lists />
                </FlatRoutes>
            </Router>
        </ConnectionProvider>
    }
}

#[component]
fn Home() -> impl IntoView {
    view! { <h1>"Our newsletter"</h1> }
}

#[component]
fn Lists() -> impl IntoView {
    let connection = use_connection();
    let lists = connection.fetch(contact_lists::all());
    let shown = move || match lists.get() {
        Load::Ready(page) => page
            .items
            .into_iter()
            .filter_map(|list| list.name)
            .collect(),
        Load::Failed(error) => vec![error.to_string()],
        Load::Idle | Load::Loading => vec!["Loading".to_owned()],
    };
    let not_connected = |state| match state {
        State::NotConnected(reason) | State::Ended(reason) => {
            view! { <p>{reason.to_string()}</p> <ConnectButton /> }.into_any()
        }
        State::Connected(_) => {
            view! { <p>"This page needs your contacts."</p> <ConnectButton /> }.into_any()
        }
        _ => view! { <p>"One moment"</p> }.into_any(),
    };
    view! {
        <h1>"Lists"</h1>
        <RequireConnection scope="contact_data" fallback=not_connected>
            <ul>{move || shown().into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}</ul>
            <button on:click=move |_| connection.disconnect()>"Disconnect"</button>
        </RequireConnection>
    }
}
