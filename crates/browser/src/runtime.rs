//! Owns the session: takes in events and carries out the session's effects. Nothing else does.
//!
//! The access token never leaves this package: pages see a [`Snapshot`], and what the API responded
//! to [`Runtime::send`].

use crate::{
    Clock, Namespace, Settings, address, arrival,
    broadcast::Tabs,
    clipboard,
    epoch::Epoch,
    http::Api,
    key_set::{self, KeySetSource, Plan},
    leave::leave,
    lock,
    lost::Lost,
    page,
    session_storage::SessionStorage,
    tab::Tab,
    timer, token_endpoint,
};
use cc_connect_core::{
    ReturnTo,
    clock::{Deviation, Look},
    jose::jwk_set_cache::Need,
    oauth::{
        AccessToken, Arrival, AuthorizationResponse, CapturedResponse, NoPendingAuthorization,
        PendingAuthorization, Place, RedirectionError, TokenEndpointError, TokenRequest,
        redirection_endpoint::place,
    },
    session::{
        Effect, Ending, Event, Remembered, Returned, Round, Session, Snapshot, StartError, State,
        TokenStorage, UnverifiedAccessToken, Verdict,
    },
    time::Timestamp,
    v3::{ApiError, Operation},
};
use futures_channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    rc::Rc,
};
use wasm_bindgen_futures::spawn_local;

/// How often the clock is read, in milliseconds.
const TICK_MILLIS: u32 = 1_000;

/// How long a refresh waits for a page that holds the lock, in milliseconds.
const LOCK_MILLIS: u32 = 30_000;

/// What an application does for the runtime.
pub struct Callbacks {
    /// Called after each event.
    pub show: Box<dyn Fn(Snapshot)>,
    /// Called at each tick with the time, and with which clock is wrong, if any.
    pub show_time: Box<dyn Fn(Timestamp, Option<Deviation>)>,
    /// Shows a page, replacing the current history entry.
    pub go_to: Box<dyn Fn(&ReturnTo)>,
    /// Called when the user has disconnected: erases what the application itself has stored.
    pub erase: Box<dyn Fn()>,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callbacks")
    }
}

/// Settings that apply to this page, with its tab and its clock settled: what a [`Runtime`] starts
/// from.
#[derive(Clone, Debug)]
pub struct Prepared {
    settings: Settings,
    namespace: Namespace,
    clock: Clock,
    tab: Tab,
}

impl Prepared {
    fn new(settings: Settings, clock: Clock) -> Self {
        let settings = settings.at_origin(&address::origin());
        let namespace = Namespace::new(&settings.application, &settings.base_path);
        Self {
            tab: Tab::new(namespace.clone()),
            settings,
            namespace,
            clock,
        }
    }

    /// Settles which tab this is, and what time it is.
    pub async fn prepare(settings: Settings) -> Self {
        let clock = Clock::new(settings.clock.clone());
        Self::prepare_with_clock(settings, clock).await
    }

    /// Like [`prepare`](Self::prepare), with a clock that has heard its host already.
    pub async fn prepare_with_clock(settings: Settings, clock: Clock) -> Self {
        let prepared = Self::new(settings, clock);
        prepared.tab.claim().await;
        if !prepared.clock.is_settled() && !prepared.clock.is_postponed() {
            prepared.clock.ask().await;
        }
        prepared
    }
}

/// Leaves for the authorization server from a page without a [`Runtime`], such as one whose
/// application has not loaded yet.
///
/// # Errors
///
/// [`StartError`], in which case the page stays, and a runtime may start.
pub async fn start_authorization(
    settings: Settings,
    clock: &Clock,
    return_to: ReturnTo,
) -> Result<(), StartError> {
    let prepared = Prepared::new(settings, clock.clone());
    prepared.tab.claim_once().await;
    if !clock.is_settled() {
        // The request carries its time: a wrong one would make the response look stale.
        clock.ask().await;
    }
    let client = &prepared.settings.context.client;
    leave(client, return_to, &prepared.namespace, clock).inspect_err(|_| prepared.tab.release())
}

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Runtime(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    namespace: Namespace,
    callbacks: Callbacks,
    storage: Option<SessionStorage>,
    clock: Clock,
    tab: Tab,
    epoch: Epoch,
    lost: Lost,
    api: Api,
    keys: RefCell<KeySetSource>,
    /// The need that the key set fetch in flight serves.
    fetching: RefCell<Option<Need>>,
    tabs: RefCell<Option<Tabs>>,
    session: RefCell<Session>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    /// The disconnect epoch when it was last read.
    known_epoch: RefCell<Option<String>>,
    /// Those who wait for the host's time, while a request for it is in flight.
    asking: RefCell<Option<Vec<oneshot::Sender<()>>>>,
    /// Those who wait for the next event.
    watching: RefCell<Vec<oneshot::Sender<()>>>,
    requests: RefCell<Requests>,
}

