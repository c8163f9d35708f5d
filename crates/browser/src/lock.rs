//! Locks shared by all tabs in which this deployment is open: the [Web Locks
//! API](https://www.w3.org/TR/web-locks/).

use crate::{Namespace, deadline::Deadline};
use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

// web_sys has the interface among its unstable ones only.
#[wasm_bindgen]
extern "C" {
    /// Throws where the browser has no locks.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, options: &Object, callback: &JsValue) -> Result<Promise, JsValue>;
}

/// A lock, held until this is dropped or the page is gone.
#[derive(Debug)]
pub(crate) struct Lock(Function);

impl Drop for Lock {
    fn drop(&mut self) {
        // The function that settles a promise does not throw.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// How long to wait while another page holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// At most this many milliseconds, since the holder may never release it.
    For(u32),
    /// Not at all: if somebody holds it, the request fails at once.
    None,
}

/// The result of a lock request.
#[derive(Debug)]
pub(crate) enum Request {
    /// This page holds the lock.
    Held(Lock),
    /// Another page still held it when the wait ended.
    Taken,
    /// The browser has no locks, or the request failed.
    Unavailable,
}

/// Whether the browser supports locks.
pub(crate) fn are_available() -> bool {
    let navigator = crate::address::window().navigator();
    Reflect::get(&navigator, &"locks".into()).is_ok_and(|locks| locks.is_object())
}

/// Requests the lock of this name.
pub(crate) async fn request(namespace: &Namespace, name: &str, patience: Patience) -> Request {
    let deadline = match patience {
        Patience::For(millis) => Some(Deadline::after_millis(millis)),
        Patience::None => None,
    };
    let signal = deadline.as_ref().and_then(Deadline::signal);
    let options = Object::new();
    let (option, value) = match &signal {
        Some(signal) => ("signal", signal.into()),
        None => ("ifAvailable", JsValue::TRUE),
    };
    // A new object is not frozen.
    let _ = Reflect::set(&options, &option.into(), &value);
    let (sender, outcome) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let report = move |request| {
        if let Some(sender) = sender.take() {
            // The receiver waits for it, or the whole request is no longer needed.
            let _ = sender.send(request);
        }
    };
    // Called with the lock, or with null if it is not available. The lock is held until the promise
    // returned is settled.
    let granted = report.clone();
    let callback = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            granted(Request::Taken);
            return JsValue::UNDEFINED;
        }
        let held = Promise::new(&mut |resolve, _| granted(Request::Held(Lock(resolve))));
        held.into()
    });
    let Ok(promise) = request_lock(&namespace.name(name), &options, &callback) else {
        return Request::Unavailable;
    };
    spawn_local(async move {
        if JsFuture::from(promise).await.is_err() {
            let in_vain = signal.is_some_and(|signal| signal.aborted());
            report(match in_vain {
                true => Request::Taken,
                false => Request::Unavailable,
            });
        }
    });
    outcome.await.unwrap_or(Request::Unavailable)
}
