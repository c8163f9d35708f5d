//! Child processes. Each stands at the head of a process group of its own, so that stopping it
//! also stops what it has started in turn: Trunk its cargo, cargo its compilers and tests.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::interrupt;
use crate::say;

const POLL: Duration = Duration::from_millis(25);
/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// A running child. Dropping it stops it, with all it has started.
pub(crate) struct Running {
    name: &'static str,
    child: Child,
    ended: bool,
}

impl Running {
    /// Starts `command`; its output goes where ours goes.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        own_group(command);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {}", shown(command)))?;
        Ok(Self {
            name,
            child,
            ended: false,
        })
    }

    /// What to call it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        let status = self
            .child
            .try_wait()
            .with_context(|| format!("could not wait for {}", self.name))?;
        self.ended |= status.is_some();
        Ok(status)
    }

    /// Waits until it ends, or until we are asked to end ourselves.
    fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.status()? {
                return Ok(status);
            }
            interrupt::check()?;
            sleep(POLL);
        }
    }

    /// Asks it to end, and makes it end when it does not.
    pub(crate) fn stop(&mut self) {
        if !self.ended {
            signal_group(&self.child, Signal::End);
            let asked = Instant::now();
            while asked.elapsed() < GRACE && matches!(self.status(), Ok(None)) {
                sleep(POLL);
            }
        }
        // Also when the head of the group is gone: the others may still be there.
        signal_group(&self.child, Signal::Kill);
        if !self.ended {
            // It may have ended between the two, and then there is nothing to do.
            let _ = self.child.kill();
            let _ = self.child.wait();
            self.ended = true;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs `command` to its end, whatever that is. Each line of its standard output goes where ours goes,
/// and to `see`.
pub(crate) fn status_seen(
    command: &mut Command,
    mut see: impl FnMut(&str) + Send,
) -> Result<ExitStatus> {
    interrupt::check()?;
    command.stdout(Stdio::piped());
    let mut running = Running::start("the command", command)?;
    let output = running.child.stdout.take();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let lines = output.map(|output| BufReader::new(output).lines());
            for line in lines.into_iter().flatten().map_while(Result::ok) {
                say::output(&format!("{line}\n"));
                see(&line);
            }
        });
        let status = running.wait();
        // Stops it where we are asked to end: nothing more comes then.
        drop(running);
        status
    })
}

/// Runs `command` to its end, and says how that was.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    interrupt::check()?;
    let status = Running::start("the command", command)?.wait()?;
    // Ctrl-C in a terminal may reach a child by another way, and then it is no failure of its own.
    interrupt::check()?;
    Ok(status)
}

/// Runs `command` to its end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
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

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![shown_program(command)];
    words.extend(command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains(char::is_whitespace) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    }));
    format!("`{}`", words.join(" "))
}

/// Its name is enough: where it lies says little and is long.
fn shown_program(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program
        .file_stem()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[derive(Clone, Copy)]
enum Signal {
    End,
    Kill,
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(unix)]
fn signal_group(child: &Child, signal: Signal) {
    use nix::sys::signal::{self, killpg};
    use nix::unistd::Pid;

    let Ok(group) = i32::try_from(child.id()) else {
        return;
    };
    let signal = match signal {
        Signal::End => signal::SIGTERM,
        Signal::Kill => signal::SIGKILL,
    };
    // Its only failure of interest is that nobody is left in the group, which is what we want.
    let _ = killpg(Pid::from_raw(group), signal);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

#[cfg(not(unix))]
fn signal_group(child: &Child, signal: Signal) {
    // Windows has no gentle way for a console program; `/T` takes the whole tree along.
    if matches!(signal, Signal::End) {
        let _ = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &child.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
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
        use std::io::{BufRead, BufReader};

        // The shell starts a second process, says its number and waits for it.
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $!; wait"]);
        command.stdout(Stdio::piped());
        let mut running = Running::start("sh", &mut command).expect("sh starts");
        let stdout = running.child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("sh writes");
        let second = line.trim().parse().expect("a process number");
        let second = nix::unistd::Pid::from_raw(second);
        assert!(alive(second));

        running.stop();

        let since = Instant::now();
        while alive(second) {
            assert!(since.elapsed() < GRACE, "the second process still runs");
            sleep(POLL);
        }
    }

    #[cfg(unix)]
    fn alive(process: nix::unistd::Pid) -> bool {
        // A process that nobody has waited for still has a number, but no longer runs.
        let state = output(Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]));
        state.is_some_and(|state| !state.trim().is_empty() && !state.starts_with('Z'))
    }
}
