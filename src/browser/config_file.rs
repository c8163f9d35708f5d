//! Loads `config.json`, which sits next to the page.

use super::{body, clock, deadline::Deadline, first_script, location};
use crate::{
    clock::Reading,
    config::{Config, ConfigError, MAX_BYTES},
};
use gloo_net::http::{Request, Response};
use web_sys::{RequestCache, RequestCredentials, RequestRedirect};

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

/// The URL of the file.
pub fn url() -> String {
    format!("{}config.json", location::base_url())
}

/// Fetches and parses the file, and sets the clock from the host's response.
///
/// # Errors
///
/// [`ConfigFileError`].
pub async fn load() -> Result<Config, ConfigFileError> {
    // Held until the body has arrived as well.
    let deadline = Deadline::after_millis(DEADLINE_MILLIS);
    let (response, asked, answered) = match first_script::take_settings().await {
        Some(Ok(answer)) => (answer.response.into(), answer.asked, answer.answered),
        Some(Err(())) => return Err(ConfigFileError::Unreachable),
        None => ask(&deadline).await?,
    };
    clock::hear(&response, asked, answered);
    if response.status() != 200 {
        return Err(ConfigFileError::Status(response.status()));
    }
    let bytes =
        body::read_bytes(response.body(), MAX_BYTES)
            .await
            .map_err(|error| match error {
                body::BodyError::TooLong => ConfigFileError::Config(ConfigError::TooLarge),
                _ => ConfigFileError::Unreachable,
            })?;
    Config::parse(&bytes, &location::base_url()).map_err(ConfigFileError::Config)
}

/// Requests the file the way the first script does. Returns the response, and the page's clocks
/// when the request was sent and when the response began to arrive.
pub(super) async fn ask(
    deadline: &Deadline,
) -> Result<(Response, Reading, Reading), ConfigFileError> {
    let asked = clock::read();
    let response = Request::get(&url())
        .abort_signal(deadline.signal().as_ref())
        // A cached response would carry an old time.
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Error)
        .send()
        .await
        .map_err(|_| ConfigFileError::Unreachable)?;
    Ok((response, asked, clock::read()))
}
