//! Before the first page: checks where the page runs, and loads the settings.

use crate::{
    browser::{
        config_file::{self, ConfigFileError},
        first_script::{self, Owner},
        location, tab, timer,
    },
    config::{Config, ConfigError},
    oauth::Arrival,
    ui::language,
};

/// How often to check whether the first page has left after all, in milliseconds.
const LEAVING_MILLIS: u32 = 50;

/// The state that the application starts in.
#[derive(Debug)]
pub enum Start {
    /// Valid settings, and the authorization response that arrived, if any.
    Ready(Box<Config>, Option<Arrival>),
    /// No `client_id` is configured.
    NotSetUp,
    /// The settings cannot be used. The flag: whether a response arrived, which is now lost.
    Failed(ConfigFileError, bool),
    /// The page is embedded in another one, where clicks can be hijacked.
    Framed,
}

/// Loads the settings and texts in parallel, and waits until the application owns the page.
pub async fn prepare(arrival: Option<Arrival>) -> Start {
    let words = language::prepare();
    let start = settings(arrival).await;
    words.await;
    start
}

async fn settings(arrival: Option<Arrival>) -> Start {
    if location::is_framed() {
        return Start::Framed;
    }
    let start = match config_file::load().await {
        Ok(config) => Start::Ready(Box::new(config), arrival),
        Err(ConfigFileError::Config(ConfigError::NotSetUp)) => Start::NotSetUp,
        Err(error) => Start::Failed(error, arrival.is_some_and(|arrival| arrival.may_be_ours())),
    };
    // The first page may be leaving. Usually that ends this document.
    while !first_script::take_page(Owner::Application) {
        timer::sleep(LEAVING_MILLIS).await;
    }
    tab::claim().await;
    start
}
