//! The session as a pure state machine: [`Session::step`] takes an event and the time, and answers
//! with effects for the browser to carry out.
//!
//! These promises hold after every event, in whatever order events come:
//!
//! - A session is connected only while it holds a [`VerifiedAccessToken`] that has not expired.
//! - An authorization that no user asked for starts at most once a minute and never after an error.
//! - Nobody is connected with another account than before without having been asked.
//! - A code is sent once, a refresh token to one request at a time, and the next one is stored
//!   before anything is done with it.
//! - No work without bound: a 401 renews the connection at most once in [`REJECTION_INTERVAL`], and
//!   requests that no user asked for keep a pause between them.
//! - Always a way on: every wait has a limit, or the user can end it.
//! - A hint is no verdict: whatever the browser says of the network, what a user asks for is tried.
//!
//! Effects are carried out in order by `browser::runtime`, and by nothing else; events that arrive
//! meanwhile wait in a queue. On the way to the authorization server the session keeps what it has
//! ([`Session::redirecting`]), since the browser may not leave.
//!
//! The two grants part at two places only: a code is exchanged before there is a token to verify,
//! and a token that has a refresh token is renewed before, or after, it ends.
//!
//! The machine is small enough to be searched exhaustively, which `tests/native/promises.rs` does.

mod account;
mod event;
pub mod expiry;
pub mod renewal;
mod round;
pub mod stored;
mod unverified_access_token;
mod verified_access_token;

pub use account::Account;
pub use event::{Effect, Event, KeySetFailure, LoadedKeys, Returned, StartError};
pub use renewal::{Renewal, Stage};
pub use round::{Ending, Round, Verdict};
use unverified_access_token::Origin;
pub use unverified_access_token::UnverifiedAccessToken;
pub use verified_access_token::{KeyUsed, Refusal, VerifiedAccessToken, VerifiedIdToken};

use crate::{
    config::{Reauthorize, TokenStorage},
    jose::{Expectations, Report, TokenError, jwk_set_cache::Need},
    oauth::{
        Accepted, AccessToken, AuthorizationCode, Client, ErrorCode, PendingAuthorization,
        RedirectionError, ResponseError, TokenEndpointError, TokenRequest, TokenResponse, accept,
        token_request::CODE_LIFETIME,
    },
    route::Route,
    time::Timestamp,
};

/// Between two authorizations that no person asked for, in seconds.
pub const AUTOMATIC_INTERVAL: i64 = 60;
/// Between two renewals, or countdowns to an authorization, that a 401 caused, in seconds. An API that
/// rejects fresh tokens would otherwise be asked for ever, and its daily quota is shared by everybody
/// who uses the API key.
pub const REJECTION_INTERVAL: i64 = 10 * 60;
/// How long the page after expiry waits before it re-authorizes by itself, in seconds: as long as
/// WCAG 2.2 (success criterion 2.2.1) gives a person to say no.
pub const COUNTDOWN: i64 = 20;

/// What stays the same while the page lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Who asks.
    pub client: Client,
    /// What access tokens must say.
    pub expectations: Expectations,
    /// What ID tokens must say.
    pub id_token_expectations: Expectations,
    /// Whether the tokens may be stored.
    pub token_storage: TokenStorage,
    /// Whether to re-authorize without being asked.
    pub reauthorize: Reauthorize,
}

/// What this tab remembers from page to page, besides the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// When an authorization last started by itself.
    pub last_automatic: Option<Timestamp>,
    /// When a 401 last ended a token that had been accepted.
    pub last_rejection: Option<Timestamp>,
    /// Who was connected last.
    pub account: Option<Account>,
}

/// The session.
#[derive(Clone, Debug)]
pub struct Session {
    phase: Phase,
    /// On the way to the authorization server, if it is. What the session has is kept until the
    /// browser has left, since it may not leave.
    redirecting: Option<Redirecting>,
    /// Why the last attempt to leave failed, where the session had something to keep.
    not_started: Option<StartError>,
    remembered: Remembered,
}

