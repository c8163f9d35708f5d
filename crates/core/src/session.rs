//! The session as a pure state machine: [`Session::step`] takes an event and the time, and returns
//! effects for the browser to carry out.
//!
//! These invariants hold after every event, whatever the order of events:
//!
//! - A session is connected only while it holds a [`VerifiedAccessToken`] that has not expired.
//! - An automatic authorization starts at most once a minute and never after an error.
//! - Connecting a different account than before takes the user's consent.
//! - A code is sent once, a refresh token in one request at a time, and a new refresh token is
//!   stored before anything else happens with it.
//! - No unbounded work: a 401 renews the connection at most once per [`REJECTION_INTERVAL`], and
//!   automatic requests are spaced out.
//! - No dead ends: every wait has a limit, or the user can end it.
//! - The browser's online flag is only a hint: what the user asks for is tried regardless.
//!
//! Only `browser::runtime` carries out effects, in order; events that arrive meanwhile are queued.
//! While redirecting to the authorization server the session keeps its state
//! ([`Session::redirecting`]), since the navigation may fail.
//!
//! The two grants differ in two places only: a code is exchanged before there is a token to verify,
//! and a token with a refresh token is renewed before or after it expires.
//!
//! The state machine is small enough for `tests/native/promises.rs` to search it exhaustively.

mod account;
mod event;
pub mod expiry;
pub mod renewal;
mod round;
mod state;
pub mod stored;
mod unverified_access_token;
mod verified_access_token;

pub use account::Account;
pub use event::{Effect, Event, KeySetFailure, LoadedKeys, Returned, StartError};
pub use renewal::{Renewal, Stage};
pub use round::{Ending, Round, Verdict};
pub use state::{Failure, Grant, RenewalState, Snapshot, State};
use unverified_access_token::Origin;
pub use unverified_access_token::UnverifiedAccessToken;
pub use verified_access_token::{KeyUsed, Refusal, VerifiedAccessToken, VerifiedIdToken};

use crate::{
    ReturnTo,
    constant_contact::AccessTokenError,
    jose::{Expectations, TokenError, jwk_set_cache::Need},
    oauth::{
        Accepted, AccessToken, AccessTokenResponseError, AuthorizationCode, Client,
        ClientAuthentication, ErrorCode, PendingAuthorization, RedirectionError, ResponseError,
        TokenEndpointError, TokenRequest, TokenResponse, accept, token_request::CODE_LIFETIME,
    },
    report::{CheckName, Report},
    time::Timestamp,
};
use std::sync::Arc;

/// Minimum time between two automatic authorizations, in seconds.
pub const AUTOMATIC_INTERVAL: i64 = 60;
/// Minimum time between two renewals, or countdowns to an authorization, that a 401 caused, in
/// seconds. Otherwise an API that rejects fresh tokens would be retried forever and use up the
/// daily quota that everyone with the API key shares.
pub const REJECTION_INTERVAL: i64 = 10 * 60;
/// How long the page waits after expiry before it re-authorizes automatically, in seconds: the time
/// WCAG 2.2 (success criterion 2.2.1) gives the user to cancel.
pub const COUNTDOWN: i64 = 20;

/// Where the tokens are kept while the connection lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenStorage {
    /// In sessionStorage: a reload keeps the connection. The default.
    #[default]
    Session,
    /// In memory only: a reload ends the connection.
    Memory,
}

/// What happens when a connection expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reauthorize {
    /// A countdown, then a new authorization. The default.
    #[default]
    Automatic,
    /// A button to re-authorize.
    Prompt,
}

/// The settings, which stay the same for the life of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The OAuth client.
    pub client: Client,
    /// Requirements for access tokens.
    pub expectations: Expectations,
    /// Requirements for ID tokens.
    pub id_token_expectations: Expectations,
    /// Whether the tokens may be stored.
    pub token_storage: TokenStorage,
    /// Whether to re-authorize automatically.
    pub reauthorize: Reauthorize,
}

