//! Names of what the browser keeps for an application: storage entries, locks, a channel. All pages
//! of an origin share them, and there may be another deployment at another path.

/// The names of one application at one base path.
///
/// ```
/// use cc_connect::Namespace;
///
/// assert_eq!(Namespace::new("cc-connect", "/").name("session"), "cc-connect/session");
/// assert_eq!(Namespace::new("cc-connect", "/app/").name("session"), "cc-connect#/app/#/session");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// The names that begin with `application`. No name of one deployment is a prefix of another's:
    /// a path has no `#`.
    pub fn new(application: &str, base_path: &str) -> Self {
        Self(match base_path {
            "/" => application.to_owned(),
            path => format!("{application}#{path}#"),
        })
    }

    /// The full name of an entry.
    pub fn name(&self, entry: &str) -> String {
        format!("{}/{entry}", self.0)
    }

    /// The name of the channel between the tabs.
    pub fn channel(&self) -> &str {
        &self.0
    }
}