/// The API requests of the current connection.
#[derive(Debug, Default)]
struct Requests {
    /// Counts connections; `None` without one. A response to an earlier one is not attributed to
    /// the current one.
    connection: Option<u32>,
    last: u32,
    round: Round,
    /// Those whose 401 may concern the token or the operation.
    held: Vec<oneshot::Sender<Verdict>>,
    /// The operations whose 401 concerned only them.
    rejected: Vec<String>,
}

/// Why a request was not answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SendError {
    /// There is no connection, or it ended before the response came.
    NotConnected,
    /// The API responded with an error, or not at all.
    Api(ApiError),
}

impl SendError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Api(error) => error.code(),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => f.write_str("there is no connection"),
            Self::Api(_) => f.write_str("the API did not respond as expected"),
        }
    }
}

impl std::error::Error for SendError {}

/// What came of one attempt to send a request.
enum Attempt<T> {
    Done(Result<T, SendError>),
    /// The token was renewed, or the connection restored: send it again.
    Again,
    /// The connection has ended.
    Ended,
}

impl Runtime {
    /// Starts the session: processes the response that arrived, or else restores the stored
    /// connection, and begins to watch the clock.
    pub fn start(prepared: Prepared, callbacks: Callbacks) -> Self {
        let Prepared {
            settings,
            namespace,
            clock,
            tab,
        } = prepared;
        // Taken before anything else runs, so that nothing can find it again.
        let arrival = arrival::take_response();
        let storage = SessionStorage::open(&namespace).ok();
        if let (TokenStorage::Memory, Some(storage)) = (settings.context.token_storage, &storage) {
            // Stored under an earlier `token_storage` setting.
            storage.erase_token();
        }
        let remembered = storage
            .as_ref()
            .map(SessionStorage::remembered)
            .unwrap_or_default();
        let epoch = Epoch::new(&namespace);
        let page = match settings.redirects_to_page || !is_at(&settings.context.client.redirect_uri)
        {
            true => address::page(&settings.base_path),
            false => ReturnTo::START,
        };
        let runtime = Self(Rc::new(Inner {
            lost: Lost::new(&namespace),
            api: Api::new(settings.api_base_url.clone(), clock.clone()),
            keys: RefCell::new(KeySetSource::new(
                settings.jwks_uri.clone(),
                storage.as_ref(),
            )),
            fetching: RefCell::new(None),
            tabs: RefCell::new(None),
            session: RefCell::new(Session::new(remembered, page.clone())),
            queue: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
            known_epoch: RefCell::new(epoch.current()),
            asking: RefCell::new(None),
            watching: RefCell::new(Vec::new()),
            requests: RefCell::new(Requests::default()),
            settings,
            namespace,
            callbacks,
            storage,
            clock,
            tab,
            epoch,
        }));
        runtime.listen();
        runtime.open(arrival, page);
        runtime
    }

    /// Requests authorization. The user will come back to the page they are on, or to the one that
    /// a message is shown instead of.
    pub fn connect(&self) {
        let shown_instead = self.0.session.borrow().snapshot().return_to;
        let return_to = shown_instead.unwrap_or_else(|| self.page());
        self.send_event(Event::Authorize { return_to });
    }

    /// Ends the connection in every tab and erases what is stored.
    pub fn disconnect(&self) {
        self.send_event(Event::Disconnect);
    }

