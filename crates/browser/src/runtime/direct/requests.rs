//! The API requests of the connection. What a response means for its token is decided by
//! [`cc_connect_core::session::requests`].

use super::Direct;
use crate::SendError;
use cc_connect_core::{
    oauth::AccessToken,
    session::{
        Event, State,
        requests::{Decision, Next, Outcome, RequestId, TokenVerdict},
    },
    v3::{ApiError, Operation},
};
use futures_channel::oneshot;
use std::cell::RefCell;

impl Direct {
    /// Sends a request to the API with the connection's token, and reads the response. While the
    /// connection is being made or renewed it waits; if the token is renewed meanwhile, it is sent
    /// again.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub(in crate::runtime) async fn send<T>(
        &self,
        operation: &Operation<T>,
    ) -> Result<T, SendError> {
        let request = operation.request();
        let url = request.url(&self.0.settings.api_base_url);
        let name = format!("{} {url}", request.method());
        let open = OpenRequest {
            runtime: self,
            id: self.0.requests.borrow_mut().begin(name),
        };
        loop {
            let sent = RefCell::new(None);
            let token = async || {
                let token = self.usable_token().await;
                sent.replace(token.clone());
                token
            };
            let result = self.0.api.send(operation, token).await;
            let outcome = match &result {
                None => Outcome::NoToken,
                Some(Ok(_)) => Outcome::Accepted,
                Some(Err(ApiError::Unauthorized)) => Outcome::Unauthorized,
                Some(Err(_)) => Outcome::Other,
            };
            if outcome == Outcome::Unauthorized {
                // The token may have expired in flight while the machine slept.
                self.the_time().await;
            }
            let session = &self.0.session;
            let in_use = sent
                .into_inner()
                .is_some_and(|sent: AccessToken| session.borrow().holds_token(&sent));
            let decision = self
                .0
                .requests
                .borrow_mut()
                .settle(open.id, in_use, outcome);
            let next = match self.apply(decision, Some(open.id)) {
                Some(Next::Hold) => {
                    let (sender, next) = oneshot::channel();
                    self.0.held.borrow_mut().insert(open.id, sender);
                    // Never dropped: every held request is named again.
                    next.await.unwrap_or(Next::Cancel)
                }
                next => next.unwrap_or(Next::Cancel),
            };
            match (next, result) {
                (Next::Repeat, _) => {}
                (Next::Deliver, Some(result)) => return result.map_err(SendError::Api),
                _ => return Err(SendError::NotConnected),
            }
        }
    }

    /// Does what was decided: tells the session about the token, then those who wait about their
    /// requests. Returns what happens to `asked`.
    pub(super) fn apply(&self, decision: Decision, asked: Option<RequestId>) -> Option<Next> {
        match decision.token {
            Some(TokenVerdict::Accepted) => self.send_event(Event::Accepted),
            Some(TokenVerdict::Rejected) => self.send_event(Event::Rejected { page: self.page() }),
            None => {}
        }
        let mut next_of_asked = None;
        for (id, next) in decision.next {
            if Some(id) == asked {
                next_of_asked = Some(next);
            } else if let Some(sender) = self.0.held.borrow_mut().remove(&id) {
                // Whoever no longer waits does not need it.
                let _ = sender.send(next);
            }
        }
        next_of_asked
    }

    /// The access token, once nothing is being made or renewed; `None` without a connection.
    pub(super) async fn usable_token(&self) -> Option<AccessToken> {
        self.the_time().await;
        self.settled().await;
        let session = self.0.session.borrow();
        session.token().map(|token| token.access_token().clone())
    }

    /// Returns once nothing is being exchanged, verified or renewed.
    pub(super) async fn settled(&self) {
        loop {
            let state = self.0.session.borrow().state();
            if !matches!(state, State::Checking(_) | State::Renewing(_)) {
                return;
            }
            let (sender, next) = oneshot::channel();
            self.0.watching.borrow_mut().push(sender);
            // Never canceled: the page lives as long as the runtime.
            let _ = next.await;
        }
    }
}

/// A request until it is delivered, or until nobody waits for it any longer.
struct OpenRequest<'a> {
    runtime: &'a Direct,
    id: RequestId,
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        let inner = &self.runtime.0;
        inner.held.borrow_mut().remove(&self.id);
        let decision = inner.requests.borrow_mut().abandon(self.id);
        self.runtime.apply(decision, None);
    }
}
