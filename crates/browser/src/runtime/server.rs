//! The runtime of a page whose server keeps the connection: takes in events and carries out the
//! effects of [`ServerSession`]. There is no token here.

mod effects;
mod requests;

use super::{
    callbacks::Callbacks,
    link::{Deployment, Exchange, Link},
};
use crate::{
    address, disconnects::Disconnects, expected::Expected, own_server::OwnServer, page,
    session_storage::SessionStorage, timer,
};
use cc_connect_core::{
    ReturnTo,
    clock::Look,
    oauth::Scope,
    session::{
        self,
        server::{Event, ServerSession},
    },
    v3::Request,
};
use futures_channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

/// How often the clock is read, in milliseconds.
const TICK_MILLIS: u32 = 1_000;

/// The running session of this page. Clones are handles to the same one.
#[derive(Clone, Debug)]
struct Server(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    deployment: Deployment,
    callbacks: Callbacks,
    server: OwnServer,
    storage: Option<SessionStorage>,
    expected: Expected,
    disconnects: Disconnects,
    session: RefCell<ServerSession>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    /// Those who wait for the next event.
    watching: RefCell<Vec<oneshot::Sender<()>>>,
}

/// Starts the session: asks the server whether there is a connection, and begins to watch the clock.
pub(crate) fn start(deployment: Deployment, callbacks: Callbacks) -> Rc<dyn Link> {
    let storage = SessionStorage::open(&deployment.namespace).ok();
    let account = storage
        .as_ref()
        .and_then(|storage| storage.remembered().account);
    let return_to = storage.as_ref().and_then(SessionStorage::take_return_to);
    let expected = Expected::new(&deployment.namespace);
    let session = ServerSession::new(account, expected.is_set(), return_to);
    let runtime = Server(Rc::new(Inner {
        server: OwnServer::new(&deployment.base_path),
        disconnects: Disconnects::new(&deployment.namespace),
        session: RefCell::new(session),
        queue: RefCell::new(VecDeque::new()),
        busy: Cell::new(false),
        watching: RefCell::new(Vec::new()),
        deployment,
        callbacks,
        storage,
        expected,
    }));
    runtime.listen();
    runtime.send(Event::Look);
    Rc::new(runtime)
}

impl Link for Server {
    fn authorize(&self, scope: Option<Scope>) {
        let shown_instead = self.0.session.borrow().snapshot().return_to;
        let return_to = shown_instead.unwrap_or_else(|| self.page());
        self.send(Event::Authorize { return_to, scope });
    }

    fn send_event(&self, event: session::Event) {
        if let Some(event) = Event::of_user(event) {
            self.send(event);
        }
    }

    fn exchange<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(self.pass_on(request))
    }
}

impl Server {
    /// Events that arrive while another is being processed are queued.
    fn send(&self, event: Event) {
        let inner = &self.0;
        inner.queue.borrow_mut().push_back(event);
        if inner.busy.replace(true) {
            return;
        }
        loop {
            let next = inner.queue.borrow_mut().pop_front();
            let Some(event) = next else { break };
            let session = inner.session.borrow().clone();
            let (session, effects) = session.step(event, inner.deployment.clock.now());
            inner.session.replace(session);
            for effect in effects {
                self.carry_out(effect);
            }
            self.show();
        }
        inner.busy.set(false);
    }

    fn show(&self) {
        let snapshot = self.0.session.borrow().snapshot();
        (self.0.callbacks.show)(snapshot);
        // Dropping the senders wakes those who wait.
        drop(self.0.watching.take());
    }

    /// The page that the user is on.
    fn page(&self) -> ReturnTo {
        address::page(&self.0.deployment.base_path)
    }

    fn listen(&self) {
        let this = self.clone();
        timer::every(TICK_MILLIS, move || this.tick());

        let this = self.clone();
        page::on_attention(move || {
            if page::is_visible() {
                this.send(Event::Look);
            }
            this.tick();
        });

        let this = self.clone();
        page::on_restored_from_cache(move || {
            // The user pressed Back at the authorization server: no request is under way.
            this.send(Event::Stay);
        });

        let this = self.clone();
        let namespace = &self.0.deployment.namespace;
        self.0.disconnects.listen(namespace, move || {
            this.0.disconnects.note();
            this.disconnected_elsewhere();
        });
    }

    fn tick(&self) {
        if self.0.disconnects.note() {
            self.disconnected_elsewhere();
        }
        let clock = &self.0.deployment.clock;
        (self.0.callbacks.show_time)(clock.now(), clock.deviation());
        // The server's answer says what time it is.
        self.send(match clock.look() {
            Look::Time(_) => Event::Tick,
            Look::Ask => Event::Look,
        });
    }

    fn disconnected_elsewhere(&self) {
        // A connection requested since is already on its way.
        if !self.0.session.borrow().is_leaving() {
            self.send(Event::DisconnectedElsewhere);
        }
    }
}
