//! The Connect page before the application has loaded. Its markup is in index.html; this module
//! makes its button work: it reads the settings and makes the same request as the application
//! would.
//!
//! It is a separate WebAssembly module, less than a quarter of the application's size, so that
//! nobody has to wait for the application before pressing a button. The first script loads it after
//! the style sheet, then fetches and compiles the application without starting it: on a phone,
//! starting takes a tenth of a second, during which the page would not react to a press. The
//! application starts when the user gets near a link or control that needs it, or after four
//! seconds; it starts immediately if it has something to show. If it cannot be fetched, the working
//! page stays, and the application is fetched again, bypassing the cache, when something needs it.
//!
//! If the page's server keeps the connection, the server begins the authorization.
//!
//! This module handles only the common case: valid settings, the default scope, English. Exactly
//! one of the two owns the page, whichever claims it first. If this module cannot start the
//! request, it hands the press to the application, which tries again and explains why it fails.

use super::{
    config_file::{self, Loaded},
    document,
    first_script::{Owner, give_up_page, load_application, load_application_later, take_page},
    location,
};
use crate::config::{Setup, path_of};
use cc_connect::{
    Clock,
    core::{ReturnTo, constant_contact::default_scope, oauth::Scope, session::StartError},
    start_authorization, start_server_authorization,
};
use wasm_bindgen_futures::spawn_local;

/// Enables the button if possible. The application starts immediately only if it has something to
/// do.
pub async fn run() {
    match prepare().await {
        Some(clock) if clock.deviation().is_none() => load_application_later(),
        _ => load_application(),
    }
}

/// `None` if the button is left to the application.
async fn prepare() -> Option<Clock> {
    if location::is_framed() {
        return None;
    }
    let Loaded { clock, config } = config_file::load_if_right().await;
    let shown = clock.clone();
    match config? {
        Setup::Direct(config) => {
            let client = &config.context.client;
            // index.html lists only the default permissions.
            if Scope::parse(default_scope(client.response_type())).as_ref() != Ok(client.scope()) {
                return None;
            }
            document::show_response_type(client.response_type().as_str());
            let settings = config.into_settings(&location::base_url());
            document::enable_connect(move || {
                let (settings, clock) = (settings.clone(), clock.clone());
                press(async move { start_authorization(settings, &clock, ReturnTo::START).await });
            });
        }
        Setup::Server => {
            document::show_response_type("server");
            document::enable_connect(|| press(begin_at_server()));
        }
    }
    // The user pressed Back at the authorization server: no request is under way.
    document::on_restored_from_cache(|| {
        if take_page(Owner::FirstPage) {
            location::reload();
        }
    });
    Some(shown)
}

async fn begin_at_server() -> Result<(), StartError> {
    let base_url = location::base_url();
    start_server_authorization("cc-connect", path_of(&base_url), ReturnTo::START).await
}

/// Leaves for the authorization server. On failure the application takes over and explains.
fn press(start: impl Future<Output = Result<(), StartError>> + 'static) {
    let mine = take_page(Owner::FirstPage);
    if !mine {
        return give_up_page();
    }
    document::show_leaving();
    spawn_local(async move {
        if start.await.is_err() {
            give_up_page();
        }
    });
}
