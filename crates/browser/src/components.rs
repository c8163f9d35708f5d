//! Components without style.

use crate::{Connection, Settings, use_connection};
use cc_connect_core::session::State;
use leptos::prelude::*;

/// Provides the connection of this page to everything inside it ([`use_connection`]).
///
/// # Panics
///
/// If the settings cannot be used ([`ClientError`](cc_connect_core::oauth::ClientError)).
#[component]
pub fn ConnectionProvider(
    /// The client and what else differs between applications; read once.
    settings: Settings,
    /// What may use the connection: usually the whole application.
    children: Children,
) -> impl IntoView {
    Connection::provide().start_later(settings);
    children()
}

/// A button that leaves for the authorization server.
#[component]
pub fn ConnectButton(
    /// The `class` attribute: the button comes without a style.
    #[prop(optional, into)]
    class: Option<String>,
    /// The button's label; *Connect Constant Contact* by default.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let connection = use_connection();
    let state = connection.state();
    let label = match children {
        Some(children) => children().into_any(),
        None => "Connect Constant Contact".into_any(),
    };
    let waits = move || state.with(|state| matches!(state, State::Starting | State::Leaving));
    view! {
        <button type="button" class=class disabled=waits on:click=move |_| connection.connect()>
            {label}
        </button>
    }
}

/// Shows its children only while there is a connection, and otherwise what `fallback` makes of the
/// state.
#[component]
pub fn RequireConnection<F, V>(
    /// A scope that the connection must have been granted; none by default.
    #[prop(optional, into)]
    scope: Option<String>,
    /// What to show of the state while there is no such connection.
    fallback: F,
    /// What to show while there is one. It is not rebuilt when the grant changes.
    children: ChildrenFn,
) -> impl IntoView
where
    F: Fn(State) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let connection = use_connection();
    let state = connection.state();
    // `None` while open: the children are not rebuilt when the grant changes.
    let shut = Memo::new(move |_| {
        let is_open = match &scope {
            Some(scope) => connection.may(scope),
            None => connection.grant().is_some(),
        };
        (!is_open).then(|| state.get())
    });
    move || match shut.get() {
        None => children().into_any(),
        Some(state) => fallback(state).into_any(),
    }
}
