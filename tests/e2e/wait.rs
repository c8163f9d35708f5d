//! Waiting for something to become true, and never for a fixed time.

use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a test waits for something that should happen soon.
pub const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Asks `probe` until it answers `Ok`, and panics with its last `Err` after [`TIMEOUT`].
pub async fn eventually<T>(what: impl Display, probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    eventually_within(TIMEOUT, POLL, what, probe).await
}

/// As [`eventually`], with another time limit and another pause between two looks.
pub(crate) async fn eventually_within<T>(
    limit: Duration,
    pause: Duration,
    what: impl Display,
    mut probe: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match probe().await {
            Ok(value) => return value,
            Err(seen) if Instant::now() >= deadline => {
                panic!("waited {} s for {what}; last seen: {seen}", limit.as_secs())
            }
            Err(_) => sleep(pause).await,
        }
    }
}

/// Asks `probe` again and again for the whole of `span`: for what must *not* happen.
/// Panics with the first `Err`.
pub async fn holds_for(
    span: Duration,
    what: impl Display,
    mut probe: impl AsyncFnMut() -> Result<(), String>,
) {
    let deadline = Instant::now() + span;
    while Instant::now() < deadline {
        if let Err(seen) = probe().await {
            panic!("{what} did not hold: {seen}");
        }
        sleep(POLL).await;
    }
}
