//! The pages. A route is a value, never a path out of storage or a URL: there is nothing to
//! redirect to but these.

/// A page of the application that a person can be on and come back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The account at a glance; without a connection, the page that offers to connect.
    #[default]
    Overview,
    /// The connection and the proof behind it.
    Connection,
    /// How to register and configure the application.
    SetUp,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 3] = [Self::Overview, Self::Connection, Self::SetUp];

    /// Its path, relative to the base URL, without a leading slash.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Connection => "connection",
            Self::SetUp => "set-up",
        }
    }

    /// The route with exactly this path (relative to the base URL; one trailing slash is ignored).
    pub fn parse(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        Self::ALL.into_iter().find(|route| route.path() == path)
    }
}
