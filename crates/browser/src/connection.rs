//! The connection as Leptos components see it.

use crate::Settings;
#[cfg(target_arch = "wasm32")]
use crate::{Callbacks, Prepared, Runtime, SendError, address};
#[cfg(target_arch = "wasm32")]
use cc_connect_core::{ReturnTo, v3::Operation};
use cc_connect_core::{
    clock::Deviation,
    oauth::Scope,
    session::{Event, Grant, RenewalState, Snapshot, StartError, State, server::Budget},
    time::Timestamp,
};
use leptos::prelude::*;
use std::sync::Arc;

/// The connection of this page. Copies are handles to the same one.
///
/// On a server that renders the page it stays [`State::Starting`] and does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    #[cfg(target_arch = "wasm32")]
    runtime: StoredValue<Option<Runtime>, LocalStorage>,
    snapshot: RwSignal<Snapshot>,
    /// A signal and no memo: an effect that reads a memo of a memo before the memo itself would
    /// miss its changes (reactive_graph 0.2).
    state: RwSignal<State>,
    now: RwSignal<Timestamp>,
    deviation: RwSignal<Option<Deviation>>,
}

/// The connection of the nearest [`ConnectionProvider`](crate::ConnectionProvider).
///
/// # Panics
///
/// Outside of one; see [`try_use_connection`].
pub fn use_connection() -> Connection {
    try_use_connection().expect("use_connection() is called inside <ConnectionProvider>")
}

/// The connection of the nearest [`ConnectionProvider`](crate::ConnectionProvider), if there is
/// one.
pub fn try_use_connection() -> Option<Connection> {
    use_context()
}

impl Connection {
    /// A connection of which nothing is known yet, provided to this component and those below it.
    pub(crate) fn provide() -> Self {
        let connection = Self {
            #[cfg(target_arch = "wasm32")]
            runtime: StoredValue::new_local(None),
            snapshot: RwSignal::new(Snapshot::default()),
            state: RwSignal::new(State::Starting),
            now: RwSignal::new(Timestamp::from_unix_millis(0)),
            deviation: RwSignal::new(None),
        };
        provide_context(connection);
        connection
    }

    /// Starts the connection of this page and provides it to this component and those below it.
    /// `go_to` shows a page in place of the current one; `erase` is called when the user has
    /// disconnected, for what the application itself has stored.
    ///
    /// Most applications use [`ConnectionProvider`](crate::ConnectionProvider) instead.
    #[cfg(target_arch = "wasm32")]
    pub fn start(
        prepared: Prepared,
        go_to: impl Fn(&ReturnTo) + 'static,
        erase: impl Fn() + 'static,
    ) -> Self {
        let connection = Self::provide();
        connection.run(prepared, go_to, erase);
        connection
    }

