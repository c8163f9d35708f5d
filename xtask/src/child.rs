//! Child processes. Each leads its own process group, so that stopping it also stops what it
//! started: Trunk its cargo, cargo its compilers and tests.
//!
//! process-wrap creates and signals the group. Waiting is a polling loop: Ctrl-C only sets a flag
//! (`interrupt`), and a child's exit does not even do that.

use std::fs::File;
use std::mem::replace;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::interrupt;

const POLL: Duration = Duration::from_millis(25);
/// How long a process may take to shut down.
const GRACE: Duration = Duration::from_secs(5);

/// A running child. Dropping it stops it and everything it started.
pub(crate) struct Running {
    name: &'static str,
    child: Box<dyn ChildWrapper>,
}

impl Running {
    /// Starts `command`, which inherits our output streams.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null());
        let mut group = CommandWrap::from(replace(command, Command::new("")));
        #[cfg(unix)]
        group.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        group.wrap(process_wrap::std::JobObject);
        let child = group.spawn();
        *command = group.into_command();
        let child = child.with_context(|| format!("could not start {}", shown(command)))?;
        Ok(Self { name, child })
    }

    /// The display name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The exit status, if it has ended.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        status.with_context(|| format!("could not wait for {}", self.name))
    }

    /// Waits until it ends, we are interrupted, or `limit` has passed.
    fn wait(&mut self, limit: Option<Duration>) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.status()? {
                // Ctrl-C in a terminal may also reach the child directly, which is not a failure of
                // its own.
                interrupt::check()?;
                return Ok(status);
            }
            interrupt::check()?;
            if limit.is_some_and(|limit| start.elapsed() > limit) {
                bail!("it took too long");
            }
            sleep(POLL);
        }
    }

    /// Asks it to shut down, and kills it if it does not.
    pub(crate) fn stop(&mut self) {
        // Windows has no graceful way for console programs. An error means it has ended already.
        #[cfg(unix)]
        let _ = self.child.signal(nix::sys::signal::Signal::SIGTERM as i32);
        #[cfg(windows)]
        let _ = self.child.start_kill();
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.status(), Ok(None)) {
            sleep(POLL);
        }
        // Even if the group leader is gone: other members may still be running.
        let _ = self.child.start_kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A child that runs in the background.
pub(crate) struct Background {
    running: Running,
    log: PathBuf,
}

impl Background {
    /// Starts `command`, with its output going to the file `log`.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let open = || -> std::io::Result<(File, File)> {
            std::fs::create_dir_all(log.parent().unwrap_or(Path::new(".")))?;
            let file = File::create(log)?;
            Ok((file.try_clone()?, file))
        };
        let (output, errors) =
            open().with_context(|| format!("could not create {}", log.display()))?;
        Ok(Self {
            running: Running::start(name, command.stdout(output).stderr(errors))?,
            log: log.to_owned(),
        })
    }

    /// Waits until it ends, printing its log meanwhile; anything but success is an error.
    pub(crate) fn finish(mut self) -> Result<()> {
        let mut log = File::open(&self.log)?;
        loop {
            let status = self.running.status()?;
            std::io::copy(&mut log, &mut std::io::stderr())?;
            interrupt::check()?;
            match status {
                None => sleep(POLL),
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("{} failed ({status})", self.running.name()),
            }
        }
    }
}

/// Runs `command` to completion and returns its status.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    interrupt::check()?;
    Running::start("the command", command)?.wait(None)
}

/// Runs `command` to completion; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    succeeded(command, None)
}

/// Like [`run`], but stops it after `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    succeeded(command, Some(limit))
}

fn succeeded(command: &mut Command, limit: Option<Duration>) -> Result<()> {
    interrupt::check()?;
    let status = Running::start("the command", command)?.wait(limit)?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// The output of `command` if it succeeds; nothing is shown.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command as a user would type it, with just the program's name: its path is long and unhelpful.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(program.as_os_str());
    let words = [program].into_iter().chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains(char::is_whitespace) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    });
    format!("`{}`", words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["test", "-p", "xtask", "--", "two words", ""]);
        assert_eq!(shown(&command), "`cargo test -p xtask -- 'two words' ''`");
    }

    #[cfg(unix)]
    #[test]
    fn stopping_a_child_stops_what_it_started() {
        // The shell starts a second process, prints its ID and waits for it.
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $!; wait"]);
        command.stdout(Stdio::piped());
        let mut running = Running::start("sh", &mut command).expect("sh starts");
        let stdout = running.child.stdout().take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("sh writes");
        let alive = || {
            // A zombie still has a process ID but no longer runs.
            let state = output(Command::new("ps").args(["-o", "stat=", "-p", line.trim()]));
            state.is_some_and(|state| !state.trim().is_empty() && !state.starts_with('Z'))
        };
        assert!(alive());

        running.stop();

        let since = Instant::now();
        while alive() {
            assert!(since.elapsed() < GRACE, "the second process still runs");
            sleep(POLL);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_takes_too_long_is_stopped() {
        let limit = Duration::from_millis(50);
        let problem = run_within(limit, Command::new("sleep").arg("600"));
        let problem = problem.expect_err("it takes too long").to_string();
        assert!(problem.contains("too long"), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_in_the_background_is_an_error() {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo why; exit 3"]);
        let background = Background::start("it", &mut command, &log).expect("sh starts");
        let problem = background.finish().expect_err("it fails").to_string();
        assert!(problem.starts_with("it failed"), "{problem}");
        assert_eq!(std::fs::read_to_string(log).expect("it is there"), "why\n");
    }
}
