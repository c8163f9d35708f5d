//! Loads `config.json`, which sits next to the page.

use super::{first_script, location};
use crate::config::{self, Config, ConfigError, MAX_BYTES};
use cc_connect::{Clock, ClockSource, Deadline, body};

const DEADLINE_MILLIS: u32 = 15_000;

/// Why no configuration could be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFileError {
    /// The file could not be fetched.
    Unreachable,
    /// The server responded with a status other than 200.
    Status(u16),
    /// The file was fetched but its contents are invalid.
    Config(ConfigError),
}

/// The application's clock, and its settings.
#[derive(Debug)]
pub struct Loaded {
    /// The page's clock, set from the host's response.
    pub clock: Clock,
    /// The settings.
    pub config: Result<Config, ConfigFileError>,
}

/// Fetches and parses the file, and sets the clock from the host's response.
pub async fn load() -> Loaded {
    let url = config::file_url(&location::base_url());
    let clock = Clock::new(ClockSource::HostDate(url.clone()));
    let config = read(&url, &clock).await;
    Loaded { clock, config }
}

async fn read(url: &str, clock: &Clock) -> Result<Config, ConfigFileError> {
    // Held until the body has arrived as well.
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let response = match first_script::take_settings().await {
        Some(Ok(answer)) => {
            let response = answer.response.into();
            clock.hear(&response, answer.asked, answer.answered);
            Some(response)
        }
        Some(Err(())) => None,
        None => clock.fetch(url, &deadline).await,
    };
    let response = response.ok_or(ConfigFileError::Unreachable)?;
    if response.status() != 200 {
        return Err(ConfigFileError::Status(response.status()));
    }
    let bytes = body::read_bytes(response.body(), MAX_BYTES).await;
    let bytes = bytes.map_err(|error| match error {
        body::BodyError::TooLong => ConfigFileError::Config(ConfigError::TooLarge),
        _ => ConfigFileError::Unreachable,
    })?;
    Config::parse(&bytes, &location::base_url()).map_err(ConfigFileError::Config)
}
