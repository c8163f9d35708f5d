//! Everything below HTTP: attempts to connect, sessions, renewals, and the budget.

mod config;
mod error;

pub use config::{ConnectionsConfig, Limits};
pub use error::{BeginError, ConnectError, NotConnected, NotReady, OpenError, TokenFailure};

use crate::{
    budget::{BudgetRefusal, Ticket},
    seal::KeyRing,
    secrets::{BindingSecret, SessionSecret},
    store::StoreError,
};
use cc_connect_core::{
    ReturnTo,
    oauth::{AccessToken, CapturedResponse, ClientSecret, PendingAuthorization},
    session::{Grant, VerifiedAccessToken},
    time::Timestamp,
};
use std::sync::Arc;

/// A new connection.
#[derive(Debug)]
pub struct Completed {
    /// The value of the session's cookie.
    pub secret: SessionSecret,
    /// The page to go to.
    pub return_to: ReturnTo,
}

/// What a page may know of its connection.
#[derive(Clone, Debug)]
pub enum Look {
    /// There is one, and its token was verified just now.
    Connected {
        /// What it permits.
        grant: Arc<Grant>,
        /// Whether it outlives its token.
        renews: bool,
    },
    /// There is none.
    NotConnected {
        /// Why the session of the cookie is none, or no longer one; `None` without a cookie.
        reason: Option<NotConnected>,
        /// The code of this browser's last attempt, if it failed. It is given once.
        outcome: Option<String>,
    },
}

/// All connections. Copies are of the same ones.
#[derive(Clone, Debug)]
pub struct Connections {
    shared: Arc<()>,
}

impl Connections {
    /// Opens the database, brings its tables up to date, and sets up what is needed.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub async fn open(config: ConnectionsConfig) -> Result<Self, OpenError> {
        unimplemented!()
    }

    /// Keeps the rest: sweeps what has ended, follows the database's clock, samples the metrics.
    /// It never returns; spawn it.
    pub async fn keep_house(&self) {
        unimplemented!()
    }

    /// Waits until every renewal under way has been stored, for a stop. No further one begins.
    pub async fn finish(&self) {
        unimplemented!()
    }

    /// Replaces the client's secret and the master keys.
    pub fn replace_secrets(&self, secret: ClientSecret, keys: KeyRing) {
        unimplemented!()
    }

    /// The time that all instances agree on.
    pub fn now(&self) -> Timestamp {
        unimplemented!()
    }

    /// Stores an attempt to connect before the browser leaves. `previous` is the session that it
    /// replaces when it succeeds.
    ///
    /// # Errors
    ///
    /// [`BeginError`].
    pub async fn begin(
        &self,
        pending: &PendingAuthorization,
        binding: &BindingSecret,
        previous: Option<&SessionSecret>,
    ) -> Result<(), BeginError> {
        unimplemented!()
    }

    /// Completes an attempt with the response to it. On an error the code becomes the browser's
    /// outcome, for the next [`look`](Self::look).
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    pub async fn complete(
        &self,
        response: &CapturedResponse,
        binding: Option<&BindingSecret>,
    ) -> Result<Completed, ConnectError> {
        unimplemented!()
    }

    /// What a page may know of its connection. A token that is about to end is renewed first.
    ///
    /// # Errors
    ///
    /// [`TokenFailure::Unavailable`] only: there is a connection, or there may be one, and it cannot
    /// be used at this moment.
    pub async fn look(
        &self,
        secret: Option<&SessionSecret>,
        binding: Option<&BindingSecret>,
    ) -> Result<Look, TokenFailure> {
        unimplemented!()
    }

    /// Ends a session; there may be none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn end(&self, secret: &SessionSecret) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The access token of a session, renewed if it is about to end. `rejected` is one that the API
    /// has answered with 401: it is renewed as well, once a minute at most. If the result
    /// [is the same](VerifiedAccessToken::is_same_token), there is no newer one, and the API's
    /// answer stands.
    ///
    /// # Errors
    ///
    /// [`TokenFailure`].
    pub async fn access_token(
        &self,
        secret: &SessionSecret,
        rejected: Option<&AccessToken>,
    ) -> Result<VerifiedAccessToken, TokenFailure> {
        unimplemented!()
    }

    /// Waits for this session's turn to send a request to the API. The turn is over when the ticket
    /// is dropped, which should be when the response has been read.
    ///
    /// # Errors
    ///
    /// [`BudgetRefusal`].
    pub async fn take_turn(&self, secret: &SessionSecret) -> Result<Ticket, BudgetRefusal> {
        unimplemented!()
    }

    /// How many requests to the API are left today, for everybody who uses this application.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn left_today(&self) -> Result<u32, StoreError> {
        unimplemented!()
    }

    /// Whether the server can work: the database answers. Tables, keys and secret have been looked
    /// at by [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// [`NotReady`].
    pub async fn is_ready(&self) -> Result<(), NotReady> {
        unimplemented!()
    }
}
