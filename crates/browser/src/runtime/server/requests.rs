//! The API requests of the connection, which the server passes on.

use super::Server;
use crate::SendError;
use cc_connect_core::{
    session::{Account, State, server::Event},
    v3::Request,
};
use futures_channel::oneshot;

impl Server {
    /// The status and body of the response. While nothing is known of the connection it waits. A 401
    /// probably means that the connection is gone: the server is asked, and what it says is shown.
    pub(super) async fn pass_on(&self, request: &Request) -> Result<(u16, String), SendError> {
        self.wait_while(|this| {
            let state = this.0.session.borrow().state();
            matches!(state, State::Starting | State::Checking(_))
        })
        .await;
        let mut may_repeat = true;
        loop {
            let account = self.account().ok_or(SendError::NotConnected)?;
            let passed = self.0.server.pass_on(request).await;
            let unauthorized = passed.as_ref().is_ok_and(|passed| passed.status == 401);
            if unauthorized {
                self.send(Event::Unauthorized);
                self.wait_while(|this| this.0.session.borrow().is_asking())
                    .await;
            }
            let is_same = self
                .account()
                .is_some_and(|now| now.is_same_account(&account));
            if !is_same {
                return Err(SendError::NotConnected);
            }
            let passed = passed.map_err(SendError::Api)?;
            match passed.error() {
                // There is a connection again, perhaps from another tab.
                Some(_) if unauthorized && may_repeat => may_repeat = false,
                Some(error) => return Err(SendError::Api(error)),
                None => return Ok((passed.status, passed.body)),
            }
        }
    }

    fn account(&self) -> Option<Account> {
        let session = self.0.session.borrow();
        session.grant().map(|grant| grant.account.clone())
    }

    async fn wait_while(&self, is_so: impl Fn(&Self) -> bool) {
        while is_so(self) {
            let (sender, next) = oneshot::channel();
            self.0.watching.borrow_mut().push(sender);
            // Never canceled: the page lives as long as the runtime.
            let _ = next.await;
        }
    }
}
