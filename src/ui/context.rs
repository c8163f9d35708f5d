//! Shared session state for components, and the only way to send events. It also decides how the
//! outcome of each API request counts ([`Round`] then judges a 401) and when to repeat one with the
//! current token.

use crate::{
    browser::{Runtime, clock, http, location, runtime},
    clock::Deviation,
    config::Config,
    oauth::{AccessToken, Arrival, Place, TokenEndpointError, redirection_endpoint::place},
    route::Route,
    session::{
        Account, Ending, Event, KeySetFailure, NotConnected, Phase, Reason, Remembered, Renewal,
        Round, Session, Stage, Verdict, VerifiedAccessToken,
    },
    time::Timestamp,
    v3::{
        ApiError, Request,
        account::{self, AccountSummary},
        campaigns::{self, Campaigns},
        contact_lists::{self, ContactLists},
        contacts::{self, ContactCounts},
    },
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// The session as the interface sees it. Copies are handles to the same one.
#[derive(Clone, Copy)]
pub struct SessionContext {
    runtime: StoredValue<Option<Runtime>, LocalStorage>,
    config: StoredValue<Config>,
    session: RwSignal<Session>,
    now: RwSignal<Timestamp>,
    deviation: RwSignal<Option<Deviation>>,
    screen: Memo<Screen>,
    /// Counts connections, so that a response to an earlier one is not attributed to the current
    /// one.
    connection: StoredValue<u32>,
    /// The requests in flight for this connection.
    round: StoredValue<Round>,
    /// The account of this connection.
    pub account: Fetched<AccountSummary>,
    /// Its contact counts.
    pub contacts: Fetched<ContactCounts>,
    /// Its contact lists, counted.
    pub lists: Fetched<ContactLists>,
    /// Its latest campaigns.
    pub campaigns: Fetched<Campaigns>,
}

/// The kind of page that the session calls for.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// The route's page without a connection; it may offer to make one.
    NotConnected,
    /// The route's page with a connection.
    Connected,
    /// The browser is leaving for the authorization server.
    Redirecting,
    /// The account has changed from the first to the second; the user is asked about it.
    AccountChanged(Box<(Account, Account)>),
    /// The code is being exchanged or the token verified; with what went wrong, if anything.
    Verifying(Option<Failure>),
    /// An expired connection is being renewed; with what went wrong, if anything.
    Renewing(Option<Failure>),
    /// A message instead of the route's page.
    Message(Box<Reason>),
    /// The page shown after a connection has ended.
    Ended(Box<Reason>),
}

/// What prevents a connection from being made or renewed. It can be retried.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The token endpoint failed.
    Endpoint(TokenEndpointError),
    /// The key set could not be loaded.
    Keys(KeySetFailure),
}

impl Failure {
    fn of(renewal: &Renewal) -> Option<Self> {
        match &renewal.stage {
            Stage::Verifying { verifying, .. } => verifying.failure.map(Self::Keys),
            _ => renewal.error().cloned().map(Self::Endpoint),
        }
    }

    /// The stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Endpoint(error) => error.code(),
            Self::Keys(failure) => failure.code(),
        }
    }
}

impl Screen {
    fn of(session: &Session) -> Self {
        match session.phase() {
            _ if session.redirecting().is_some() => Self::Redirecting,
            Phase::Connected(_) => Self::Connected,
            Phase::AccountChanged(state) => {
                Self::AccountChanged(Box::new((state.previous.clone(), state.account.clone())))
            }
            Phase::Exchanging(state) => {
                let failure = state.failure.as_ref();
                Self::Verifying(failure.map(|(error, _)| Failure::Endpoint(error.clone())))
            }
            Phase::Verifying(verifying) => Self::Verifying(verifying.failure.map(Failure::Keys)),
            Phase::Renewing(state) => Self::Renewing(Failure::of(&state.renewal)),
            Phase::NotConnected(NotConnected { reason, .. }) => match reason {
                Reason::NeverConnected
                | Reason::Disconnected
                | Reason::DisconnectedElsewhere
                | Reason::NotStarted(_) => Self::NotConnected,
                Reason::Expired { .. } | Reason::Rejected | Reason::NotRenewed(_) => {
                    Self::Ended(Box::new(reason.clone()))
                }
                _ => Self::Message(Box::new(reason.clone())),
            },
        }
    }
}

