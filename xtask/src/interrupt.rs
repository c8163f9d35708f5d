//! Ctrl-C, and the signals that ask a program to end. They only leave a mark here: whoever waits
//! for a child looks at it, stops the child and returns.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Ended because it was asked to.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("stopped")
    }
}

impl Error for Interrupted {}

/// From now on Ctrl-C, SIGTERM and SIGHUP no longer end this process by themselves.
pub(crate) fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::SeqCst))
        .context("could not listen for Ctrl-C")
}

/// Whether this process has been asked to end.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// An error once this process has been asked to end.
pub(crate) fn check() -> Result<(), Interrupted> {
    if requested() {
        Err(Interrupted)
    } else {
        Ok(())
    }
}
