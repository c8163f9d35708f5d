//! The names of what the browser keeps for this application: entries of its storages, locks, a channel. They
//! are shared by all pages of an origin, and there may be another deployment at another path of it.

/// What every name begins with.
const START: &str = "cc-connect";

/// A name, which begins with `cc-connect`, as the deployment at this base path has it. The one at `/` has
/// them as they are written. No name of one deployment is the beginning of another's: a path has no `#`.
pub fn own(name: &str, base_path: &str) -> String {
    match name.strip_prefix(START) {
        Some(rest) if base_path != "/" => format!("{START}#{base_path}#{rest}"),
        _ => name.to_owned(),
    }
}
