//! Owns the session: takes in events and carries out the session's effects. Nothing else does.

use super::{
    broadcast::Tabs,
    clock, document, epoch,
    key_set::{self, KeySetSource, Plan},
    language,
    leave::leave,
    location, lock, lost,
    session_storage::SessionStorage,
    tab,
    theme::Theme,
    timer, token_endpoint,
};
use crate::{
    clock::{Deviation, Look},
    config::{Config, TokenStorage},
    jose::jwk_set_cache::Need,
    oauth::{
        Arrival, AuthorizationResponse, CapturedResponse, NoPendingAuthorization,
        PendingAuthorization, Place, RedirectionError, TokenEndpointError, TokenRequest,
        redirection_endpoint::place,
    },
    route::Route,
    session::{
        Context, Effect, Event, Phase, Remembered, Returned, Session, UnverifiedAccessToken,
    },
    time::Timestamp,
};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

/// How often the clock is read, in milliseconds.
const TICK_MILLIS: u32 = 1_000;

/// How long a refresh waits for a page that holds the lock, in milliseconds.
const LOCK_MILLIS: u32 = 30_000;

/// How often [`Runtime::the_time`] checks whether the host has responded, in milliseconds.
const ASKING_MILLIS: u32 = 50;

/// Callbacks into the user interface.
pub struct Screen {
    /// Called with the session after each event.
    pub show: Box<dyn Fn(&Session)>,
    /// Called at each tick with the time, and with which clock is wrong, if any.
    pub show_time: Box<dyn Fn(Timestamp, Option<Deviation>)>,
    /// Shows a route, replacing the current history entry.
    pub go_to: Box<dyn Fn(Route)>,
}

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone)]
pub struct Runtime(Rc<Inner>);

struct Inner {
    config: Config,
    context: Context,
    screen: Screen,
    storage: Option<SessionStorage>,
    keys: RefCell<KeySetSource>,
    /// The need that the key set fetch in flight serves.
    fetching: RefCell<Option<Need>>,
    tabs: RefCell<Option<Tabs>>,
    session: RefCell<Session>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    /// The disconnect epoch when it was last read.
    epoch: RefCell<Option<String>>,
    /// Whether a request for the host's time is in flight.
    asking: Cell<bool>,
}

impl Runtime {
    /// Starts the session: processes the response that arrived, or else restores the stored
    /// connection, and begins to watch the clock.
    pub fn start(config: Config, arrival: Option<Arrival>, screen: Screen) -> Self {
        let storage = SessionStorage::open().ok();
        let context = Context {
            client: config.client.clone(),
            expectations: config.expectations.clone(),
            id_token_expectations: config.id_token_expectations.clone(),
            token_storage: config.token_storage,
            reauthorize: config.reauthorize,
        };
        let keys = KeySetSource::new(config.jwks_uri.clone(), storage.as_ref());
        let remembered = storage
            .as_ref()
            .map(SessionStorage::remembered)
            .unwrap_or_default();
        let route = location::route();
        let runtime = Self(Rc::new(Inner {
            config,
            context,
            screen,
            storage,
            keys: RefCell::new(keys),
            fetching: RefCell::new(None),
            tabs: RefCell::new(None),
            session: RefCell::new(Session::new(remembered, route.unwrap_or_default())),
            queue: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
            epoch: RefCell::new(epoch::current()),
            asking: Cell::new(false),
        }));
        runtime.listen();
        if let (TokenStorage::Memory, Some(storage)) =
            (runtime.0.config.token_storage, &runtime.0.storage)
        {
            // Stored under an earlier `token_storage` setting.
            storage.erase_token();
        }
        runtime.open(arrival, route);
        runtime
    }

    /// Processes an event. Events that arrive while another is being processed are queued.
    pub fn send(&self, event: Event) {
        let inner = &self.0;
        inner.queue.borrow_mut().push_back(event);
        if inner.busy.replace(true) {
            return;
        }
        loop {
            let next = inner.queue.borrow_mut().pop_front();
            let Some(event) = next else { break };
            // Taken, not cloned: tokens should not be copied every second.
            let placeholder = Session::new(Remembered::default(), Route::default());
            let session = inner.session.replace(placeholder);
            let (session, effects) = session.step(event, clock::now(), &inner.context);
            inner.session.replace(session);
            for effect in effects {
                self.carry_out(effect);
            }
            self.show();
        }
        inner.busy.set(false);
    }