impl SessionContext {
    /// Starts the session of this page. `go_to` shows a route, replacing the current history entry.
    pub fn start(
        config: Config,
        arrival: Option<Arrival>,
        go_to: impl Fn(Route) + 'static,
    ) -> Self {
        let session = RwSignal::new(Session::new(Remembered::default(), Route::default()));
        let now = RwSignal::new(clock::now());
        let deviation = RwSignal::new(clock::deviation());
        let context = Self {
            runtime: StoredValue::new_local(None),
            config: StoredValue::new(config.clone()),
            session,
            now,
            deviation,
            screen: Memo::new(move |_| session.with(Screen::of)),
            connection: StoredValue::new(0),
            round: StoredValue::new(Round::default()),
            account: Fetched::new(account::SUMMARY),
            contacts: Fetched::new(contacts::COUNTS),
            lists: Fetched::new(contact_lists::COUNT),
            campaigns: Fetched::new(campaigns::LATEST),
        };
        let runtime = Runtime::start(
            config,
            arrival,
            runtime::Screen {
                show: Box::new(move |shown| session.set(shown.clone())),
                show_time: Box::new(move |at, wrong| {
                    now.set(at);
                    deviation.set(wrong);
                }),
                go_to: Box::new(go_to),
            },
        );
        context.runtime.set_value(Some(runtime));
        context.follow_connection();
        context
    }

    /// The context that the application provides after [`start`](Self::start).
    pub fn expect() -> Self {
        expect_context()
    }

    /// Sends an event to the session.
    pub fn send(self, event: Event) {
        if let Some(runtime) = self.runtime.get_value() {
            runtime.send(event);
        }
    }

    /// Returns once the session knows the time.
    async fn the_time(self) {
        if let Some(runtime) = self.runtime.get_value() {
            runtime.the_time().await;
        }
    }

    /// The access token, if this is still the current connection and it has not expired.
    async fn usable_token(self, connection: u32) -> Option<AccessToken> {
        self.the_time().await;
        if self.connection.get_value() != connection {
            return None;
        }
        self.session
            .with_untracked(|session| session.token().map(|token| token.access_token().clone()))
    }

    /// Requests authorization; the user will return to the current page.
    pub fn authorize(self) {
        let return_to =
            self.session
                .with_untracked(|session| match (Screen::of(session), session.phase()) {
                    // This is shown instead of a page: return to that page.
                    (Screen::Ended(_) | Screen::Message(_), Phase::NotConnected(state)) => {
                        Some(state.return_to)
                    }
                    _ => location::route(),
                });
        self.send(Event::Authorize {
            return_to: return_to.unwrap_or_default(),
        });
    }

    /// The kind of page to show.
    pub fn screen(self) -> Memo<Screen> {
        self.screen
    }

    /// The time, updated once a second.
    pub fn now(self) -> RwSignal<Timestamp> {
        self.now
    }

    /// Which clock is wrong, if known and worth mentioning; updated at most once a second.
    pub fn deviation(self) -> RwSignal<Option<Deviation>> {
        self.deviation
    }

    /// Reads the settings.
    pub fn config<T>(self, read: impl FnOnce(&Config) -> T) -> T {
        self.config.with_value(read)
    }

    /// Whether this page's address is where authorization responses arrive.
    pub fn is_at_redirection_endpoint(self) -> bool {
        self.config(|config| place(&location::here(), &config.client.redirect_uri))
            != Place::Elsewhere
    }

    /// Reads the session reactively.
    pub fn session<T>(self, read: impl FnOnce(&Session) -> T) -> T {
        self.session.with(read)
    }

    /// Reads the connection's token; `None` without a connection.
    pub fn token<T>(self, read: impl FnOnce(&VerifiedAccessToken) -> T) -> Option<T> {
        self.session.with(|session| session.token().map(read))
    }

    /// When the connection's token expires.
    pub fn expires_at(self) -> Option<Timestamp> {
        self.token(VerifiedAccessToken::expires_at)
    }

    /// Whether the connection will be renewed automatically.
    pub fn renews_itself(self) -> bool {
        self.session.with(|session| match session.phase() {
            Phase::Connected(state) => state.renewal.as_ref().is_some_and(Renewal::is_hopeful),
            _ => false,
        })
    }

    /// What prevents this connection, which has not ended yet, from being renewed, and whether that
    /// is retried.
    pub fn renewal_failure(self) -> Option<(Failure, bool)> {
        self.session.with(|session| match session.phase() {
            Phase::Connected(state) => {
                let renewal = state.renewal.as_ref()?;
                Some((Failure::of(renewal)?, renewal.is_hopeful()))
            }
            _ => None,
        })
    }

    /// Whether the connection was granted this scope.
    pub fn may(self, scope: &str) -> bool {
        self.token(|token| token.granted().contains(scope)) == Some(true)
    }

    /// Fetches data once there is a connection, and forgets all of it when the connection ends.
    fn follow_connection(self) {
        Effect::new(move |_| {
            if self.screen.get() == Screen::Connected {
                untrack(|| self.load_missing());
            } else {
                self.connection.update_value(|count| *count += 1);
                self.round.set_value(Round::default());
                self.account.forget();
                self.contacts.forget();
                self.lists.forget();
                self.campaigns.forget();
            }
        });
    }

