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
        AccessToken, Arrival, AuthorizationResponse, CapturedResponse, ClientAuthentication,
        ClientError, NoPendingAuthorization, PendingAuthorization, Place, RedirectionError, Scope,
        TokenEndpointError, TokenRequest, redirection_endpoint::place,
    },
    session::{
        Context, Effect, Event, Remembered, Returned, Session, Snapshot, StartError, State,
        TokenStorage, UnverifiedAccessToken,
        requests::{Decision, Next, Outcome, RequestId, Requests, TokenVerdict},
    },
    time::Timestamp,
    v3::{ApiError, Operation},
};
use futures_channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
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
    context: Context,
    namespace: Namespace,
    clock: Clock,
    tab: Tab,
}

impl Prepared {
    fn new(settings: Settings, clock: Clock) -> Result<Self, ClientError> {
        let namespace = Namespace::new(&settings.application, &settings.base_path);
        Ok(Self {
            context: settings.context_at(&address::origin())?,
            tab: Tab::new(namespace.clone()),
            settings,
            namespace,
            clock,
        })
    }

    /// Settles which tab this is, and what time it is.
    ///
    /// # Errors
    ///
    /// [`ClientError`], if the settings cannot be used on this page.
    pub async fn prepare(settings: Settings) -> Result<Self, ClientError> {
        let clock = Clock::new(settings.clock.clone());
        Self::prepare_with_clock(settings, clock).await
    }

