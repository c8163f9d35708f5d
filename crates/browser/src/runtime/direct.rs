//! The runtime of a page that holds the tokens itself: takes in events and carries out the effects of
//! [`Session`].
//!
//! The access token never leaves this package: pages see a snapshot, and what the API responded to
//! [`Direct::send`].

mod effects;
mod opening;
mod requests;
mod time;

use super::{callbacks::Callbacks, link::Deployment};
use crate::{
    Clock, Namespace, Settings, address, arrival, clipboard, disconnects::Disconnects,
    expected::Expected, http::Api, key_set::KeySetSource, lost::Lost, page,
    session_storage::SessionStorage, tab::Tab, timer,
};
use cc_connect_core::{
    ReturnTo,
    jose::jwk_set_cache::Need,
    oauth::{Place, Scope, redirection_endpoint::place},
    session::{
        Context, Event, Remembered, Session, TokenStorage,
        requests::{Next, RequestId, Requests},
    },
};
use futures_channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

/// How often the clock is read, in milliseconds.
const TICK_MILLIS: u32 = 1_000;

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub(super) struct Direct(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    context: Context,
    namespace: Namespace,
    callbacks: Callbacks,
    storage: Option<SessionStorage>,
    clock: Clock,
    tab: Tab,
    disconnects: Disconnects,
    lost: Lost,
    api: Api,
    keys: RefCell<KeySetSource>,
    /// The need that the key set fetch in flight serves.
    fetching: RefCell<Option<Need>>,
    session: RefCell<Session>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    /// Those who wait for the host's time, while a request for it is in flight.
    asking: RefCell<Option<Vec<oneshot::Sender<()>>>>,
    /// Those who wait for the next event.
    watching: RefCell<Vec<oneshot::Sender<()>>>,
    /// The API requests that are not delivered yet, by method and URL.
    requests: RefCell<Requests<String>>,
    /// Those who wait for what happens to their request.
    held: RefCell<BTreeMap<RequestId, oneshot::Sender<Next>>>,
}

impl Direct {
    /// Starts the session: processes the response that arrived, or else restores the stored
    /// connection, and begins to watch the clock.
    pub(super) fn start(
        settings: Settings,
        context: Context,
        deployment: Deployment,
        tab: Tab,
        callbacks: Callbacks,
    ) -> Self {
        let Deployment {
            namespace, clock, ..
        } = deployment;
        // Taken before anything else runs, so that nothing can find it again.
        let arrival = arrival::take_response();
        let storage = SessionStorage::open(&namespace).ok();
        if let (TokenStorage::Memory, Some(storage)) = (context.token_storage, &storage) {
            // Stored under an earlier `token_storage` setting.
            storage.erase_token();
        }
        // Stored while a server kept the connection.
        Expected::new(&namespace).set(false);
        let remembered = storage
            .as_ref()
            .map(SessionStorage::remembered)
            .unwrap_or_default();
        let page = current_page(&settings, &context);
        let runtime = Self(Rc::new(Inner {
            disconnects: Disconnects::new(&namespace),
            lost: Lost::new(&namespace),
            api: Api::new(settings.api_base_url.clone(), clock.clone()),
            keys: RefCell::new(KeySetSource::new(
                settings.jwks_uri.clone(),
                storage.as_ref(),
            )),
            fetching: RefCell::new(None),
            session: RefCell::new(Session::new(remembered, page.clone())),
            queue: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
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
        }));
        runtime.listen();
        runtime.open(arrival, page);
        runtime
    }

    /// Requests authorization, with the configured scope unless there is another. The user will come
    /// back to the page they are on, or to the one that a message is shown instead of.
    pub(super) fn authorize(&self, scope: Option<Scope>) {
        let shown_instead = self.0.session.borrow().snapshot().return_to;
        let return_to = shown_instead.unwrap_or_else(|| self.page());
        self.send_event(Event::Authorize { return_to, scope });
    }

    /// Sends an event of the user's. Events that arrive while another is being processed are
    /// queued.
    pub(super) fn send_event(&self, event: Event) {
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

    /// Copies the access token to the clipboard, for a user who explicitly asks for it. Returns
    /// whether that succeeded.
    pub(super) async fn copy_access_token(&self) -> bool {
        let token = {
            let session = self.0.session.borrow();
            session.token().map(|token| token.access_token().clone())
        };
        match token {
            Some(token) => clipboard::copy(token.expose()).await,
            None => false,
        }
    }

    /// The page that the user is on.
    fn page(&self) -> ReturnTo {
        current_page(&self.0.settings, &self.0.context)
    }

    fn is_bare_endpoint(&self) -> bool {
        is_bare_endpoint(&self.0.settings, &self.0.context)
    }

    fn notice_disconnect(&self) {
        if self.0.disconnects.note() {
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
        self.0.disconnects.listen(&self.0.namespace, move || {
            this.0.disconnects.note();
            this.disconnected_elsewhere();
        });
    }

    fn show(&self) {
        let snapshot = self.0.session.borrow().snapshot();
        let decision = self.0.requests.borrow_mut().follow(&snapshot.state);
        self.apply(decision, None);
        (self.0.callbacks.show)(snapshot);
        // Dropping the senders wakes those who wait.
        drop(self.0.watching.take());
    }
}

/// The page that the user is on.
fn current_page(settings: &Settings, context: &Context) -> ReturnTo {
    match is_bare_endpoint(settings, context) {
        true => ReturnTo::START,
        false => address::page(&settings.base_path),
    }
}

/// Whether this is the redirection endpoint, and no page of the application as well.
fn is_bare_endpoint(settings: &Settings, context: &Context) -> bool {
    let registered = context.client.redirect_uri();
    !settings.redirects_to_page && place(&address::here(), registered) != Place::Elsewhere
}