/// Where the session is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// No token.
    NotConnected(NotConnected),
    /// A code is here, to be exchanged for a token.
    Exchanging(Box<Exchanging>),
    /// A token is here and not believed yet.
    Verifying(Box<Verifying>),
    /// A verified token is here, of another account than before: the person is asked.
    AccountChanged(Box<AccountChanged>),
    /// A token is here, verified and not expired.
    Connected(Box<Connected>),
    /// The token has ended and is gone; what renews it is here.
    Renewing(Box<Renewing>),
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
    /// The code was not exchanged for a token.
    NotExchanged(TokenEndpointError),
    /// The token, or what came with it, was not verified.
    TokenRefused {
        /// The first reason.
        error: Refusal,
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
    /// `exp` passed, or the API answered 401, and the token endpoint did not renew the connection.
    NotRenewed(TokenEndpointError),
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

/// While the code is exchanged. It is sent once: it is sent again only if it certainly was not
/// processed.
#[derive(Clone, Debug)]
pub struct Exchanging {
    code: AuthorizationCode,
    pending: PendingAuthorization,
    /// Since when.
    pub since: Timestamp,
    /// Why it was not processed, if it was not, and when it is sent again at the earliest.
    pub failure: Option<(TokenEndpointError, Timestamp)>,
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
    /// Whether the key set was fetched again because it may have been older than the token's key.
    refetched: bool,
    /// Whether a refusal was held against the time, which a fresh token's `iat` may have corrected.
    retimed: bool,
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
    /// What renews it, if anything does.
    pub renewal: Option<Renewal>,
    /// Whether the API has accepted the token.
    accepted: bool,
    /// Where the person was seen last.
    route: Route,
}

/// Between two tokens of one connection.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// What is done about it.
    pub renewal: Renewal,
    /// Since when.
    pub since: Timestamp,
    /// Where the person was.
    return_to: Route,
}

impl Exchanging {
    /// Whether the code can still be used then.
    fn is_alive(&self, then: Timestamp) -> bool {
        (0..CODE_LIFETIME * 1000).contains(&then.millis_since(self.since))
    }
}

impl Verifying {
    fn new(token: UnverifiedAccessToken, return_to: Route, now: Timestamp) -> Self {
        Self {
            token,
            return_to,
            since: now,
            failure: None,
            refetched: false,
            retimed: false,
        }
    }

    /// Asks for the keys once more, if they could not be had.
    fn try_again(&mut self) -> Vec<Effect> {
        if self.failure.take().is_none() {
            return vec![];
        }
        let need = if self.refetched {
            Need::UnknownKid
        } else {
            Need::Retry
        };
        vec![Effect::LoadKeys(need)]
    }

    /// Examines the token, if the keys are here.
    fn judge(
        &mut self,
        keys: Result<LoadedKeys, KeySetFailure>,
        context: &Context,
        now: Timestamp,
    ) -> Judgement {
        let keys = match keys {
            Ok(keys) => keys,
            Err(failure) => {
                self.failure = Some(failure);
                return Judgement::NoKeys;
            }
        };
        self.failure = None;
        match VerifiedAccessToken::verify(&self.token, &keys, context, now) {
            Err((error, _))
                if error.may_be_an_older_set() && keys.from_cache && !self.refetched =>
            {
                self.refetched = true;
                Judgement::OlderSet
            }
            // What ended while the page was closed or asleep ended like any other.
            Err((Refusal::AccessToken(TokenError::Expired { at }), _))
                if self.token.is_restored() =>
            {
                Judgement::Ended(at)
            }
            Err((error, report)) => self.refused(error, report),
            Ok(token) if expiry::has_expired(token.expires_at(), now) => {
                let at = token.expires_at();
                if self.token.is_restored() {
                    Judgement::Ended(at)
                } else {
                    // Fresh and expired: a clock is wrong. Asking again would not help.
                    let error = Refusal::AccessToken(TokenError::Expired { at });
                    self.refused(error, token.report().clone().failed_at("exp"))
                }
            }
            Ok(token) => Judgement::Verified(Box::new(token)),
        }
    }