    /// Reads the clock, and returns once the session knows the time: immediately, or after asking
    /// the host if the machine has slept or its clock has been set.
    pub async fn the_time(&self) {
        self.look_at_the_clock();
        while self.0.asking.get() {
            timer::sleep(ASKING_MILLIS).await;
        }
    }

    fn look_at_the_clock(&self) {
        match clock::look() {
            Look::Time(_) => self.tick(),
            Look::Ask => self.ask_for_the_time(),
        }
    }

    /// No `Tick` is sent until the host responds: expiry cannot be judged without the time.
    fn ask_for_the_time(&self) {
        if self.0.asking.replace(true) {
            return;
        }
        let this = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            clock::ask().await;
            this.0.asking.set(false);
            this.tick();
        });
    }

    fn tick(&self) {
        self.notice_disconnect();
        (self.0.screen.show_time)(clock::now(), clock::deviation());
        self.send(Event::Tick {
            visible: document::is_visible(),
            online: document::is_online(),
            route: location::route().unwrap_or_default(),
        });
    }

    /// Compares the disconnect epochs: a tab that was asleep missed the message.
    fn notice_disconnect(&self) {
        let current = epoch::current();
        if self.0.epoch.replace(current.clone()) != current {
            self.disconnected_elsewhere();
        }
    }

    fn disconnected_elsewhere(&self) {
        // A connection requested since is already on its way.
        if self.0.session.borrow().redirecting().is_none() {
            self.send(Event::DisconnectedElsewhere);
        }
    }

    fn listen(&self) {
        let this = self.clone();
        timer::every(TICK_MILLIS, move || this.look_at_the_clock());

        let this = self.clone();
        document::on_attention(move || {
            // The network may be back.
            if clock::is_postponed() {
                this.ask_for_the_time();
            } else {
                this.look_at_the_clock();
            }
        });

        let this = self.clone();
        document::on_restored_from_cache(move || {
            // The user pressed Back at the authorization server: no request is under way.
            let left = this.0.session.borrow().redirecting().is_some();
            // A later page of this tab may have renewed the connection meanwhile.
            if left || this.is_outdated() {
                location::reload();
            }
        });

        let this = self.clone();
        let tabs = Tabs::listen(move || {
            this.0.epoch.replace(epoch::current());
            this.disconnected_elsewhere();
        });
        *self.0.tabs.borrow_mut() = Some(tabs);
    }

    fn open(&self, arrival: Option<Arrival>, route: Option<Route>) {
        let registered = &self.0.config.client.redirect_uri;
        let returned = arrival.and_then(|arrival| match place(&arrival.address, registered) {
            Place::Registered | Place::Nearby => Some(self.judge(&arrival.response)),
            Place::Elsewhere => self.turn_away(&arrival),
        });
        if let Some(returned) = returned {
            return self.send(Event::Returned(Box::new(returned)));
        }
        // The redirect URI may be the address of a page; then it is treated as that page.
        let bare = route.is_none() && place(&location::here(), registered) != Place::Elsewhere;
        let restored = self.restore(route.unwrap_or_default());
        match (restored, bare) {
            (true, true) => (self.0.screen.go_to)(Route::default()),
            (false, true) => self.send(Event::Returned(Box::new(Returned::Nothing))),
            (true, false) => {}
            (false, false) => self.show(),
        }
    }

    /// Parses the response and takes its pending authorization out of storage, in this order and
    /// before anything else happens.
    fn judge(&self, captured: &CapturedResponse) -> Returned {
        let response = match AuthorizationResponse::parse(captured) {
            Ok(response) => response,
            Err(error) => return Returned::Unreadable(error),
        };
        let pending = self.take_pending(&response);
        let pending = match pending {
            Ok(_) => {
                lost::forget();
                pending
            }
            Err(NoPendingAuthorization::NoneStored) if response.may_be_ours() && lost::note() => {
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
        let registered = &self.0.config.client.redirect_uri;
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
    fn restore(&self, route: Route) -> bool {
        let Some((storage, token)) = self.stored_token() else {
            return false;
        };
        if storage.epoch() == *self.0.epoch.borrow() {
            self.send(Event::Restored(Box::new(token), route));
        } else {
            self.send(Event::DisconnectedElsewhere);
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
        let session = self.0.session.borrow();
        document::set_session(match session.phase() {
            _ if session.redirecting().is_some() => "redirecting",
            Phase::NotConnected(_) => "not-connected",
            Phase::Exchanging(_) => "exchanging",
            Phase::Verifying(_) => "verifying",
            Phase::AccountChanged(_) => "account-changed",
            Phase::Connected(_) => "connected",
            Phase::Renewing(_) => "renewing",
        });
        (self.0.screen.show)(&session);
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
            Effect::WitnessTime(issued_at) => clock::witness(issued_at),
            Effect::StoreToken(token) => {
                if let Some(storage) = &inner.storage {
                    // If storage has filled up, the next reload loses the connection.
                    let _ = storage.store_token(&token, inner.epoch.borrow().as_deref());
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
            Effect::Restore(route) => {
                self.restore(route);
            }
            Effect::EraseEverything => {
                if let Some(storage) = &inner.storage {
                    storage.erase_everything();
                }
                inner.keys.borrow_mut().forget();
                Theme::forget();
                language::forget();
                lost::forget();
            }
            Effect::AnnounceDisconnect => {
                epoch::begin();
                inner.epoch.replace(epoch::current());
                if let Some(tabs) = &*inner.tabs.borrow() {
                    tabs.announce_disconnect();
                }
            }
            Effect::GoTo(route) => (inner.screen.go_to)(route),
        }
    }

    fn authorize(&self, return_to: Route) {
        let this = self.clone();
        let start = move || {
            if let Err(error) = leave(&this.0.context.client, return_to) {
                this.send(Event::NotStarted(error));
            }
        };
        if !clock::is_postponed() {
            return start();
        }
        // The request carries its time: a wrong one would make the response look stale.
        let this = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            this.ask_for_the_time();
            this.the_time().await;
            start();
        });
    }

    fn exchange(&self, request: TokenRequest) {
        let this = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let url = &this.0.context.client.token_endpoint;
            let result = token_endpoint::send(url, &request).await;
            this.send(Event::Exchanged(result));
        });
    }

    /// Only one tab of the browser renews at a time, since the endpoint's rate limit is shared. The
    /// lock is held until the result is stored.
    fn refresh(&self, token: UnverifiedAccessToken) {
        let this = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // A restored tab may be a copy whose refresh token another tab has used.
            tab::claimed().await;
            let lock = lock::request("refresh", lock::Patience::For(LOCK_MILLIS)).await;
            if !this.0.session.borrow().is_refreshing() {
                // The connection ended while this tab waited for the others.
                return;
            }
            if this.is_outdated() {
                return location::reload();
            }
            let refused = |error| this.send(Event::Refreshed(Err(error)));
            let refresh_token = match (&lock, token.refresh_token()) {
                (lock::Request::Held(_), Some(refresh_token)) => refresh_token,
                (lock::Request::Taken, _) => return refused(TokenEndpointError::Locked),
                _ => return refused(TokenEndpointError::NotExclusive),
            };
            let request = TokenRequest::for_refresh_token(refresh_token, token.client_id());
            let url = &this.0.context.client.token_endpoint;
            let result = token_endpoint::send(url, &request).await;
            this.send(Event::Refreshed(result));
            drop(lock);
        });
    }

    fn load_keys(&self, need: Need) {
        let plan = self.0.keys.borrow_mut().plan(need, clock::now());
        let uri = match plan {
            Plan::Here(keys) => return self.send(Event::KeysLoaded(Ok(keys))),
            Plan::Fetch(uri) => uri,
        };
        // One fetch in flight at a time; later requests share its result.
        if self.0.fetching.borrow_mut().replace(need).is_some() {
            return;
        }
        let this = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let result = key_set::fetch(&uri).await;
            let need = this.0.fetching.borrow_mut().take().unwrap_or(need);
            if !this.0.session.borrow().is_verifying() {
                // Disconnected meanwhile: don't store again what was erased.
                return;
            }
            let storage = this.0.storage.as_ref();
            let keys = this.0.keys.borrow_mut().fetched(need, result, storage);
            this.send(Event::KeysLoaded(keys));
        });
    }
}
