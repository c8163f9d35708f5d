//! A server process with its children.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::stage::Stage;

const POLL: Duration = Duration::from_millis(50);
/// wrangler takes several seconds on a busy machine.
const STARTED: Duration = Duration::from_secs(60);
/// How long it may take to shut down.
const GRACE: Duration = Duration::from_secs(5);

/// Ends on drop, together with its children.
#[derive(Debug)]
pub(crate) struct Process(Box<dyn ChildWrapper>);

impl Process {
    /// Starts `command` in a process group of its own and waits until it responds on the stage's
    /// port.
    pub(crate) fn start(mut command: Command, stage: &Stage, name: &str) -> Self {
        let log = stage.path("log");
        let file = fs::File::create(&log).expect("it can be made");
        let output = file.try_clone().expect("it can be shared");
        let folder = stage.path("");
        command
            .current_dir(&folder)
            .env("HOME", &folder)
            .env("XDG_DATA_HOME", &folder)
            .env("XDG_CONFIG_HOME", &folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(file);
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::std::JobObject);
        let mut process = Self(command.spawn().expect("it starts"));
        let since = Instant::now();
        while !responds(stage.port) {
            let printed = || fs::read_to_string(&log).unwrap_or_default();
            let ended = process.0.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "{name} ended: {}", printed());
            let waited = since.elapsed();
            assert!(waited < STARTED, "{name} does not respond: {}", printed());
            sleep(POLL);
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited already, which is fine.
        #[cfg(unix)]
        let _ = self.0.signal(nix::sys::signal::Signal::SIGTERM as i32);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.0.try_wait(), Ok(None)) {
            sleep(POLL);
        }
        let _ = self.0.start_kill();
        let _ = self.0.wait();
    }
}

/// Whether there is a response, with any status.
fn responds(port: u16) -> bool {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(STARTED))
        .build()
        .new_agent();
    agent
        .get(format!("http://127.0.0.1:{port}/"))
        .call()
        .is_ok()
}
