//! The transitions: an event comes in, effects go out.

use super::{
    answer::{Answer, Held, Told},
    authorization_uri::AuthorizationUri,
    code::ServerCode,
    event::{Effect, Event},
    failure::ServerFailure,
    machine::{Connection, Phase, ServerSession},
    polling::{AskId, Retry},
};
use crate::{
    ReturnTo,
    oauth::Scope,
    session::{event::StartError, expiry, phase::Reason},
    time::Timestamp,
};
use std::mem::replace;

impl ServerSession {
    /// Applies an event, which happened at `now`. The effects returned must be carried out in order,
    /// and what comes of them is sent back as further events.
    ///
    /// ```
    /// use cc_connect_core::{
    ///     session::{Reason, State, server::{Answer, Effect, Event, ServerFailure, ServerSession}},
    ///     time::Timestamp,
    /// };
    ///
    /// let now = Timestamp::from_unix_seconds(1_790_000_000);
    /// let session = ServerSession::new(None, false, None);
    /// let (session, effects) = session.step(Event::Look, now);
    /// let [Effect::Ask(question)] = effects[..] else { panic!("the server is asked") };
    ///
    /// let body = br#"{"connected":false,"reason":null,"error":null,"server_time":1790000000000}"#;
    /// let answer = Box::new(Answer::read(200, body)?);
    /// let (session, _) = session.step(Event::Answered(question, Ok(answer)), now);
    /// assert_eq!(session.state(), State::NotConnected(Reason::NeverConnected));
    /// # Ok::<(), ServerFailure>(())
    /// ```
    #[must_use]
    pub fn step(mut self, event: Event, now: Timestamp) -> (Self, Vec<Effect>) {
        self.end_if_expired(now);
        let mut effects = self.apply(event, now);
        // While the connection is being ended, whether there is one is no question.
        if !matches!(self.phase, Phase::Disconnecting { .. }) {
            effects.extend(self.polling.due(now).map(Effect::Ask));
        }
        (self, effects)
    }

