//! Loads `config.json`, which sits next to the page.

use super::{first_script, location};
use crate::config::{self, ConfigError, ConfigFileError, MAX_BYTES, Setup};
use cc_connect::{Clock, ClockSource, Deadline, body};

const DEADLINE_MILLIS: u32 = 15_000;

/// The application's clock, and what the file yields.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The page's clock, set from the host's response.
    pub clock: Clock,
    /// The settings, if they are right.
    pub config: T,
}

/// Fetches and parses the file, and sets the clock from the host's response.
pub async fn load() -> Loaded<Result<Setup, ConfigFileError>> {
    let (clock, bytes) = fetch().await;
    let config = bytes.and_then(|bytes| {
        Setup::parse(&bytes, &location::base_url()).map_err(ConfigFileError::Config)
    });
    Loaded { clock, config }
}

/// Like [`load`], for a caller that has nothing to say about errors.
pub async fn load_if_right() -> Loaded<Option<Setup>> {
    let (clock, bytes) = fetch().await;
    let base_url = location::base_url();
    let config = bytes
        .ok()
        .and_then(|bytes| Setup::parse_if_right(&bytes, &base_url));
    Loaded { clock, config }
}

async fn fetch() -> (Clock, Result<Vec<u8>, ConfigFileError>) {
    let url = config::file_url(&location::base_url());
    let clock = Clock::new(ClockSource::HostDate(url.clone()));
    let bytes = read(&url, &clock).await;
    (clock, bytes)
}

async fn read(url: &str, clock: &Clock) -> Result<Vec<u8>, ConfigFileError> {
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
    bytes.map_err(|error| match error {
        body::BodyError::TooLong => ConfigFileError::Config(ConfigError::TooLarge),
        _ => ConfigFileError::Unreachable,
    })
}
