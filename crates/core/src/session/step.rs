//! The transitions: an event comes in, effects go out.

mod arrival;
mod ending;
mod token_endpoint;
mod verdict;

use super::{
    automatic::{Count, Countdown, Remembered},
    context::Context,
    effect::Effect,
    event::{Event, StartError},
    machine::Session,
    phase::{Phase, Reason, Redirecting},
    renewal,
};
use crate::{
    ReturnTo,
    oauth::{Scope, TokenEndpointError},
    time::Timestamp,
};

impl Session {
    /// Applies an event, which happened at `now`. The effects returned must be carried out in order,
    /// and what comes of them is sent back as further events.
    ///
    /// `exp` is checked first, whatever the event: a session that was connected may not be any
    /// longer.
    ///
    /// ```
    /// use cc_connect_core::{
    ///     ReturnTo,
    ///     session::{Effect, Event, Remembered, Session, StartError, State},
    ///     time::Timestamp,
    /// };
    /// # use cc_connect_core::constant_contact;
    /// # use cc_connect_core::oauth::{Client, ClientError, ResponseType};
    /// # use cc_connect_core::session::{Context, Reauthorize, TokenStorage};
    /// # let redirect_uri = "https://app.example/callback";
    /// # let registration = constant_contact::registration("id", redirect_uri, ResponseType::Code);
    /// # let context = Context {
    /// #     client: Client::new(registration)?,
    /// #     expectations: constant_contact::access_token_expectations(),
    /// #     id_token_expectations: constant_contact::id_token_expectations("id"),
    /// #     token_storage: TokenStorage::Session,
    /// #     reauthorize: Reauthorize::Automatic,
    /// # };
    /// # let now = Timestamp::from_unix_seconds(1_790_000_000);
    ///
    /// // The user presses a button: the browser is to leave for the authorization server.
    /// let session = Session::new(Remembered::default(), ReturnTo::START);
    /// let return_to = ReturnTo::parse("contacts").unwrap();
    /// let event = Event::Authorize { return_to, scope: None };
    /// let (session, effects) = session.step(event, now, &context);
    /// assert!(matches!(effects[..], [Effect::Authorize { scope: None, .. }]));
    /// assert_eq!(session.snapshot().state, State::Leaving);
    ///
    /// // It does not: the page says why, and everything else is as it was.
    /// let event = Event::NotStarted(StartError::NavigationFailed);
    /// let (session, effects) = session.step(event, now, &context);
    /// assert!(matches!(&effects[..], [Effect::GoTo(page)] if page.as_str() == "contacts"));
    /// assert_eq!(session.snapshot().not_started, Some(StartError::NavigationFailed));
    /// # Ok::<(), ClientError>(())
    /// ```
    #[must_use]
    pub fn step(mut self, event: Event, now: Timestamp, context: &Context) -> (Self, Vec<Effect>) {
        // A refresh response that arrives before any refresh was requested is ignored, even if this
        // very step requests one.
        let unasked = matches!(event, Event::Refreshed(_)) && !self.is_refreshing();
        let mut effects = self.end_if_expired(event.page(), now, context);
        if !unasked {
            effects.extend(self.apply(event, now, context));
        }
        (self, effects)
    }

    fn apply(&mut self, event: Event, now: Timestamp, context: &Context) -> Vec<Effect> {
        match event {
            Event::Returned(returned) => self.returned(*returned, now, context),
            Event::Restored(token, return_to) => self.restored(*token, return_to, now, context),
            Event::Exchanged(result) => self.exchanged(result, now),
            Event::Refreshed(result) => self.refreshed(result, now, context),
            Event::KeysLoaded(result) => self.keys_loaded(result, now, context),
            Event::TryAgain => self.try_again(now),
            Event::Authorize { return_to, scope } => self.authorize(return_to, scope, now),
            Event::NotStarted(error) => self.not_started_because(error),
            Event::Tick {
                visible,
                online,
                page,
            } => self.tick(visible, online, page, now),
            Event::Accepted => {
                if let Phase::Connected(connected) = &mut self.phase {
                    connected.accepted = true;
                }
                vec![]
            }
            Event::Rejected { page } => self.rejected(page, now, context),
            Event::ContinueWithAccount => self.continue_with_account(context),
            Event::RefuseAccount => self.refuse_account(),
            Event::Stay => {
                self.redirecting = None;
                vec![]
            }
            Event::StayDisconnected => {
                if let Phase::NotConnected(state) = &mut self.phase {
                    state.countdown = Countdown::None;
                }
                vec![]
            }
            Event::Disconnect => {
                self.disconnected(Reason::Disconnected);
                vec![
                    Effect::EraseEverything,
                    Effect::AnnounceDisconnect,
                    Effect::GoTo(ReturnTo::START),
                ]
            }
            Event::DisconnectedElsewhere => {
                self.disconnected(Reason::DisconnectedElsewhere);
                vec![Effect::EraseEverything]
            }
            Event::Dismiss => match &self.phase {
                Phase::NotConnected(state) => {
                    let return_to = state.return_to.clone();
                    self.phase = Phase::not_connected(Reason::NeverConnected, return_to.clone());
                    vec![Effect::GoTo(return_to.clone()), Effect::Restore(return_to)]
                }
                _ => vec![],
            },
        }
    }

