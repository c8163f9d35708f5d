//! The runtime of a page whose server keeps the connection, as [`Runtime`](crate::Runtime) sees it.
//! It is reached through a function that only [`Settings::server`](crate::Settings::server) names: an
//! application that does not call it does not contain that runtime.

use super::{callbacks::Callbacks, send_error::SendError};
use crate::{Clock, Namespace};
use cc_connect_core::{oauth::Scope, session::Event, v3::Request};
use std::{fmt, pin::Pin, rc::Rc};

/// Where the application runs.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// The path below which it is deployed, with a slash at both ends.
    pub(crate) base_path: String,
    /// The names of what it stores.
    pub(crate) namespace: Namespace,
    pub(crate) clock: Clock,
}

/// Starts the runtime.
pub(crate) type StartServer = fn(Deployment, Callbacks) -> Rc<dyn Link>;

/// The status and body of a response.
pub(crate) type Exchange<'a> = Pin<Box<dyn Future<Output = Result<(u16, String), SendError>> + 'a>>;

/// The runtime.
pub(crate) trait Link: fmt::Debug {
    /// Requests authorization, with the server's own scope unless there is another.
    fn authorize(&self, scope: Option<Scope>);

    /// Sends an event of the user's.
    fn send_event(&self, event: Event);

    /// Sends a request to the API.
    fn exchange<'a>(&'a self, request: &'a Request) -> Exchange<'a>;
}