    #[cfg(target_arch = "wasm32")]
    fn run(
        self,
        prepared: Prepared,
        go_to: impl Fn(&ReturnTo) + 'static,
        erase: impl Fn() + 'static,
    ) {
        let Self { now, deviation, .. } = self;
        let runtime = Runtime::start(
            prepared,
            Callbacks {
                show: Box::new(move |shown| self.show(shown)),
                show_time: Box::new(move |at, wrong| {
                    now.set(at);
                    if deviation.get_untracked() != wrong {
                        deviation.set(wrong);
                    }
                }),
                go_to: Box::new(go_to),
                erase: Box::new(erase),
            },
        );
        now.set(runtime.clock().now());
        deviation.set(runtime.clock().deviation());
        self.runtime.set_value(Some(runtime));
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn show(self, shown: Snapshot) {
        if self.state.with_untracked(|state| *state != shown.state) {
            self.state.set(shown.state.clone());
        }
        if self.snapshot.with_untracked(|before| *before != shown) {
            self.snapshot.set(shown);
        }
    }

    /// Starts it in the background. On a server it never starts.
    pub(crate) fn start_later(self, settings: Settings) {
        #[cfg(target_arch = "wasm32")]
        leptos::task::spawn_local(async move {
            let base_path = settings.base_path.clone();
            let prepared = match Prepared::prepare(settings).await {
                Ok(prepared) => prepared,
                Err(error) => {
                    panic!("the settings of <ConnectionProvider> cannot be used: {error}")
                }
            };
            self.run(
                prepared,
                move |page| address::go_to(&page.path_below(&base_path)),
                || (),
            );
        });
        #[cfg(not(target_arch = "wasm32"))]
        drop(settings);
    }

    /// The state.
    pub fn state(self) -> Signal<State> {
        self.state.into()
    }

    /// Everything that may be known of the session.
    pub fn snapshot(self) -> Signal<Snapshot> {
        self.snapshot.into()
    }

    /// What the connection permits; `None` without one.
    pub fn grant(self) -> Option<Arc<Grant>> {
        self.state.with(|state| match state {
            State::Connected(grant) => Some(grant.clone()),
            _ => None,
        })
    }

    /// Whether there is a connection that was granted this scope.
    pub fn may(self, scope: &str) -> bool {
        self.state.with(|state| match state {
            State::Connected(grant) => grant.granted.contains(scope),
            _ => false,
        })
    }

    /// Whether the connection is renewed when its token ends.
    pub fn renewal(self) -> RenewalState {
        self.snapshot.with(|snapshot| snapshot.renewal.clone())
    }

    /// Seconds left before re-authorization starts automatically; `None` if none will.
    pub fn countdown(self) -> Option<i64> {
        let countdown = self.snapshot.with(|snapshot| snapshot.countdown);
        countdown.seconds_left(self.now.get())
    }

    /// Seconds left before a failed request is retried automatically; `None` if it is not.
    pub fn retried_in(self) -> Option<i64> {
        let at = self.snapshot.with(|snapshot| snapshot.retried_at)?;
        Some(at.seconds_since(self.now.get()).max(0))
    }

    /// Why the last attempt to leave for the authorization server failed.
    pub fn not_started(self) -> Option<StartError> {
        self.snapshot.with(|snapshot| snapshot.not_started)
    }

    /// What is left of today's requests, for everybody who uses the application, if a server keeps
    /// the connection.
    pub fn budget(self) -> Option<Budget> {
        self.snapshot.with(|snapshot| snapshot.budget)
    }

    /// The time, updated once a second.
    pub fn now(self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// Which clock is wrong, if that is known and worth mentioning.
    pub fn deviation(self) -> Signal<Option<Deviation>> {
        self.deviation.into()
    }

    /// Leaves for the authorization server. The user will come back to the page they are on.
    pub fn connect(self) {
        #[cfg(target_arch = "wasm32")]
        self.with_runtime(Runtime::connect);
    }

    /// Like [`connect`](Self::connect), with another scope than the configured one: for a part of
    /// the application that needs more.
    pub fn connect_with(self, scope: Scope) {
        #[cfg(target_arch = "wasm32")]
        self.with_runtime(|runtime| runtime.connect_with(scope));
        #[cfg(not(target_arch = "wasm32"))]
        drop(scope);
    }

    /// Ends the connection in every tab and erases what is stored.
    pub fn disconnect(self) {
        self.send_event(Event::Disconnect);
    }

    /// Retries what has failed.
    pub fn try_again(self) {
        self.send_event(Event::TryAgain);
    }

    /// Does not leave for the authorization server after all.
    pub fn stay(self) {
        self.send_event(Event::Stay);
    }

    /// Stops the countdown to an automatic re-authorization.
    pub fn stay_disconnected(self) {
        self.send_event(Event::StayDisconnected);
    }

    /// Puts a message away. An older connection is resumed, if there is one.
    pub fn dismiss(self) {
        self.send_event(Event::Dismiss);
    }

    /// Answers [`State::AccountChanged`]: goes on with the new account.
    pub fn accept_account(self) {
        self.send_event(Event::ContinueWithAccount);
    }

    /// Answers [`State::AccountChanged`]: keeps the old account.
    pub fn refuse_account(self) {
        self.send_event(Event::RefuseAccount);
    }

    fn send_event(self, event: Event) {
        #[cfg(target_arch = "wasm32")]
        self.with_runtime(|runtime| runtime.send_event(event));
        #[cfg(not(target_arch = "wasm32"))]
        drop(event);
    }

    #[cfg(target_arch = "wasm32")]
    fn with_runtime(self, act: impl FnOnce(&Runtime)) {
        // A clone, since the runtime changes signals that may read this value.
        if let Some(runtime) = self.runtime.get_value() {
            act(&runtime);
        }
    }

    /// Copies the access token to the clipboard, for a user who explicitly asks for it. Returns
    /// whether that succeeded.
    #[cfg(target_arch = "wasm32")]
    pub async fn copy_access_token(self) -> bool {
        match self.runtime.get_value() {
            Some(runtime) => runtime.copy_access_token().await,
            None => false,
        }
    }

    /// Sends a request to the API.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    #[cfg(target_arch = "wasm32")]
    pub async fn send<T>(self, operation: &Operation<T>) -> Result<T, SendError> {
        match self.runtime.get_value() {
            Some(runtime) => runtime.send(operation).await,
            None => Err(SendError::NotConnected),
        }
    }
}
