//! What can happen to a session with a server, and what it asks its surroundings to do.

use super::{
    answer::Answer, authorization_uri::AuthorizationUri, failure::ServerFailure, polling::AskId,
};
use crate::{
    ReturnTo,
    oauth::Scope,
    session::{account::Account, event as direct, event::StartError},
};

/// An input to [`ServerSession::step`](super::ServerSession::step).
#[derive(Clone, Debug)]
pub enum Event {
    /// The page has been opened, or is looked at again: the connection may have changed meanwhile.
    Look,
    /// Time has passed.
    Tick,
    /// The server has answered a question, or has not.
    Answered(AskId, Result<Box<Answer>, ServerFailure>),
    /// A request to the API got a 401: the connection is probably gone.
    Unauthorized,
    /// The user asked to retry what failed, or to look again.
    TryAgain,
    /// The user wants to connect, or to renew the connection.
    Authorize {
        /// The page to come back to.
        return_to: ReturnTo,
        /// The scope to request; without one, or if it is empty, the server's own.
        scope: Option<Scope>,
    },
    /// The server has begun an authorization, or has not.
    Begun(Result<AuthorizationUri, ServerFailure>),
    /// The browser could not leave.
    NotStarted(StartError),
    /// The user does not want to leave for the authorization server after all.
    Stay,
    /// The user accepts the new account.
    ContinueWithAccount,
    /// The user refuses the new account.
    RefuseAccount,
    /// The user pressed *Disconnect*.
    Disconnect,
    /// The server has ended the connection, or has not.
    Disconnected(Result<(), ServerFailure>),
    /// The user disconnected in another tab.
    DisconnectedElsewhere,
    /// The user dismissed the message.
    Dismiss,
}

impl Event {
    /// What a user did, as this session's event; `None` for what only a session with a token takes
    /// in.
    pub fn of_user(event: direct::Event) -> Option<Self> {
        Some(match event {
            direct::Event::TryAgain => Self::TryAgain,
            direct::Event::Authorize { return_to, scope } => Self::Authorize { return_to, scope },
            direct::Event::Stay => Self::Stay,
            direct::Event::ContinueWithAccount => Self::ContinueWithAccount,
            direct::Event::RefuseAccount => Self::RefuseAccount,
            direct::Event::Disconnect => Self::Disconnect,
            direct::Event::Dismiss => Self::Dismiss,
            _ => return None,
        })
    }
}

/// An action for the browser to carry out.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Ask the server whether there is a connection; report [`Event::Answered`] with this.
    Ask(AskId),
    /// Ask the server to begin an authorization; report [`Event::Begun`].
    Begin {
        /// The page to come back to.
        return_to: ReturnTo,
        /// The scope to request; without one, the server's own.
        scope: Option<Scope>,
    },
    /// Remember, for this tab, the page to come back to; then leave for the authorization server.
    /// Report [`Event::NotStarted`] if that fails.
    Leave(AuthorizationUri, ReturnTo),
    /// Ask the server to end the connection; report [`Event::Disconnected`].
    Disconnect,
    /// Tell the server, once, that it need not keep why the connection ended. Nothing depends on
    /// whether it arrives.
    Forget,
    /// Remember, for this browser, whether a connection is to be expected when a page is opened.
    Expect(bool),
    /// Remember, for this tab, which account is connected.
    RememberAccount(Account),
    /// Erase everything the application has stored.
    EraseEverything,
    /// Tell the other tabs that the user disconnected.
    AnnounceDisconnect,
    /// Replace the current page with this one.
    GoTo(ReturnTo),
}
