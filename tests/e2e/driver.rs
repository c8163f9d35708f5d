//! A browser driver process, on a port that it picks itself.

use crate::kind::Kind;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How often to start a driver that exits immediately.
const ATTEMPTS: u32 = 3;

/// A running driver; it is killed when dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver for this browser.
    pub(crate) async fn start(kind: Kind) -> Self {
        // A driver picks a free port in one address family and exits if another program uses that
        // port in the other family.
        for _ in 1..ATTEMPTS {
            if let Some(driver) = Self::attempt(kind).await {
                return driver;
            }
        }
        Self::attempt(kind).await.unwrap_or_else(|| {
            panic!(
                "{} ended before it named its port, {ATTEMPTS} times",
                kind.driver().to_string_lossy()
            )
        })
    }

    /// `None` if it exited immediately.
    async fn attempt(kind: Kind) -> Option<Self> {
        let program = kind.driver();
        let arguments: &[&str] = match kind {
            Kind::Chromium => &["--port=0"],
            // Reading the history from outside the page counts as system access.
            Kind::Firefox => &["--port=0", "--websocket-port=0", "--allow-system-access"],
        };
        let mut process = Command::new(&program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot start {}, which drives {kind}: {error}. `cargo xtask setup` \
                     installs it; {} may name another.",
                    program.to_string_lossy(),
                    kind.driver_variable()
                )
            });
        let stdout = process.stdout.take().expect("stdout was piped");
        let mut lines = BufReader::new(stdout).lines();
        let port = tokio::time::timeout(Duration::from_secs(30), async {
            while let Some(line) = lines.next_line().await.expect("the driver's output") {
                if let Some(port) = port_in(&line) {
                    return Some(port);
                }
            }
            None
        })
        .await
        .expect("the driver names its port within 30 s")?;
        // A full pipe would block the driver, so keep draining it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { process, port })
    }

    /// The URL for WebDriver commands.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the process.
    pub(crate) async fn stop(mut self) {
        // The process may have exited already.
        let _ = self.process.kill().await;
    }
}

/// The port in `ChromeDriver was started successfully on port 40123.`, or in geckodriver's
/// `… INFO Listening on 127.0.0.1:40123`.
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line
        .split_once("started successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    rest.trim_end().trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn both_drivers_name_their_port() {
        let chromium = "ChromeDriver was started successfully on port 40123.";
        let firefox = "1732400000000\tgeckodriver\tINFO\tListening on 127.0.0.1:40123";
        assert_eq!(port_in(chromium), Some(40123));
        assert_eq!(port_in(firefox), Some(40123));
        assert_eq!(port_in("Please see the notes on port security."), None);
    }
}
