//! The first look at the page: a response, a stored connection, or neither.

use super::Direct;
use crate::session_storage::SessionStorage;
use cc_connect_core::{
    ReturnTo,
    oauth::{
        Arrival, AuthorizationResponse, CapturedResponse, NoPendingAuthorization,
        PendingAuthorization, Place, RedirectionError, redirection_endpoint::place,
    },
    session::{Event, Returned, UnverifiedAccessToken},
};

impl Direct {
    pub(super) fn open(&self, arrival: Option<Arrival>, page: ReturnTo) {
        let registered = self.0.context.client.redirect_uri();
        let returned = arrival.and_then(|arrival| match place(&arrival.address, registered) {
            Place::Registered | Place::Nearby => Some(self.read_response(&arrival.response)),
            Place::Elsewhere => self.turn_away(&arrival),
        });
        if let Some(returned) = returned {
            return self.send_event(Event::Returned(Box::new(returned)));
        }
        let bare = self.is_bare_endpoint();
        match (self.restore(page), bare) {
            (true, true) => (self.0.callbacks.go_to)(&ReturnTo::START),
            (false, true) => self.send_event(Event::Returned(Box::new(Returned::Nothing))),
            (true, false) => {}
            (false, false) => self.show(),
        }
    }

    /// Parses the response and takes its pending authorization out of storage, in this order and
    /// before anything else happens.
    pub(super) fn read_response(&self, captured: &CapturedResponse) -> Returned {
        let response = match AuthorizationResponse::parse(captured) {
            Ok(response) => response,
            Err(error) => return Returned::Unreadable(error),
        };
        let pending = self.take_pending(&response);
        let pending = match pending {
            Ok(_) => {
                self.0.lost.erase();
                pending
            }
            Err(NoPendingAuthorization::NoneStored)
                if response.may_be_ours() && self.0.lost.record(self.0.clock.now()) =>
            {
                Err(NoPendingAuthorization::LostAgain)
            }
            Err(_) => pending,
        };
        Returned::Response { response, pending }
    }

    /// What to report about a response at an address other than the redirect URI; the response
    /// itself is not used. An unsolicited one is ignored: a crafted link must not end a connection.
    pub(super) fn turn_away(&self, arrival: &Arrival) -> Option<Returned> {
        let response = AuthorizationResponse::parse(&arrival.response).ok()?;
        let pending = self.take_pending(&response);
        let worth_saying =
            pending.is_ok() || (response.may_be_ours() && self.stored_token().is_none());
        let registered = self.0.context.client.redirect_uri();
        worth_saying.then(|| Returned::Elsewhere {
            error: RedirectionError::at_other_address(registered, &arrival.address),
            pending,
        })
    }

    pub(super) fn take_pending(
        &self,
        response: &AuthorizationResponse,
    ) -> Result<PendingAuthorization, NoPendingAuthorization> {
        match (response.state(), &self.0.storage) {
            (Some(state), Some(storage)) => storage.take_pending(state),
            _ => Err(NoPendingAuthorization::NoneStored),
        }
    }

    /// Sends the stored connection, if any, to the session. Returns whether there was one.
    pub(super) fn restore(&self, page: ReturnTo) -> bool {
        let Some((storage, token)) = self.stored_token() else {
            return false;
        };
        if storage.epoch() == self.0.disconnects.known() {
            self.send_event(Event::Restored(Box::new(token), page));
        } else {
            self.send_event(Event::DisconnectedElsewhere);
        }
        true
    }

    pub(super) fn stored_token(&self) -> Option<(&SessionStorage, UnverifiedAccessToken)> {
        let storage = self.0.storage.as_ref()?;
        Some((storage, storage.token()?))
    }

    /// Whether storage holds another refresh token than the session; the stored one is newer.
    pub(super) fn is_outdated(&self) -> bool {
        self.stored_token()
            .is_some_and(|(_, stored)| self.0.session.borrow().stored_otherwise(&stored))
    }
}
