//! Locks shared by all tabs in which this deployment is open: the [Web Locks
//! API](https://www.w3.org/TR/web-locks/).

use super::{deadline::Deadline, names::own};
use js_sys::{Function, Object, Promise, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// A lock, held until this is dropped or the page is gone.
#[derive(Debug)]
pub(super) struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            // The function that settles a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// How long to wait while another page holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// At most this many milliseconds, since the holder may never release it.
    For(u32),
    /// Not at all.
    None,
}

/// The result of a lock request.
#[derive(Debug)]
pub(super) enum Request {
    /// This page holds the lock.
    Held(Lock),
    /// Another page still held it when the wait ended.
    Taken,
    /// The browser has no locks, or the request failed.
    Unavailable,
}

/// Whether the browser supports locks.
pub(super) fn are_available() -> bool {
    locks().is_some()
}

/// Requests the lock of this name, under the application's prefix.
pub(super) async fn request(name: &str, patience: Patience) -> Request {
    let Some(locks) = locks() else {
        return Request::Unavailable;
    };
    let deadline = match patience {
        Patience::For(millis) => Some(Deadline::after_millis(millis)),
        Patience::None => None,
    };
    let signal = deadline.as_ref().and_then(Deadline::signal);
    let release = Rc::new(RefCell::new(None));
    let held = Promise::new(&mut |resolve, _| *release.borrow_mut() = Some(resolve));
    // Resolves to whether the lock is held, or to undefined if the request failed.
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
        let waited_for = signal.clone();
        let refuse = Closure::once_into_js(move || {
            let in_vain = waited_for.is_some_and(|signal| signal.aborted());
            let answer = if in_vain {
                false.into()
            } else {
                JsValue::UNDEFINED
            };
            let _ = refused.call1(&JsValue::UNDEFINED, &answer);
        });
        if call(&locks, name, signal.as_ref(), &callback, &refuse).is_none() {
            let _ = refuse
                .unchecked_ref::<Function>()
                .call0(&JsValue::UNDEFINED);
        }
    });
    match JsFuture::from(answer).await.map(|mine| mine.as_bool()) {
        Ok(Some(true)) => Request::Held(Lock(release.take())),
        Ok(Some(false)) => Request::Taken,
        _ => Request::Unavailable,
    }
}

fn locks() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"locks".into())
        .ok()
        .filter(JsValue::is_object)
}

/// `navigator.locks.request(name, { signal } or { ifAvailable }, callback).catch(refuse)`
fn call(
    locks: &JsValue,
    name: &str,
    signal: Option<&AbortSignal>,
    callback: &JsValue,
    refuse: &JsValue,
) -> Option<Promise> {
    let options = Object::new();
    let (option, value) = match signal {
        Some(signal) => ("signal", signal.into()),
        None => ("ifAvailable", true.into()),
    };
    Reflect::set(&options, &option.into(), &value).ok()?;
    let request: Function = Reflect::get(locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let name = JsValue::from_str(&own(&format!("cc-connect/{name}")));
    let promise = request.call3(locks, &name, &options, callback).ok()?;
    let catch: Function = Reflect::get(&promise, &"catch".into())
        .ok()?
        .dyn_into()
        .ok()?;
    catch.call1(&promise, refuse).ok()?.dyn_into().ok()
}
