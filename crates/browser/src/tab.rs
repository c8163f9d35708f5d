//! Tab identity. A connection belongs to one tab, while *Disconnect* applies to the whole browser:
//! a message reaches the tabs that are awake (`broadcast`), and a number in localStorage (`epoch`)
//! those that were asleep, frozen or closed.
//!
//! *Duplicate tab* copies sessionStorage, including pending authorizations, each of which may be
//! answered once, in one tab, and a refresh token, which may be used once, by one tab.
//!
//! A tab has a random name in its sessionStorage and holds a lock of that name while its page
//! lives. A copy finds the lock taken: it takes another name and drops whatever it cannot share
//! with the original. Its connection ends when its access token expires. A page in the back-forward
//! cache has released its lock and may have been copied meanwhile: when it is restored, nothing is
//! refreshed until it has its name again ([`Tab::claimed`]).

use crate::{
    Namespace,
    lock::{self, Lock, Patience, Request},
    page, random,
    session_storage::SessionStorage,
    timer,
};
use futures_channel::oneshot;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen_futures::spawn_local;

/// Waits before each attempt: the page that this one replaces may need a moment to release the
/// lock.
const PATIENCE_MILLIS: [u32; 3] = [0, 100, 400];

/// This tab. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub(crate) struct Tab(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    namespace: Namespace,
    lock: RefCell<Option<Lock>>,
    claim: RefCell<Claim>,
}

/// Whether the stored records are known to be this tab's own.
#[derive(Debug)]
enum Claim {
    Settled,
    /// Not known yet; these are waiting for it.
    Open(Vec<oneshot::Sender<()>>),
}

impl Tab {
    pub(crate) fn new(namespace: Namespace) -> Self {
        Self(Rc::new(Inner {
            namespace,
            lock: RefCell::new(None),
            claim: RefCell::new(Claim::Settled),
        }))
    }

    /// Returns once the stored records are known to be this tab's own: immediately, or after the
    /// claim that follows a return from the back-forward cache.
    pub(crate) async fn claimed(&self) {
        let waiting = match &mut *self.0.claim.borrow_mut() {
            Claim::Settled => None,
            Claim::Open(waiting) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Some(receiver)
            }
        };
        if let Some(waiting) = waiting {
            // Never canceled: whoever drops the senders has settled the claim.
            let _ = waiting.await;
        }
    }

    /// Makes sure that the stored records are this tab's own, now and whenever the page is
    /// restored.
    pub(crate) async fn claim(&self) {
        self.claim_now(SessionStorage::drop_refresh_token).await;
        let this = self.clone();
        page::on_hidden(move || {
            this.release();
            let mut claim = this.0.claim.borrow_mut();
            if matches!(*claim, Claim::Settled) {
                *claim = Claim::Open(Vec::new());
            }
        });
        let this = self.clone();
        page::on_restored_from_cache(move || {
            let this = this.clone();
            spawn_local(async move {
                this.claim_now(SessionStorage::drop_refresh_token).await;
                // Dropping the senders wakes those who wait.
                this.0.claim.replace(Claim::Settled);
            });
        });
    }

    /// Like [`claim`](Self::claim), for a page without a connection that does not need to be
    /// restored.
    pub(crate) async fn claim_once(&self) {
        if self.0.lock.borrow().is_some() {
            return;
        }
        self.claim_now(|_| ()).await;
        let this = self.clone();
        page::on_hidden(move || this.release());
    }

    /// Releases the name so that another module of this page can claim it. It is also released when
    /// the page is hidden, since a page that holds a lock may not enter the back-forward cache.
    pub(crate) fn release(&self) {
        drop(self.0.lock.take());
    }

    /// `part` removes from the storage what a connection must not share with a copy.
    async fn claim_now(&self, part: fn(&SessionStorage)) {
        let Ok(storage) = SessionStorage::open(&self.0.namespace) else {
            // Where nothing is stored, nothing is copied.
            return;
        };
        if !lock::are_available() {
            // Without locks a copy cannot be detected, so nothing is kept that a copy must not
            // have.
            part(&storage);
            return;
        }
        if let Some(name) = storage.tab() {
            for wait in PATIENCE_MILLIS {
                timer::sleep(wait).await;
                if self.hold(&name).await {
                    return;
                }
            }
            storage.erase_pending();
            part(&storage);
        }
        if let Some(name) = random::name() {
            // If the storage filled up meanwhile, it has no records either.
            let _ = storage.store_tab(&name);
            self.hold(&name).await;
        }
    }

    /// Takes the lock of this name unless another page holds it. If the request fails, assumes that
    /// no other page does.
    async fn hold(&self, name: &str) -> bool {
        let name = format!("tab/{name}");
        match lock::request(&self.0.namespace, &name, Patience::None).await {
            Request::Held(lock) => {
                self.0.lock.replace(Some(lock));
                true
            }
            Request::Taken => false,
            Request::Unavailable => true,
        }
    }
}
