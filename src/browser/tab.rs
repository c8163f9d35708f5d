//! Which tab this is. A connection belongs to its tab, and *Disconnect* is for the whole browser: a
//! message tells the tabs that are awake (`broadcast`), and a number in localStorage (`epoch`) those
//! that slept, were frozen or closed.
//!
//! *Duplicate tab* copies sessionStorage, and with it the records of requests that
//! are under way, each of which may be answered once, in one tab; and a refresh token, which may be
//! used once, by one tab.
//!
//! A tab has a random name in its sessionStorage and holds a lock of that name while its page lives.
//! A copy finds the lock taken: it takes another name, and drops what came along and cannot be
//! shared. Its connection ends when its access token does. A page in the back-forward cache has let go
//! of its lock and may have been copied meanwhile: when it comes back nothing is refreshed before it has
//! its name again ([`claimed`]).

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

/// Before each attempt: the page that this one replaces may take a moment to let go.
const PATIENCE_MILLIS: [u32; 3] = [0, 100, 400];

thread_local! {
    static LOCK: RefCell<Option<Lock>> = const { RefCell::new(None) };
    static CLAIM: RefCell<Claim> = const { RefCell::new(Claim::Settled) };
}

/// Whether it is known that the records are this tab's own.
enum Claim {
    Settled,
    /// Not yet; what waits for it.
    Open(Vec<Function>),
}

/// Returns when it is known that the records are this tab's own: at once, or after the claim that
/// follows a return from the back-forward cache.
pub(super) async fn claimed() {
    let waiting = Promise::new(&mut |resolve, _| {
        CLAIM.with_borrow_mut(|claim| match claim {
            Claim::Open(waiting) => waiting.push(resolve),
            Claim::Settled => settle(&resolve),
        });
    });
    // A promise that is only ever resolved.
    let _ = JsFuture::from(waiting).await;
}

fn settle(resolve: &Function) {
    // The function that settles a promise does not throw.
    let _ = resolve.call0(&JsValue::UNDEFINED);
}

/// Makes sure that this tab's records are its own, now and whenever the page comes back.
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

/// As [`claim`], for a page that has no connection and is not to come back.
pub async fn claim_once() {
    if LOCK.with_borrow(Option::is_some) {
        return;
    }
    claim_now(|_| ()).await;
    document::on_hidden(release);
}

/// Gives the name up, for another module of this page to claim. And a page that holds a lock may not
/// wait in the back-forward cache: it lets go and asks again.
pub fn release() {
    drop(LOCK.take());
}

/// `part` takes from the storage what a connection must not share with a copy.
async fn claim_now(part: fn(&SessionStorage)) {
    let Ok(storage) = SessionStorage::open() else {
        // Where nothing is stored nothing is copied.
        return;
    };
    if !lock::are_available() {
        // Without locks no copy can be noticed: then nothing is kept that a copy must not have.
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
        // A storage that filled up meanwhile has no records either.
        let _ = storage.store_tab(&name);
        hold(&name).await;
    }
}

/// Takes the lock of this name unless another page has it. A browser that refuses to answer is taken
/// to have no other page.
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