    /// Like [`prepare`](Self::prepare), with a clock that has heard its host already.
    ///
    /// # Errors
    ///
    /// [`ClientError`], if the settings cannot be used on this page.
    pub async fn prepare_with_clock(settings: Settings, clock: Clock) -> Result<Self, ClientError> {
        let prepared = Self::new(settings, clock)?;
        prepared.tab.claim().await;
        if !prepared.clock.is_settled() && !prepared.clock.is_postponed() {
            prepared.clock.ask().await;
        }
        Ok(prepared)
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
    let prepared =
        Prepared::new(settings, clock.clone()).map_err(|_| StartError::NavigationFailed)?;
    prepared.tab.claim_once().await;
    if !clock.is_settled() {
        // The request carries its time: a wrong one would make the response look stale.
        clock.ask().await;
    }
    let client = &prepared.context.client;
    leave(client, None, return_to, &prepared.namespace, clock)
        .inspect_err(|_| prepared.tab.release())
}

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Runtime(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    context: Context,
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
    /// The API requests that are not delivered yet, by method and URL.
    requests: RefCell<Requests<String>>,
    /// Those who wait for what happens to their request.
    held: RefCell<BTreeMap<RequestId, oneshot::Sender<Next>>>,
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

impl Runtime {
    /// Starts the session: processes the response that arrived, or else restores the stored
    /// connection, and begins to watch the clock.
    pub fn start(prepared: Prepared, callbacks: Callbacks) -> Self {
        let Prepared {
            settings,
            context,
            namespace,
            clock,
            tab,
        } = prepared;
        // Taken before anything else runs, so that nothing can find it again.
        let arrival = arrival::take_response();
        let storage = SessionStorage::open(&namespace).ok();
        if let (TokenStorage::Memory, Some(storage)) = (context.token_storage, &storage) {
            // Stored under an earlier `token_storage` setting.
            storage.erase_token();
        }
        let remembered = storage
            .as_ref()
            .map(SessionStorage::remembered)
            .unwrap_or_default();
        let epoch = Epoch::new(&namespace);
        let page = match settings.redirects_to_page || !is_at(context.client.redirect_uri()) {
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
            held: RefCell::new(BTreeMap::new()),
            settings,
            context,
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
        self.authorize(None);
    }

    /// Like [`connect`](Self::connect), with another scope than the configured one.
    pub fn connect_with(&self, scope: Scope) {
        self.authorize(Some(scope));
    }

    fn authorize(&self, scope: Option<Scope>) {
        let shown_instead = self.0.session.borrow().snapshot().return_to;
        let return_to = shown_instead.unwrap_or_else(|| self.page());
        self.send_event(Event::Authorize { return_to, scope });
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
            let (session, effects) = session.step(event, inner.clock.now(), &inner.context);
            inner.session.replace(session);
            for effect in effects {
                self.carry_out(effect);
            }
            self.show();
        }
        inner.busy.set(false);
    }

    /// Sends a request to the API with the connection's token, and reads the response. While the
    /// connection is being made or renewed it waits; if the token is renewed meanwhile, it is sent
    /// again.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub async fn send<T>(&self, operation: &Operation<T>) -> Result<T, SendError> {
        let request = operation.request();
        let url = request.url(&self.0.settings.api_base_url);
        let name = format!("{} {url}", request.method());
        let open = OpenRequest {
            runtime: self,
            id: self.0.requests.borrow_mut().begin(name),
        };
        loop {
            let sent = RefCell::new(None);
            let token = async || {
                let token = self.usable_token().await;
                sent.replace(token.clone());
                token
            };
            let result = self.0.api.send(operation, token).await;
            let outcome = match &result {
                None => Outcome::NoToken,
                Some(Ok(_)) => Outcome::Accepted,
                Some(Err(ApiError::Unauthorized)) => Outcome::Unauthorized,
                Some(Err(_)) => Outcome::Other,
            };
            if outcome == Outcome::Unauthorized {
                // The token may have expired in flight while the machine slept.
                self.the_time().await;
            }
            let session = &self.0.session;
            let in_use = sent
                .into_inner()
                .is_some_and(|sent: AccessToken| session.borrow().holds_token(&sent));
            let decision = self
                .0
                .requests
                .borrow_mut()
                .settle(open.id, in_use, outcome);
            let next = match self.apply(decision, Some(open.id)) {
                Some(Next::Hold) => {
                    let (sender, next) = oneshot::channel();
                    self.0.held.borrow_mut().insert(open.id, sender);
                    // Never dropped: every held request is named again.
                    next.await.unwrap_or(Next::Cancel)
                }
                next => next.unwrap_or(Next::Cancel),
            };
            match (next, result) {
                (Next::Repeat, _) => {}
                (Next::Deliver, Some(result)) => return result.map_err(SendError::Api),
                _ => return Err(SendError::NotConnected),
            }
        }
    }

    /// Does what was decided: tells the session about the token, then those who wait about their
    /// requests. Returns what happens to `asked`.
    fn apply(&self, decision: Decision, asked: Option<RequestId>) -> Option<Next> {
        match decision.token {
            Some(TokenVerdict::Accepted) => self.send_event(Event::Accepted),
            Some(TokenVerdict::Rejected) => self.send_event(Event::Rejected { page: self.page() }),
            None => {}
        }
        let mut next_of_asked = None;
        for (id, next) in decision.next {
            if Some(id) == asked {
                next_of_asked = Some(next);
            } else if let Some(sender) = self.0.held.borrow_mut().remove(&id) {
                // Whoever no longer waits does not need it.
                let _ = sender.send(next);
            }
        }
        next_of_asked
    }

    /// The access token, once nothing is being made or renewed; `None` without a connection.
    async fn usable_token(&self) -> Option<AccessToken> {
        self.the_time().await;
        self.settled().await;
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
        let registered = self.0.context.client.redirect_uri();
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
        let registered = self.0.context.client.redirect_uri();
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
        let decision = self.0.requests.borrow_mut().follow(&snapshot.state);
        self.apply(decision, None);
        (self.0.callbacks.show)(snapshot);
        // Dropping the senders wakes those who wait.
        drop(self.0.watching.take());
    }

    fn carry_out(&self, effect: Effect) {
        let inner = &self.0;
        match effect {
            Effect::Authorize { return_to, scope } => self.leave(return_to, scope),
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

    fn leave(&self, return_to: ReturnTo, scope: Option<Scope>) {
        let this = self.clone();
        let start = move || {
            let inner = &this.0;
            let client = &inner.context.client;
            let left = leave(client, scope, return_to, &inner.namespace, &inner.clock);
            if let Err(error) = left {
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
            let url = this.0.context.client.token_endpoint();
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
            let request = TokenRequest::for_refresh_token(
                refresh_token,
                token.client_id(),
                ClientAuthentication::None,
            );
            let url = this.0.context.client.token_endpoint();
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

/// A request until it is delivered, or until nobody waits for it any longer.
struct OpenRequest<'a> {
    runtime: &'a Runtime,
    id: RequestId,
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        let inner = &self.runtime.0;
        inner.held.borrow_mut().remove(&self.id);
        let decision = inner.requests.borrow_mut().abandon(self.id);
        self.runtime.apply(decision, None);
    }
}