    fn refused(&mut self, error: Refusal, report: Report) -> Judgement {
        match report.issued_at().filter(|_| !self.token.is_restored()) {
            Some(issued_at) if error.is_about_time() && !self.retimed => {
                self.retimed = true;
                Judgement::Untimely(issued_at)
            }
            _ => Judgement::Refused { error, report },
        }
    }
}

/// What comes of an examination.
enum Judgement {
    /// The keys could not be had.
    NoKeys,
    /// The keys at hand may be older than the token's.
    OlderSet,
    /// It was good, until then.
    Ended(Timestamp),
    /// A fresh token, issued then, does not fit the time: the time may be wrong.
    Untimely(Timestamp),
    Refused {
        error: Refusal,
        report: Report,
    },
    Verified(Box<VerifiedAccessToken>),
}

impl Session {
    /// A session in which nothing has happened. `remembered` is what an earlier page of this tab
    /// recorded.
    pub fn new(remembered: Remembered, return_to: Route) -> Self {
        Self {
            phase: not_connected(Reason::NeverConnected, return_to),
            redirecting: None,
            not_started: None,
            remembered,
        }
    }

    /// Where it is.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Whether, and since when, it is on the way to the authorization server. What it has stays until
    /// the browser has left.
    pub fn redirecting(&self) -> Option<&Redirecting> {
        self.redirecting.as_ref()
    }

    /// Why the last attempt to authorize did not start, until the next one.
    pub fn not_started(&self) -> Option<StartError> {
        match &self.phase {
            Phase::NotConnected(NotConnected {
                reason: Reason::NotStarted(error),
                ..
            }) => Some(*error),
            _ => self.not_started,
        }
    }

    /// The token, if connected.
    pub fn token(&self) -> Option<&VerifiedAccessToken> {
        match &self.phase {
            Phase::Connected(connected) => Some(&connected.token),
            _ => None,
        }
    }

    /// Whether it is connected with this token. What the API says of another one, from before a
    /// renewal, says nothing of the one in use.
    pub fn uses(&self, token: &AccessToken) -> bool {
        self.token().is_some_and(|ours| ours.is(token))
    }

    /// Whether it waits for keys.
    pub fn is_verifying(&self) -> bool {
        matches!(self.phase, Phase::Verifying(_))
            || matches!(self.stage(), Some(Stage::Verifying { .. }))
    }

    /// Whether it waits for the answer to a refresh.
    pub fn is_refreshing(&self) -> bool {
        matches!(self.stage(), Some(Stage::Asking(_)))
    }

    /// Whether another refresh token than this one is to be used next.
    pub fn stored_otherwise(&self, stored: &UnverifiedAccessToken) -> bool {
        let ours = match &self.phase {
            Phase::Connected(state) => state.renewal.as_ref(),
            Phase::Renewing(state) => Some(&state.renewal),
            _ => None,
        };
        ours.and_then(Renewal::next_refresh_token)
            .is_some_and(|ours| {
                stored
                    .refresh_token()
                    .is_none_or(|stored| !stored.same(ours))
            })
    }

    /// When what has failed is tried again without being asked for, if it is.
    pub fn retried_at(&self) -> Option<Timestamp> {
        match (&self.phase, self.stage()) {
            // As soon as the browser sees a network.
            (Phase::Exchanging(state), _) => match &state.failure {
                Some((TokenEndpointError::Offline, _)) | None => None,
                Some((_, at)) => Some(*at),
            },
            (_, Some(Stage::Waiting { until, .. })) => Some(*until),
            (_, Some(Stage::Verifying { again, .. })) => *again,
            _ => None,
        }
    }

    fn stage(&self) -> Option<&Stage> {
        match &self.phase {
            Phase::Connected(state) => state.renewal.as_ref().map(|renewal| &renewal.stage),
            Phase::Renewing(state) => Some(&state.renewal.stage),
            _ => None,
        }
    }