    /// Processes the outcome of one of this connection's requests.
    fn end_request(self, ending: Ending) {
        if ending == Ending::Accepted {
            self.send(Event::Accepted);
        }
        let mut verdict = None;
        self.round.update_value(|round| verdict = round.end(ending));
        match verdict {
            Some(Verdict::Token) => self.send(Event::Rejected {
                route: location::route().unwrap_or_default(),
            }),
            Some(Verdict::Operation) => {
                self.account.reject();
                self.contacts.reject();
                self.lists.reject();
                self.campaigns.reject();
            }
            None => {}
        }
    }

    /// Fetches whatever is permitted and not loaded yet.
    fn load_missing(self) {
        if self.may("account_read") {
            self.account.load(self);
        }
        if self.may("contact_data") {
            self.contacts.load(self);
            self.lists.load(self);
        }
        if self.may("campaign_data") {
            self.campaigns.load(self);
        }
    }
}

/// The state of an API request.
#[derive(Clone, Debug, PartialEq)]
pub enum Load<T> {
    /// Not requested yet.
    Idle,
    /// In flight.
    Loading,
    /// Loaded.
    Ready(T),
    /// Failed, with the error to show.
    Failed(ApiError),
}

/// The response to an API request, as a signal.
pub struct Fetched<T: 'static> {
    state: RwSignal<Load<T>>,
    /// A 401, until it is clear whether it concerns this operation or the token.
    held: StoredValue<Option<ApiError>>,
    request: Request<T>,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Fetched<T> {
    fn new(request: Request<T>) -> Self {
        Self {
            state: RwSignal::new(Load::Idle),
            held: StoredValue::new(None),
            request,
        }
    }

    /// The current state.
    pub fn get(self) -> Load<T> {
        self.state.get()
    }

    /// The data, if it is loaded.
    pub fn ready(self) -> Option<T> {
        match self.state.get() {
            Load::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Sends the request, unless it is in flight or its data is loaded.
    pub fn load(self, context: SessionContext) {
        let (settled, rejected_before) = self.state.with_untracked(|state| {
            (
                matches!(state, Load::Loading | Load::Ready(_)),
                matches!(state, Load::Failed(ApiError::Unauthorized)),
            )
        });
        if settled {
            return;
        }
        self.state.set(Load::Loading);
        context.round.update_value(Round::begin);
        let connection = context.connection.get_value();
        let base = context.config(|config| config.api_base_url.clone());
        leptos::task::spawn_local(async move {
            let sent = RefCell::new(None);
            let token = async || {
                let token = context.usable_token(connection).await;
                sent.replace(token.clone());
                token
            };
            let result = http::send(&base, self.request, token).await;
            if let Err(http::SendError::Api(ApiError::Unauthorized)) = &result {
                // The token may have expired in flight while the machine slept.
                context.the_time().await;
            }
            if context.connection.get_value() != connection {
                return;
            }
            let in_use = sent.into_inner().is_some_and(|sent| {
                context
                    .session
                    .with_untracked(|session| session.uses(&sent))
            });
            let ending = match result {
                Ok(value) => {
                    self.state.set(Load::Ready(value));
                    if in_use {
                        Ending::Accepted
                    } else {
                        Ending::Undecided
                    }
                }
                Err(http::SendError::NoToken) => {
                    self.state.set(Load::Idle);
                    Ending::Undecided
                }
                Err(http::SendError::Api(ApiError::Unauthorized)) if !in_use => {
                    // The connection was renewed meanwhile: retry with the current token.
                    self.state.set(Load::Idle);
                    self.load(context);
                    Ending::Undecided
                }
                Err(http::SendError::Api(error @ ApiError::Unauthorized)) if !rejected_before => {
                    self.held.set_value(Some(error));
                    Ending::Rejected
                }
                // This includes a repeated 401 for an operation that already had one.
                Err(http::SendError::Api(error)) => {
                    self.state.set(Load::Failed(error));
                    Ending::Undecided
                }
            };
            context.end_request(ending);
        });
    }

    /// The held 401 concerns this operation: show it.
    fn reject(self) {
        let mut held = None;
        self.held.update_value(|error| held = error.take());
        if let Some(error) = held {
            self.state.set(Load::Failed(error));
        }
    }

    fn forget(self) {
        self.held.set_value(None);
        self.state.set(Load::Idle);
    }
}

/// Seconds left before re-authorization starts automatically; `None` if none will.
pub fn countdown(session: &Session, now: Timestamp) -> Option<i64> {
    use crate::session::{COUNTDOWN, Countdown};
    match session.phase() {
        Phase::NotConnected(state) => match state.countdown {
            Countdown::None => None,
            Countdown::Waiting => Some(COUNTDOWN),
            Countdown::Until(end) => Some(end.seconds_since(now).clamp(0, COUNTDOWN)),
        },
        _ => None,
    }
}
