//! On a server that renders the page, components show what waits and touch no browser.
#![cfg(all(not(target_arch = "wasm32"), feature = "leptos"))]
#![allow(missing_docs)]

use cc_connect::{
    ConnectButton, ConnectionProvider, Load, RequireConnection, Settings,
    core::{session::State, v3::contact_lists},
    try_use_connection, use_connection,
};
use leptos::prelude::*;

#[component]
fn Lists() -> impl IntoView {
    let connection = use_connection();
    let lists = connection.fetch(contact_lists::all());
    assert_eq!(connection.state().get_untracked(), State::Starting);
    assert!(matches!(lists.get(), Load::Idle));
    // A press cannot happen, and does nothing.
    connection.connect();
    connection.disconnect();
    view! { <p>"Lists"</p> }
}

#[test]
fn a_server_renders_the_state_starting() {
    let owner = Owner::new();
    let html = owner.with(|| {
        assert!(try_use_connection().is_none());
        let fallback = |state| {
            assert_eq!(state, State::Starting);
            view! { <ConnectButton class="connect">"Connect"</ConnectButton> }
        };
        let view = view! {
            <ConnectionProvider settings=Settings::new("an API key")>
                <Lists />
                <RequireConnection fallback=fallback><p>"Connected"</p></RequireConnection>
            </ConnectionProvider>
        };
        view.to_html()
    });
    assert!(html.contains("<p>Lists</p>"), "{html}");
    assert!(
        html.contains("disabled") && html.contains("Connect</button>"),
        "{html}"
    );
    assert!(!html.contains("Connected"), "{html}");
}
