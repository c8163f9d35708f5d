//! The names of what this deployment keeps in the browser.

use super::location;
use crate::names;

/// A name that begins with `cc-connect`, as this deployment has it.
pub(super) fn own(name: &str) -> String {
    names::own(name, &location::base_path())
}
