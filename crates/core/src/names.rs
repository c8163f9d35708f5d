//! Names of what the browser keeps for this application: storage entries, locks, a channel. All
//! pages of an origin share them, and there may be another deployment at another path.

/// The prefix of every name.
const START: &str = "cc-connect";

/// A name, which begins with `cc-connect`, made specific to the deployment at this base path; at
/// `/` it is unchanged. No name of one deployment is a prefix of another's: a path has no `#`.
///
/// ```
/// use cc_connect_core::names::deployment_name;
///
/// assert_eq!(deployment_name("cc-connect/token", "/"), "cc-connect/token");
/// assert_eq!(deployment_name("cc-connect/token", "/app/"), "cc-connect#/app/#/token");
/// ```
pub fn deployment_name(name: &str, base_path: &str) -> String {
    match name.strip_prefix(START) {
        Some(rest) if base_path != "/" => format!("{START}#{base_path}#{rest}"),
        _ => name.to_owned(),
    }
}
