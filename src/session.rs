//! The session as a pure state machine: [`Session::step`] takes an event and the time, and answers
//! with effects for the browser to carry out.
//!
//! Three promises hold after every event, whatever their order. A session is connected only while it
//! holds a [`VerifiedAccessToken`] that has not expired. An authorization that no person asked for
//! starts at most once a minute and never after an error. And nobody is connected with another
//! account than before without having been asked.

mod account;
mod event;
pub mod expiry;
pub mod stored;
mod unverified_access_token;
mod verified_access_token;

pub use account::Account;
pub use event::{Effect, Event, KeySetFailure, LoadedKeys, Returned, StartError};
pub use unverified_access_token::UnverifiedAccessToken;
pub use verified_access_token::{KeyUsed, VerifiedAccessToken};

use crate::{
    config::{Reauthorize, TokenStorage},
    jose::{Expectations, Report, TokenError, jwk_set_cache::Need},
    oauth::{
        AccessTokenResponse, Client, ErrorCode, PendingAuthorization, RedirectionError,
        ResponseError, accept,
    },
    route::Route,
    time::Timestamp,
};

/// Between two authorizations that no person asked for, in seconds.
pub const AUTOMATIC_INTERVAL: i64 = 60;
/// How long the page after expiry waits before it re-authorizes by itself, in seconds.
pub const COUNTDOWN: i64 = 10;

/// What stays the same while the page lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Who asks.
    pub client: Client,
    /// What tokens must say.
    pub expectations: Expectations,
    /// Whether the token may be stored.
    pub token_storage: TokenStorage,
    /// Whether to re-authorize without being asked.
    pub reauthorize: Reauthorize,
}

/// What this tab remembers from page to page, besides the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// When an authorization last started by itself.
    pub last_automatic: Option<Timestamp>,
    /// Who was connected last.
    pub account: Option<Account>,
}

/// The session.
#[derive(Clone, Debug)]
pub struct Session {
    phase: Phase,
    remembered: Remembered,
}

/// Where the session is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// No token.
    NotConnected(NotConnected),
    /// On the way to the authorization server.
    Redirecting(Redirecting),
    /// A token is here and not believed yet.
    Verifying(Box<Verifying>),
    /// A verified token is here, of another account than before: the person is asked.
    AccountChanged(Box<AccountChanged>),
    /// A token is here, verified and not expired.
    Connected(Box<Connected>),
}

/// Without a connection: why, and what happens next.
#[derive(Clone, Debug, PartialEq)]
pub struct NotConnected {
    /// Why.
    pub reason: Reason,
    /// Where a new authorization leads back to.
    pub return_to: Route,
    /// Whether a new authorization starts by itself, and when.
    pub countdown: Countdown,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// There was none in this tab.
    NeverConnected,
    /// The callback page was opened without a response: a reload, Back, or a bookmark.
    NothingReturned,
    /// The person said no.
    Declined(RedirectionError),
    /// The response could not be read.
    UnreadableResponse(ResponseError),
    /// The response was not accepted.
    ResponseRefused(RedirectionError),
    /// The token was not verified.
    TokenRefused {
        /// The first reason.
        error: TokenError,
        /// Every check.
        report: Report,
    },
    /// The request could not be made.
    NotStarted(StartError),
    /// `exp` passed.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The API answered 401.
    Rejected,
    /// The person disconnected here.
    Disconnected,
    /// The person disconnected in another tab.
    DisconnectedElsewhere,
}

/// Whether a new authorization starts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// It does not.
    None,
    /// It will, [`COUNTDOWN`] seconds after somebody looks at the page.
    Waiting,
    /// It will at this time.
    Until(Timestamp),
}

/// On the way out.
#[derive(Clone, Copy, Debug)]
pub struct Redirecting {
    /// Where the person was.
    pub return_to: Route,
    /// Since when.
    pub since: Timestamp,
}

/// While the token is examined.
#[derive(Clone, Debug)]
pub struct Verifying {
    /// What is examined.
    pub token: UnverifiedAccessToken,
    /// Where to go if all is well.
    pub return_to: Route,
    /// Since when.
    pub since: Timestamp,
    /// Why the keys could not be had, if they could not.
    pub failure: Option<KeySetFailure>,
    /// Whether the key set was fetched again because it did not hold the token's key.
    refetched: bool,
}

/// While the person is asked. Nothing is done with the token meanwhile.
#[derive(Clone, Debug)]
pub struct AccountChanged {
    /// Who was connected before.
    pub previous: Account,
    /// Who would be.
    pub account: Account,
    token: VerifiedAccessToken,
    /// The form in which it is stored once the person agrees.
    unverified: UnverifiedAccessToken,
    return_to: Route,
}

