//! Before the first page: is this a place to run in, and what are the settings?

use crate::{
    browser::{
        config_file::{self, ConfigFileError},
        first_script::{self, Owner},
        location, tab, timer,
    },
    config::{Config, ConfigError},
    oauth::CapturedResponse,
    ui::language,
};

/// How often it is looked whether the first page has left after all, in milliseconds.
const LEAVING_MILLIS: u32 = 50;

/// What the application starts with.
#[derive(Debug)]
pub enum Start {
    /// Settings, and perhaps a response to judge.
    Ready(Box<Config>, Option<CapturedResponse>),
    /// Nobody has entered a client_id yet.
    NotSetUp,
    /// The settings cannot be used.
    Failed(ConfigFileError),
    /// The page stands inside another one, where clicks can be stolen.
    Framed,
}

/// Reads the settings, and the words meanwhile, and waits until the page is the application's.
pub async fn prepare(captured: Option<CapturedResponse>) -> Start {
    let words = language::prepare();
    let start = settings(captured).await;
    words.await;
    start
}

async fn settings(captured: Option<CapturedResponse>) -> Start {
    if location::is_framed() {
        return Start::Framed;
    }
    let start = match config_file::load().await {
        Ok(config) => Start::Ready(Box::new(config), captured),
        Err(ConfigFileError::Config(ConfigError::NotSetUp)) => Start::NotSetUp,
        Err(error) => Start::Failed(error),
    };
    // The first page may be on its way out. Mostly that ends with this document.
    while !first_script::take_page(Owner::Application) {
        timer::sleep(LEAVING_MILLIS).await;
    }
    tab::claim().await;
    start
}