    fn disconnected(&mut self, reason: Reason) {
        *self = Self {
            phase: Phase::not_connected(reason, ReturnTo::START),
            redirecting: None,
            not_started: None,
            remembered: Remembered {
                account: None,
                ..self.remembered.clone()
            },
        };
    }

    /// The browser did not leave the page. An existing connection is kept.
    fn not_started_because(&mut self, error: StartError) -> Vec<Effect> {
        self.redirecting = None;
        if matches!(self.phase, Phase::NotConnected(_)) {
            let return_to = self.return_to();
            self.phase = Phase::not_connected(Reason::NotStarted(error), return_to.clone());
            // The page may still be at the redirection endpoint, where a response was rejected.
            vec![Effect::GoTo(return_to)]
        } else {
            self.not_started = Some(error);
            vec![]
        }
    }

    fn try_again(&mut self, now: Timestamp) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Verifying(verifying) => verifying.try_again(),
            Phase::Exchanging(state) if state.failure.is_some() => self.exchange(now),
            Phase::Connected(state) => match &mut state.renewal {
                // Only after a failure: renewing early would waste requests.
                Some(renewal) if renewal.has_failed() => renewal.ask(now),
                _ => vec![],
            },
            Phase::Renewing(state) => state.renewal.ask(now),
            _ => vec![],
        }
    }

    /// What the user asked for. An empty scope would be refused: it counts as none.
    fn authorize(
        &mut self,
        return_to: ReturnTo,
        scope: Option<Scope>,
        now: Timestamp,
    ) -> Vec<Effect> {
        if let Phase::NotConnected(state) = &mut self.phase {
            state.return_to = return_to.clone();
            state.countdown = Countdown::None;
        }
        self.not_started = None;
        self.redirecting = Some(Redirecting {
            return_to: return_to.clone(),
            since: now,
        });
        let scope = scope.filter(|scope| !scope.is_empty());
        vec![Effect::Authorize { return_to, scope }]
    }

    /// What starts without the user, after a countdown.
    fn authorize_automatically(&mut self, return_to: ReturnTo, now: Timestamp) -> Vec<Effect> {
        self.remembered.last_automatic = Some(now);
        let mut effects = vec![Effect::RecordAutomatic(now)];
        effects.extend(self.authorize(return_to, None, now));
        effects
    }

    fn tick(&mut self, visible: bool, online: bool, page: ReturnTo, now: Timestamp) -> Vec<Effect> {
        // Never redirect into the browser's offline page.
        let visible = visible && online;
        let recently = self.remembered.authorized_recently(now);
        match &mut self.phase {
            Phase::Connected(connected) => {
                connected.page = page;
                let token = &connected.token;
                let due_at = renewal::due_at(token.expires_at(), token.lifetime());
                match &mut connected.renewal {
                    // While redirecting, the response would be lost with the page.
                    Some(renewal) if self.redirecting.is_none() => renewal.tick(due_at, now),
                    _ => vec![],
                }
            }
            // Due since the old token ended.
            Phase::Renewing(state) => state.renewal.tick(state.since, now),
            Phase::Exchanging(state) => match &state.failure {
                // No automatic retry while the browser still reports that it is offline.
                Some((TokenEndpointError::Offline, _)) if !online && state.is_alive(now) => vec![],
                Some((_, at)) if now >= *at || !state.is_alive(now) => self.exchange(now),
                _ => vec![],
            },
            Phase::NotConnected(state) => match state.countdown.tick(visible, recently, now) {
                Count::Down(countdown) => {
                    state.countdown = countdown;
                    vec![]
                }
                Count::Over => {
                    let return_to = state.return_to.clone();
                    self.authorize_automatically(return_to, now)
                }
            },
            _ => vec![],
        }
    }
}