    /// Sends an event of the user's. Events that arrive while another is being processed are
    /// queued.
    pub fn send_event(&self, event: Event) {
        let inner = &self.0;
        inner.queue.borrow_mut().push_back(event);
        if inner.busy.replace(true) {
            return;
        }
        loop {
            let next = inner.queue.borrow_mut().pop_front();
            let Some(event) = next else { break };
            // Taken, not cloned: tokens should not be copied every second.
            let placeholder = Session::new(Remembered::default(), ReturnTo::START);
            let session = inner.session.replace(placeholder);
            let (session, effects) =
                session.step(event, inner.clock.now(), &inner.settings.context);
            inner.session.replace(session);
            for effect in effects {
                self.carry_out(effect);
            }
            self.show();
        }
        inner.busy.set(false);
    }

    /// Sends a request to the API with the connection's token, and reads the response. If the token
    /// is renewed meanwhile, it is sent again.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub async fn send<T>(&self, operation: &Operation<T>) -> Result<T, SendError> {
        loop {
            match self.attempt(operation).await {
                Attempt::Done(result) => return result,
                Attempt::Again => {}
                Attempt::Ended => {
                    self.settled().await;
                    if self.0.requests.borrow().connection.is_none() {
                        return Err(SendError::NotConnected);
                    }
                }
            }
        }
    }

    /// Like [`send`](Self::send), but an end of the connection ends it, even if the connection is
    /// restored.
    #[cfg_attr(not(feature = "leptos"), allow(dead_code))]
    pub(crate) async fn send_in_connection<T>(
        &self,
        operation: &Operation<T>,
    ) -> Result<T, SendError> {
        loop {
            match self.attempt(operation).await {
                Attempt::Done(result) => return result,
                Attempt::Again => {}
                Attempt::Ended => return Err(SendError::NotConnected),
            }
        }
    }

    async fn attempt<T>(&self, operation: &Operation<T>) -> Attempt<T> {
        let requests = &self.0.requests;
        let Some(connection) = requests.borrow().connection else {
            return Attempt::Done(Err(SendError::NotConnected));
        };
        requests.borrow_mut().round.begin();
        let sent = RefCell::new(None);
        let token = async || {
            let token = self.usable_token(connection).await;
            sent.replace(token.clone());
            token
        };
        let result = self.0.api.send(operation, token).await;
        if let Some(Err(ApiError::Unauthorized)) = &result {
            // The token may have expired in flight while the machine slept.
            self.the_time().await;
        }
        if requests.borrow().connection != Some(connection) {
            return Attempt::Ended;
        }
        let session = &self.0.session;
        let in_use = sent
            .into_inner()
            .is_some_and(|sent: AccessToken| session.borrow().uses(&sent));
        let url = operation.request().url(&self.0.settings.api_base_url);
        let rejected_before = requests.borrow().rejected.contains(&url);
        let (ending, attempt) = match result {
            None => (Ending::Undecided, Attempt::Ended),
            Some(Ok(value)) if in_use => (Ending::Accepted, Attempt::Done(Ok(value))),
            Some(Ok(value)) => (Ending::Undecided, Attempt::Done(Ok(value))),
            Some(Err(ApiError::Unauthorized)) if !in_use => (Ending::Undecided, Attempt::Again),
            Some(Err(ApiError::Unauthorized)) if !rejected_before => {
                let (sender, verdict) = oneshot::channel();
                requests.borrow_mut().held.push(sender);
                self.end_request(Ending::Rejected);
                return match verdict.await {
                    Ok(Verdict::Operation) => {
                        requests.borrow_mut().rejected.push(url);
                        Attempt::Done(Err(SendError::Api(ApiError::Unauthorized)))
                    }
                    _ => Attempt::Ended,
                };
            }
            // This includes a repeated 401 for an operation that already had one.
            Some(Err(error)) => (Ending::Undecided, Attempt::Done(Err(SendError::Api(error)))),
        };
        self.end_request(ending);
        attempt
    }

    /// Processes the outcome of one of this connection's requests.
    fn end_request(&self, ending: Ending) {
        if ending == Ending::Accepted {
            self.send_event(Event::Accepted);
        }
        let verdict = self.0.requests.borrow_mut().round.end(ending);
        let Some(verdict) = verdict else { return };
        let held = std::mem::take(&mut self.0.requests.borrow_mut().held);
        if verdict == Verdict::Token {
            self.send_event(Event::Rejected { page: self.page() });
        }
        for sender in held {
            // Whoever no longer waits does not need it.
            let _ = sender.send(verdict);
        }
    }

    /// The access token, if this is still the current connection and it has not expired.
    async fn usable_token(&self, connection: u32) -> Option<AccessToken> {
        self.the_time().await;
        if self.0.requests.borrow().connection != Some(connection) {
            return None;
        }
        let session = self.0.session.borrow();
        session.token().map(|token| token.access_token().clone())
    }

    /// Returns once nothing is being exchanged, verified or renewed.
    async fn settled(&self) {
        loop {
            let state = self.0.session.borrow().snapshot().state;
            if !matches!(state, State::Checking(_) | State::Renewing(_)) {
                return;
            }
            let (sender, next) = oneshot::channel();
            self.0.watching.borrow_mut().push(sender);
            // Never canceled: the page lives as long as the runtime.
            let _ = next.await;
        }
    }

    /// Copies the access token to the clipboard, for a user who explicitly asks for it. Returns
    /// whether that succeeded.
    pub async fn copy_access_token(&self) -> bool {
        let token = {
            let session = self.0.session.borrow();
            session.token().map(|token| token.access_token().clone())
        };
        match token {
            Some(token) => clipboard::copy(token.expose()).await,
            None => false,
        }
    }

    /// The page's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The page that the user is on.
    fn page(&self) -> ReturnTo {
        match self.is_bare_endpoint() {
            true => ReturnTo::START,
            false => address::page(&self.0.settings.base_path),
        }
    }

    /// Whether this is the redirection endpoint, and no page of the application as well.
    fn is_bare_endpoint(&self) -> bool {
        let registered = &self.0.settings.context.client.redirect_uri;
        !self.0.settings.redirects_to_page && is_at(registered)
    }

    /// Reads the clock, and returns once the session knows the time: immediately, or after asking
    /// the host if the machine has slept or its clock has been set.
    async fn the_time(&self) {
        self.look_at_the_clock();
        let waiting = self.0.asking.borrow_mut().as_mut().map(|waiting| {
            let (sender, receiver) = oneshot::channel();
            waiting.push(sender);
            receiver
        });
        if let Some(waiting) = waiting {
            // Ends when the senders are dropped.
            let _ = waiting.await;
        }
    }

    fn look_at_the_clock(&self) {
        match self.0.clock.look() {
            Look::Time(_) => self.tick(),
            Look::Ask => self.ask_for_the_time(),
        }
    }

    /// No `Tick` is sent until the host responds: expiry cannot be judged without the time.
    fn ask_for_the_time(&self) {
        let mut asking = self.0.asking.borrow_mut();
        if asking.is_some() {
            return;
        }
        *asking = Some(Vec::new());
        let this = self.clone();
        spawn_local(async move {
            this.0.clock.ask().await;
            let waiting = this.0.asking.take();
            this.tick();
            drop(waiting);
        });
    }

    fn tick(&self) {
        self.notice_disconnect();
        let inner = &self.0;
        (inner.callbacks.show_time)(inner.clock.now(), inner.clock.deviation());
        let page = self.page();
        self.send_event(Event::Tick {
            visible: page::is_visible() && inner.settings.may_leave(&page),
            online: page::is_online(),
            page,
        });
    }

    /// Compares the disconnect epochs: a tab that was asleep missed the message.
    fn notice_disconnect(&self) {
        let current = self.0.epoch.current();
        if self.0.known_epoch.replace(current.clone()) != current {
            self.disconnected_elsewhere();
        }
    }

    fn disconnected_elsewhere(&self) {
        // A connection requested since is already on its way.
        if self.0.session.borrow().redirecting().is_none() {
            self.send_event(Event::DisconnectedElsewhere);
        }
    }

    fn listen(&self) {
        let this = self.clone();
        timer::every(TICK_MILLIS, move || this.look_at_the_clock());

        let this = self.clone();
        page::on_attention(move || {
            // The network may be back.
            if this.0.clock.is_postponed() {
                this.ask_for_the_time();
            } else {
                this.look_at_the_clock();
            }
        });

        let this = self.clone();
        page::on_restored_from_cache(move || {
            // The user pressed Back at the authorization server: no request is under way.
            let left = this.0.session.borrow().redirecting().is_some();
            // A later page of this tab may have renewed the connection meanwhile.
            if left || this.is_outdated() {
                address::reload();
            }
        });

        let this = self.clone();
        let tabs = Tabs::listen(&self.0.namespace, move || {
            this.0.known_epoch.replace(this.0.epoch.current());
            this.disconnected_elsewhere();
        });
        self.0.tabs.replace(Some(tabs));
    }

    fn open(&self, arrival: Option<Arrival>, page: ReturnTo) {
        let registered = &self.0.settings.context.client.redirect_uri;
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
    fn read_response(&self, captured: &CapturedResponse) -> Returned {
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
    fn turn_away(&self, arrival: &Arrival) -> Option<Returned> {
        let response = AuthorizationResponse::parse(&arrival.response).ok()?;
        let pending = self.take_pending(&response);
        let worth_saying =
            pending.is_ok() || (response.may_be_ours() && self.stored_token().is_none());
        let registered = &self.0.settings.context.client.redirect_uri;
        worth_saying.then(|| Returned::Elsewhere {
            error: RedirectionError::at_other_address(registered, &arrival.address),
            pending,
        })
    }

    fn take_pending(
        &self,
        response: &AuthorizationResponse,
    ) -> Result<PendingAuthorization, NoPendingAuthorization> {
        match (response.state(), &self.0.storage) {
            (Some(state), Some(storage)) => storage.take_pending(state),
            _ => Err(NoPendingAuthorization::NoneStored),
        }
    }

    /// Sends the stored connection, if any, to the session. Returns whether there was one.
    fn restore(&self, page: ReturnTo) -> bool {
        let Some((storage, token)) = self.stored_token() else {
            return false;
        };
        if storage.epoch() == *self.0.known_epoch.borrow() {
            self.send_event(Event::Restored(Box::new(token), page));
        } else {
            self.send_event(Event::DisconnectedElsewhere);
        }
        true
    }

    fn stored_token(&self) -> Option<(&SessionStorage, UnverifiedAccessToken)> {
        let storage = self.0.storage.as_ref()?;
        Some((storage, storage.token()?))
    }

    /// Whether storage holds another refresh token than the session; the stored one is newer.
    fn is_outdated(&self) -> bool {
        self.stored_token()
            .is_some_and(|(_, stored)| self.0.session.borrow().stored_otherwise(&stored))
    }

    fn show(&self) {
        let snapshot = self.0.session.borrow().snapshot();
        let connected = matches!(snapshot.state, State::Connected(_));
        let mut requests = self.0.requests.borrow_mut();
        if connected != requests.connection.is_some() {
            let last = requests.last + 1;
            // Dropping the held requests ends them.
            *requests = Requests {
                connection: connected.then_some(last),
                last,
                ..Requests::default()
            };
        }
        drop(requests);
        (self.0.callbacks.show)(snapshot);
        // Dropping the senders wakes those who wait.
        drop(self.0.watching.take());
    }

    fn carry_out(&self, effect: Effect) {
        let inner = &self.0;
        match effect {
            Effect::Authorize { return_to } => self.authorize(return_to),
            Effect::RecordAutomatic(at) => {
                if let Some(storage) = &inner.storage {
                    // If this fails, so does storing the pending authorization, and nothing starts.
                    let _ = storage.record_automatic(at);
                }
            }
            Effect::Exchange(request) => self.exchange(request),
            Effect::Refresh(token) => self.refresh(*token),
            Effect::LoadKeys(need) => self.load_keys(need),
            Effect::WitnessTime(issued_at) => inner.clock.witness(issued_at),
            Effect::StoreToken(token) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, the next reload loses the connection.
                    let _ = storage.store_token(&token, inner.known_epoch.borrow().as_deref());
                }
            }
            Effect::EraseToken => {
                if let Some(storage) = &inner.storage {
                    storage.erase_token();
                }
            }
            Effect::RecordRejection(at) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, the next reload forgets the rejection.
                    let _ = storage.record_rejection(at);
                }
            }
            Effect::RememberAccount(account) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, a change of account is not asked about.
                    let _ = storage.remember_account(&account);
                }
            }
            Effect::Restore(page) => {
                self.restore(page);
            }
            Effect::EraseEverything => {
                if let Some(storage) = &inner.storage {
                    storage.erase_everything();
                }
                inner.keys.borrow_mut().forget();
                inner.lost.erase();
                (inner.callbacks.erase)();
            }
            Effect::AnnounceDisconnect => {
                inner.epoch.begin();
                inner.known_epoch.replace(inner.epoch.current());
                if let Some(tabs) = &*inner.tabs.borrow() {
                    tabs.announce_disconnect();
                }
            }
            Effect::GoTo(page) => (inner.callbacks.go_to)(&page),
        }
    }

    fn authorize(&self, return_to: ReturnTo) {
        let this = self.clone();
        let start = move || {
            let inner = &this.0;
            let client = &inner.settings.context.client;
            if let Err(error) = leave(client, return_to, &inner.namespace, &inner.clock) {
                this.send_event(Event::NotStarted(error));
            }
        };
        if !self.0.clock.is_postponed() {
            return start();
        }
        // The request carries its time: a wrong one would make the response look stale.
        let this = self.clone();
        spawn_local(async move {
            this.ask_for_the_time();
            this.the_time().await;
            start();
        });
    }

    fn exchange(&self, request: TokenRequest) {
        let this = self.clone();
        spawn_local(async move {
            let url = &this.0.settings.context.client.token_endpoint;
            let result = token_endpoint::send(url, &request, &this.0.clock).await;
            this.send_event(Event::Exchanged(result));
        });
    }

    /// Only one tab of the browser renews at a time, since the endpoint's rate limit is shared. The
    /// lock is held until the result is stored.
    fn refresh(&self, token: UnverifiedAccessToken) {
        let this = self.clone();
        spawn_local(async move {
            // A restored tab may be a copy whose refresh token another tab has used.
            this.0.tab.claimed().await;
            let lock = lock::request(
                &this.0.namespace,
                "refresh",
                lock::Patience::For(LOCK_MILLIS),
            )
            .await;
            if !this.0.session.borrow().is_refreshing() {
                // The connection ended while this tab waited for the others.
                return;
            }
            if this.is_outdated() {
                return address::reload();
            }
            let refused = |error| this.send_event(Event::Refreshed(Err(error)));
            let refresh_token = match (&lock, token.refresh_token()) {
                (lock::Request::Held(_), Some(refresh_token)) => refresh_token,
                (lock::Request::Taken, _) => return refused(TokenEndpointError::Locked),
                _ => return refused(TokenEndpointError::NotExclusive),
            };
            let request = TokenRequest::for_refresh_token(refresh_token, token.client_id());
            let url = &this.0.settings.context.client.token_endpoint;
            let result = token_endpoint::send(url, &request, &this.0.clock).await;
            this.send_event(Event::Refreshed(result));
            drop(lock);
        });
    }

    fn load_keys(&self, need: Need) {
        let plan = self.0.keys.borrow_mut().plan(need, self.0.clock.now());
        let uri = match plan {
            Plan::Here(keys) => return self.send_event(Event::KeysLoaded(Ok(keys))),
            Plan::Fetch(uri) => uri,
        };
        // One fetch in flight at a time; later requests share its result.
        if self.0.fetching.borrow_mut().replace(need).is_some() {
            return;
        }
        let this = self.clone();
        spawn_local(async move {
            let result = key_set::fetch(&uri).await;
            let need = this.0.fetching.borrow_mut().take().unwrap_or(need);
            if !this.0.session.borrow().is_verifying() {
                // Disconnected meanwhile: don't store again what was erased.
                return;
            }
            let storage = this.0.storage.as_ref();
            let keys = this
                .0
                .keys
                .borrow_mut()
                .fetched(need, result, storage, this.0.clock.now());
            this.send_event(Event::KeysLoaded(keys));
        });
    }
}

/// Whether the page's address is this one, however it is spelled.
fn is_at(address: &str) -> bool {
    place(&address::here(), address) != Place::Elsewhere
}