    fn apply(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Look => {
                self.polling.want(now);
                vec![]
            }
            Event::Unauthorized => {
                self.polling.want_anew();
                vec![]
            }
            Event::Tick => self.tick(now),
            Event::TryAgain => self.try_again(now),
            Event::Answered(id, result) => self.answered(id, result, now),
            Event::Authorize { return_to, scope } => self.authorize(return_to, scope),
            Event::Begun(result) => self.begun(result),
            Event::NotStarted(error) => self.stay_because(error),
            Event::Stay => {
                self.leaving = None;
                vec![]
            }
            Event::ContinueWithAccount => match &self.phase {
                Phase::AccountChanged { connection, .. } => {
                    let connection = connection.clone();
                    self.connect(connection)
                }
                _ => vec![],
            },
            Event::RefuseAccount => match self.phase {
                Phase::AccountChanged { .. } => self.disconnect(true),
                _ => vec![],
            },
            Event::Disconnect => self.disconnect(false),
            Event::Disconnected(result) => self.disconnected(result, now),
            // This tab is about to hear the same from the server.
            Event::DisconnectedElsewhere if matches!(self.phase, Phase::Disconnecting { .. }) => {
                vec![]
            }
            Event::DisconnectedElsewhere => {
                self.polling.void();
                self.forget_connection(Reason::DisconnectedElsewhere);
                vec![Effect::EraseEverything]
            }
            Event::Dismiss => self.dismiss(),
        }
    }

    /// A connection that the server does not renew ends with its token.
    fn end_if_expired(&mut self, now: Timestamp) {
        let ended = self.connection().filter(|connection| {
            !connection.renews && expiry::has_expired(connection.grant.expires_at, now)
        });
        if let Some(at) = ended.map(|connection| connection.grant.expires_at) {
            self.phase = not_connected(Reason::Expired { at });
        }
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        if let Phase::Disconnecting {
            retry: Some(retry),
            under_way: under_way @ false,
            ..
        } = &mut self.phase
            && retry.is_due(now)
        {
            *under_way = true;
            return vec![Effect::Disconnect];
        }
        vec![]
    }

    fn try_again(&mut self, now: Timestamp) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Disconnecting {
                retry,
                under_way: under_way @ false,
                ..
            } => {
                *retry = None;
                *under_way = true;
                vec![Effect::Disconnect]
            }
            Phase::Disconnecting { .. } => vec![],
            _ => {
                self.polling.retry = None;
                self.polling.want(now);
                vec![]
            }
        }
    }

    fn answered(
        &mut self,
        id: AskId,
        result: Result<Box<Answer>, ServerFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        if !self.polling.answered(id) {
            return vec![];
        }
        match result {
            Err(failure) => {
                let retry = Retry::after(self.polling.retry, failure, now);
                self.polling.retry = Some(retry);
                if let Phase::Asking { has_failed } = &mut self.phase {
                    *has_failed = true;
                }
                vec![]
            }
            Ok(answer) => {
                self.polling.retry = None;
                match answer.told {
                    Told::NotConnected { reason, error } => self.told_not(reason, error),
                    Told::Connected(held) => self.told_connected(held, now),
                }
            }
        }
    }

    fn told_not(&mut self, reason: Option<ServerCode>, error: Option<ServerCode>) -> Vec<Effect> {
        let told = match (error, reason) {
            (Some(error), _) => Some(Reason::NotMadeByServer(error)),
            (None, reason) => reason.map(Reason::EndedByServer),
        };
        match (&self.phase, told) {
            // An error is said once, and shown until the user puts it away.
            (
                Phase::NotConnected {
                    reason: Reason::NotMadeByServer(_),
                    ..
                },
                None | Some(Reason::EndedByServer(_)),
            )
            | (Phase::NotConnected { .. }, None) => {}
            (Phase::NotConnected { dismissed, .. }, told) if *dismissed == told => {}
            (_, Some(told)) => self.phase = not_connected(told),
            (Phase::Asking { .. }, None) => self.phase = not_connected(Reason::NeverConnected),
            (_, None) => self.phase = not_connected(Reason::DisconnectedElsewhere),
        }
        self.expect(false)
    }

    fn told_connected(&mut self, held: Held, now: Timestamp) -> Vec<Effect> {
        let at = held.grant.expires_at;
        if !held.renews && expiry::has_expired(at, now) {
            let ended = Some(Reason::Expired { at });
            let is_dismissed = matches!(
                &self.phase, Phase::NotConnected { dismissed, .. } if *dismissed == ended
            );
            if !is_dismissed {
                self.phase = not_connected(Reason::Expired { at });
            }
            return self.expect(false);
        }
        let connection = Connection::new(held, self.connection());
        let account = &connection.grant.account;
        match &self.account {
            Some(previous) if !previous.is_same_account(account) => {
                self.phase = Phase::AccountChanged {
                    previous: previous.clone(),
                    connection,
                };
                self.expect(true)
            }
            _ => self.connect(connection),
        }
    }

    fn connect(&mut self, connection: Connection) -> Vec<Effect> {
        let account = connection.grant.account.clone();
        self.phase = Phase::Connected(connection);
        self.return_to = None;
        let mut effects = self.expect(true);
        if self.account.as_ref() != Some(&account) {
            self.account = Some(account.clone());
            effects.push(Effect::RememberAccount(account));
        }
        effects
    }

    fn expect(&mut self, expected: bool) -> Vec<Effect> {
        match replace(&mut self.expected, expected) == expected {
            true => vec![],
            false => vec![Effect::Expect(expected)],
        }
    }

    /// What the user asked for. An empty scope would be refused: it counts as none.
    fn authorize(&mut self, return_to: ReturnTo, scope: Option<Scope>) -> Vec<Effect> {
        self.not_started = None;
        self.leaving = Some(return_to.clone());
        let scope = scope.filter(|scope| !scope.is_empty());
        vec![Effect::Begin { return_to, scope }]
    }

    fn begun(&mut self, result: Result<AuthorizationUri, ServerFailure>) -> Vec<Effect> {
        let Some(return_to) = self.leaving.clone() else {
            return vec![];
        };
        match result {
            Ok(uri) => {
                let mut effects = self.expect(true);
                effects.push(Effect::Leave(uri, return_to));
                effects
            }
            Err(failure) => self.stay_because(StartError::Server(failure)),
        }
    }

    /// The browser did not leave the page. An existing connection is kept.
    fn stay_because(&mut self, error: StartError) -> Vec<Effect> {
        self.leaving = None;
        self.not_started = Some(error);
        vec![]
    }

    fn disconnect(&mut self, refused: bool) -> Vec<Effect> {
        self.polling.void();
        self.leaving = None;
        self.not_started = None;
        let before = replace(
            &mut self.phase,
            Phase::Disconnecting {
                retry: None,
                under_way: true,
                refused,
            },
        );
        match before {
            Phase::Disconnecting {
                under_way: true, ..
            } => vec![],
            _ => vec![Effect::Disconnect],
        }
    }

    fn disconnected(&mut self, result: Result<(), ServerFailure>, now: Timestamp) -> Vec<Effect> {
        let Phase::Disconnecting {
            retry,
            under_way: under_way @ true,
            refused,
        } = &mut self.phase
        else {
            return vec![];
        };
        match (result, *refused) {
            (Err(failure), _) => {
                *under_way = false;
                *retry = Some(Retry::after(*retry, failure, now));
                vec![]
            }
            (Ok(()), true) => {
                self.phase = not_connected(Reason::NeverConnected);
                self.expect(false)
            }
            (Ok(()), false) => {
                self.forget_connection(Reason::Disconnected);
                vec![
                    Effect::EraseEverything,
                    Effect::AnnounceDisconnect,
                    Effect::GoTo(ReturnTo::START),
                ]
            }
        }
    }

    fn forget_connection(&mut self, reason: Reason) {
        self.phase = not_connected(reason);
        self.leaving = None;
        self.not_started = None;
        self.account = None;
        self.return_to = None;
        // It is erased with everything else.
        self.expected = false;
    }

    fn dismiss(&mut self) -> Vec<Effect> {
        let is_message = self.state().is_message();
        let Phase::NotConnected { reason, dismissed } = &mut self.phase else {
            return vec![];
        };
        if !is_message {
            return vec![];
        }
        *dismissed = Some(replace(reason, Reason::NeverConnected));
        let mut effects = vec![Effect::Forget];
        effects.extend(self.return_to.take().map(Effect::GoTo));
        effects
    }
}

fn not_connected(reason: Reason) -> Phase {
    Phase::NotConnected {
        reason,
        dismissed: None,
    }
}
