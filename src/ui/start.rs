//! Before the first page: is this a place to run in, and what are the settings?

use crate::{
    browser::{
        config_file::{self, ConfigFileError},
        location, tab,
    },
    config::{Config, ConfigError},
    oauth::CapturedResponse,
    ui::language,
};

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

/// Reads the settings, and the words meanwhile.
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
    tab::claim().await;
    match config_file::load().await {
        Ok(config) => Start::Ready(Box::new(config), captured),
        Err(ConfigFileError::Config(ConfigError::NotSetUp)) => Start::NotSetUp,
        Err(error) => Start::Failed(error),
    }
}