    /// Takes an event in. The effects are to be carried out in order.
    #[must_use]
    pub fn step(mut self, event: Event, now: Timestamp, context: &Context) -> (Self, Vec<Effect>) {
        // An answer is not one to a question that is put only now.
        let unasked = matches!(event, Event::Refreshed(_)) && !self.is_refreshing();
        let mut effects = self.end_if_expired(event.route(), now, context);
        if !unasked {
            effects.extend(self.apply(event, now, context));
        }
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
                let route = route.unwrap_or(state.route);
                let renewal = state.renewal.clone();
                self.ended(renewal, Reason::Expired { at }, route, now, context)
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
            Event::Exchanged(result) => self.exchanged(result, now),
            Event::Refreshed(result) => self.refreshed(result, now, context),
            Event::KeysLoaded(result) => self.keys_loaded(result, now, context),
            Event::TryAgain => self.try_again(now, context),
            Event::Authorize { return_to } => self.authorize(return_to, false, now),
            Event::NotStarted(error) => self.not_started_because(error),
            Event::Tick {
                visible,
                online,
                route,
            } => self.tick(visible, online, route, now, context),
            Event::Accepted => {
                if let Phase::Connected(connected) = &mut self.phase {
                    connected.accepted = true;
                }
                vec![]
            }
            Event::Rejected { route } => self.rejected(route, now, context),
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
                    Effect::GoTo(Route::default()),
                ]
            }
            Event::DisconnectedElsewhere => {
                self.disconnected(Reason::DisconnectedElsewhere);
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

    fn disconnected(&mut self, reason: Reason) {
        *self = Self {
            phase: not_connected(reason, Route::default()),
            redirecting: None,
            not_started: None,
            remembered: Remembered {
                account: None,
                ..self.remembered.clone()
            },
        };
    }

    /// The browser has not left. Whatever there is to lose stays as it is.
    fn not_started_because(&mut self, error: StartError) -> Vec<Effect> {
        self.redirecting = None;
        if matches!(self.phase, Phase::NotConnected(_)) {
            let return_to = self.return_to();
            self.phase = not_connected(Reason::NotStarted(error), return_to);
            // The page may still be the redirection endpoint, where a response was rejected.
            vec![Effect::GoTo(return_to)]
        } else {
            self.not_started = Some(error);
            vec![]
        }
    }

    fn returned(&mut self, returned: Returned, now: Timestamp, context: &Context) -> Vec<Effect> {
        self.redirecting = None;
        let (response, pending) = match returned {
            Returned::Nothing => {
                self.phase = not_connected(Reason::NothingReturned, Route::default());
                return vec![];
            }
            Returned::Unreadable(error) => {
                self.phase = not_connected(Reason::UnreadableResponse(error), Route::default());
                return vec![];
            }
            Returned::Elsewhere { error, pending } => {
                let return_to = pending.map_or(Route::default(), |record| record.return_to);
                self.phase = not_connected(Reason::ResponseRefused(error), return_to);
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
            (Ok(Accepted::Token(granted)), Ok(pending)) => {
                let token = UnverifiedAccessToken::redirected(granted, pending);
                self.verify(token, return_to, now)
            }
            (Ok(Accepted::Code(code)), Ok(pending)) => {
                self.phase = Phase::Exchanging(Box::new(Exchanging {
                    code,
                    pending,
                    since: now,
                    failure: None,
                }));
                self.exchange(now, context)
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
        self.phase = Phase::Verifying(Box::new(Verifying::new(token, return_to, now)));
        vec![Effect::LoadKeys(Need::Verify)]
    }

    /// Sends the code, which has not been sent yet.
    fn exchange(&mut self, now: Timestamp, context: &Context) -> Vec<Effect> {
        let Phase::Exchanging(state) = &mut self.phase else {
            return vec![];
        };
        let verifier = state.pending.code_verifier.as_ref();
        // A response is accepted for a code only where its request has a verifier.
        let Some(verifier) = verifier.filter(|_| state.is_alive(now)) else {
            return self.not_exchanged(TokenEndpointError::CodeExpired);
        };
        state.failure = None;
        vec![Effect::Exchange(TokenRequest::for_code(
            &state.code,
            verifier,
            &context.client.client_id,
            &state.pending.redirect_uri,
        ))]
    }

    fn exchanged(
        &mut self,
        result: Result<Box<TokenResponse>, TokenEndpointError>,
        now: Timestamp,
    ) -> Vec<Effect> {
        let Phase::Exchanging(state) = &mut self.phase else {
            return vec![];
        };
        match result {
            Ok(response) => {
                let pending = state.pending.clone();
                let return_to = pending.return_to;
                let token = UnverifiedAccessToken::exchanged(*response, pending);
                self.verify(token, return_to, now)
            }
            Err(error) => {
                let again = error
                    .unprocessed_pause()
                    .map(|pause| now.plus_seconds(pause));
                match again {
                    // The server asks to wait for longer than the code lives.
                    Some(again) if error.retry_after() > 0 && !state.is_alive(again) => {
                        self.not_exchanged(error)
                    }
                    // RFC 6749 §4.1.2: a code is used once, and this one has not been.
                    Some(again) => {
                        state.failure = Some((error, again));
                        vec![]
                    }
                    None => self.not_exchanged(error),
                }
            }
        }
    }

    fn not_exchanged(&mut self, error: TokenEndpointError) -> Vec<Effect> {
        self.phase = not_connected(Reason::NotExchanged(error), self.return_to());
        vec![]
    }

    fn refreshed(
        &mut self,
        result: Result<Box<TokenResponse>, TokenEndpointError>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let return_to = self.return_to();
        let Some(renewal) = self.renewal() else {
            return vec![];
        };
        let Stage::Asking(requested_at) = renewal.stage else {
            return vec![];
        };
        match result {
            Ok(response) => {
                let token = renewal.grant.renewed(*response, requested_at);
                let verifying = Verifying::new(token.clone(), return_to, now);
                renewal.stage = Stage::Verifying {
                    verifying: Box::new(verifying),
                    again: None,
                };
                let mut effects = store(&token, context);
                effects.push(Effect::LoadKeys(Need::Verify));
                effects
            }
            Err(error) => {
                renewal.failed(error, now);
                self.renewal_failed(now, context)
            }
        }
    }

    /// What a failed renewal changes at once: nothing while it is hopeful.
    fn renewal_failed(&mut self, now: Timestamp, context: &Context) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) => match &state.renewal {
                Some(renewal) if !renewal.is_hopeful() => store(&renewal.grant, context),
                _ => vec![],
            },
            Phase::Renewing(state) => {
                let (renewal, return_to) = (state.renewal.clone(), state.return_to);
                match renewal.stage {
                    Stage::GivenUp(error) => {
                        let countdown = self.countdown(now, context);
                        self.end(Reason::NotRenewed(error), return_to, countdown)
                    }
                    _ => vec![],
                }
            }
            _ => vec![],
        }
    }

    fn renewal(&mut self) -> Option<&mut Renewal> {
        match &mut self.phase {
            Phase::Connected(state) => state.renewal.as_mut(),
            Phase::Renewing(state) => Some(&mut state.renewal),
            _ => None,
        }
    }

    fn keys_loaded(
        &mut self,
        keys: Result<LoadedKeys, KeySetFailure>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        if let Phase::Verifying(verifying) = &mut self.phase {
            let judgement = verifying.judge(keys, context, now);
            let verifying = Verifying::clone(verifying);
            return self.judged(judgement, verifying, now, context);
        }
        let return_to = self.return_to();
        let Some(renewal) = self.renewal() else {
            return vec![];
        };
        let Stage::Verifying { verifying, .. } = &mut renewal.stage else {
            return vec![];
        };
        // The person may have gone to another page since it was asked for.
        verifying.return_to = return_to;
        let judgement = verifying.judge(keys, context, now);
        let verifying = Verifying::clone(verifying);
        if matches!(judgement, Judgement::NoKeys) {
            let until = renewal.pause(now);
            if let Stage::Verifying { again, .. } = &mut renewal.stage {
                *again = Some(until);
            }
        }
        self.judged(judgement, verifying, now, context)
    }

    fn judged(
        &mut self,
        judgement: Judgement,
        verifying: Verifying,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let Verifying {
            token: unverified,
            return_to,
            ..
        } = verifying;
        // What was stored before it was verified: by an earlier page, or at a refresh.
        let stored = matches!(unverified.origin, Origin::Storage | Origin::Refresh);
        match judgement {
            Judgement::NoKeys => vec![],
            Judgement::OlderSet => vec![Effect::LoadKeys(Need::UnknownKid)],
            Judgement::Untimely(issued_at) => vec![
                Effect::WitnessTime(issued_at),
                Effect::LoadKeys(Need::Verify),
            ],
            Judgement::Ended(at) => {
                let renewal = Renewal::of(&unverified);
                self.ended(renewal, Reason::Expired { at }, return_to, now, context)
            }
            Judgement::Refused { error, report } => {
                // A new one was never stored, and its failure says nothing about an older
                // connection.
                self.phase = not_connected(Reason::TokenRefused { error, report }, return_to);
                erase(stored)
            }
            Judgement::Verified(token) => {
                let account = Account::of(&token);
                let witnessed = (!unverified.is_restored())
                    .then(|| Effect::WitnessTime(token.claims().registered().issued_at()));
                let effects = match self.remembered.account.clone() {
                    Some(previous) if !previous.is(&account) => {
                        self.phase = Phase::AccountChanged(Box::new(AccountChanged {
                            previous,
                            account,
                            token: *token,
                            unverified,
                            return_to,
                        }));
                        erase(stored)
                    }
                    _ => self.connect(*token, unverified, return_to, context),
                };
                witnessed.into_iter().chain(effects).collect()
            }
        }
    }

    fn connect(
        &mut self,
        token: VerifiedAccessToken,
        mut unverified: UnverifiedAccessToken,
        route: Route,
        context: &Context,
    ) -> Vec<Effect> {
        let account = Account::of(&token);
        if let Some(id_token) = token.id_token() {
            unverified.subject = Some(id_token.claims.subject().to_owned());
        }
        self.phase = Phase::Connected(Box::new(Connected {
            token,
            renewal: Renewal::of(&unverified),
            accepted: false,
            route,
        }));
        let mut effects = Vec::new();
        if self.remembered.account.as_ref() != Some(&account) {
            self.remembered.account = Some(account.clone());
            effects.push(Effect::RememberAccount(account));
        }
        match unverified.origin {
            Origin::Storage => {}
            // Stored already; the person stays where they are.
            Origin::Refresh => {}
            Origin::Redirection | Origin::Code => {
                effects.extend(store(&unverified, context));
                effects.push(Effect::GoTo(route));
            }
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
        unverified.origin = Origin::Redirection;
        self.connect(token, unverified, return_to, context)
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

    fn try_again(&mut self, now: Timestamp, context: &Context) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Verifying(verifying) => verifying.try_again(),
            Phase::Exchanging(state) if state.failure.is_some() => self.exchange(now, context),
            Phase::Connected(state) => match &mut state.renewal {
                // Only after a failure: what is not due yet would cost requests for nothing.
                Some(renewal) if renewal.has_failed() => renewal.ask(now),
                _ => vec![],
            },
            Phase::Renewing(state) => state.renewal.ask(now),
            _ => vec![],
        }
    }

    fn authorize(&mut self, return_to: Route, automatic: bool, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if automatic {
            self.remembered.last_automatic = Some(now);
            effects.push(Effect::RecordAutomatic(now));
        }
        if let Phase::NotConnected(state) = &mut self.phase {
            state.return_to = return_to;
            state.countdown = Countdown::None;
        }
        self.not_started = None;
        self.redirecting = Some(Redirecting {
            return_to,
            since: now,
        });
        effects.push(Effect::Authorize { return_to });
        effects
    }

    fn tick(
        &mut self,
        visible: bool,
        online: bool,
        route: Route,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        // Nobody is led away from the page that explains what is wrong, or to the browser's own page
        // for a network that is missing.
        let visible = visible && online && route != Route::SetUp;
        let recently = self.started_by_itself_recently(now);
        match &mut self.phase {
            Phase::Connected(connected) => {
                connected.route = route;
                let (ends, lives) = (connected.token.expires_at(), connected.token.lifetime());
                match &mut connected.renewal {
                    // The response would be lost with the page.
                    Some(renewal) if self.redirecting.is_none() => renewal.tick(ends, lives, now),
                    _ => vec![],
                }
            }
            Phase::Renewing(state) => state.renewal.tick(state.since, 0, now),
            Phase::Exchanging(state) => match &state.failure {
                // Sent again without being asked only where the hint and the failure do not agree.
                Some((TokenEndpointError::Offline, _)) if !online && state.is_alive(now) => vec![],
                Some((_, at)) if now >= *at || !state.is_alive(now) => self.exchange(now, context),
                _ => vec![],
            },
            Phase::NotConnected(state) => {
                state.countdown = match state.countdown {
                    Countdown::None => Countdown::None,
                    Countdown::Waiting | Countdown::Until(_) if !visible => Countdown::Waiting,
                    Countdown::Waiting => Countdown::Until(now.plus_seconds(COUNTDOWN)),
                    // A clock that was set back does not make the person wait for the old time.
                    Countdown::Until(end) if end > now => {
                        Countdown::Until(end.min(now.plus_seconds(COUNTDOWN)))
                    }
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

    /// A token that was good is good no more: it is renewed, or the connection ends.
    fn ended(
        &mut self,
        renewal: Option<Renewal>,
        reason: Reason,
        return_to: Route,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let reason = match renewal {
            Some(mut renewal) if renewal.is_hopeful() => {
                let effects = match renewal.stage {
                    // A pause that was begun is kept.
                    Stage::Resting => renewal.ask(now),
                    _ => vec![],
                };
                self.phase = Phase::Renewing(Box::new(Renewing {
                    renewal,
                    since: now,
                    return_to,
                }));
                return effects;
            }
            Some(Renewal {
                stage: Stage::GivenUp(error),
                ..
            }) => Reason::NotRenewed(error),
            _ => reason,
        };
        let countdown = self.countdown(now, context);
        self.end(reason, return_to, countdown)
    }

    fn rejected(&mut self, route: Route, now: Timestamp, context: &Context) -> Vec<Effect> {
        let Phase::Connected(connected) = &self.phase else {
            return vec![];
        };
        // A token that never worked is an error, and so is one that a 401 was followed by: another
        // would be rejected as well. After an error nothing starts by itself.
        if !connected.accepted || self.was_rejected_recently(now) {
            return self.end(Reason::Rejected, route, Countdown::None);
        }
        let renewal = connected.renewal.clone();
        self.remembered.last_rejection = Some(now);
        let mut effects = vec![Effect::RecordRejection(now)];
        effects.extend(self.ended(renewal, Reason::Rejected, route, now, context));
        effects
    }

    fn was_rejected_recently(&self, now: Timestamp) -> bool {
        is_recent(self.remembered.last_rejection, REJECTION_INTERVAL, now)
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
        is_recent(self.remembered.last_automatic, AUTOMATIC_INTERVAL, now)
    }

    fn return_to(&self) -> Route {
        match &self.phase {
            Phase::NotConnected(state) => state.return_to,
            Phase::Exchanging(state) => state.pending.return_to,
            Phase::Verifying(state) => state.return_to,
            Phase::Renewing(state) => state.return_to,
            Phase::AccountChanged(state) => state.return_to,
            Phase::Connected(state) => state.route,
        }
    }
}

/// Whether `last` is less than `interval` seconds ago. One from the future was recorded under another
/// clock; it counts as recent.
fn is_recent(last: Option<Timestamp>, interval: i64, now: Timestamp) -> bool {
    last.is_some_and(|last| now.millis_since(last) < interval * 1000)
}

fn not_connected(reason: Reason, return_to: Route) -> Phase {
    Phase::NotConnected(NotConnected {
        reason,
        return_to,
        countdown: Countdown::None,
    })
}

/// Stores a token where that is wanted.
fn store(token: &UnverifiedAccessToken, context: &Context) -> Vec<Effect> {
    match context.token_storage {
        TokenStorage::Session => vec![Effect::StoreToken(Box::new(token.clone()))],
        TokenStorage::Memory => vec![],
    }
}

fn erase(stored: bool) -> Vec<Effect> {
    if stored {
        vec![Effect::EraseToken]
    } else {
        vec![]
    }
}
