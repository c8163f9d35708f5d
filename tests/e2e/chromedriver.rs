//! One chromedriver process, on a port of its own choosing.

use std::env;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running chromedriver; it is killed when dropped.
pub(crate) struct Chromedriver {
    process: Child,
    port: u16,
}

impl Chromedriver {
    /// Starts the program named by `CHROMEDRIVER`, or the one in `PATH`.
    pub(crate) async fn start() -> Self {
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start {program}: {error}. Install it or set CHROMEDRIVER.")
            });
        let stdout = process.stdout.take().expect("stdout was piped");
        let mut lines = BufReader::new(stdout).lines();
        let port = tokio::time::timeout(Duration::from_secs(30), async {
            while let Some(line) = lines.next_line().await.expect("chromedriver's output") {
                if let Some(port) = port_in(&line) {
                    return port;
                }
            }
            panic!("{program} ended before it named its port");
        })
        .await
        .expect("chromedriver names its port within 30 s");
        // A full pipe would block the driver: keep emptying it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { process, port }
    }

    /// The address that WebDriver commands go to.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Ends the process.
    pub(crate) async fn stop(mut self) {
        // Killing a process that has already ended is no failure.
        let _ = self.process.kill().await;
    }
}

/// The port in `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("started successfully on port ")?;
    rest.trim_end().trim_end_matches('.').parse().ok()
}
