//! Child processes. Each stands at the head of a process group of its own, so that stopping it
//! also stops what it has started in turn: Trunk its cargo, cargo its compilers and tests.
//!
//! process-wrap makes the group and signals it. What waits is a loop: Ctrl-C leaves no more than a mark
//! (`interrupt`), and a child that ends leaves none.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::mem::replace;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::interrupt;
use crate::say;

const POLL: Duration = Duration::from_millis(25);
/// How long a process may take to end when asked.
const GRACE: Duration = Duration::from_secs(5);

/// A running child. Dropping it stops it, with all it has started.
pub(crate) struct Running {
    name: &'static str,
    child: Box<dyn ChildWrapper>,
}

impl Running {
    /// Starts `command`; its output goes where ours goes.
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

    /// What to call it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        status.with_context(|| format!("could not wait for {}", self.name))
    }

    /// Waits until it ends, or until we are asked to end ourselves, or `limit` has passed.
    fn wait(&mut self, limit: Option<Duration>) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.status()? {
                // Ctrl-C in a terminal may reach a child by another way, and then it is no failure of
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

    /// Asks it to end, and makes it end when it does not.
    pub(crate) fn stop(&mut self) {
        // Windows has no gentle way for a console program. Where it has ended already, nobody listens.
        #[cfg(unix)]
        let _ = self.child.signal(nix::sys::signal::Signal::SIGTERM as i32);
        #[cfg(windows)]
        let _ = self.child.start_kill();
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.status(), Ok(None)) {
            sleep(POLL);
        }
        // Also when the head of the group is gone: the others may still be there.
        let _ = self.child.start_kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A child that works while others do.
pub(crate) struct Background {
    running: Running,
    log: PathBuf,
}

impl Background {
    /// Starts `command`; its output goes to the file `log`.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let open = || -> std::io::Result<(File, File)> {
            std::fs::create_dir_all(log.parent().unwrap_or(Path::new(".")))?;
            let file = File::create(log)?;
            Ok((file.try_clone()?, file))
        };
        let (output, errors) = open().with_context(|| format!("no place for {}", log.display()))?;
        Ok(Self {
            running: Running::start(name, command.stdout(output).stderr(errors))?,
            log: log.to_owned(),
        })
    }

    /// Waits until it ends, and shows meanwhile what it has to say; anything but success is an error.
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

/// Runs `command` to its end, and says how that was. Each line of its standard output goes where ours
/// goes, and to `see`.
pub(crate) fn status_seen(
    command: &mut Command,
    mut see: impl FnMut(&str) + Send,
) -> Result<ExitStatus> {
    interrupt::check()?;
    let mut running = Running::start("the command", command.stdout(Stdio::piped()))?;
    let output = running.child.stdout().take();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let lines = output.map(|output| BufReader::new(output).lines());
            for line in lines.into_iter().flatten().map_while(Result::ok) {
                say::output(&format!("{line}\n"));
                see(&line);
            }
        });
        let status = running.wait(None);
        // Stops it where we are asked to end: nothing more comes then.
        drop(running);
        status
    })
}

/// Runs `command` to its end, and says how that was.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    interrupt::check()?;
    Running::start("the command", command)?.wait(None)
}

/// Runs `command` to its end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    succeeded(command, None)
}

/// As [`run`], and it is stopped after `limit`.
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

/// What `command` prints when it succeeds; nothing of it is shown.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command as one would type it. The program's name is enough: where it lies says little and is long.
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
        // The shell starts a second process, says its number and waits for it.
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
            // A process that nobody has waited for still has a number, but no longer runs.
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
    fn what_fails_in_the_background_is_an_error() {
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