/// What this tab remembers across page loads, besides the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// When an automatic authorization last started.
    pub last_automatic: Option<Timestamp>,
    /// When a 401 last ended a connection whose token had been accepted before.
    pub last_rejection: Option<Timestamp>,
    /// The account that was connected last.
    pub account: Option<Account>,
}

/// The state machine; see the [module documentation](self).
#[derive(Clone, Debug)]
pub struct Session {
    phase: Phase,
    /// Set while the browser is leaving for the authorization server. `phase` is kept meanwhile,
    /// since the navigation may fail.
    redirecting: Option<Redirecting>,
    /// Why the last attempt to leave failed, unless `phase` is `NotConnected` and holds the reason.
    not_started: Option<StartError>,
    remembered: Remembered,
}

/// The state of the session.
#[derive(Clone, Debug)]
pub enum Phase {
    /// There is no token.
    NotConnected(NotConnected),
    /// A code has arrived and is being exchanged for a token.
    Exchanging(Box<Exchanging>),
    /// A token has arrived and is being verified.
    Verifying(Box<Verifying>),
    /// The token is verified but belongs to a different account than before: the user is asked.
    AccountChanged(Box<AccountChanged>),
    /// The token is verified and has not expired.
    Connected(Box<Connected>),
    /// The token has expired or was rejected, and is being renewed.
    Renewing(Box<Renewing>),
}

/// No connection: why, and what happens next.
#[derive(Clone, Debug, PartialEq)]
pub struct NotConnected {
    /// Why there is no connection.
    pub reason: Reason,
    /// The page that a new authorization returns to.
    pub return_to: ReturnTo,
    /// Whether and when a new authorization starts automatically.
    pub countdown: Countdown,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// There never was one in this tab.
    NeverConnected,
    /// The callback page was opened without a response: a reload, Back, or a bookmark.
    NothingReturned,
    /// The user declined: `access_denied`.
    Declined(RedirectionError),
    /// The response could not be read.
    UnreadableResponse(ResponseError),
    /// The response was readable but not accepted.
    ResponseRefused(RedirectionError),
    /// The code was not exchanged for a token.
    NotExchanged(TokenEndpointError),
    /// The token, or the ID token that came with it, failed verification.
    TokenRefused {
        /// The first reason found.
        error: Refusal,
        /// Every check with its outcome.
        report: Report,
    },
    /// The authorization could not be started.
    NotStarted(StartError),
    /// `exp` has passed.
    Expired {
        /// The token's `exp`.
        at: Timestamp,
    },
    /// `exp` has passed or the API responded with 401, and the token endpoint did not renew the
    /// connection.
    NotRenewed(TokenEndpointError),
    /// The API rejected the token with 401.
    Rejected,
    /// The user disconnected in this tab.
    Disconnected,
    /// The user disconnected in another tab.
    DisconnectedElsewhere,
}

/// Whether a new authorization starts automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// It does not.
    None,
    /// It will, [`COUNTDOWN`] seconds after the page becomes visible.
    Waiting,
    /// It will, at this time.
    Until(Timestamp),
}

/// The browser is leaving for the authorization server.
#[derive(Clone, Debug)]
pub struct Redirecting {
    /// The page to come back to.
    pub return_to: ReturnTo,
    /// When the redirection began.
    pub since: Timestamp,
}

/// A code being exchanged. It is sent once, and again only if it certainly was not processed.
#[derive(Clone, Debug)]
pub struct Exchanging {
    code: AuthorizationCode,
    pending: PendingAuthorization,
    /// When the code arrived.
    pub since: Timestamp,
    /// Why the last attempt was not processed, and when to retry at the earliest.
    pub failure: Option<(TokenEndpointError, Timestamp)>,
}

