//! The response to an API request, as a signal.

use crate::Connection;
#[cfg(target_arch = "wasm32")]
use crate::SendError;
use cc_connect_core::{
    session::State,
    time::Timestamp,
    v3::{ApiError, Operation},
};
use leptos::prelude::*;

/// How far a request to the API is.
#[derive(Clone, Debug, PartialEq)]
pub enum Load<T> {
    /// Not sent: there is no connection, or it lacks the permission.
    Idle,
    /// Sent, and not answered yet.
    Loading,
    /// The last response that could be read.
    Ready(T),
    /// There is no data, for this reason.
    Failed(ApiError),
}

/// Data of the current connection. Copies are handles to the same.
#[derive(Debug)]
pub struct Fetched<T: 'static> {
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    connection: Connection,
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    operation: StoredValue<Operation<T>>,
    state: RwSignal<Load<T>>,
    /// Counts connections: a response to an earlier one is dropped.
    round: StoredValue<u32>,
}

impl Connection {
    /// Data that is fetched whenever there is a connection with the scope that the operation needs,
    /// and forgotten when the connection ends.
    pub fn fetch<T>(self, operation: Operation<T>) -> Fetched<T>
    where
        T: Clone + Send + Sync + 'static,
    {
        Fetched::new(self, operation)
    }
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T: Clone + Send + Sync + 'static> Fetched<T> {
    fn new(connection: Connection, operation: Operation<T>) -> Self {
        let scope = operation.scope();
        let fetched = Self {
            connection,
            operation: StoredValue::new(operation),
            state: RwSignal::new(Load::Idle),
            round: StoredValue::new(0),
        };
        let state = connection.state();
        // When the token that permits it ends. While it is being renewed, nothing changes.
        let permitted = Memo::new(move |before: Option<&Option<Timestamp>>| {
            state.with(|state| match state {
                State::Connected(grant) => scope
                    .is_none_or(|scope| grant.granted.contains(scope))
                    .then_some(grant.expires_at),
                State::Renewing(_) | State::Leaving => before.copied().flatten(),
                _ => None,
            })
        });
        Effect::new(move |_| {
            if permitted.get().is_some() {
                // With another token, what has failed is tried again.
                fetched.load();
            } else {
                fetched.round.update_value(|round| *round += 1);
                fetched.state.set(Load::Idle);
            }
        });
        fetched
    }

    /// How far it is; tracked, so that an effect or a view runs again when it changes.
    pub fn get(self) -> Load<T> {
        self.state.get()
    }

    /// The data, if it is loaded.
    pub fn ready(self) -> Option<T> {
        self.state.with(|state| match state {
            Load::Ready(value) => Some(value.clone()),
            _ => None,
        })
    }

    /// Sends the request, unless it is in flight or its data is loaded.
    pub fn load(self) {
        let settled = |state: &Load<T>| matches!(state, Load::Loading | Load::Ready(_));
        if self.state.with_untracked(settled) {
            return;
        }
        self.state.set(Load::Loading);
        #[cfg(target_arch = "wasm32")]
        leptos::task::spawn_local(async move {
            let round = self.round.get_value();
            let operation = self.operation.get_value();
            let result = self.connection.send(&operation).await;
            // The component that shows it may be gone.
            if self.round.try_get_value() == Some(round) {
                self.state.set(match result {
                    Ok(value) => Load::Ready(value),
                    Err(SendError::Api(error)) => Load::Failed(error),
                    Err(SendError::NotConnected) => Load::Idle,
                });
            }
        });
    }
}
