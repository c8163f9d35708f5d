//! Before the first page: checks where the page runs, and loads the settings.

use crate::{
    browser::{
        config_file::{self, Loaded},
        first_script::{self, Owner},
        location,
    },
    config::{self, Config, ConfigError, ConfigFileError, Setup},
    ui::language,
};
use cc_connect::{Clock, ClockSource, Prepared, has_response};

/// What the application starts from.
#[derive(Debug)]
pub struct Start {
    /// The page's clock.
    pub clock: Clock,
    /// What there is to show.
    pub kind: Kind,
}

/// What there is to show.
#[derive(Debug)]
pub enum Kind {
    /// The pages: the settings are valid.
    Ready(Setup, Box<Prepared>),
    /// No `client_id` is configured.
    NotSetUp,
    /// The settings cannot be used. The flag: whether a response arrived, which is now lost.
    Failed(ConfigFileError, bool),
    /// The page is embedded in another one, where clicks can be hijacked.
    Framed,
}

/// Loads the settings and texts in parallel, and waits until the application owns the page.
pub async fn prepare() -> Start {
    let words = language::prepare();
    let start = settings().await;
    words.await;
    start
}

async fn settings() -> Start {
    if location::is_framed() {
        return Start {
            clock: Clock::new(ClockSource::Device),
            kind: Kind::Framed,
        };
    }
    let Loaded { clock, config } = config_file::load().await;
    // The first page may be leaving, which usually ends this document.
    first_script::own_page(Owner::Application).await;
    let kind = match config {
        Ok(setup) => {
            let base_url = location::base_url();
            let settings = match &setup {
                Setup::Direct(config) => Config::clone(config).into_settings(&base_url),
                Setup::Server => config::server_settings(&base_url),
            };
            match Prepared::prepare_with_clock(settings, clock.clone()).await {
                Ok(prepared) => Kind::Ready(setup, Box::new(prepared)),
                // The settings were checked when they were read.
                Err(_) => Kind::NotSetUp,
            }
        }
        Err(ConfigFileError::Config(ConfigError::NotSetUp)) => Kind::NotSetUp,
        Err(error) => Kind::Failed(error, has_response()),
    };
    Start { clock, kind }
}