/// While connected.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The proof.
    pub token: VerifiedAccessToken,
    /// Whether the API has accepted the token.
    accepted: bool,
    /// Where the person was seen last.
    route: Route,
}

impl Session {
    /// A session in which nothing has happened. `remembered` is what an earlier page of this tab
    /// recorded.
    pub fn new(remembered: Remembered, return_to: Route) -> Self {
        Self {
            phase: not_connected(Reason::NeverConnected, return_to),
            remembered,
        }
    }

    /// Where it is.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The token, if connected.
    pub fn token(&self) -> Option<&VerifiedAccessToken> {
        match &self.phase {
            Phase::Connected(connected) => Some(&connected.token),
            _ => None,
        }
    }

    /// Takes an event in. The effects are to be carried out in order.
    #[must_use]
    pub fn step(mut self, event: Event, now: Timestamp, context: &Context) -> (Self, Vec<Effect>) {
        let mut effects = self.end_if_expired(event.route(), now, context);
        effects.extend(self.apply(event, now, context));
        (self, effects)
    }

    /// `exp` is looked at before anything else, whatever the event.
    fn end_if_expired(
        &mut self,
        route: Option<Route>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                self.expired(at, route.unwrap_or(state.route), now, context)
            }
            // The question was left unanswered: it is not put again without being asked for.
            Phase::AccountChanged(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                self.phase = not_connected(Reason::Expired { at }, state.return_to);
                vec![]
            }
            _ => vec![],
        }
    }

    fn apply(&mut self, event: Event, now: Timestamp, context: &Context) -> Vec<Effect> {
        match event {
            Event::Returned(returned) => self.returned(*returned, now, context),
            Event::Restored(token, return_to) => self.restored(*token, return_to, now, context),
            Event::KeysLoaded(result) => self.keys_loaded(result, now, context),
            Event::TryAgain => self.try_again(),
            Event::Authorize { return_to } => self.authorize(return_to, false, now),
            Event::NotStarted(error) => {
                let return_to = self.return_to();
                self.phase = not_connected(Reason::NotStarted(error), return_to);
                // The page may still be the redirection endpoint, where an answer was refused.
                vec![Effect::GoTo(return_to)]
            }
            Event::Tick { visible, route } => self.tick(visible, route, now),
            Event::Accepted => {
                if let Phase::Connected(connected) = &mut self.phase {
                    connected.accepted = true;
                }
                vec![]
            }
            Event::Rejected { route } => self.rejected(route, now, context),
            Event::ContinueWithAccount => self.continue_with_account(context),
            Event::RefuseAccount => self.refuse_account(),
            Event::StayDisconnected => {
                if let Phase::NotConnected(state) = &mut self.phase {
                    state.countdown = Countdown::None;
                }
                vec![]
            }
            Event::Disconnect => {
                self.phase = not_connected(Reason::Disconnected, Route::default());
                self.remembered.account = None;
                vec![
                    Effect::EraseEverything,
                    Effect::AnnounceDisconnect,
                    Effect::GoTo(Route::default()),
                ]
            }
            Event::DisconnectedElsewhere => {
                self.phase = not_connected(Reason::DisconnectedElsewhere, Route::default());
                self.remembered.account = None;
                vec![Effect::EraseEverything]
            }
            Event::Dismiss => match &self.phase {
                Phase::NotConnected(state) => {
                    let return_to = state.return_to;
                    self.phase = not_connected(Reason::NeverConnected, return_to);
                    vec![Effect::GoTo(return_to), Effect::Restore(return_to)]
                }
                _ => vec![],
            },
        }
    }

    fn returned(&mut self, returned: Returned, now: Timestamp, context: &Context) -> Vec<Effect> {
        let (response, pending) = match returned {
            Returned::Nothing => {
                self.phase = not_connected(Reason::NothingReturned, Route::default());
                return vec![];
            }
            Returned::Unreadable(error) => {
                self.phase = not_connected(Reason::UnreadableResponse(error), Route::default());
                return vec![];
            }
            Returned::Response { response, pending } => (response, pending),
        };
        let return_to = pending
            .as_ref()
            .map_or(Route::default(), |record| record.return_to);
        let accepted = accept(
            &context.client,
            &response,
            pending.as_ref().map_err(|no| *no),
            now,
        );
        match (accepted, pending) {
            (Ok(granted), Ok(pending)) => {
                let token = from_response(granted, pending);
                self.verify(token, return_to, now)
            }
            (Ok(_), Err(no)) => {
                self.phase = not_connected(
                    Reason::ResponseRefused(RedirectionError::NoPending(no)),
                    return_to,
                );
                vec![]
            }
            (Err(error), _) => {
                let reason = match &error {
                    RedirectionError::ErrorResponse(response)
                        if response.code == ErrorCode::AccessDenied =>
                    {
                        Reason::Declined(error)
                    }
                    _ => Reason::ResponseRefused(error),
                };
                self.phase = not_connected(reason, return_to);
                vec![]
            }
        }
    }

    fn restored(
        &mut self,
        token: UnverifiedAccessToken,
        return_to: Route,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        if token.client_id != context.client.client_id || token.issuer != context.client.issuer {
            // Stored under other settings: not ours any more, and no error of the person's.
            return vec![Effect::EraseToken];
        }
        self.verify(token, return_to, now)
    }

    fn verify(
        &mut self,
        token: UnverifiedAccessToken,
        return_to: Route,
        now: Timestamp,
    ) -> Vec<Effect> {
        self.phase = Phase::Verifying(Box::new(Verifying {
            token,
            return_to,
            since: now,
            failure: None,
            refetched: false,
        }));
        vec![Effect::LoadKeys(Need::Verify)]
    }

    fn keys_loaded(
        &mut self,
        result: Result<LoadedKeys, KeySetFailure>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let Phase::Verifying(verifying) = &mut self.phase else {
            return vec![];
        };
        let keys = match result {
            Ok(keys) => keys,
            Err(failure) => {
                verifying.failure = Some(failure);
                return vec![];
            }
        };
        verifying.failure = None;
        let restored = verifying.token.restored;
        let return_to = verifying.return_to;
        match VerifiedAccessToken::verify(&verifying.token, &keys, context, now) {
            Err((TokenError::KeyNotFound { .. }, _)) if keys.from_cache && !verifying.refetched => {
                verifying.refetched = true;
                vec![Effect::LoadKeys(Need::UnknownKid)]
            }
            // A connection that ended while the page was closed or asleep ended like any other.
            Err((TokenError::Expired { at }, _)) if restored => {
                self.expired(at, return_to, now, context)
            }
            Err((error, report)) => {
                self.phase = not_connected(Reason::TokenRefused { error, report }, return_to);
                // A stored token that fails is erased. A new one was never stored, and its failure
                // says nothing about an older connection.
                if restored {
                    vec![Effect::EraseToken]
                } else {
                    vec![]
                }
            }
            Ok(token) if expiry::has_expired(token.expires_at(), now) => {
                let at = token.expires_at();
                if restored {
                    self.expired(at, return_to, now, context)
                } else {
                    // Fresh and expired: a clock is wrong. Asking again would not help.
                    let report = token.report().clone();
                    let error = TokenError::Expired { at };
                    self.phase = not_connected(Reason::TokenRefused { error, report }, return_to);
                    vec![]
                }
            }
            Ok(token) => {
                let unverified = verifying.token.clone();
                let account = Account::of(&token);
                match self.remembered.account.clone() {
                    Some(previous) if !previous.is(&account) => {
                        self.phase = Phase::AccountChanged(Box::new(AccountChanged {
                            previous,
                            account,
                            token,
                            unverified,
                            return_to,
                        }));
                        // A stored token of another account was not put there by this page.
                        if restored {
                            vec![Effect::EraseToken]
                        } else {
                            vec![]
                        }
                    }
                    _ => self.connect(token, &unverified, return_to, context),
                }
            }
        }
    }

    fn connect(
        &mut self,
        token: VerifiedAccessToken,
        unverified: &UnverifiedAccessToken,
        route: Route,
        context: &Context,
    ) -> Vec<Effect> {
        let account = Account::of(&token);
        self.phase = Phase::Connected(Box::new(Connected {
            token,
            accepted: false,
            route,
        }));
        let mut effects = Vec::new();
        if self.remembered.account.as_ref() != Some(&account) {
            self.remembered.account = Some(account.clone());
            effects.push(Effect::RememberAccount(account));
        }
        if !unverified.restored {
            if context.token_storage == TokenStorage::Session {
                effects.push(Effect::StoreToken(Box::new(unverified.clone())));
            }
            effects.push(Effect::GoTo(route));
        }
        effects
    }

    fn continue_with_account(&mut self, context: &Context) -> Vec<Effect> {
        let Phase::AccountChanged(state) = &self.phase else {
            return vec![];
        };
        let AccountChanged {
            token,
            mut unverified,
            return_to,
            ..
        } = AccountChanged::clone(state);
        // From here on it is this page's own, wherever it came from.
        unverified.restored = false;
        self.connect(token, &unverified, return_to, context)
    }

    fn refuse_account(&mut self) -> Vec<Effect> {
        let Phase::AccountChanged(state) = &self.phase else {
            return vec![];
        };
        let return_to = state.return_to;
        self.phase = not_connected(Reason::NeverConnected, return_to);
        // A connection from before the question goes on, if there is one.
        vec![Effect::GoTo(return_to), Effect::Restore(return_to)]
    }

    fn try_again(&mut self) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Verifying(verifying) if verifying.failure.is_some() => {
                verifying.failure = None;
                let need = if verifying.refetched {
                    Need::UnknownKid
                } else {
                    Need::Retry
                };
                vec![Effect::LoadKeys(need)]
            }
            _ => vec![],
        }
    }

    fn authorize(&mut self, return_to: Route, automatic: bool, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if automatic {
            self.remembered.last_automatic = Some(now);
            effects.push(Effect::RecordAutomatic(now));
        }
        self.phase = Phase::Redirecting(Redirecting {
            return_to,
            since: now,
        });
        effects.push(Effect::Authorize { return_to });
        effects
    }

    fn tick(&mut self, visible: bool, route: Route, now: Timestamp) -> Vec<Effect> {
        let recently = self.started_by_itself_recently(now);
        match &mut self.phase {
            Phase::Connected(connected) => {
                connected.route = route;
                vec![]
            }
            Phase::NotConnected(state) => {
                state.countdown = match state.countdown {
                    Countdown::None => Countdown::None,
                    Countdown::Waiting | Countdown::Until(_) if !visible => Countdown::Waiting,
                    Countdown::Waiting => Countdown::Until(now.plus_seconds(COUNTDOWN)),
                    // A clock that was set back does not make the person wait for the old time.
                    Countdown::Until(end) if end > now.plus_seconds(COUNTDOWN) => {
                        Countdown::Until(now.plus_seconds(COUNTDOWN))
                    }
                    Countdown::Until(end) if end > now => Countdown::Until(end),
                    // Asked once more: the clock may have been set back since the countdown began.
                    Countdown::Until(_) if recently => Countdown::None,
                    Countdown::Until(_) => {
                        let return_to = state.return_to;
                        return self.authorize(return_to, true, now);
                    }
                };
                vec![]
            }
            _ => vec![],
        }
    }

    fn expired(
        &mut self,
        at: Timestamp,
        return_to: Route,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let countdown = self.countdown(now, context);
        self.end(Reason::Expired { at }, return_to, countdown)
    }

    fn rejected(&mut self, route: Route, now: Timestamp, context: &Context) -> Vec<Effect> {
        let Phase::Connected(connected) = &self.phase else {
            return vec![];
        };
        // A token that worked and works no more has ended; one that never worked is an error, and
        // after an error nothing starts by itself.
        let countdown = if connected.accepted {
            self.countdown(now, context)
        } else {
            Countdown::None
        };
        self.end(Reason::Rejected, route, countdown)
    }

    fn end(&mut self, reason: Reason, return_to: Route, countdown: Countdown) -> Vec<Effect> {
        self.phase = Phase::NotConnected(NotConnected {
            reason,
            return_to,
            countdown,
        });
        vec![Effect::EraseToken]
    }

    fn countdown(&self, now: Timestamp, context: &Context) -> Countdown {
        match context.reauthorize {
            Reauthorize::Automatic if !self.started_by_itself_recently(now) => Countdown::Waiting,
            _ => Countdown::None,
        }
    }

    fn started_by_itself_recently(&self, now: Timestamp) -> bool {
        self.remembered.last_automatic.is_some_and(|last| {
            // One from the future was recorded under another clock; it counts as recent.
            now.millis_since(last) < AUTOMATIC_INTERVAL * 1000
        })
    }

    fn return_to(&self) -> Route {
        match &self.phase {
            Phase::NotConnected(state) => state.return_to,
            Phase::Redirecting(state) => state.return_to,
            Phase::Verifying(state) => state.return_to,
            Phase::AccountChanged(state) => state.return_to,
            Phase::Connected(state) => state.route,
        }
    }
}

fn not_connected(reason: Reason, return_to: Route) -> Phase {
    Phase::NotConnected(NotConnected {
        reason,
        return_to,
        countdown: Countdown::None,
    })
}

fn from_response(
    granted: AccessTokenResponse,
    pending: PendingAuthorization,
) -> UnverifiedAccessToken {
    UnverifiedAccessToken {
        access_token: granted.access_token,
        granted: granted.scope.unwrap_or_else(|| pending.scope.clone()),
        requested: pending.scope,
        nonce: pending.nonce,
        requested_at: pending.created_at,
        client_id: pending.client_id,
        issuer: pending.issuer,
        redirect_uri: pending.redirect_uri,
        restored: false,
    }
}