/// A token being verified.
#[derive(Clone, Debug)]
pub struct Verifying {
    /// The token to verify.
    pub token: UnverifiedAccessToken,
    /// The page to go to on success.
    pub return_to: ReturnTo,
    /// When verification began.
    pub since: Timestamp,
    /// Why the keys could not be loaded, if that failed.
    pub failure: Option<KeySetFailure>,
    /// Whether the key set was refetched because it may have been older than the token's key.
    refetched: bool,
    /// Whether the token was checked again after its `iat` may have corrected the clock.
    retimed: bool,
}

/// The user is being asked whether to switch accounts. The token is not used meanwhile.
#[derive(Clone, Debug)]
pub struct AccountChanged {
    /// The account that was connected before.
    pub previous: Account,
    /// The account of the new token.
    pub account: Account,
    token: VerifiedAccessToken,
    /// The form of `token` to store once the user agrees.
    unverified: UnverifiedAccessToken,
    return_to: ReturnTo,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The verified token.
    pub token: VerifiedAccessToken,
    /// What may be known of it.
    grant: Arc<Grant>,
    /// Its renewal, if there is a refresh token.
    pub renewal: Option<Renewal>,
    /// Whether the API has accepted the token.
    accepted: bool,
    /// The page the user was last seen on.
    page: ReturnTo,
}

/// A connection between two tokens: the old one has ended, the new one is yet to come.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// The renewal and how far it is.
    pub renewal: Renewal,
    /// When the old token ended.
    pub since: Timestamp,
    /// The page the user was on.
    return_to: ReturnTo,
}

impl Exchanging {
    /// Whether the code is still usable at `then`.
    fn is_alive(&self, then: Timestamp) -> bool {
        (0..CODE_LIFETIME * 1000).contains(&then.millis_since(self.since))
    }
}

impl Verifying {
    fn new(token: UnverifiedAccessToken, return_to: ReturnTo, now: Timestamp) -> Self {
        Self {
            token,
            return_to,
            since: now,
            failure: None,
            refetched: false,
            retimed: false,
        }
    }

    /// Requests the keys again if loading them failed.
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

    /// Verifies the token, if the keys could be loaded.
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
            // A stored token that expired while the page was closed or asleep is a normal expiry.
            Err((Refusal::AccessToken(AccessTokenError::Token(TokenError::Expired { at })), _))
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
                    // A fresh token that has expired means a wrong clock. Another one would not
                    // help.
                    let error = AccessTokenError::Token(TokenError::Expired { at });
                    let report = token.report().clone().failed_at(CheckName::Expiry);
                    self.refused(Refusal::AccessToken(error), report)
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

/// The outcome of [`Verifying::judge`].
enum Judgement {
    /// The keys could not be loaded.
    NoKeys,
    /// The cached key set may be older than the token's key.
    OlderSet,
    /// A stored token that expired at this time.
    Ended(Timestamp),
    /// A fresh token, issued at this time, failed a time check: our clock may be wrong.
    Untimely(Timestamp),
    Refused {
        error: Refusal,
        report: Report,
    },
    Verified(Box<VerifiedAccessToken>),
}

impl Session {
    /// A new session. `remembered` is what an earlier page load of this tab recorded.
    pub fn new(remembered: Remembered, return_to: ReturnTo) -> Self {
        Self {
            phase: not_connected(Reason::NeverConnected, return_to),
            redirecting: None,
            not_started: None,
            remembered,
        }
    }

    /// The current state.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Set while the browser is leaving for the authorization server. The phase is kept until it
    /// has left.
    pub fn redirecting(&self) -> Option<&Redirecting> {
        self.redirecting.as_ref()
    }

    /// Why the last attempt to start an authorization failed; cleared by the next one.
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

    /// Whether `token` is the one in use. What the API says about a token from before a renewal
    /// does not apply to the current one.
    pub fn uses(&self, token: &AccessToken) -> bool {
        self.token().is_some_and(|ours| ours.is(token))
    }

