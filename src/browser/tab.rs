//! Which tab this is. *Duplicate tab* copies sessionStorage, and with it the records of requests that
//! are under way; each of them may be answered once, in one tab.
//!
//! A tab has a random name in its sessionStorage and holds a [lock] of that name while its page
//! lives. A copy finds the lock taken: it takes another name, and drops the records that came along.
//!
//! [lock]: https://www.w3.org/TR/web-locks/

use super::{document, random, session_storage::SessionStorage, timer};
use js_sys::{Function, Object, Promise, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Before each attempt: the page that this one replaces may take a moment to let go.
const PATIENCE_MILLIS: [u32; 3] = [0, 100, 400];

thread_local! {
    /// Lets go of the lock.
    static RELEASE: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Makes sure that this tab's records are its own, now and whenever the page comes back.
pub async fn claim() {
    claim_now().await;
    // A page that holds a lock may not wait in the back-forward cache: it lets go and asks again.
    document::on_hidden(|| {
        if let Some(release) = RELEASE.take() {
            // The function that settles a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    });
    document::on_restored_from_cache(|| spawn_local(claim_now()));
}

async fn claim_now() {
    // Where nothing is stored nothing is copied, and without locks nothing can be noticed.
    let (Ok(storage), Some(locks)) = (SessionStorage::open(), locks()) else {
        return;
    };
    if let Some(name) = storage.tab() {
        for wait in PATIENCE_MILLIS {
            timer::sleep(wait).await;
            if hold(&locks, &name).await {
                return;
            }
        }
        storage.erase_pending();
    }
    if let Some(name) = random::name() {
        // A storage that filled up meanwhile has no records either.
        let _ = storage.store_tab(&name);
        hold(&locks, &name).await;
    }
}

fn locks() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"locks".into())
        .ok()
        .filter(JsValue::is_object)
}

/// Takes the lock of this name unless another page has it. A browser that refuses to answer is taken
/// to have no other page.
async fn hold(locks: &JsValue, name: &str) -> bool {
    let release = Rc::new(RefCell::new(None));
    let held = Promise::new(&mut |resolve, _| *release.borrow_mut() = Some(resolve));
    let answer = Promise::new(&mut |resolve, _| {
        let refused = resolve.clone();
        let held = held.clone();
        let callback = Closure::once_into_js(move |lock: JsValue| {
            let mine = !lock.is_null();
            // As above: settling does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &mine.into());
            if mine {
                held.into()
            } else {
                JsValue::UNDEFINED
            }
        });
        let refuse = Closure::once_into_js(move || {
            let _ = refused.call1(&JsValue::UNDEFINED, &true.into());
        });
        if request(locks, name, &callback, &refuse).is_none() {
            let _ = refuse
                .unchecked_ref::<Function>()
                .call0(&JsValue::UNDEFINED);
        }
    });
    let mine = JsFuture::from(answer)
        .await
        .is_ok_and(|mine| mine.is_truthy());
    if mine {
        RELEASE.replace(release.take());
    }
    mine
}

/// `navigator.locks.request(name, { ifAvailable: true }, callback).catch(refuse)`
fn request(locks: &JsValue, name: &str, callback: &JsValue, refuse: &JsValue) -> Option<Promise> {
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
    let request: Function = Reflect::get(locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let name = JsValue::from_str(&format!("cc-connect/tab/{name}"));
    let promise = request.call3(locks, &name, &options, callback).ok()?;
    let catch: Function = Reflect::get(&promise, &"catch".into())
        .ok()?
        .dyn_into()
        .ok()?;
    catch.call1(&promise, refuse).ok()?.dyn_into().ok()
}
