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
//! refreshed until it has its name again ([`claimed`]).

use super::{
    document,
    lock::{self, Lock, Patience, Request},
    random,
    session_storage::SessionStorage,
    timer,
};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Waits before each attempt: the page that this one replaces may need a moment to release the
/// lock.
const PATIENCE_MILLIS: [u32; 3] = [0, 100, 400];

thread_local! {
    static LOCK: RefCell<Option<Lock>> = const { RefCell::new(None) };
    static CLAIM: RefCell<Claim> = const { RefCell::new(Claim::Settled) };
}

/// Whether the stored records are known to be this tab's own.
enum Claim {
    Settled,
    /// Not known yet; these are waiting for it.
    Open(Vec<Function>),
}

/// Returns once the stored records are known to be this tab's own: immediately, or after the claim
/// that follows a return from the back-forward cache.
pub(super) async fn claimed() {
    let waiting = Promise::new(&mut |resolve, _| {
        CLAIM.with_borrow_mut(|claim| match claim {
            Claim::Open(waiting) => waiting.push(resolve),
            Claim::Settled => settle(&resolve),
        });
    });
    // The promise never rejects.
    let _ = JsFuture::from(waiting).await;
}

fn settle(resolve: &Function) {
    // The function that settles a promise does not throw.
    let _ = resolve.call0(&JsValue::UNDEFINED);
}

/// Makes sure that the stored records are this tab's own, now and whenever the page is restored.
pub async fn claim() {
    claim_now(SessionStorage::drop_refresh_token).await;
    document::on_hidden(|| {
        release();
        CLAIM.with_borrow_mut(|claim| {
            if matches!(claim, Claim::Settled) {
                *claim = Claim::Open(Vec::new());
            }
        });
    });
    document::on_restored_from_cache(|| {
        spawn_local(async {
            claim_now(SessionStorage::drop_refresh_token).await;
            if let Claim::Open(waiting) = CLAIM.replace(Claim::Settled) {
                waiting.iter().for_each(settle);
            }
        });
    });
}

/// Like [`claim`], for a page without a connection that does not need to be restored.
pub async fn claim_once() {
    if LOCK.with_borrow(Option::is_some) {
        return;
    }
    claim_now(|_| ()).await;
    document::on_hidden(release);
}

/// Releases the name so that another module of this page can claim it. It is also released when the
/// page is hidden, since a page that holds a lock may not enter the back-forward cache.
pub fn release() {
    drop(LOCK.take());
}

/// `part` removes from the storage what a connection must not share with a copy.
async fn claim_now(part: fn(&SessionStorage)) {
    let Ok(storage) = SessionStorage::open() else {
        // Where nothing is stored, nothing is copied.
        return;
    };
    if !lock::are_available() {
        // Without locks a copy cannot be detected, so nothing is kept that a copy must not have.
        part(&storage);
        return;
    }
    if let Some(name) = storage.tab() {
        for wait in PATIENCE_MILLIS {
            timer::sleep(wait).await;
            if hold(&name).await {
                return;
            }
        }
        storage.erase_pending();
        part(&storage);
    }
    if let Some(name) = random::name() {
        // If the storage filled up meanwhile, it has no records either.
        let _ = storage.store_tab(&name);
        hold(&name).await;
    }
}

/// Takes the lock of this name unless another page holds it. If the request fails, assumes that no
/// other page does.
async fn hold(name: &str) -> bool {
    match lock::request(&format!("tab/{name}"), Patience::None).await {
        Request::Held(lock) => {
            LOCK.replace(Some(lock));
            true
        }
        Request::Taken => false,
        Request::Unavailable => true,
    }
}
