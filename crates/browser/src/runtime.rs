//! Owns the session: takes in events and carries out the session's effects. Nothing else does.
//!
//! There are two sessions, and an application need not know which of them it has: that of a page
//! that holds the tokens itself ([`direct`]), and that of a page whose server keeps them
//! ([`server`]).

mod callbacks;
mod direct;
pub(crate) mod link;
mod send_error;
pub(crate) mod server;

pub use callbacks::Callbacks;
pub use send_error::SendError;

use crate::{
    Clock,
    prepared::{Mode, Prepared},
};
use cc_connect_core::{oauth::Scope, session::Event, v3::Operation};
use direct::Direct;
use link::Link;
use std::rc::Rc;

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Runtime {
    clock: Clock,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Direct(Direct),
    Server(Rc<dyn Link>),
}

impl Runtime {
    /// Starts the session: finds out whether there is a connection, and begins to watch the clock.
    pub fn start(prepared: Prepared, callbacks: Callbacks) -> Self {
        let Prepared {
            settings,
            deployment,
            mode,
        } = prepared;
        Self {
            clock: deployment.clock.clone(),
            kind: match mode {
                Mode::Direct(context, tab) => Kind::Direct(Direct::start(
                    settings, *context, deployment, tab, callbacks,
                )),
                Mode::Server(start) => Kind::Server(start(deployment, callbacks)),
            },
        }
    }

    /// Requests authorization. The user will come back to the page they are on, or to the one that
    /// a message is shown instead of.
    pub fn connect(&self) {
        self.authorize(None);
    }

    /// Like [`connect`](Self::connect), with another scope than the configured one.
    pub fn connect_with(&self, scope: Scope) {
        self.authorize(Some(scope));
    }

    fn authorize(&self, scope: Option<Scope>) {
        match &self.kind {
            Kind::Direct(direct) => direct.authorize(scope),
            Kind::Server(server) => server.authorize(scope),
        }
    }

    /// Ends the connection in every tab and erases what is stored.
    pub fn disconnect(&self) {
        self.send_event(Event::Disconnect);
    }

    /// Sends an event of the user's. Events that arrive while another is being processed are
    /// queued.
    pub fn send_event(&self, event: Event) {
        match &self.kind {
            Kind::Direct(direct) => direct.send_event(event),
            Kind::Server(server) => server.send_event(event),
        }
    }

    /// Copies the access token to the clipboard, for a user who explicitly asks for it. Returns
    /// whether that succeeded; it does not where a server keeps the token.
    pub async fn copy_access_token(&self) -> bool {
        match &self.kind {
            Kind::Direct(direct) => direct.copy_access_token().await,
            Kind::Server(_) => false,
        }
    }

    /// The page's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sends a request to the API with the connection's token, and reads the response. While the
    /// connection is being made or renewed it waits; if the token is renewed meanwhile, it is sent
    /// again.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub async fn send<T>(&self, operation: &Operation<T>) -> Result<T, SendError> {
        match &self.kind {
            Kind::Direct(direct) => direct.send(operation).await,
            Kind::Server(server) => {
                let (status, body) = server.exchange(operation.request()).await?;
                operation.read(status, &body).map_err(SendError::Api)
            }
        }
    }
}
