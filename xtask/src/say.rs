//! What a person reads: one line per step on standard error, beside what cargo and Trunk write
//! there.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

/// A step that begins or has ended.
pub(crate) fn step(text: impl Display) {
    if colours() {
        eprintln!("\x1b[1;36m==>\x1b[0m \x1b[1m{text}\x1b[0m");
    } else {
        eprintln!("==> {text}");
    }
}

/// A line that belongs to the step above it.
pub(crate) fn note(text: impl Display) {
    eprintln!("    {text}");
}

/// Lines that stand on their own: a table, or the addresses of the servers.
pub(crate) fn block(text: impl Display) {
    eprintln!("\n{text}\n");
}

/// What went wrong, then why, each on a line of its own.
pub(crate) fn problem(problem: &anyhow::Error) {
    if colours() {
        eprintln!("\x1b[1;31merror:\x1b[0m {problem}");
    } else {
        eprintln!("error: {problem}");
    }
    for cause in problem.chain().skip(1) {
        eprintln!("    because {cause}");
    }
}

/// What was asked for, so it goes to standard output: help, or a table of figures.
pub(crate) fn output(text: &str) {
    // Nobody is left to tell when the reader of a pipe has gone.
    let _ = stdout().write_all(text.as_bytes());
}

fn colours() -> bool {
    stderr().is_terminal() && !no_color()
}

/// <https://no-color.org>: any value but the empty one.
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
