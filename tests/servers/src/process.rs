//! A server's process and those that it starts.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Stage;

const POLL: Duration = Duration::from_millis(50);
const STARTED: Duration = Duration::from_secs(20);
/// How long it may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// It ends when dropped, with its workers.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts `command` at the head of a process group and waits until it answers on the stage's port.
    pub(crate) fn start(mut command: Command, stage: &Stage, name: &str) -> Self {
        let log = stage.path("log");
        let file = fs::File::create(&log).expect("it can be made");
        let folder = stage.path("");
        own_group(&mut command);
        let child = command
            .env("HOME", &folder)
            .env("XDG_DATA_HOME", &folder)
            .env("XDG_CONFIG_HOME", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("it starts");
        let mut process = Self(child);
        let since = Instant::now();
        while !answers(stage.port) {
            let said = || fs::read_to_string(&log).unwrap_or_default();
            let ended = process.0.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "{name} ended: {}", said());
            let waited = since.elapsed();
            assert!(waited < STARTED, "{name} does not answer: {}", said());
            sleep(POLL);
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end_group(&self.0);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.0.try_wait(), Ok(None)) {
            sleep(POLL);
        }
        // It may have ended between the two.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// Asks a server to end, which ends its workers.
#[cfg(unix)]
fn end_group(server: &Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    if let Ok(group) = i32::try_from(server.id()) {
        // Its only failure of interest is that nobody is left in the group, which is what we want.
        let _ = killpg(Pid::from_raw(group), Signal::SIGTERM);
    }
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

#[cfg(not(unix))]
fn end_group(_server: &Child) {}

/// Whether there is an answer, of whatever status.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(STARTED))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut start = [0; 7];
        stream.read_exact(&mut start)?;
        Ok(start == *b"HTTP/1.")
    };
    ask().unwrap_or(false)
}
