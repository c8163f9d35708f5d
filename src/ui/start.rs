//! Before the first page: is this a place to run in, and what are the settings?

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

/// How often it is looked whether the first page has left after all, in milliseconds.
const LEAVING_MILLIS: u32 = 50;

/// What the application starts with.
#[derive(Debug)]
pub enum Start {
    /// Settings, and perhaps a response to judge.
    Ready(Box<Config>, Option<Arrival>),
    /// Nobody has entered a client_id yet.
    NotSetUp,
    /// The settings cannot be used, and whether a response came that is lost by that.
    Failed(ConfigFileError, bool),
    /// The page stands inside another one, where clicks can be stolen.
    Framed,
}

/// Reads the settings, and the words meanwhile, and waits until the page is the application's.
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
    // The first page may be on its way out. Mostly that ends with this document.
    while !first_script::take_page(Owner::Application) {
        timer::sleep(LEAVING_MILLIS).await;
    }
    tab::claim().await;
    start
}
