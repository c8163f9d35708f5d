//! What every part of the interface may read, and the one way to act.

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
    /// Counts connections, so that an answer to an older one is not taken for the current one's.
    connection: StoredValue<u32>,
    /// The requests that are under way with this connection.
    round: StoredValue<Round>,
    /// The account of this connection.
    pub account: Fetched<AccountSummary>,
    /// Its contacts, counted.
    pub contacts: Fetched<ContactCounts>,
    /// Its lists, counted.
    pub lists: Fetched<ContactLists>,
    /// Its latest campaigns.
    pub campaigns: Fetched<Campaigns>,
}

/// Which kind of page the session calls for.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// The page of the route, which needs no connection or offers to make one.
    NotConnected,
    /// The page of the route, with a connection.
    Connected,
    /// On the way out.
    Redirecting,
    /// The account is another one: the person is asked.
    AccountChanged(Box<(Account, Account)>),
    /// Exchanging the code, or examining the token; what went wrong, if anything did.
    Verifying(Option<Failure>),
    /// Renewing a connection whose token has ended; what went wrong, if anything did.
    Renewing(Option<Failure>),
    /// A message in place of the route's page.
    Message(Box<Reason>),
    /// The page after the end of a connection.
    Ended(Box<Reason>),
}

/// What keeps a connection from being made or renewed. It can be tried again.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The token endpoint.
    Endpoint(TokenEndpointError),
    /// The keys.
    Keys(KeySetFailure),
}

impl Failure {
    fn of(renewal: &Renewal) -> Option<Self> {
        match &renewal.stage {
            Stage::Verifying { verifying, .. } => verifying.failure.map(Self::Keys),
            _ => renewal.error().cloned().map(Self::Endpoint),
        }
    }

    /// The stable name of the reason.
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
    /// Starts the session of this page. `go_to` shows a route in place of the current entry.
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

    /// The context that [`start`](Self::start) provided.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Takes an event to the session.
    pub fn send(self, event: Event) {
        if let Some(runtime) = self.runtime.get_value() {
            runtime.send(event);
        }
    }

    /// Returns when the session knows the time.
    async fn the_time(self) {
        if let Some(runtime) = self.runtime.get_value() {
            runtime.the_time().await;
        }
    }

    /// The token of this connection, if it is still the one with this number and has not ended.
    async fn usable_token(self, connection: u32) -> Option<AccessToken> {
        self.the_time().await;
        if self.connection.get_value() != connection {
            return None;
        }
        self.session
            .with_untracked(|session| session.token().map(|token| token.access_token().clone()))
    }

    /// Asks for authorization, to come back to the page the person is on.
    pub fn authorize(self) {
        let return_to =
            self.session
                .with_untracked(|session| match (Screen::of(session), session.phase()) {
                    // What is shown stands in the place of a page: that page is meant.
                    (Screen::Ended(_) | Screen::Message(_), Phase::NotConnected(state)) => {
                        Some(state.return_to)
                    }
                    _ => location::route(),
                });
        self.send(Event::Authorize {
            return_to: return_to.unwrap_or_default(),
        });
    }

    /// Which kind of page to show.
    pub fn screen(self) -> Memo<Screen> {
        self.screen
    }

    /// The time, once a second.
    pub fn now(self) -> RwSignal<Timestamp> {
        self.now
    }

    /// Whose clock is wrong, if that is known and worth mentioning; at most once a second.
    pub fn deviation(self) -> RwSignal<Option<Deviation>> {
        self.deviation
    }

    /// The settings in force.
    pub fn config<T>(self, read: impl FnOnce(&Config) -> T) -> T {
        self.config.with_value(read)
    }

    /// Whether the page is the one that answers come to.
    pub fn is_at_redirection_endpoint(self) -> bool {
        self.config(|config| place(&location::here(), &config.client.redirect_uri))
            != Place::Elsewhere
    }

    /// Reads the session.
    pub fn session<T>(self, read: impl FnOnce(&Session) -> T) -> T {
        self.session.with(read)
    }

    /// Reads the token of the connection; `None` without one.
    pub fn token<T>(self, read: impl FnOnce(&VerifiedAccessToken) -> T) -> Option<T> {
        self.session.with(|session| session.token().map(read))
    }

    /// When the connection ends.
    pub fn expires_at(self) -> Option<Timestamp> {
        self.token(VerifiedAccessToken::expires_at)
    }

    /// Whether the connection will be renewed without anybody's doing.
    pub fn renews_itself(self) -> bool {
        self.session.with(|session| match session.phase() {
            Phase::Connected(state) => state.renewal.as_ref().is_some_and(Renewal::is_hopeful),
            _ => false,
        })
    }

    /// What keeps this connection, which has not ended yet, from being renewed, and whether that is
    /// tried again.
    pub fn renewal_failure(self) -> Option<(Failure, bool)> {
        self.session.with(|session| match session.phase() {
            Phase::Connected(state) => {
                let renewal = state.renewal.as_ref()?;
                Some((Failure::of(renewal)?, renewal.is_hopeful()))
            }
            _ => None,
        })
    }

    /// Whether the connection was granted this permission.
    pub fn may(self, scope: &str) -> bool {
        self.token(|token| token.granted().contains(scope)) == Some(true)
    }

    /// Fetches the account as soon as there is a connection, and forgets all when it ends.
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

    /// Takes in how a request of this connection ended.
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

    /// Fetches what is allowed and not here yet.
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

/// Something asked of the API.
#[derive(Clone, Debug, PartialEq)]
pub enum Load<T> {
    /// Not asked for.
    Idle,
    /// Under way.
    Loading,
    /// Here.
    Ready(T),
    /// Not to be had.
    Failed(ApiError),
}

/// An answer of the API, as a signal.
pub struct Fetched<T: 'static> {
    state: RwSignal<Load<T>>,
    /// A 401, until it is known whether it is about this operation or about the token.
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

    /// Where it stands.
    pub fn get(self) -> Load<T> {
        self.state.get()
    }

    /// The answer, if it is here.
    pub fn ready(self) -> Option<T> {
        match self.state.get() {
            Load::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Asks, unless it was asked already and has not failed.
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
                // While the machine slept the token may have ended on the way.
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
                    // Renewed meanwhile: it is asked for with the current token.
                    self.state.set(Load::Idle);
                    self.load(context);
                    Ending::Undecided
                }
                Err(http::SendError::Api(error @ ApiError::Unauthorized)) if !rejected_before => {
                    self.held.set_value(Some(error));
                    Ending::Rejected
                }
                // Also one that was rejected while others were accepted, and is again.
                Err(http::SendError::Api(error)) => {
                    self.state.set(Load::Failed(error));
                    Ending::Undecided
                }
            };
            context.end_request(ending);
        });
    }

    /// The 401 was this operation's own.
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

/// The countdown of the page after the end, in seconds; `None` if nothing will start by itself.
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
