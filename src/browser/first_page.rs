//! The Connect page before the application is there. What a person sees stands in index.html; here is
//! what makes its button work: the settings, and the same request that the application would make.
//!
//! It is a module of its own, so that nobody waits for the application to press a button. It knows
//! the ordinary case alone. Whatever is out of the ordinary, the application says.

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
