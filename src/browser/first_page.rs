//! The Connect page before the application is there. What a user sees stands in index.html; here is
//! what makes its button work: the settings, and the same request that the application would make.
//!
//! It is a WebAssembly module of its own, less than a quarter of the application's size, so that nobody
//! waits for the application to press a button. The first script loads it once the style sheet is there,
//! then fetches and compiles the application without starting it: on a phone the start takes a tenth of
//! a second in which a press would not be answered. The application starts when the user comes near a
//! link or a control that needs it, or after four seconds; at once where it has something to say. If it
//! cannot be fetched, the page that works stays as it is, and the application is asked for again, past
//! the cache, when something needs it.
//!
//! This module knows the ordinary case alone: settings without a mistake, the default scope, English.
//! Exactly one of the two owns the page, whichever claims it first. If this module cannot start the
//! request, it hands the press to the application, which tries again and explains why it fails.

use super::{
    clock, config_file, document,
    first_script::{Owner, give_up_page, load_application, load_application_later, take_page},
    leave::leave,
    location, tab,
};
use crate::{
    clock::Look,
    constant_contact::default_scope,
    oauth::{Client, Scope},
    route::Route,
};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Makes the button work where that is possible. The application is started at once only where it has
/// something to do.
pub async fn run() {
    if prepare().await.is_some() && clock::deviation().is_none() {
        load_application_later();
    } else {
        load_application();
    }
}

/// `None` where the button is left to the application.
async fn prepare() -> Option<()> {
    if location::is_framed() {
        return None;
    }
    let client = config_file::load().await.ok()?.client;
    // index.html lists what is asked for where nothing else is configured.
    if Scope::parse(default_scope(client.response_type)).as_ref() != Ok(&client.scope) {
        return None;
    }
    document::show_response_type(client.response_type.as_str());
    let client = Rc::new(client);
    document::enable_connect(move || press(client.clone()));
    // Come back by Back from the authorization server: nothing is on its way.
    document::on_restored_from_cache(|| {
        if take_page(Owner::FirstPage) {
            location::reload();
        }
    });
    Some(())
}

/// Leaves; or, where that fails, leaves it to the application to say why.
fn press(client: Rc<Client>) {
    let mine = take_page(Owner::FirstPage);
    if !mine {
        return give_up_page();
    }
    document::show_leaving();
    spawn_local(async move {
        tab::claim_once().await;
        let certain = matches!(clock::look(), Look::Time(_)) && !clock::is_postponed();
        if !certain || leave(&client, Route::default()).is_err() {
            tab::release();
            give_up_page();
        }
    });
}
