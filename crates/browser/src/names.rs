//! Names of this deployment's entries in the browser.

use super::location;
use crate::names;

/// This deployment's form of a name that begins with `cc-connect`.
pub(super) fn own(name: &str) -> String {
    names::own(name, &location::base_path())
}