    /// Whether it is waiting for keys.
    pub fn is_verifying(&self) -> bool {
        matches!(self.phase, Phase::Verifying(_))
            || matches!(self.stage(), Some(Stage::Verifying { .. }))
    }

    /// Whether it is waiting for a refresh response.
    pub fn is_refreshing(&self) -> bool {
        matches!(self.stage(), Some(Stage::Asking(_)))
    }

    /// Whether the refresh token to use next differs from the one in `stored`.
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
                    .is_none_or(|stored| !stored.is_same_secret(ours))
            })
    }

    /// When a failed request is retried automatically, if it is.
    pub fn retried_at(&self) -> Option<Timestamp> {
        match (&self.phase, self.stage()) {
            // Retried as soon as the browser is online, not at a set time.
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

    /// Applies an event. The effects returned must be carried out in order.
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

    /// Checks `exp` before anything else, whatever the event.
    fn end_if_expired(
        &mut self,
        page: Option<ReturnTo>,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                let page = page.unwrap_or_else(|| state.page.clone());
                let renewal = state.renewal.clone();
                self.ended(renewal, Reason::Expired { at }, page, now, context)
            }
            // The user did not decide in time. Nothing restarts automatically.
            Phase::AccountChanged(state) if expiry::has_expired(state.token.expires_at(), now) => {
                let at = state.token.expires_at();
                self.phase = not_connected(Reason::Expired { at }, state.return_to.clone());
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
            Event::TryAgain => self.try_again(now),
            Event::Authorize { return_to } => self.authorize(return_to, false, now),
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
                    self.phase = not_connected(Reason::NeverConnected, return_to.clone());
                    vec![Effect::GoTo(return_to.clone()), Effect::Restore(return_to)]
                }
                _ => vec![],
            },
        }
    }

    fn disconnected(&mut self, reason: Reason) {
        *self = Self {
            phase: not_connected(reason, ReturnTo::START),
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
            self.phase = not_connected(Reason::NotStarted(error), return_to.clone());
            // The page may still be at the redirection endpoint, where a response was rejected.
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
                self.phase = not_connected(Reason::NothingReturned, ReturnTo::START);
                return vec![];
            }
            Returned::Unreadable(error) => {
                self.phase = not_connected(Reason::UnreadableResponse(error), ReturnTo::START);
                return vec![];
            }
            Returned::Elsewhere { error, pending } => {
                let return_to = pending.map_or(ReturnTo::START, |record| record.return_to);
                self.phase = not_connected(Reason::ResponseRefused(error), return_to);
                return vec![];
            }
            Returned::Response { response, pending } => (response, pending),
        };
        let return_to = pending
            .as_ref()
            .map_or(ReturnTo::START, |record| record.return_to.clone());
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
                self.exchange(now)
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
                    RedirectionError::Response(AccessTokenResponseError::ErrorResponse(
                        response,
                    )) if response.code == ErrorCode::AccessDenied => Reason::Declined(error),
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
        return_to: ReturnTo,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        if token.client_id != context.client.client_id() || token.issuer != context.client.issuer()
        {
            // Stored under other settings: no longer ours, and not the user's mistake.
            return vec![Effect::EraseToken];
        }
        self.verify(token, return_to, now)
    }

    fn verify(
        &mut self,
        token: UnverifiedAccessToken,
        return_to: ReturnTo,
        now: Timestamp,
    ) -> Vec<Effect> {
        self.phase = Phase::Verifying(Box::new(Verifying::new(token, return_to, now)));
        vec![Effect::LoadKeys(Need::Verify)]
    }

    /// Sends the code, which has not been processed yet, if it is still usable.
    fn exchange(&mut self, now: Timestamp) -> Vec<Effect> {
        let Phase::Exchanging(state) = &mut self.phase else {
            return vec![];
        };
        if !state.is_alive(now) {
            return self.not_exchanged(TokenEndpointError::CodeExpired);
        }
        state.failure = None;
        vec![Effect::Exchange(TokenRequest::for_code(
            &state.code,
            &state.pending,
            ClientAuthentication::None,
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
                let return_to = pending.return_to.clone();
                let token = UnverifiedAccessToken::exchanged(*response, pending);
                self.verify(token, return_to, now)
            }
            Err(error) => {
                let again = error
                    .unprocessed_pause()
                    .map(|pause| now.plus_seconds(pause));
                match again {
                    // The server asks to wait longer than the code is usable.
                    Some(again) if error.retry_after() > 0 && !state.is_alive(again) => {
                        self.not_exchanged(error)
                    }
                    // RFC 6749 §4.1.2: a code must not be used more than once, but this one was not
                    // processed.
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

    /// Handles a failed renewal. Nothing changes while a retry may still succeed.
    fn renewal_failed(&mut self, now: Timestamp, context: &Context) -> Vec<Effect> {
        match &self.phase {
            Phase::Connected(state) => match &state.renewal {
                Some(renewal) if !renewal.is_hopeful() => store(&renewal.grant, context),
                _ => vec![],
            },
            Phase::Renewing(state) => {
                let (renewal, return_to) = (state.renewal.clone(), state.return_to.clone());
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
        // The user may have moved to another page since the refresh was requested.
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
        // Already stored before verification, by an earlier page or on refresh.
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
                // A new token was never stored, and its failure says nothing about an older
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
        page: ReturnTo,
        context: &Context,
    ) -> Vec<Effect> {
        let account = Account::of(&token);
        if let Some(id_token) = token.id_token() {
            unverified.subject = Some(id_token.claims.subject().to_owned());
        }
        self.phase = Phase::Connected(Box::new(Connected {
            grant: Arc::new(Grant::of_token(&token)),
            token,
            renewal: Renewal::of(&unverified),
            accepted: false,
            page: page.clone(),
        }));
        let mut effects = Vec::new();
        if self.remembered.account.as_ref() != Some(&account) {
            self.remembered.account = Some(account.clone());
            effects.push(Effect::RememberAccount(account));
        }
        match unverified.origin {
            Origin::Storage => {}
            // Already stored; the user stays on the current page.
            Origin::Refresh => {}
            Origin::Redirection | Origin::Code => {
                effects.extend(store(&unverified, context));
                effects.push(Effect::GoTo(page));
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
        // Treat it as just received, wherever it came from, so that it is stored.
        unverified.origin = Origin::Redirection;
        self.connect(token, unverified, return_to, context)
    }

    fn refuse_account(&mut self) -> Vec<Effect> {
        let Phase::AccountChanged(state) = &self.phase else {
            return vec![];
        };
        let return_to = state.return_to.clone();
        self.phase = not_connected(Reason::NeverConnected, return_to.clone());
        // Resume the previous connection, if there is one.
        vec![Effect::GoTo(return_to.clone()), Effect::Restore(return_to)]
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

    fn authorize(&mut self, return_to: ReturnTo, automatic: bool, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if automatic {
            self.remembered.last_automatic = Some(now);
            effects.push(Effect::RecordAutomatic(now));
        }
        if let Phase::NotConnected(state) = &mut self.phase {
            state.return_to = return_to.clone();
            state.countdown = Countdown::None;
        }
        self.not_started = None;
        self.redirecting = Some(Redirecting {
            return_to: return_to.clone(),
            since: now,
        });
        effects.push(Effect::Authorize { return_to });
        effects
    }

    fn tick(&mut self, visible: bool, online: bool, page: ReturnTo, now: Timestamp) -> Vec<Effect> {
        // Never redirect into the browser's offline page.
        let visible = visible && online;
        let recently = self.started_by_itself_recently(now);
        match &mut self.phase {
            Phase::Connected(connected) => {
                connected.page = page;
                let (ends, lives) = (connected.token.expires_at(), connected.token.lifetime());
                match &mut connected.renewal {
                    // While redirecting, the response would be lost with the page.
                    Some(renewal) if self.redirecting.is_none() => renewal.tick(ends, lives, now),
                    _ => vec![],
                }
            }
            Phase::Renewing(state) => state.renewal.tick(state.since, 0, now),
            Phase::Exchanging(state) => match &state.failure {
                // No automatic retry while the browser still reports that it is offline.
                Some((TokenEndpointError::Offline, _)) if !online && state.is_alive(now) => vec![],
                Some((_, at)) if now >= *at || !state.is_alive(now) => self.exchange(now),
                _ => vec![],
            },
            Phase::NotConnected(state) => {
                state.countdown = match state.countdown {
                    Countdown::None => Countdown::None,
                    Countdown::Waiting | Countdown::Until(_) if !visible => Countdown::Waiting,
                    Countdown::Waiting => Countdown::Until(now.plus_seconds(COUNTDOWN)),
                    // If the clock was set back, do not wait for the old time.
                    Countdown::Until(end) if end > now => {
                        Countdown::Until(end.min(now.plus_seconds(COUNTDOWN)))
                    }
                    // Checked again: the clock may have been set back since the countdown began.
                    Countdown::Until(_) if recently => Countdown::None,
                    Countdown::Until(_) => {
                        let return_to = state.return_to.clone();
                        return self.authorize(return_to, true, now);
                    }
                };
                vec![]
            }
            _ => vec![],
        }
    }

    /// A valid token has ended: renews it or ends the connection.
    fn ended(
        &mut self,
        renewal: Option<Renewal>,
        reason: Reason,
        return_to: ReturnTo,
        now: Timestamp,
        context: &Context,
    ) -> Vec<Effect> {
        let reason = match renewal {
            Some(mut renewal) if renewal.is_hopeful() => {
                let effects = match renewal.stage {
                    // Keep a pause that has already begun.
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

    fn rejected(&mut self, page: ReturnTo, now: Timestamp, context: &Context) -> Vec<Effect> {
        let Phase::Connected(connected) = &self.phase else {
            return vec![];
        };
        // A token that never worked is an error, and so is a second 401 within the interval: the
        // next token would be rejected too. After an error nothing starts automatically.
        if !connected.accepted || self.was_rejected_recently(now) {
            return self.end(Reason::Rejected, page, Countdown::None);
        }
        let renewal = connected.renewal.clone();
        self.remembered.last_rejection = Some(now);
        let mut effects = vec![Effect::RecordRejection(now)];
        effects.extend(self.ended(renewal, Reason::Rejected, page, now, context));
        effects
    }

    fn was_rejected_recently(&self, now: Timestamp) -> bool {
        is_recent(self.remembered.last_rejection, REJECTION_INTERVAL, now)
    }

    fn end(&mut self, reason: Reason, return_to: ReturnTo, countdown: Countdown) -> Vec<Effect> {
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

    fn return_to(&self) -> ReturnTo {
        match &self.phase {
            Phase::NotConnected(state) => state.return_to.clone(),
            Phase::Exchanging(state) => state.pending.return_to.clone(),
            Phase::Verifying(state) => state.return_to.clone(),
            Phase::Renewing(state) => state.return_to.clone(),
            Phase::AccountChanged(state) => state.return_to.clone(),
            Phase::Connected(state) => state.page.clone(),
        }
    }
}

/// Whether `last` is less than `interval` seconds ago. A time in the future was recorded under
/// another clock and counts as recent.
fn is_recent(last: Option<Timestamp>, interval: i64, now: Timestamp) -> bool {
    last.is_some_and(|last| now.millis_since(last) < interval * 1000)
}

fn not_connected(reason: Reason, return_to: ReturnTo) -> Phase {
    Phase::NotConnected(NotConnected {
        reason,
        return_to,
        countdown: Countdown::None,
    })
}

/// Stores a token if the settings allow it.
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
